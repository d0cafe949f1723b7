/*
 * stamp.h - times and dates as loggers write them.
 */
#ifndef CLASSIFIER_STAMP_H
#define CLASSIFIER_STAMP_H

#include <stddef.h>

/*
 * Length of the time or date at p, its fraction and zone included; 0: there
 * is none. The values are not checked: "25:61:00" is a time.
 */
size_t stamp_length(const char *p, size_t n);

#endif
