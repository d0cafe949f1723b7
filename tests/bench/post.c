/*
 * post.c - what a request costs without jobwatch: the null measurement.
 *
 *   post PORT COUNT LEAST_MS MOST_MS
 *
 * Posts a body of an alert's size over one kept connection, with the time
 * right before its write in it, as stamp.c prints it.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BODY 2048

static int
connect_to(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return connect(fd, (void *)&address, sizeof(address)) == 0 ? fd : -1;
}

static int
post(int fd)
{
	char body[BODY + 1], request[BODY + 256], answer[256];
	struct timespec now;
	int n;

	memset(body, 'x', BODY);
	body[BODY] = '\0';
	clock_gettime(CLOCK_MONOTONIC, &now);
	n = snprintf(body, sizeof(body), "{\"message\":\"ALARM at=%lld\"",
	    now.tv_sec * 1000000000LL + now.tv_nsec);
	body[n] = ',';
	n = snprintf(request, sizeof(request),
	    "POST / HTTP/1.1\r\n"
	    "Host: localhost\r\nContent-Length: %d\r\n\r\n%s",
	    BODY, body);
	if (write(fd, request, (size_t)n) != n)
		return -1;
	return read(fd, answer, sizeof(answer)) > 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	int fd = argc == 5 ? connect_to(atoi(argv[1])) : -1;

	if (fd == -1)
		return 1;
	for (int i = 0; i < atoi(argv[2]); i++) {
		int least = atoi(argv[3]), most = atoi(argv[4]);
		int ms = least + (most > least ? rand() % (most - least) : 0);
		struct timespec pause = { 0, ms * 1000000L };

		nanosleep(&pause, NULL);
		if (post(fd) == -1)
			return 1;
	}
	return 0;
}
