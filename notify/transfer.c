/*
 * transfer.c - see transfer.h.
 */
#include "transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "url.h"
#include "version.h"

#define TRANSFER_CONNECT_MS 10000L
#define TRANSFER_ANSWER_MAX (1024 * 1024) /* more is no receiver's answer */

static size_t
transfer_write_cb(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;

	(void)bytes;
	transfer->answered += size * count;
	return transfer->answered > TRANSFER_ANSWER_MAX ? 0 : size * count;
}

/* After the name was resolved, so that no name server can lead us inside. */
static curl_socket_t
transfer_open_cb(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = arg;

	(void)purpose;
	if (!transfer->request->allow_private &&
	    address_is_private(&address->addr)) {
		transfer->private_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
}

/* A kept connection of a channel that allows private addresses may be used
 * for one that does not; it was not opened for it. */
static int
transfer_before_cb(void *arg, char *ip, char *local_ip, int port,
    int local_port)
{
	struct transfer *transfer = arg;

	(void)local_ip;
	(void)port;
	(void)local_port;
	if (transfer->request->allow_private || !address_text_is_private(ip))
		return CURL_PREREQFUNC_OK;
	transfer->private_refused = true;
	return CURL_PREREQFUNC_ABORT;
}

static int
transfer_headers(struct transfer *transfer)
{
	const struct request *request = transfer->request;

	for (unsigned i = 0; i < request->header_count; i++) {
		struct curl_slist *more = curl_slist_append(transfer->headers,
		    request->headers[i]);

		if (more == NULL)
			return -1;
		transfer->headers = more;
	}
	return 0;
}

/* What holds for each transfer. */
static void
transfer_behave(struct transfer *transfer)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Else the end of a transfer waits for a resolver that hangs. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, HTTP_LONGEST_MS);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, TRANSFER_CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "jobwatch/" JOBWATCH_VERSION);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->detail);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, transfer_write_cb);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, transfer_open_cb);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

static void
transfer_ask(struct transfer *transfer)
{
	const struct request *request = transfer->request;
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)request->body_length);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	if (request->allow_private)
		return;
	/* Behind a proxy the address is not ours to see. */
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, transfer_before_cb);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
}

struct transfer *
transfer_new(const struct request *request, http_done_cb *done, void *arg)
{
	struct transfer *transfer = calloc(1, sizeof(*transfer));

	if (transfer == NULL)
		return NULL;
	transfer->request = request;
	transfer->done = done;
	transfer->arg = arg;
	transfer->easy = curl_easy_init();
	if (transfer->easy == NULL || transfer_headers(transfer) == -1) {
		transfer_free(transfer);
		return NULL;
	}
	transfer_behave(transfer);
	transfer_ask(transfer);
	return transfer;
}

void
transfer_free(struct transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	free(transfer);
}

/* libcurl's own words may quote the address; those about certificates are
 * worth their risk, since they name nothing but the certificate. */
static const char *
transfer_words(const struct transfer *transfer, CURLcode result)
{
	if (transfer->private_refused)
		return "the address is a private one, and the channel has "
		       "allow_private = false";
	if (result == CURLE_PEER_FAILED_VERIFICATION &&
	    transfer->detail[0] != '\0')
		return transfer->detail;
	return curl_easy_strerror(result);
}

void
transfer_answer(struct transfer *transfer, CURLcode result,
    struct http_answer *answer)
{
	curl_off_t took = 0, retry_after = 0;
	char origin[URL_ORIGIN_MAX];

	*answer = (struct http_answer){ 0 };
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE,
	    &answer->status);
	curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &took);
	curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
	answer->took_us = took;
	answer->retry_after_s = retry_after;
	if (answer->status < 200) /* an interim answer is none */
		answer->status = 0;
	if (answer->status != 0)
		return;
	snprintf(transfer->error, sizeof(transfer->error), "%s: %s",
	    url_origin(transfer->request->url, origin),
	    result == CURLE_OK ? "no answer"
			       : transfer_words(transfer, result));
	answer->error = transfer->error;
	answer->hopeless = transfer->private_refused ||
	    result == CURLE_URL_MALFORMAT ||
	    result == CURLE_UNSUPPORTED_PROTOCOL;
}
