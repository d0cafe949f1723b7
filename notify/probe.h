/*
 * probe.h - `jobwatch notify test`: one marked message to each channel, by
 * the code that sends the real ones.
 */
#ifndef NOTIFY_PROBE_H
#define NOTIFY_PROBE_H

/*
 * test --policy-fd N [--secrets-fd N] [--severity S] [--channel NAME]
 * [--json]. Prints how each channel answered; 0 when all took it, 1 when
 * one did not or there is none, 2 for wrong usage, 125 when it cannot run.
 */
int probe_run(int argc, char **argv);

#endif
