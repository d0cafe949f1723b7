/*
 * report.h - what the folds came to, for a person.
 */
#ifndef MODEL_REPORT_H
#define MODEL_REPORT_H

#include <stdio.h>

#include "folds.h"

/* A line for each log, the ten worst, and each folder's figures. 0, or -1:
 * out of memory. */
int report_print(const struct folds *folds, FILE *out);

#endif
