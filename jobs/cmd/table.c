/*
 * table.c - see table.h.
 *
 * All cells stand in one text, each ended by NUL, so that a table of a
 * thousand jobs is a single buffer. Widths are counted in characters of
 * UTF-8; that some are drawn two columns wide is let pass.
 */
#include "table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

struct table {
	size_t columns;
	size_t cells;
	FILE *stream; /* into text */
	char *text;
	size_t size;
};

struct table *
table_new(size_t columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->columns = columns;
	table->stream = open_memstream(&table->text, &table->size);
	if (table->stream != NULL)
		return table;
	free(table);
	return NULL;
}

void
table_free(struct table *table)
{
	if (table == NULL)
		return;
	fclose(table->stream);
	free(table->text);
	free(table);
}

FILE *
table_stream(struct table *table)
{
	return table->stream;
}

void
table_end_cell(struct table *table)
{
	fputc('\0', table->stream);
	table->cells++;
}

void
table_cell(struct table *table, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(table->stream, format, args);
	va_end(args);
	table_end_cell(table);
}

/* Characters, a broken byte counting as one. */
static size_t
table_width(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t left = strlen(text), width = 0;

	for (; left > 0; width++) {
		size_t n = utf8_sequence(p, left);

		p += n == 0 ? 1 : n;
		left -= n == 0 ? 1 : n;
	}
	return width;
}

/* Bytes of the first `width` characters. */
static size_t
table_bytes(const char *text, size_t width)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = strlen(text), at = 0;

	for (; at < n && width > 0; width--) {
		size_t step = utf8_sequence(p + at, n - at);

		at += step == 0 ? 1 : step;
	}
	return at;
}

static void
table_measure(const struct table *table, size_t *widths)
{
	const char *cell = table->text;

	for (size_t i = 0; i < table->cells; i++) {
		size_t column = i % table->columns;
		size_t width = table_width(cell);

		if (width > widths[column])
			widths[column] = width;
		cell += strlen(cell) + 1;
	}
}

/* One cell, padded unless it is the row's last; *room: what is left of the
 * row. */
static void
table_print_cell(const char *cell, size_t pad, size_t *room, FILE *out)
{
	size_t width = table_width(cell);

	if (width > *room)
		width = *room;
	utf8_print(out, cell, table_bytes(cell, width));
	*room -= width;
	for (; width<pad && * room> 0; width++, (*room)--)
		fputc(' ', out);
}

int
table_print(struct table *table, FILE *out, int width)
{
	size_t *widths = calloc(table->columns, sizeof(*widths));
	size_t room = 0;
	const char *cell;

	if (widths == NULL || fflush(table->stream) != 0) {
		free(widths);
		return -1;
	}
	table_measure(table, widths);
	cell = table->text;
	for (size_t i = 0; i < table->cells; i++) {
		size_t column = i % table->columns;
		bool last = column + 1 == table->columns;

		if (column == 0)
			room = width > 0 ? (size_t)width : SIZE_MAX;
		table_print_cell(cell, last ? 0 : widths[column] + 2, &room,
		    out);
		if (last)
			fputc('\n', out);
		cell += strlen(cell) + 1;
	}
	free(widths);
	return 0;
}
