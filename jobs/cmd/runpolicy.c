/*
 * runpolicy.c - see runpolicy.h.
 */
#include "runpolicy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

void
runpolicy_release(struct runpolicy *run)
{
	for (int i = 0; i < run->count; i++)
		free((char *)run->sets[i].text);
	free(run->sets);
	free(run->urls);
}

/* Takes text, which was allocated (NULL: it could not be). */
static int
runpolicy_take(struct runpolicy *run, const char *flag, char *text)
{
	struct policy_assignment *more = text == NULL
	    ? NULL
	    : realloc(run->sets, (size_t)(run->count + 1) * sizeof(*more));

	if (more == NULL) {
		free(text);
		return -1;
	}
	run->sets = more;
	more[run->count++] = (struct policy_assignment){ text, flag };
	return 0;
}

int
runpolicy_set(struct runpolicy *run, const char *assignment)
{
	return runpolicy_take(run, NULL, strdup(assignment));
}

/* Appends text to p as a TOML basic string; the new end. */
static char *
toml_quote(char *p, const char *text, size_t n)
{
	*p++ = '"';
	for (size_t i = 0; i < n; i++)
		if (text[i] == '"' || text[i] == '\\') {
			*p++ = '\\';
			*p++ = text[i];
		} else if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
			p += sprintf(p, "\\u%04x", text[i]);
		} else {
			*p++ = text[i];
		}
	*p++ = '"';
	return p;
}

int
runpolicy_set_text(struct runpolicy *run, const char *flag, const char *key,
    const char *text)
{
	char *out = malloc(strlen(key) + strlen(text) * 6 + 4), *p;

	if (out == NULL)
		return -1;
	p = stpcpy(stpcpy(out, key), "=");
	*toml_quote(p, text, strlen(text)) = '\0';
	return runpolicy_take(run, flag, out);
}

int
runpolicy_set_words(struct runpolicy *run, const char *flag, const char *key,
    const char *words)
{
	char *out = malloc(strlen(key) + strlen(words) * 9 + 8), *p;

	if (out == NULL)
		return -1;
	p = stpcpy(stpcpy(out, key), "=[");
	while (*words != '\0') {
		size_t n, skip = strspn(words, " ,");

		words += skip;
		n = strcspn(words, ",");
		while (n > 0 && words[n - 1] == ' ')
			n--;
		if (n == 0)
			continue;
		if (p[-1] != '[')
			*p++ = ',';
		p = toml_quote(p, words, n);
		words += n;
	}
	strcpy(p, "]");
	return runpolicy_take(run, flag, out);
}

int
runpolicy_notify(struct runpolicy *run, char *url)
{
	char **more = realloc(run->urls,
	    (size_t)(run->url_count + 1) * sizeof(*more));

	if (more == NULL)
		return -1;
	run->urls = more;
	more[run->url_count++] = url;
	return 0;
}

/* --- channels from addresses -------------------------------------------- */

#define URL_FLAG "--notify"

static const struct {
	const char *host; /* a part of the address */
	const char *type;
} url_types[] = {
	{ "hooks.slack.com/", "slack" },
	{ "discord.com/api/webhooks/", "discord" },
	{ "discordapp.com/api/webhooks/", "discord" },
	{ "api.telegram.org/", "telegram" },
	{ "://ntfy.", "ntfy" },
};

static const char *
url_type(const char *url)
{
	for (size_t i = 0; i < sizeof(url_types) / sizeof(url_types[0]); i++)
		if (strstr(url, url_types[i].host) != NULL)
			return url_types[i].type;
	return "webhook";
}

/* https://api.telegram.org/botTOKEN/sendMessage?chat_id=CHAT */
static int
url_telegram(struct runpolicy *run, const char *key, const char *url)
{
	const char *token = strstr(url, "/bot");
	const char *chat = strstr(url, "chat_id=");
	char name[64], *text;
	int result;

	if (token == NULL || chat == NULL)
		return cmd_error(CMD_USAGE,
		    "--notify: a Telegram address "
		    "needs /botTOKEN/ and chat_id=CHAT");
	text = strndup(token + 4, strcspn(token + 4, "/?"));
	snprintf(name, sizeof(name), "%stoken", key);
	result = text == NULL ? -1
			      : runpolicy_set_text(run, URL_FLAG, name, text);
	free(text);
	text = strndup(chat + 8, strcspn(chat + 8, "&"));
	snprintf(name, sizeof(name), "%schat", key);
	if (result == 0)
		result = text == NULL
		    ? -1
		    : runpolicy_set_text(run, URL_FLAG, name, text);
	free(text);
	return result == -1 ? CMD_FAILED : CMD_OK;
}

static int
url_channel(struct runpolicy *run, size_t number, const char *url)
{
	const char *type = url_type(url);
	char key[32], name[64];

	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return cmd_error(CMD_USAGE,
		    "--notify: \"%.60s\" is no "
		    "address: it must begin with https:// or http://",
		    url);
	snprintf(key, sizeof(key), "channel.%zu.", number);
	snprintf(name, sizeof(name), "%stype", key);
	if (runpolicy_set_text(run, URL_FLAG, name, type) == -1)
		return CMD_FAILED;
	if (strcmp(type, "telegram") == 0)
		return url_telegram(run, key, url);
	snprintf(name, sizeof(name), "%surl", key);
	return runpolicy_set_text(run, URL_FLAG, name, url) == -1 ? CMD_FAILED
								  : CMD_OK;
}

/* --- loading ------------------------------------------------------------ */

static int
runpolicy_try(struct runpolicy *run, struct policy *policy)
{
	const struct policy_assignments sets = { run->sets, run->count };
	struct policy_problems *problems = calloc(1, sizeof(*problems));
	int result;

	if (problems == NULL)
		return cmd_error(CMD_FAILED, "out of memory");
	result = policy_load(policy, run->file, &sets, problems);
	if (result == -1)
		policy_print_problems(problems, stderr);
	free(problems);
	return result == -1 ? CMD_USAGE : CMD_OK;
}

/* Channels of --notify come behind those of the file, however many. */
static int
runpolicy_add_urls(struct runpolicy *run, struct policy *policy)
{
	size_t count = json_array_size(policy_tables(policy, "channel"));
	int code = CMD_OK;

	policy_release(policy);
	for (int i = 0; i < run->url_count && code == CMD_OK; i++)
		code = url_channel(run, count + (size_t)i, run->urls[i]);
	return code == CMD_OK ? runpolicy_try(run, policy) : code;
}

int
runpolicy_load(struct runpolicy *run, struct policy *policy)
{
	int code = runpolicy_try(run, policy);

	if (code == CMD_OK && run->url_count > 0)
		code = runpolicy_add_urls(run, policy);
	if (code == CMD_OK && run->local &&
	    json_array_size(policy_tables(policy, "channel")) > 0) {
		policy_release(policy);
		code = cmd_error(CMD_USAGE,
		    "--local: the policy has channels, "
		    "which need a network: leave out one or the other");
	}
	return code;
}
