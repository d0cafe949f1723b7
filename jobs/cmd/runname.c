/*
 * runname.c - see runname.h.
 */
#include "runname.h"

#include <stdbool.h>
#include <string.h>

/* Programs whose name says nothing; python3.11 is covered by python. */
static const char *const interpreters[] = { "python", "pypy", "bash", "sh",
	"dash", "zsh", "perl", "ruby", "node", "Rscript", "julia", "torchrun",
	"accelerate", "deepspeed", "uv", "env", "nohup", "nice", "time", NULL };
/* What stands between some of them and the script. */
static const char *const verbs[] = { "run", "launch", NULL };

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static bool
is_one_of(const char *const *list, const char *word, bool version)
{
	for (; *list != NULL; list++) {
		size_t n = strlen(*list);

		if (strncmp(*list, word, n) == 0 &&
		    (word[n] == '\0' ||
			(version &&
			    strspn(word + n, "0123456789.") ==
				strlen(word + n))))
			return true;
	}
	return false;
}

/* Without an extension of a script. */
static void
runname_script(const char *path, char name[JOB_NAME_MAX + 1])
{
	static const char *const extensions[] = { ".py", ".sh", ".pl", ".rb",
		".js", ".R", ".jl", NULL };
	size_t n;

	job_name_from(base_name(path), name);
	n = strlen(name);
	for (const char *const *e = extensions; *e != NULL; e++) {
		size_t length = strlen(*e);

		if (n > length && strcmp(name + n - length, *e) == 0)
			name[n - length] = '\0';
	}
}

void
runname_from(char *const *argv, char name[JOB_NAME_MAX + 1])
{
	char *const *p = argv;

	while (*p != NULL &&
	    (is_one_of(interpreters, base_name(*p), true) ||
		(p > argv && is_one_of(verbs, *p, false)) ||
		strchr(base_name(*p), '=') != NULL)) {
		p++;
		for (; *p != NULL && **p == '-'; p++) {
			if (strcmp(*p, "-c") == 0) {
				runname_script(argv[0], name);
				return;
			}
			if (strcmp(*p, "-m") == 0 && p[1] != NULL) {
				job_name_from(p[1], name);
				return;
			}
		}
	}
	runname_script(*p == NULL ? argv[0] : *p, name);
}
