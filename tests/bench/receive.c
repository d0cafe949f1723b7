/*
 * receive.c - a webhook receiver on loopback that only looks at the clock.
 *
 *   receive           says its port, then a line for each request:
 *                     "PRINTED RECEIVED" in monotonic nanoseconds
 *
 * RECEIVED is taken when the request is there in full; PRINTED is the
 * number behind "at=" in the body's first "message". Connections are kept.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PEERS 64
#define REQUEST_MAX 262144

struct peer {
	int fd;
	size_t have;
	char bytes[REQUEST_MAX + 1];
};

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

static long long
now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long
printed_at(const char *body)
{
	const char *message = strstr(body, "\"message\"");
	const char *at = message == NULL ? NULL : strstr(message, "at=");

	return at == NULL ? 0 : atoll(at + 3);
}

/* Length of the whole request, or 0 while that is not known. */
static size_t
request_length(const char *bytes)
{
	const char *body = strstr(bytes, "\r\n\r\n");
	const char *length = strcasestr(bytes, "\r\ncontent-length:");

	if (body == NULL)
		return 0;
	return (size_t)(body + 4 - bytes) +
	    (length == NULL ? 0 : strtoul(length + 17, NULL, 10));
}

static void
answer_requests(struct peer *peer)
{
	size_t length;

	peer->bytes[peer->have] = '\0';
	while ((length = request_length(peer->bytes)) > 0 &&
	    peer->have >= length) {
		printf("%lld %lld\n", printed_at(peer->bytes), now_ns());
		if (write(peer->fd, answer, sizeof(answer) - 1) == -1)
			return;
		peer->have -= length;
		memmove(peer->bytes, peer->bytes + length, peer->have + 1);
	}
}

static void
serve(struct peer *peer)
{
	ssize_t n = read(peer->fd, peer->bytes + peer->have,
	    REQUEST_MAX - peer->have);

	if (n <= 0) {
		close(peer->fd);
		peer->fd = -1;
		return;
	}
	peer->have += (size_t)n;
	answer_requests(peer);
}

static void
greet(int epoll, int listener, struct peer *peers)
{
	int fd = accept(listener, NULL, NULL), on = 1;

	for (int i = 0; i < PEERS; i++)
		if (peers[i].fd == -1) {
			struct epoll_event event = { .events = EPOLLIN,
				.data.u32 = (uint32_t)i };

			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
			    sizeof(on));
			peers[i].fd = fd;
			peers[i].have = 0;
			epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
			return;
		}
	close(fd);
}

static int
listen_somewhere(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (void *)&address, length) == -1 ||
	    listen(fd, 64) == -1 ||
	    getsockname(fd, (void *)&address, &length) == -1)
		return -1;
	printf("%d\n", ntohs(address.sin_port));
	return fd;
}

int
main(void)
{
	struct peer *peers = calloc(PEERS, sizeof(*peers));
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = PEERS };
	int epoll = epoll_create1(EPOLL_CLOEXEC), listener;

	setvbuf(stdout, NULL, _IOLBF, 0);
	listener = listen_somewhere();
	if (peers == NULL || epoll == -1 || listener == -1)
		return 1;
	for (int i = 0; i < PEERS; i++)
		peers[i].fd = -1;
	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	while (epoll_wait(epoll, &event, 1, -1) >= 0)
		if (event.data.u32 == PEERS)
			greet(epoll, listener, peers);
		else
			serve(&peers[event.data.u32]);
	return 1;
}
