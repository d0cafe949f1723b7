/*
 * outline.c - see outline.h.
 *
 * Digits are found eight bytes at a time, and the runs of zeros in bit maps
 * of 64 bytes: added to the zeros, a bit at the start of a run of digits is
 * carried through the zeros there, and comes out behind them; if no digit
 * stands there, the run was zeros alone. The rest is multiplied together as
 * in wyhash (Wang Yi): the 128 bits of a product folded in halves.
 */
#include "outline.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

#define EVERY(byte) (0x0101010101010101ULL * (byte))
#define CHUNK 64

int
outline_key_init(struct outline_key *key)
{
	if (getrandom(key, sizeof(*key), 0) != (ssize_t)sizeof(*key))
		return -1;
	key->words[0] |= 1; /* a factor of 0 would hash all alike */
	key->words[1] |= 1;
	return 0;
}

static uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The top bits of eight bytes, as a byte. */
static uint64_t
top_bits(uint64_t tops)
{
	return (tops >> 7) * 0x0102040810204080ULL >> 56;
}

/* A part of a line, at most CHUNK bytes of it. */
struct chunk {
	uint64_t digits; /* a bit for each byte */
	uint64_t zeros;
	uint64_t words[CHUNK / 8 + 1]; /* the bytes, digits as '0' */
};

static void
chunk_word(struct chunk *chunk, unsigned i, uint64_t word)
{
	uint64_t low = word & EVERY(0x7f);
	uint64_t from_0 = low + EVERY(0x80 - '0');
	uint64_t over_9 = low + EVERY(0x80 - '9' - 1);
	uint64_t over_0 = low + EVERY(0x80 - '0' - 1);
	uint64_t digit = from_0 & ~over_9 & ~word & EVERY(0x80);

	chunk->digits |= top_bits(digit) << (8 * i);
	chunk->zeros |= top_bits(digit & ~over_0) << (8 * i);
	/* '0' to '9' are 0x30 to 0x39: without the low half they are '0'. */
	chunk->words[i] = word & ~((digit >> 7) * 0x0f);
}

static unsigned
chunk_read(struct chunk *chunk, const char *p, size_t n)
{
	unsigned i = 0;
	uint64_t word;

	chunk->digits = chunk->zeros = 0;
	for (; n >= 8; p += 8, n -= 8, i++) {
		memcpy(&word, p, 8);
		chunk_word(chunk, i, le64toh(word));
	}
	if (n > 0) {
		word = 0;
		memcpy(&word, p, n);
		chunk_word(chunk, i++, le64toh(word));
	}
	chunk->words[i] = 0; /* they are hashed in twos */
	return i;
}

/* Where runs go on from one chunk to the next. */
struct seam {
	bool digit; /* the last byte was one */
	bool idle;  /* and its run zeros alone so far */
};

/* The ends of the runs of zeros alone, each a bit behind its last zero. */
static uint64_t
chunk_idle(const struct chunk *chunk, struct seam *seam)
{
	uint64_t starts = chunk->digits & ~(chunk->digits << 1);
	uint64_t ends = 0, sum;

	if (seam->digit && !seam->idle)
		starts &= ~1ULL; /* it began before */
	if (seam->idle && (chunk->digits & 1) == 0)
		ends = 1;
	seam->idle = __builtin_add_overflow(chunk->zeros, starts & chunk->zeros,
	    &sum);
	seam->digit = chunk->digits >> 63 != 0;
	return ends | (sum & ~chunk->zeros & ~chunk->digits);
}

uint64_t
outline_hash(const struct outline_key *key, const struct text *text)
{
	const char *p = text->bytes;
	size_t rest = text->length;
	uint64_t hash = key->words[0] ^ rest;
	struct seam seam = { false, false };
	struct chunk chunk;

	while (rest > 0) {
		size_t n = rest > CHUNK ? CHUNK : rest;
		unsigned words = chunk_read(&chunk, p, n);

		for (unsigned i = 0; i < words; i += 2)
			hash = fold(chunk.words[i] ^ key->words[1],
			    chunk.words[i + 1] ^ hash);
		hash = fold(hash ^ chunk_idle(&chunk, &seam), key->words[1]);
		p += n;
		rest -= n;
	}
	return fold(hash ^ seam.idle, key->words[0]);
}
