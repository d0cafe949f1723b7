/*
 * policy_number.h - checks of values that are amounts.
 *
 * The value has a JSON type that the row's type takes. 0, or -1: why.
 */
#ifndef JOBS_CORE_POLICY_NUMBER_H
#define JOBS_CORE_POLICY_NUMBER_H

#include <jansson.h>

#include "policy_schema.h"
#include "why.h"

int policy_number_duration(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_number_duration_auto(const struct policy_row *row,
    const json_t *value, struct why *why);
int policy_number_int(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_number_window(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_number_size(const struct policy_row *row, const json_t *value,
    struct why *why);
int policy_number_real(const struct policy_row *row, const json_t *value,
    struct why *why);

#endif
