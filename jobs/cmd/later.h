/*
 * later.h - what a policy may ask for that this version does not do yet.
 */
#ifndef JOBS_CMD_LATER_H
#define JOBS_CMD_LATER_H

#include "policy.h"

/* One line on stderr that names the parts of the policy that are checked but
 * not acted on yet, if there are any. */
void later_warn(const struct policy *policy);
/* The same for what a classifier of lines alone would act on. */
void later_warn_classify(const struct policy *policy);
/* What must not be left out in silence: an exit code, said when not CMD_OK. */
int later_refuse(const struct policy *policy);

#endif
