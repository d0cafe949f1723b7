/*
 * source.c - see source.h.
 *
 * The bytes are copied, not spliced: a page of a file that is spliced into a
 * pipe is the file's still, and what is written to it later would be read.
 */
#include "source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

/* The bytes that are to be before `at`. 0, or -1 with errno. */
static int
source_learn(struct source *source)
{
	off_t from = source->at > SOURCE_WINDOW ? source->at - SOURCE_WINDOW
						: 0;
	ssize_t n = io_pread_full(source->fd, source->window,
	    (size_t)(source->at - from), from);

	if (n == -1)
		return -1;
	source->have = (size_t)n;
	return 0;
}

int
source_open(struct source *source, int fd, off_t at)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	*source = (struct source){ .fd = fd,
		.dev = st.st_dev,
		.ino = st.st_ino,
		.at = at < st.st_size ? at : st.st_size,
		.size = st.st_size };
	return source_learn(source);
}

void
source_close(struct source *source)
{
	if (source->fd != -1)
		close(source->fd);
	source->fd = -1;
}

bool
source_is(const struct source *source, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == source->dev &&
	    st.st_ino == source->ino;
}

bool
source_is_read(const struct source *source)
{
	struct stat st;

	return fstat(source->fd, &st) == -1 || st.st_size <= source->at;
}

/* True when the bytes before our place are what they were. */
static bool
source_is_known(const struct source *source)
{
	char now[SOURCE_WINDOW];
	ssize_t n = io_pread_full(source->fd, now, source->have,
	    source->at - (off_t)source->have);

	return n == (ssize_t)source->have &&
	    memcmp(now, source->window, source->have) == 0;
}

/*
 * Where to begin anew. A writer that does not append goes on behind a hole
 * when its file was cut off, at its old place, which is ours or beyond it;
 * nobody wrote the zeros in between.
 */
static int
source_restart(struct source *source)
{
	off_t data = lseek(source->fd, 0, SEEK_DATA);

	if (data <= 0)
		source->at = 0;
	else if (data > source->at)
		source->at = data;
	return source_learn(source);
}

int
source_look(struct source *source, struct source_news *news)
{
	struct stat st;

	*news = (struct source_news){ .was_at = source->at };
	if (fstat(source->fd, &st) == -1)
		return -1;
	if (st.st_size < source->at)
		news->change = SOURCE_CUT;
	else if (!source_is_known(source))
		news->change = SOURCE_ANEW;
	if (news->change != SOURCE_SAME && source->size > source->at)
		news->lost = source->size - source->at;
	source->size = st.st_size;
	return news->change == SOURCE_SAME ? 0 : source_restart(source);
}

/* n bytes were read: the last ones are what the file is known by. */
static void
source_remember(struct source *source, const char *bytes, size_t n)
{
	size_t keep = n >= SOURCE_WINDOW ? 0 : source->have;

	if (keep > SOURCE_WINDOW - n && keep > 0)
		keep = SOURCE_WINDOW - n;
	memmove(source->window, source->window + source->have - keep, keep);
	if (n > SOURCE_WINDOW) {
		bytes += n - SOURCE_WINDOW;
		n = SOURCE_WINDOW;
	}
	memcpy(source->window + keep, bytes, n);
	source->have = keep + n;
}

ssize_t
source_read(struct source *source, char *bytes, size_t n)
{
	ssize_t got;

	do
		got = pread(source->fd, bytes, n, source->at);
	while (got == -1 && errno == EINTR);
	if (got > 0) {
		source_remember(source, bytes, (size_t)got);
		source->at += got;
		if (source->at > source->size)
			source->size = source->at;
	}
	return got;
}
