/*
 * words.h - what the feeder has to say, beside what it hands on.
 */
#ifndef FEEDER_WORDS_H
#define FEEDER_WORDS_H

/* A line for whoever watches, on descriptor 2, which is the job's stderr. */
void words_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One for whoever asks afterwards, in the family's log. */
void words_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
