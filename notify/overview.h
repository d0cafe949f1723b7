/*
 * overview.h - `jobwatch notify status`: what is queued, failed, and last
 * delivered, read from a job directory's cursor-notify and events.jsonl.
 */
#ifndef NOTIFY_OVERVIEW_H
#define NOTIFY_OVERVIEW_H

/*
 * status --dir-fd N [--json]: one job. status --home-fd N [--json]: every
 * job of the home that owes a message. Without --json it is a page for a
 * person, who is shown the newest of many messages. 0, 2 for wrong usage, 125
 * when it cannot be read.
 */
int overview_run(int argc, char **argv);

#endif
