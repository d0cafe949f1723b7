/*
 * gate.h - when a rule fires: at its count-th match within its window, then
 * not again before its cooldown is over.
 *
 * Matches are remembered with their offsets and saved beside the
 * classifier's cursor, so that a supervisor that takes over counts on from
 * where the last one stood, and a match read twice counts once.
 */
#ifndef SUPERVISOR_GATE_H
#define SUPERVISOR_GATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "jsonw.h"
#include "policy.h"
#include "severity.h"

struct gate;

/* One gate for each [[rule]] of the policy. NULL: out of memory. */
struct gate *gate_new(const struct policy *policy);
void gate_free(struct gate *gate);
/* A match of rule at offset: true when it fires. A rule that the policy
 * does not have (-1: not a rule's) always fires. */
bool gate_match(struct gate *gate, int rule, enum stream stream,
    uint64_t offset, int64_t now_us);
/* Writes and reads the state, as an array of one object a rule. */
void gate_save(const struct gate *gate, struct jsonw *w, const char *key);
void gate_load(struct gate *gate, const json_t *saved);

#endif
