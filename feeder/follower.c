/*
 * follower.c - see follower.h.
 */
#include "follower.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "words.h"

#define OLD_QUIET_MS 5000 /* of a file that was replaced, and it is let go */

/* --- the files ---------------------------------------------------------- */

/* The oldest is let go. Its place is kept: the name may come to mean it again
 * (a link that goes to and fro), and then nothing of it is read twice. */
static void
follower_forget(struct follower *follower)
{
	struct source *first = &follower->files[0];

	source_close(first);
	follower->known[follower->forgotten++ % FOLLOWER_KNOWN] = *first;
	follower->count--;
	memmove(first, first + 1, follower->count * sizeof(*first));
}

/* True when the file is one that was let go, and goes on from there; a number
 * alone may be another file's by now. */
static bool
follower_knows(struct follower *follower, int fd, struct source *source)
{
	struct source_news news;

	for (unsigned i = 0; i < FOLLOWER_KNOWN; i++) {
		struct source *known = &follower->known[i];

		if (known->ino == 0 || !source_is(known, fd))
			continue;
		*source = *known;
		source->fd = fd;
		known->ino = 0;
		return source_look(source, &news) == 0 &&
		    news.change == SOURCE_SAME;
	}
	return false;
}

/* Takes fd: at the place where it was let go, or from its start. */
static void
follower_add(struct follower *follower, int fd)
{
	struct source *source = &follower->files[follower->count];

	if (follower_knows(follower, fd, source) ||
	    source_open(source, fd, 0) == 0)
		follower->count++;
	else
		close(fd);
}

/* One that is read already is what the name means now. */
static bool
follower_has(struct follower *follower, int fd)
{
	struct source found, *files = follower->files;

	for (unsigned i = 0; i < follower->count; i++) {
		if (!source_is(&files[i], fd))
			continue;
		found = files[i];
		memmove(&files[i], &files[i + 1],
		    (follower->count - i - 1) * sizeof(found));
		files[follower->count - 1] = found;
		return true;
	}
	return false;
}

/* --- the name ----------------------------------------------------------- */

/* Says once why the file cannot be read; that it is not there yet, or any
 * more, is nothing to be said. */
static void
follower_say_error(struct follower *follower, int error)
{
	if (error != follower->error && error != 0 && error != ENOENT &&
	    error != ENOTDIR)
		words_say("cannot read %s: %s", follower->path,
		    strerror(error));
	follower->error = error;
}

/* The regular file of that name; -1: there is none. */
static int
follower_open(struct follower *follower)
{
	int fd = open(follower->path,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int error = fd == -1 ? errno : 0;

	if (fd != -1 && (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))) {
		error = S_ISDIR(st.st_mode) ? EISDIR : EOPNOTSUPP;
		close(fd);
		fd = -1;
	}
	follower_say_error(follower, error);
	return fd;
}

/* What the name means now; while it means nothing, those before are read. */
static void
follower_look(struct follower *follower)
{
	int fd = follower_open(follower);

	follower->due = false;
	if (fd == -1)
		return;
	if (follower_has(follower, fd)) {
		close(fd);
		return;
	}
	follower->until_us = 0;
	if (follower->count == FOLLOWER_FILES &&
	    source_is_read(&follower->files[0]))
		follower_forget(follower);
	follower->due = follower->count == FOLLOWER_FILES;
	if (follower->due)
		close(fd);
	else
		follower_add(follower, fd);
}

static void
follower_lay(struct follower *follower)
{
	trail_lay(&follower->trail, follower->path);
	follower_look(follower);
	for (unsigned i = 0; i < follower->count; i++)
		trail_add_file(&follower->trail, follower->files[i].fd);
}

void
follower_step(struct follower *follower)
{
	if (trail_step_on(&follower->trail))
		follower_lay(follower);
}

/* --- reading ------------------------------------------------------------ */

static void
follower_say_news(const struct follower *follower,
    const struct source_news *news)
{
	const char *how = news->change == SOURCE_CUT ? "truncated"
						     : "written anew";

	if (news->lost > 0)
		words_say("%s was %s before its last %lld bytes were read",
		    follower->path, how, (long long)news->lost);
	else
		words_note("%s was %s; %lld bytes of it had been read, and "
			   "what was written just before that may be missing",
		    follower->path, how, (long long)news->was_at);
}

static size_t
follower_read_source(struct follower *follower, struct source *source,
    char *bytes, size_t n)
{
	struct source_news news;
	ssize_t got = -1;

	if (source_look(source, &news) == 0) {
		if (news.change != SOURCE_SAME)
			follower_say_news(follower, &news);
		got = source_read(source, bytes, n);
	}
	if (got == -1)
		follower_say_error(follower, errno);
	return got > 0 ? (size_t)got : 0;
}

/* Once the last file has something, its writer has heard, but others may not
 * have: those before it are read until they have been quiet for a while. */
static void
follower_outgrow(struct follower *follower)
{
	int64_t now = clock_mono_us();

	if (follower->count < 2 || follower->files[follower->count - 1].at == 0)
		return;
	if (follower->until_us == 0)
		follower->until_us = now + OLD_QUIET_MS * INT64_C(1000);
	while (now >= follower->until_us && follower->count > 1)
		follower_forget(follower);
}

size_t
follower_read(struct follower *follower, char *bytes, size_t n)
{
	for (unsigned i = 0; i < follower->count; i++) {
		size_t got = follower_read_source(follower, &follower->files[i],
		    bytes, n);

		if (got > 0 && i + 1 < follower->count)
			follower->until_us = 0;
		if (got > 0)
			return got;
	}
	if (follower->due) {
		follower_forget(follower);
		follower_lay(follower);
	}
	follower_outgrow(follower);
	return 0;
}

int
follower_fd(const struct follower *follower)
{
	return follower->trail.fd;
}

int
follower_wait_ms(const struct follower *follower)
{
	int wait = trail_wait_ms(&follower->trail);
	int64_t left;

	if (follower->count < 2 || follower->until_us == 0)
		return wait;
	left = (follower->until_us - clock_mono_us() + 999) / 1000;
	if (left < 0)
		left = 0;
	return wait == -1 || left < wait ? (int)left : wait;
}

void
follower_init(struct follower *follower, const char *path, int fd)
{
	struct stat st;
	off_t at = lseek(fd, 0, SEEK_CUR);

	*follower = (struct follower){ .path = path };
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && at != -1 &&
	    source_open(&follower->files[0], fd, at) == 0)
		follower->count = 1;
	trail_init(&follower->trail);
	follower_lay(follower);
}

void
follower_release(struct follower *follower)
{
	for (unsigned i = 0; i < follower->count; i++)
		source_close(&follower->files[i]);
	trail_release(&follower->trail);
}
