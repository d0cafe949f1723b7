/*
 * runname.h - the name of a job that was given none.
 */
#ifndef JOBS_CMD_RUNNAME_H
#define JOBS_CMD_RUNNAME_H

#include "jobdir.h"

/* From the command's base name; for an interpreter from its script's
 * ("python train.py" is "train", "python -m pkg.mod" is "pkg.mod"). */
void runname_from(char *const *argv, char name[JOB_NAME_MAX + 1]);

#endif
