/*
 * compressor.c - jobwatch-compressor: makes a closed segment smaller.
 *
 *	jobwatch-compressor zstd|gzip
 *
 * Started by the supervisor with a segment and two new files at fixed
 * descriptors (family.h) and, at 2, the family's log. Everything else should
 * go first: it takes what processor and disk have to spare, keeps its memory
 * small whatever the segment's size, and does not outlive its parent. From
 * before it looks at a byte that the job has printed it may do nothing but
 * read, write and sync what it was given.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compressor_frames.h"
#include "confine.h"
#include "family.h"
#include "version.h"

#define NICE 19
/* ioprio_set(2), for which the C library has neither function nor header. */
#define IOPRIO_THIS_PROCESS 1, 0
#define IOPRIO_IDLE (3 << 13)

/* Of address space: 9 MiB are used, 6 of them resident. A sanitizer maps
 * terabytes. */
#define MEMORY_MAX (32u << 20)
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_IS_BOUND false
#else
#define MEMORY_IS_BOUND true
#endif

/* The idle class is a wish: some kernels, in containers, have none. */
static int
compressor_lower(struct why *why)
{
	const struct rlimit memory = { MEMORY_MAX, MEMORY_MAX };

	syscall(SYS_ioprio_set, IOPRIO_THIS_PROCESS, IOPRIO_IDLE);
	if (setpriority(PRIO_PROCESS, 0, NICE) == -1)
		return why_errno(why, "cannot lower the priority");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		return why_errno(why, "cannot ask to end with the parent");
	if (MEMORY_IS_BOUND && setrlimit(RLIMIT_AS, &memory) == -1)
		return why_errno(why, "cannot bound the memory");
	return 0;
}

static int
compressor_run(enum codec codec, struct why *why)
{
	static struct frames frames = {
		.log_fd = COMPRESSOR_FD_NEW_LOG,
		.index_fd = COMPRESSOR_FD_NEW_INDEX,
	};
	struct segment segment;
	int done = -1;

	if (compressor_lower(why) == -1 ||
	    confine_enter(CONFINE_COMPRESSOR, why) == -1)
		return -1;
	if (segment_attach(&segment, COMPRESSOR_FD_LOG, COMPRESSOR_FD_INDEX) ==
	    -1)
		return why_errno(why, "cannot read the index");
	frames.from = &segment;
	frames.codec = codec;
	if (frames_init(&frames, why) == 0 && frames_write(&frames, why) == 0)
		done = frames_compare(&frames, why);
	frames_release(&frames);
	segment_release(&segment);
	return done;
}

int
main(int argc, char **argv)
{
	int codec = argc == 2 ? codec_parse(argv[1]) : -1;
	struct why why;

	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("jobwatch-compressor %s\n", JOBWATCH_VERSION) < 0;
	if (codec <= CODEC_NONE)
		why_set(&why, "one argument: zstd or gzip");
	else if (compressor_run((enum codec)codec, &why) == 0)
		return 0;
	fprintf(stderr, "compressor: %s\n", why.text);
	return 1;
}
