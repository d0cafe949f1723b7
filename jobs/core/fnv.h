/*
 * fnv.h - FNV-1a, 64 bits (RFC 9923): a fast hash for names and shapes, not
 * for anything that somebody may want to forge.
 */
#ifndef JOBS_CORE_FNV_H
#define JOBS_CORE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)

/* Goes on from hash, which is FNV_BASIS at first. */
static inline uint64_t
fnv_add(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
	return hash;
}

#endif
