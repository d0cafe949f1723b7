/*
 * serve.h - the notifier of a family: hears from the supervisor how far
 * events.jsonl reaches, and delivers.
 */
#ifndef NOTIFY_SERVE_H
#define NOTIFY_SERVE_H

/* Runs on the descriptors of family.h until the supervisor is gone or there
 * has been nothing to do for a while. The process's exit code. */
int serve_run(void);

#endif
