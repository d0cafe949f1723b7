/*
 * corpus.c - see corpus.h. Each line goes through the classifier itself; what
 * decides before the prior does is noted, the rest is what is trained on.
 */
#include "corpus.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examiner.h"
#include "features.h"

#define ROOM 1024

/* What reading takes. */
struct reading {
	struct corpus *corpus;
	struct judge judge;
	struct featurer featurer;
	struct features features;
	struct log *log;
	uint32_t sample_room, feature_room;
	struct why *why;
};

static void *
grown(void *rows, uint32_t *room, uint32_t need, size_t size)
{
	if (need <= *room)
		return rows;
	*room = need * 2 + ROOM;
	rows = realloc(rows, *room * size);
	if (rows == NULL)
		abort();
	return rows;
}

static int
compare_numbers(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void
sample_features(struct reading *reading, struct sample *sample)
{
	struct corpus *corpus = reading->corpus;
	uint16_t *row;

	corpus->features = grown(corpus->features, &reading->feature_room,
	    corpus->feature_count + reading->features.count,
	    sizeof(*corpus->features));
	row = corpus->features + corpus->feature_count;
	for (unsigned i = 0; i < reading->features.count; i++)
		row[i] = reading->features.rows[i];
	qsort(row, reading->features.count, sizeof(*row), compare_numbers);
	sample->first = corpus->feature_count;
	sample->count = (uint16_t)reading->features.count;
	corpus->feature_count += reading->features.count;
}

static int
pattern_of(const struct reading *reading, const struct text *text)
{
	const struct builtin *builtin = reading->judge.builtin;
	uint64_t cues = builtin_cues(builtin, text);
	const struct builtin_row *row = builtin_match(builtin, cues, text);

	return row == NULL ? -1 : (int)(row - builtin_rows);
}

static void
given_by_group(struct sample *sample, const struct group *group)
{
	if (group->sure)
		sample->given = sample->names ? LABEL_ALERT : LABEL_CONTEXT;
}

static int
corpus_line_cb(void *arg, const struct outcome *outcome)
{
	struct reading *reading = arg;
	struct corpus *corpus = reading->corpus;
	const struct verdict *verdict = outcome->verdict;
	const struct group *group = outcome->group;
	struct sample *sample;

	corpus->samples = grown(corpus->samples, &reading->sample_room,
	    corpus->sample_count + 1, sizeof(*corpus->samples));
	sample = &corpus->samples[corpus->sample_count++];
	*sample = (struct sample){ .given = -1 };
	features_of(&reading->featurer, outcome->text,
	    pattern_of(reading, outcome->text), &reading->features);
	sample_features(reading, sample);
	if (strcmp(verdict->source, "json") == 0)
		sample->given = verdict->alert ? LABEL_ALERT : LABEL_QUIET;
	if (group == NULL)
		return 0;
	sample->group = (uint32_t)group->id;
	sample->names = outcome->event == GRAMMAR_FINAL ||
	    (outcome->event == GRAMMAR_HEADER &&
		(group->row->grammar->flags & GRAMMAR_HEADER_FRAMES) == 0);
	if (group->settled)
		given_by_group(sample, group);
	return 0;
}

static int
corpus_settle_cb(void *arg, const struct group *group)
{
	struct reading *reading = arg;
	struct corpus *corpus = reading->corpus;

	for (uint32_t i = reading->log->first; i < corpus->sample_count; i++)
		if (corpus->samples[i].group == group->id)
			given_by_group(&corpus->samples[i], group);
	return 0;
}

static int
corpus_finding_cb(void *arg, const struct finding *finding)
{
	(void)arg;
	(void)finding;
	return 0;
}

static int
label_read(struct sample *sample, const char *row)
{
	json_t *object = json_loads(row, 0, NULL);
	const char *label, *kind, *severity;
	int done = -1;

	if (json_unpack(object, "{s:s, s:s, s:s}", "label", &label, "kind",
		&kind, "severity", &severity) == 0 &&
	    severity_parse(severity) >= 0) {
		sample->label = label[0] == 'A' ? LABEL_ALERT
		    : label[0] == 'C'		? LABEL_CONTEXT
						: LABEL_QUIET;
		sample->kind = kind_parse(kind) < 0 ? KIND_NOISE
						    : (uint8_t)kind_parse(kind);
		sample->severity = (uint8_t)severity_parse(severity);
		done = 0;
	}
	json_decref(object);
	return done;
}

static bool
same_sample(const struct corpus *corpus, const struct sample *a,
    const struct sample *b)
{
	return a->label == b->label && a->count == b->count &&
	    a->given == b->given &&
	    memcmp(corpus->features + a->first, corpus->features + b->first,
		a->count * sizeof(*corpus->features)) == 0;
}

/* One line of a shape stands for all of them. */
static void
log_merge(struct corpus *corpus, const struct log *log)
{
	for (uint32_t i = 0; i < log->count; i++) {
		struct sample *sample = &corpus->samples[log->first + i];

		sample->same = 1;
		for (uint32_t j = 0; j < i; j++) {
			struct sample *other = &corpus->samples[log->first + j];

			if (other->same > 0 &&
			    same_sample(corpus, sample, other)) {
				other->same++;
				sample->same = 0;
				break;
			}
		}
	}
}

static void
log_count_events(const struct corpus *corpus, struct log *log)
{
	bool in = false, counted = false;

	for (uint32_t i = 0; i < log->count; i++) {
		enum label label = corpus->samples[log->first + i].label;

		in = label != LABEL_QUIET;
		counted = in && counted;
		if (label == LABEL_ALERT && !counted) {
			counted = true;
			log->events++;
		}
	}
}

static FILE *
open_in(const char *folder, const char *name, const char *ending)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s%s", folder, name, ending);
	return fopen(path, "re");
}

static int
log_read_lines(struct examiner *examiner, struct log *log, FILE *lines)
{
	char *row = NULL;
	size_t room = 0;
	struct line line = { 0 };
	ssize_t n;
	int done = 0;

	while (done == 0 && (n = getline(&row, &room, lines)) > 0) {
		line.bytes = row;
		line.length = (uint64_t)(row[n - 1] == '\n' ? n - 1 : n);
		line.kept = line.length > LINE_KEPT_MAX ? LINE_KEPT_MAX
							: line.length;
		done = examiner_line(examiner, &line);
		line.offset += (uint64_t)n;
		log->count++;
	}
	if (done == 0)
		done = examiner_end(examiner);
	free(row);
	return done;
}

static int
log_examine(struct reading *reading, struct log *log, FILE *lines)
{
	const struct listener listener = { .arg = reading,
		.finding = corpus_finding_cb,
		.line = corpus_line_cb,
		.settle = corpus_settle_cb };
	struct examiner examiner;
	int done = -1;

	reading->log = log;
	if (examiner_init(&examiner, &reading->judge, &listener, 0) == 0)
		done = log_read_lines(&examiner, log, lines);
	if (done == -1)
		why_errno(reading->why, "cannot read %s", log->name);
	examiner_release(&examiner);
	return done;
}

static int
log_label(struct reading *reading, const struct log *log, FILE *labels)
{
	char *row = NULL;
	size_t room = 0;
	int done = 0;

	for (uint32_t i = 0; done == 0 && i < log->count; i++)
		if (getline(&row, &room, labels) <= 0 ||
		    label_read(&reading->corpus->samples[log->first + i],
			row) == -1)
			done = why_set(reading->why,
			    "cannot read label %u of %s", i + 1, log->name);
	free(row);
	return done;
}

static int
log_read(struct reading *reading, const char *folder, struct log *log)
{
	char name[sizeof(log->name) + 8];
	FILE *lines, *labels;
	int done = -1;

	snprintf(name, sizeof(name), "logs/%s", log->name);
	lines = open_in(folder, name, ".log");
	snprintf(name, sizeof(name), "labels/%s", log->name);
	labels = open_in(folder, name, ".jsonl");

	log->first = reading->corpus->sample_count;
	if (lines == NULL || labels == NULL)
		why_errno(reading->why, "cannot open %s in %s", log->name,
		    folder);
	else
		done = log_examine(reading, log, lines);
	if (done == 0)
		done = log_label(reading, log, labels);
	if (lines != NULL)
		fclose(lines);
	if (labels != NULL)
		fclose(labels);
	if (done == 0) {
		log_merge(reading->corpus, log);
		log_count_events(reading->corpus, log);
	}
	return done;
}

static unsigned
program_number(struct corpus *corpus, const char *program)
{
	unsigned i = 0;

	while (i < corpus->program_count &&
	    strcmp(corpus->programs[i], program) != 0)
		i++;
	if (i == corpus->program_count) {
		corpus->programs = realloc(corpus->programs,
		    (i + 1) * sizeof(*corpus->programs));
		if (corpus->programs == NULL)
			abort();
		snprintf(corpus->programs[i], sizeof(*corpus->programs), "%s",
		    program);
		corpus->program_count++;
	}
	return i;
}

static int
index_row(struct reading *reading, const char *folder, const char *row)
{
	struct corpus *corpus = reading->corpus;
	json_t *object = json_loads(row, 0, NULL);
	const char *name, *program;
	struct log *log;

	if (json_unpack(object, "{s:s, s:s}", "name", &name, "program",
		&program) == -1) {
		json_decref(object);
		return why_set(reading->why, "cannot read the index of %s",
		    folder);
	}
	corpus->logs = realloc(corpus->logs,
	    (corpus->log_count + 1) * sizeof(*corpus->logs));
	if (corpus->logs == NULL)
		abort();
	log = &corpus->logs[corpus->log_count++];
	memset(log, 0, sizeof(*log));
	snprintf(log->name, sizeof(log->name), "%s", name);
	log->program = program_number(corpus, program);
	log->half = corpus->half_count - 1;
	json_decref(object);
	return log_read(reading, folder, log);
}

static int
folder_read(struct reading *reading, const char *folder, const char *name)
{
	struct corpus *corpus = reading->corpus;
	FILE *index = open_in(folder, "index", ".jsonl");
	char *row = NULL;
	size_t room = 0;
	int done = 0;

	if (index == NULL)
		return why_errno(reading->why, "cannot open %s/index.jsonl",
		    folder);
	if (corpus->half_count ==
	    sizeof(corpus->halves) / sizeof(*corpus->halves))
		done = why_set(reading->why, "too many folders of logs");
	else
		snprintf(corpus->halves[corpus->half_count++],
		    sizeof(*corpus->halves), "%s", name);
	while (done == 0 && getline(&row, &room, index) > 0)
		done = index_row(reading, folder, row);
	free(row);
	fclose(index);
	return done;
}

static int
folders_read(struct reading *reading, const char *folder)
{
	static const char *const halves[] = { "train", "ops" };
	FILE *index = open_in(folder, "index", ".jsonl");
	char path[512];

	if (index != NULL) {
		fclose(index);
		return folder_read(reading, folder, folder);
	}
	for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, halves[i]);
		if (folder_read(reading, path, halves[i]) == -1)
			return -1;
	}
	return 0;
}

static int
labels_fill(struct corpus *corpus)
{
	corpus->labels = malloc(corpus->sample_count + 1);
	if (corpus->labels == NULL)
		return -1;
	for (uint32_t i = 0; i < corpus->sample_count; i++)
		corpus->labels[i] = corpus->samples[i].label;
	return 0;
}

/* A judge as for a policy of its own, with all but the prior: its weights
 * are what is to be made, and may be missing. */
static int
reading_init(struct reading *reading)
{
	struct policy policy = { json_pack("{s:{s:b},s:[]}", "classify", "base",
	    0, "rule") };
	struct judge *judge = &reading->judge;
	int done = judge_init(judge, &policy, NULL, NULL, reading->why);

	policy_release(&policy);
	if (done == -1)
		return -1;
	judge->builtin = builtin_new(judge->matcher, reading->why);
	if (judge->builtin != NULL &&
	    grammars_init(&judge->grammars, judge->matcher, reading->why) ==
		0 &&
	    featurer_init(&reading->featurer, reading->why) == 0)
		return 0;
	judge_release(judge);
	return -1;
}

int
corpus_read(struct corpus *corpus, const char *folder, struct why *why)
{
	struct reading reading = { .corpus = corpus, .why = why };
	int done;

	memset(corpus, 0, sizeof(*corpus));
	if (reading_init(&reading) == -1)
		return -1;
	done = folders_read(&reading, folder);
	if (done == 0 && labels_fill(corpus) == -1)
		done = why_errno(why, "cannot read logs");
	featurer_release(&reading.featurer);
	judge_release(&reading.judge);
	return done;
}

void
corpus_release(struct corpus *corpus)
{
	free(corpus->logs);
	free(corpus->programs);
	free(corpus->samples);
	free(corpus->labels);
	free(corpus->features);
}
