/*
 * trouble.c - see trouble.h.
 */
#include "trouble.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *
trouble_folder(int dir, char out[PATH_MAX])
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	n = readlink(link, out, PATH_MAX - 1);
	out[n == -1 ? 0 : n] = '\0';
	return out;
}

int
trouble_why(struct why *why, int dir, const struct logread *reader,
    uint64_t offset)
{
	const char *reason = segment_strerror(errno);
	struct logread_trouble trouble;
	char folder[PATH_MAX];

	logread_trouble(reader, offset, &trouble);
	trouble_folder(dir, folder);
	if (trouble.file[0] == '\0')
		return why_set(why, "%s", reason);
	if (offset == UINT64_MAX)
		return why_set(why, "%s: %s in %s", reason, trouble.file,
		    folder);
	return why_set(why, "%s: byte %" PRIu64 " of %s in %s", reason,
	    trouble.at, trouble.file, folder);
}

/* True while it is damage that the reader met, and its end is known. */
static bool
trouble_ends(const struct logread *reader, uint64_t offset,
    struct logread_trouble *trouble)
{
	if (errno != EBADMSG)
		return false;
	logread_trouble(reader, offset, trouble);
	return trouble->end > offset;
}

bool
trouble_measure(struct logread *reader, uint64_t offset, uint64_t end,
    struct logread_trouble *trouble)
{
	struct logread_trouble more;
	struct logread_place place;

	if (!trouble_ends(reader, offset, trouble))
		return false;
	while (trouble->end < end &&
	    logread_locate(reader, trouble->end, &place) == -1 &&
	    trouble_ends(reader, trouble->end, &more) &&
	    strcmp(more.file, trouble->file) == 0)
		trouble->end = more.end;
	if (trouble->end > end)
		trouble->end = end;
	return true;
}
