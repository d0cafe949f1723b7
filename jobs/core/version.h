/*
 * version.h - the version that every program reports.
 */
#ifndef JOBS_CORE_VERSION_H
#define JOBS_CORE_VERSION_H

#define JOBWATCH_VERSION "0.1.0"

#endif
