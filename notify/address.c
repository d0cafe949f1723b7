/*
 * address.c - see address.h. The prefixes are those of the IANA special
 * purpose registries (RFC 6890 and its updates) that are not global, and
 * those that carry an IPv4 address inside.
 */
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

struct address_prefix {
	unsigned char bytes[16];
	unsigned bits;
};

static const struct address_prefix private4[] = {
	{ { 0 }, 8 },
	{ { 10 }, 8 },
	{ { 100, 64 }, 10 },
	{ { 127 }, 8 },
	{ { 169, 254 }, 16 },
	{ { 172, 16 }, 12 },
	{ { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 },
	{ { 192, 168 }, 16 },
	{ { 198, 18 }, 15 },
	{ { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 },
	{ { 224 }, 3 },
};

static const struct address_prefix private6[] = {
	{ { 0 }, 127 }, /* :: and ::1 */
	{ { 0x01, 0x00 }, 64 },
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },
	{ { 0xfc }, 7 },
	{ { 0xfe, 0x80 }, 9 }, /* link-local and the old site-local */
	{ { 0xff }, 8 },
};

/* Prefixes that are followed by an IPv4 address. */
static const struct address_prefix carriers6[] = {
	{ { 0 }, 96 },
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96 },
	{ { 0x00, 0x64, 0xff, 0x9b }, 96 },
	{ { 0x20, 0x02 }, 16 },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool
address_in(const unsigned char *bytes, const struct address_prefix *prefix)
{
	unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;
	unsigned mask = 0xffu << (8 - rest) & 0xffu;

	if (memcmp(bytes, prefix->bytes, whole) != 0)
		return false;
	return rest == 0 || ((bytes[whole] ^ prefix->bytes[whole]) & mask) == 0;
}

static bool
address_private4(const unsigned char *bytes)
{
	for (size_t i = 0; i < COUNT(private4); i++)
		if (address_in(bytes, &private4[i]))
			return true;
	return false;
}

static bool
address_private6(const unsigned char *bytes)
{
	for (size_t i = 0; i < COUNT(private6); i++)
		if (address_in(bytes, &private6[i]))
			return true;
	for (size_t i = 0; i < COUNT(carriers6); i++)
		if (address_in(bytes, &carriers6[i]))
			return address_private4(bytes + carriers6[i].bits / 8);
	return false;
}

bool
address_is_private(const struct sockaddr *address)
{
	const void *at = address;

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = at;

		return address_private4((const unsigned char *)&in->sin_addr);
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = at;

		return address_private6(in6->sin6_addr.s6_addr);
	}
	return true;
}

bool
address_text_is_private(const char *text)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return address_private4(bytes);
	if (inet_pton(AF_INET6, text, bytes) == 1)
		return address_private6(bytes);
	return true;
}
