/*
 * programs.h - where the other programs of the house are: beside the running
 * executable in the build tree, else under ../libexec/jobwatch.
 */
#ifndef JOBS_CMD_PROGRAMS_H
#define JOBS_CMD_PROGRAMS_H

/* A descriptor (O_PATH, close-on-exec) of a program, "jobwatch-keeper". -1
 * with errno. */
int programs_open(const char *name);
/* The path of a file or folder beside the programs, to be freed; NULL with
 * errno where there is none. */
char *programs_path(const char *name);

#endif
