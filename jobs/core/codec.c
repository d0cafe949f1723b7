/*
 * codec.c - see codec.h.
 */
#include "codec.h"

#include <string.h>

#ifdef HAVE_ZSTD
#define BUILT_ZSTD true
#else
#define BUILT_ZSTD false
#endif

static const struct {
	const char *name;
	const char *suffix;
	bool built;
} codecs[CODEC_COUNT] = {
	[CODEC_NONE] = { "none", "", true },
	[CODEC_ZSTD] = { "zstd", ".zst", BUILT_ZSTD },
	[CODEC_GZIP] = { "gzip", ".gz", true },
};

const char *
codec_name(enum codec codec)
{
	return codecs[codec].name;
}

const char *
codec_suffix(enum codec codec)
{
	return codecs[codec].suffix;
}

int
codec_parse(const char *name)
{
	for (int i = 0; i < CODEC_COUNT; i++)
		if (strcmp(codecs[i].name, name) == 0)
			return i;
	return -1;
}

bool
codec_is_built(enum codec codec)
{
	return codecs[codec].built;
}
