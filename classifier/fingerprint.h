/*
 * fingerprint.h - the same number for the same shape of line.
 */
#ifndef CLASSIFIER_FINGERPRINT_H
#define CLASSIFIER_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

/*
 * FNV-1a, 64 bits, over the text with its accidents masked: numbers (zero
 * kept apart from the others when it stands alone), hexadecimal ids, UUIDs,
 * absolute paths, and how wide the spaces are.
 */
uint64_t fingerprint(const char *text, size_t n);

#endif
