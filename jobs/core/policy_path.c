/*
 * policy_path.c - which directory a path in a policy counts from.
 *
 * What is read (a spec, a program, a registry) lies beside the policy that
 * names it, so that both can be moved together; what is written, and the
 * job's own directory, counts from where jobwatch is run, as on a command
 * line. A --set always counts from there. The family works elsewhere, so
 * paths are absolute from here on.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy_check.h"

/* A program's id is the SHA-256 of its content; a path has a slash, or the
 * ending of compiled programs. */
static bool
is_program_id(const char *text)
{
	const char *dot = strrchr(text, '.');

	return strchr(text, '/') == NULL &&
	    (dot == NULL || strcmp(dot, ".jwp") != 0);
}

/* Bytes of the file's name up to its last slash. */
static size_t
folder_length(const char *file)
{
	const char *slash = file == NULL ? NULL : strrchr(file, '/');

	return slash == NULL ? 0 : (size_t)(slash - file) + 1;
}

json_t *
policy_path_absolute(const struct policy_check *check, enum policy_type type,
    const struct toml_node *node)
{
	const char *file = check->problems->file;
	size_t folder = 0;
	json_t *path;
	char *here;

	if (node->text[0] == '/' ||
	    (type == POLICY_TYPE_PROGRAM && is_program_id(node->text)))
		return json_string(node->text);
	if (type != POLICY_TYPE_PATH && node->source == 0)
		folder = folder_length(file);
	if (folder > 0 && file[0] == '/')
		return json_sprintf("%.*s%s", (int)folder, file, node->text);
	/* Without a directory to be in, nothing can be made absolute. */
	if ((here = getcwd(NULL, 0)) == NULL)
		return json_string(node->text);
	path = json_sprintf("%s/%.*s%s", strcmp(here, "/") == 0 ? "" : here,
	    (int)folder, folder > 0 ? file : "", node->text);
	free(here);
	return path;
}
