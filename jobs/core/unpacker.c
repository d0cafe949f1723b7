/*
 * unpacker.c - see unpacker.h. A codec is a row of three functions.
 */
#include "unpacker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_ONLY 16 /* added to the window's bits: zlib(3), inflateInit2 */

/* --- zstd --------------------------------------------------------------- */

#ifdef HAVE_ZSTD
#include <zstd.h>

static void *
unpacker_zstd_open(void)
{
	return ZSTD_createDCtx();
}

/* In one call, so that the output's buffer serves as the window, however
 * large a one the frame asks for. */
static bool
unpacker_zstd_step(struct unpacker *unpacker, size_t n, size_t length)
{
	return ZSTD_decompressDCtx(unpacker->state, unpacker->bytes, length,
		   unpacker->packed, n) == length;
}

static void
unpacker_zstd_close(void *state)
{
	ZSTD_freeDCtx(state);
}
#endif

/* --- gzip --------------------------------------------------------------- */

static void *
unpacker_gzip_open(void)
{
	z_stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		return NULL;
	if (inflateInit2(stream, MAX_WBITS + GZIP_ONLY) == Z_OK)
		return stream;
	free(stream);
	return NULL;
}

static bool
unpacker_gzip_step(struct unpacker *unpacker, size_t n, size_t length)
{
	z_stream *stream = unpacker->state;

	if (inflateReset(stream) != Z_OK)
		return false;
	stream->next_in = (Bytef *)unpacker->packed;
	stream->avail_in = (uInt)n;
	stream->next_out = (Bytef *)unpacker->bytes;
	stream->avail_out = (uInt)length;
	return inflate(stream, Z_FINISH) == Z_STREAM_END &&
	    stream->avail_in == 0 && stream->avail_out == 0;
}

static void
unpacker_gzip_close(void *state)
{
	inflateEnd(state);
	free(state);
}

/* --- either ------------------------------------------------------------- */

struct unpacker_type {
	void *(*open)(void);
	bool (*step)(struct unpacker *unpacker, size_t n, size_t length);
	void (*close)(void *state);
};

static const struct unpacker_type unpacker_types[CODEC_COUNT] = {
#ifdef HAVE_ZSTD
	[CODEC_ZSTD] = { unpacker_zstd_open, unpacker_zstd_step,
	    unpacker_zstd_close },
#endif
	[CODEC_GZIP] = { unpacker_gzip_open, unpacker_gzip_step,
	    unpacker_gzip_close },
};

static void
unpacker_free(struct unpacker *unpacker)
{
	unpacker->type->close(unpacker->state);
	free(unpacker);
}

struct unpacker *
unpacker_new(enum codec codec)
{
	const struct unpacker_type *type = &unpacker_types[codec];
	struct unpacker *unpacker;

	if (type->open == NULL) {
		errno = ENOTSUP;
		return NULL;
	}
	unpacker = malloc(sizeof(*unpacker));
	if (unpacker == NULL)
		return NULL;
	unpacker->type = type;
	unpacker->free = unpacker_free;
	unpacker->offset = 0;
	unpacker->length = 0;
	unpacker->state = type->open();
	if (unpacker->state != NULL)
		return unpacker;
	free(unpacker);
	errno = ENOMEM;
	return NULL;
}

int
unpacker_step(struct unpacker *unpacker, size_t n, size_t length)
{
	unpacker->length = 0;
	if (n <= sizeof(unpacker->packed) &&
	    length <= sizeof(unpacker->bytes) &&
	    unpacker->type->step(unpacker, n, length)) {
		unpacker->length = length;
		return 0;
	}
	errno = EBADMSG;
	return -1;
}
