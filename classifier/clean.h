/*
 * clean.h - a line as a person would have seen it on a terminal.
 *
 * Escape sequences go, a carriage return starts the line again, a backspace
 * takes a character away, other controls become spaces and broken bytes U+FFFD,
 * so that patterns meet text and a message built from it is valid UTF-8.
 */
#ifndef CLASSIFIER_CLEAN_H
#define CLASSIFIER_CLEAN_H

#include "line.h"

/*
 * Cleans n bytes. `room` holds LINE_KEPT_MAX bytes and is used only when
 * something is to be changed; else text borrows raw itself.
 */
void clean_line(const char *raw, size_t n, char *room, struct text *text);

#endif
