/*
 * address.h - which network addresses are inside: this host, this link,
 * this site. For channels with allow_private = false, whose address may come
 * from someone who wants us to knock at an inner door.
 */
#ifndef NOTIFY_ADDRESS_H
#define NOTIFY_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* True too for what is neither IPv4 nor IPv6, and for special addresses
 * (multicast, documentation, benchmarks) that no receiver has. */
bool address_is_private(const struct sockaddr *address);
/* The same for an address in text, "::1"; true for what cannot be read. */
bool address_text_is_private(const char *text);

#endif
