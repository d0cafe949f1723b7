/*
 * policy_set.h - "KEY=VALUE" on the command line, put into a TOML tree.
 */
#ifndef JOBS_CORE_POLICY_SET_H
#define JOBS_CORE_POLICY_SET_H

#include "toml_node.h"
#include "why.h"

/*
 * KEY is dotted, a number counts the tables of an array from 0, and its
 * length appends ("channel.0.url"). VALUE is a TOML value, else a string.
 * The value, and what had to be made for it, gets the source. 0, or -1: why;
 * the tree may then hold an empty table more.
 */
int policy_set(struct toml_node *root, const char *assignment, int source,
    struct why *why);

#endif
