/*
 * jobend.c - see jobend.h.
 */
#include "jobend.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event.h"
#include "jsonscan.h"

#define JOBEND_WINDOW (128 * 1024) /* of the file's end, at first */
#define JOBEND_MARK "\"event\":\"job."
#define JOBEND_NAME_MAX 64

/* What an event of this name says: 1: the job is over, 0: it began (again),
 * -1: neither. */
static int
jobend_word(const char *name)
{
	static const struct {
		enum registry_event event;
		int word;
	} words[] = {
		{ EVENT_JOB_START, 0 },
		{ EVENT_JOB_RESTART, 0 },
		{ EVENT_JOB_EXIT, 1 },
		{ EVENT_JOB_LOST, 1 },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(name, registry_rows[words[i].event].name) == 0)
			return words[i].word;
	return -1;
}

bool
jobend_after(const char *name, bool over)
{
	int word = jobend_word(name);

	return word == -1 ? over : word == 1;
}

/* The word of one line. Most lines are about the job's output: the mark
 * spares a look. */
static int
jobend_line(const char *line, size_t n)
{
	char name[JOBEND_NAME_MAX] = "";
	struct jsonscan scan;
	struct jsonspan key, value;

	if (memmem(line, n, JOBEND_MARK, strlen(JOBEND_MARK)) == NULL ||
	    jsonscan_start(&scan, line, n) == -1)
		return -1;
	while (jsonscan_next(&scan, &key, &value) == 1)
		if (jsonspan_is(&key, "event") && value.text[0] == '"' &&
		    value.length - 2 < JOBEND_NAME_MAX) {
			memcpy(name, value.text + 1, value.length - 2);
			name[value.length - 2] = '\0';
		}
	return jobend_word(name);
}

/* The last word from this offset on; -1: there is none. */
static int
jobend_look(int fd, uint64_t from)
{
	struct event_reader reader;
	bool torn = from > 0; /* the first line begins before */
	int found, word, last = -1;
	char *line;
	size_t n;

	if (event_reader_init(&reader, fd, from) == -1)
		return -1;
	while ((found = event_reader_next(&reader, &line, &n)) == 1 ||
	    (found == -1 && errno == EMSGSIZE)) {
		word = found == 1 && !torn ? jobend_line(line, n) : -1;
		if (word != -1)
			last = word;
		torn = false;
	}
	event_reader_release(&reader);
	return last;
}

bool
jobend_is_recorded(int dir)
{
	int fd = openat(dir, EVENTS_FILE, O_RDONLY | O_CLOEXEC), found = -1;
	uint64_t window = JOBEND_WINDOW, size;
	struct stat st;

	if (fd == -1)
		return false;
	size = fstat(fd, &st) == -1 ? 0 : (uint64_t)st.st_size;
	while ((found = jobend_look(fd, size > window ? size - window : 0)) ==
		-1 &&
	    size > window)
		window *= 16;
	close(fd);
	return found == 1;
}
