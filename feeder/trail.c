/*
 * trail.c - see trail.h.
 */
#include "trail.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as path_resolution(7) */
#define OF_ITSELF (IN_MOVE_SELF | IN_DELETE_SELF)
#define OF_A_NAME \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB)

/* A path on its way: where it is, and what is left of it. */
struct walk {
	struct trail *trail;
	int dir; /* O_PATH */
	int links;
	char rest[PATH_MAX];
};

void
trail_init(struct trail *trail)
{
	trail->fd = -1;
	trail->blind = trail->stale = false;
	trail->count = 0;
}

void
trail_release(struct trail *trail)
{
	if (trail->fd != -1)
		close(trail->fd);
	trail_init(trail);
}

/* By descriptor: what is watched is what was found, whatever its name means
 * by now. The descriptor's watch; -1: it cannot be watched. */
static int
trail_watch(struct trail *trail, int fd, unsigned mask)
{
	char path[32];
	int wd = -1;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (trail->fd != -1)
		wd = inotify_add_watch(trail->fd, path, mask | IN_MASK_ADD);
	if (wd == -1)
		trail->blind = true;
	return wd;
}

static void
trail_note(struct trail *trail, int dir, const char *name)
{
	unsigned mask = name[0] == '\0' ? OF_ITSELF : OF_ITSELF | OF_A_NAME;
	int wd = trail_watch(trail, dir, mask | IN_ONLYDIR);
	struct trail_step *step = &trail->steps[trail->count];

	if (wd == -1 || trail->count == TRAIL_STEPS_MAX) {
		trail->blind = true;
		return;
	}
	step->wd = wd;
	snprintf(step->name, sizeof(step->name), "%s", name);
	trail->count++;
}

/* --- the way ------------------------------------------------------------ */

/* The next name of the path; false: there is none, or it is no name. */
static bool
walk_take_name(struct walk *walk, char name[NAME_MAX + 1])
{
	size_t skip = strspn(walk->rest, "/");
	size_t n = strcspn(walk->rest + skip, "/");

	if (n == 0 || n > NAME_MAX)
		return false;
	memcpy(name, walk->rest + skip, n);
	name[n] = '\0';
	memmove(walk->rest, walk->rest + skip + n,
	    strlen(walk->rest + skip + n) + 1);
	return true;
}

static void
walk_enter(struct walk *walk, int dir)
{
	if (walk->dir != -1)
		close(walk->dir);
	walk->dir = dir;
}

/* What is left is put behind the link's target. False: it leads nowhere. */
static bool
walk_follow_link(struct walk *walk, int link)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);
	int used;

	if (n <= 0 || ++walk->links > LINKS_MAX)
		return false;
	target[n] = '\0';
	used = snprintf(rest, sizeof(rest), "%s/%s", target, walk->rest);
	if (used < 0 || used >= PATH_MAX)
		return false;
	memcpy(walk->rest, rest, (size_t)used + 1);
	if (target[0] == '/')
		walk_enter(walk, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
	return walk->dir != -1;
}

static int
walk_open(const struct walk *walk, const char *name, struct stat *st)
{
	int fd = openat(walk->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1 || fstat(fd, st) == -1)
		st->st_mode = 0;
	return fd;
}

/* A directory that got another name before it was watched has told nobody. */
static void
walk_enter_watched(struct walk *walk, const char *name, int dir)
{
	struct stat st, now;
	int again;

	trail_note(walk->trail, dir, "");
	again = walk_open(walk, name, &now);
	if (again == -1 || fstat(dir, &st) == -1 || st.st_ino != now.st_ino ||
	    st.st_dev != now.st_dev)
		walk->trail->stale = true;
	if (again != -1)
		close(again);
	walk_enter(walk, dir);
}

/* One name further. False: here the way ends, at the file or before it. What
 * is no directory is looked at again once its name is watched. */
static bool
walk_go(struct walk *walk)
{
	char name[NAME_MAX + 1];
	struct stat st;
	bool goes_on = false;
	int next;

	if (!walk_take_name(walk, name))
		return false;
	next = walk_open(walk, name, &st);
	if (!S_ISDIR(st.st_mode)) {
		if (next != -1)
			close(next);
		trail_note(walk->trail, walk->dir, name);
		next = walk_open(walk, name, &st);
	}
	if (S_ISDIR(st.st_mode)) {
		walk_enter_watched(walk, name, next);
		return true;
	}
	if (S_ISLNK(st.st_mode))
		goes_on = walk_follow_link(walk, next);
	if (next != -1)
		close(next);
	return goes_on;
}

void
trail_lay(struct trail *trail, const char *path)
{
	struct walk walk = { .trail = trail };

	trail_release(trail);
	trail->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	trail->blind = trail->fd == -1;
	walk.dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(walk.rest, sizeof(walk.rest), "%s", path);
	while (walk.dir != -1 && walk_go(&walk))
		;
	if (walk.dir != -1)
		close(walk.dir);
}

void
trail_add_file(struct trail *trail, int fd)
{
	trail_watch(trail, fd, IN_MODIFY);
}

/* --- what happens ------------------------------------------------------- */

/* Of a directory that is watched for some names, others do not matter. */
static bool
trail_concerns(const struct trail *trail, const struct inotify_event *event)
{
	const char *name = event->len > 0 ? event->name : "";

	if ((event->mask &
		(OF_ITSELF | IN_IGNORED | IN_UNMOUNT | IN_Q_OVERFLOW)) != 0)
		return true;
	for (unsigned i = 0; i < trail->count; i++)
		if (trail->steps[i].wd == event->wd &&
		    (name[0] == '\0' ||
			strcmp(trail->steps[i].name, name) == 0))
			return true;
	return false;
}

bool
trail_step_on(struct trail *trail)
{
	_Alignas(struct inotify_event) char bytes[8192];
	bool changed = trail->blind || trail->stale;
	ssize_t n;

	while (
	    trail->fd != -1 && (n = read(trail->fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (void *)(bytes +
			    at);

			changed = trail_concerns(trail, event) || changed;
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	return changed;
}

int
trail_wait_ms(const struct trail *trail)
{
	if (trail->stale)
		return 0;
	return trail->blind ? TRAIL_BLIND_MS : -1;
}
