/*
 * lossbook.c - see lossbook.h.
 */
#include "lossbook.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fnv.h"
#include "io.h"

static uint64_t
run_check(const struct lossbook_run *run)
{
	return fnv_add(FNV_BASIS, run, offsetof(struct lossbook_run, check));
}

static void
lossbook_judge(struct lossbook *book)
{
	uint64_t latest = 0;

	for (unsigned i = 0; i < LOSSBOOK_SLOTS; i++) {
		struct lossbook_run *run = &book->runs[i];

		if (run->check != run_check(run) || run->end <= run->begin)
			*run = (struct lossbook_run){ 0 };
		if (run->end > latest) {
			latest = run->end;
			book->slot = i;
		}
	}
}

/* Its room is taken now: later there may be none. */
static int
lossbook_read(struct lossbook *book)
{
	struct stat st;

	if (fstat(book->fd, &st) == -1)
		return -1;
	if (st.st_size < (off_t)sizeof(book->runs))
		return io_pwrite_all(book->fd, book->runs, sizeof(book->runs),
		    0);
	if (io_pread_full(book->fd, book->runs, sizeof(book->runs), 0) !=
	    (ssize_t)sizeof(book->runs))
		return -1;
	lossbook_judge(book);
	return 0;
}

int
lossbook_open(struct lossbook *book, int dir)
{
	memset(book, 0, sizeof(*book));
	book->fd = openat(dir, LOSSBOOK_FILE, O_RDWR | O_CREAT | O_CLOEXEC,
	    0600);
	if (book->fd == -1)
		return -1;
	if (lossbook_read(book) == 0)
		return 0;
	lossbook_close(book);
	return -1;
}

void
lossbook_close(struct lossbook *book)
{
	int saved = errno;

	if (book->fd != -1)
		close(book->fd);
	book->fd = -1;
	errno = saved;
}

int
lossbook_note(struct lossbook *book, uint64_t begin, uint64_t end, int error)
{
	struct lossbook_run *run = &book->runs[book->slot];

	if (run->end != 0 && run->begin != begin) {
		book->slot = (book->slot + 1) % LOSSBOOK_SLOTS;
		run = &book->runs[book->slot];
	}
	*run = (struct lossbook_run){ begin, end, error, 0, 0 };
	run->check = run_check(run);
	return io_pwrite_all(book->fd, run, sizeof(*run),
	    (off_t)(book->slot * sizeof(*run)));
}
