/*
 * table.h - columns of text, as wide as what is in them.
 */
#ifndef JOBS_CMD_TABLE_H
#define JOBS_CMD_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct table;

/* NULL: out of memory, which table_print tells of all later failures. */
struct table *table_new(size_t columns);
void table_free(struct table *table);
/* The next cell of the row; the last one begins a new row. */
void table_cell(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Writes into the next cell, until table_end_cell or _row; table's own. */
FILE *table_stream(struct table *table);
void table_end_cell(struct table *table);
/* Prints it, rows cut at `width` characters (0: not). 0, or -1: memory. */
int table_print(struct table *table, FILE *out, int width);

#endif
