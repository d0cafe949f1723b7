/*
 * codec.h - how a closed segment is compressed: its names, and its bounds.
 *
 * Nothing here compresses. Who reads frames links unpacker.c, who writes
 * them is the compressor; everybody else links no codec.
 */
#ifndef JOBS_CORE_CODEC_H
#define JOBS_CORE_CODEC_H

#include <stdbool.h>

/* Values are on disk (segment.h). */
enum codec { CODEC_NONE, CODEC_ZSTD, CODEC_GZIP, CODEC_COUNT };

/*
 * Output in one frame. To reach one line a reader unpacks its frame: 0.2 ms
 * of zstd, 0.6 ms of gzip. Measured over training logs, frames of 64 KiB are
 * 6 % larger, of 1 MiB 3 % smaller and four times as slow to reach.
 */
#define CODEC_FRAME_MAX (256u << 10)
/* The same compressed, where it cannot be: ZSTD_compressBound gives n/256
 * more, deflateBound n/4096; both some bytes. */
#define CODEC_PACKED_MAX (CODEC_FRAME_MAX + CODEC_FRAME_MAX / 128 + 1024)

/* What a policy calls it: "none", "zstd", "gzip". */
const char *codec_name(enum codec codec);
/* What a log's name ends in: "", ".zst", ".gz". */
const char *codec_suffix(enum codec codec);
/* The enum's value, or -1 for an unknown word. */
int codec_parse(const char *name);
/* False where the build lacks its library. */
bool codec_is_built(enum codec codec);

#endif
