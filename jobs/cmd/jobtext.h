/*
 * jobtext.h - pieces of a job's status in words, for ps, status and others.
 */
#ifndef JOBS_CMD_JOBTEXT_H
#define JOBS_CMD_JOBTEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "severity.h"
#include "units.h"

#define JOBTEXT_MAX 96
#define JOBTEXT_SEVERITY 8 /* "critical" */

/* "1m3s", "2h5m", "3d4h": the two largest units; below a second "40ms". */
const char *jobtext_span(double seconds, char out[UNITS_TEXT]);
/* How long ago an RFC 3339 time was: "5s"; "-" for NULL or nonsense. */
const char *jobtext_age(const char *time, char out[UNITS_TEXT]);
/* "epoch 3/10, step 120, 45%, 1h5m left"; "-" where nothing is known. */
const char *jobtext_progress(const json_t *status, char out[JOBTEXT_MAX]);
/* "1 critical, 2 high"; "-" for none. */
const char *jobtext_alerts(const json_t *status, char out[JOBTEXT_MAX]);
/* argv as a shell would take it, control bytes escaped. */
void jobtext_command(const json_t *argv, FILE *out);
/* A string member, or "-". */
const char *jobtext_or_dash(const json_t *status, const char *key);
/* The word, in its colour where wanted, padded to JOBTEXT_SEVERITY. */
void jobtext_severity(enum severity severity, bool colour, FILE *out);
/* True where escapes for colour may be written to the stream. */
bool jobtext_colour(FILE *out);

#endif
