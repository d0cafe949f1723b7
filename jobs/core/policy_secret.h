/*
 * policy_secret.h - is the value behind a key fit for what it is used for?
 *
 * A reference ("env:NAME", "file:/path") is right in the policy whatever it
 * leads to; where that is no address, or would break a header in two, nobody
 * would ever be told. So it is looked at before a job is started.
 */
#ifndef JOBS_CORE_POLICY_SECRET_H
#define JOBS_CORE_POLICY_SECRET_H

#include "policy_schema.h"
#include "why.h"

/*
 * The value of a key of [[channel]] or [heartbeat]; what other sections hold
 * is any text. 0, or -1: why begins with "must", and never quotes the value.
 */
int policy_secret_check(const struct policy_row *row, const char *value,
    struct why *why);

#endif
