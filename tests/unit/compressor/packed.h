/*
 * packed.h - segments of random output, and their compression, for tests.
 */
#ifndef TESTS_UNIT_COMPRESSOR_PACKED_H
#define TESTS_UNIT_COMPRESSOR_PACKED_H

#include "compressor_frames.h"
#include "scratch.h"

/* What was written, to compare with. */
struct packed_oracle {
	char *bytes; /* owned */
	size_t size;
	uint64_t base;
};

/* Codecs that this build has, of those that compress. */
static inline bool
packed_is_tested(enum codec codec)
{
	return codec != CODEC_NONE && codec_is_built(codec);
}

/* Lines that repeat each other, as logs do, with stretches of noise. */
static inline void
packed_fill(char *bytes, size_t n)
{
	size_t at = 0;

	while (at < n) {
		char line[128];
		int length = snprintf(line, sizeof(line),
		    "[step %06ld] loss=0.%04ld lr=1e-4\n", random() % 1000000,
		    random() % 10000);

		if (random() % 64 == 0)
			for (length = 0; length < 100; length++)
				line[length] = (char)random();
		for (int i = 0; i < length && at < n; i++)
			bytes[at++] = line[i];
	}
}

/* Appends n bytes to the active segment, in chunks of random length, stream
 * and time, some of them empty; and to the oracle. */
static inline void
packed_say(struct scratch_log *log, struct packed_oracle *oracle, size_t n)
{
	static struct segment_record records[4096];
	size_t count = 0, done = 0;
	char *bytes = realloc(oracle->bytes, oracle->size + n + 1);

	if (bytes == NULL)
		abort();
	oracle->bytes = bytes;
	bytes += oracle->size;
	packed_fill(bytes, n);
	while (done < n && count < 4096) {
		size_t length = (size_t)random() % (n / 1000 + 2);

		if (count == 4095 || length > n - done)
			length = n - done;
		records[count++] = (struct segment_record){
			.offset = log->end + done,
			.time_us = (int64_t)(log->end + done) / 100,
			.length = (uint32_t)length,
			.stream = (uint8_t)(random() % 2),
		};
		done += length;
	}
	scratch_append(log->dir, SEGMENT_INDEX, records,
	    count * sizeof(records[0]));
	scratch_append(log->dir, SEGMENT_LOG, bytes, n);
	oracle->size += n;
	log->end += n;
}

static inline int
packed_open(int dir, const char *name, const char *suffix, int flags)
{
	char whole[128];
	int fd;

	snprintf(whole, sizeof(whole), "%s%s", name, suffix);
	fd = openat(dir, whole, flags | O_CLOEXEC, 0600);
	if (fd == -1)
		abort();
	return fd;
}

/* Writes the segment of that name compressed, as *new and *new_index, which
 * must not be there. */
static inline int
packed_write(int dir, const char *name, enum codec codec, const char *new[2])
{
	static struct frames frames;
	struct segment from;
	struct why why;
	int done = -1;

	if (segment_attach(&from, packed_open(dir, name, "", O_RDONLY),
		packed_open(dir, name, ".idx", O_RDONLY)) == -1)
		abort();
	frames = (struct frames){
		.from = &from,
		.codec = codec,
		.log_fd = packed_open(dir, new[0], "", O_RDWR | O_CREAT),
		.index_fd = packed_open(dir, new[1], "", O_RDWR | O_CREAT),
	};
	if (frames_init(&frames, &why) == 0 && frames_write(&frames, &why) == 0)
		done = frames_compare(&frames, &why); /* takes both */
	if (done == -1)
		fprintf(stderr, "%s: %s\n", name, why.text);
	frames_release(&frames);
	segment_release(&from);
	return done;
}

/* Compresses a closed segment and puts the result in its place, step by step
 * as segment.h says. */
static inline void
packed_exchange(int dir, const char *name, enum codec codec)
{
	const char *const temporary[] = { "new.tmp", "new.idx.tmp" };
	const char *new[] = { temporary[0], temporary[1] };
	char log[128], index[144], old_index[144];

	snprintf(log, sizeof(log), "%s%s", name, codec_suffix(codec));
	snprintf(index, sizeof(index), "%s.idx", log);
	snprintf(old_index, sizeof(old_index), "%s.idx", name);
	if (packed_write(dir, name, codec, new) == -1 ||
	    renameat(dir, new[1], dir, index) == -1 ||
	    renameat(dir, new[0], dir, log) == -1 ||
	    unlinkat(dir, old_index, 0) == -1 || unlinkat(dir, name, 0) == -1)
		abort();
}

#endif
