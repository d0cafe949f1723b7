/*
 * transfer.h - one POST under way: libcurl's handle, and how it is to
 * behave. For http.c, which owns each from transfer_new to transfer_free.
 */
#ifndef NOTIFY_TRANSFER_H
#define NOTIFY_TRANSFER_H

#include <curl/curl.h>

#include "http.h"

#define TRANSFER_ERROR_MAX 320

struct transfer {
	CURL *easy; /* CURLINFO_PRIVATE is the transfer */
	struct curl_slist *headers;
	const struct request *request; /* borrowed */
	http_done_cb *done;
	void *arg;
	struct transfer *previous, *next; /* http.c's list */
	bool private_refused; /* the name led to a private address */
	size_t answered;      /* bytes of the body, which nobody reads */
	char detail[CURL_ERROR_SIZE];
	char error[TRANSFER_ERROR_MAX]; /* what http_answer points to */
};

/* Borrows the request until transfer_free. NULL: out of memory. */
struct transfer *transfer_new(const struct request *request, http_done_cb *done,
    void *arg);
void transfer_free(struct transfer *transfer);
/* Fills in how it ended; the error text lives as long as the transfer. */
void transfer_answer(struct transfer *transfer, CURLcode result,
    struct http_answer *answer);

#endif
