/*
 * sign.c - see sign.h. libcrypto does the mathematics.
 */
#include "sign.h"

#include <inttypes.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define SIGN_DIGEST 32

int
sign_id(const char *uid, uint64_t seq, const char *channel,
    char id[SIGN_ID_MAX])
{
	unsigned char digest[SIGN_DIGEST];
	char text[512];
	int n = snprintf(text, sizeof(text), "%s\n%" PRIu64 "\n%s", uid, seq,
	    channel);

	if (n < 0 || (size_t)n >= sizeof(text) ||
	    EVP_Q_digest(NULL, "SHA256", NULL, text, (size_t)n, digest, NULL) !=
		1)
		return -1;
	strcpy(id, "msg_");
	for (size_t i = 0; i < SIGN_DIGEST; i++)
		sprintf(id + 4 + 2 * i, "%02x", digest[i]);
	return 0;
}

/* EVP_DecodeBlock counts the padding as bytes. Length, or -1. */
static long
sign_base64(const char *text, unsigned char key[SIGN_KEY_MAX])
{
	size_t n = strlen(text);
	long length;

	if (n == 0 || n % 4 != 0 || n / 4 * 3 > SIGN_KEY_MAX)
		return -1;
	length = EVP_DecodeBlock(key, (const unsigned char *)text, (int)n);
	for (size_t i = n; length > 0 && i > n - 2 && text[i - 1] == '='; i--)
		length--;
	return length;
}

static long
sign_key(const char *secret, unsigned char key[SIGN_KEY_MAX], struct why *why)
{
	size_t prefix = strlen(SECRET_KEY_PREFIX), n = strlen(secret);
	long length;

	if (strncmp(secret, SECRET_KEY_PREFIX, prefix) == 0) {
		length = sign_base64(secret + prefix, key);
		return length > 0 ? length
				  : why_set(why,
					"the secret has no base64 "
					"after \"" SECRET_KEY_PREFIX "\"");
	}
	if (n == 0 || n > SIGN_KEY_MAX)
		return why_set(why, "the secret has %s",
		    n == 0 ? "no characters" : "too many characters");
	memcpy(key, secret, n);
	return (long)n;
}

/* HMAC over the three parts in turn: the body need not be copied. */
static int
sign_hmac(EVP_MAC_CTX *context, const struct sign_content *content,
    unsigned char digest[SIGN_DIGEST])
{
	char middle[32];
	size_t n;

	snprintf(middle, sizeof(middle), ".%" PRId64 ".", content->timestamp);
	if (EVP_MAC_update(context, (const unsigned char *)content->id,
		strlen(content->id)) != 1 ||
	    EVP_MAC_update(context, (const unsigned char *)middle,
		strlen(middle)) != 1 ||
	    EVP_MAC_update(context, (const unsigned char *)content->body,
		content->body_length) != 1 ||
	    EVP_MAC_final(context, digest, &n, SIGN_DIGEST) != 1 ||
	    n != SIGN_DIGEST)
		return -1;
	return 0;
}

static int
sign_digest(const struct sign_content *content, const unsigned char *key,
    size_t key_length, unsigned char digest[SIGN_DIGEST])
{
	char sha256[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256,
		    sizeof(sha256) - 1),
		OSSL_PARAM_END,
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
	int result = -1;

	if (context != NULL &&
	    EVP_MAC_init(context, key, key_length, params) == 1)
		result = sign_hmac(context, content, digest);
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
	return result;
}

int
sign_webhook(const struct sign_content *content, const char *secret,
    char signature[SIGN_SIGNATURE_MAX], struct why *why)
{
	unsigned char key[SIGN_KEY_MAX + 3], digest[SIGN_DIGEST];
	long key_length = sign_key(secret, key, why);
	int result;

	if (key_length == -1)
		return -1;
	result = sign_digest(content, key, (size_t)key_length, digest);
	OPENSSL_cleanse(key, sizeof(key));
	if (result == -1)
		return why_set(why, "cannot sign: libcrypto has no HMAC");
	strcpy(signature, "v1,");
	EVP_EncodeBlock((unsigned char *)signature + 3, digest, SIGN_DIGEST);
	return 0;
}
