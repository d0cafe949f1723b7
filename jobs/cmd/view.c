/*
 * view.c - see view.h.
 *
 * A line for people has a prefix: its time (-t), the severity of what it
 * raised (--alerts), and where lines around it are shown too, ':' on a line
 * that was asked for and '-' on one that was not, as grep has it.
 */
#include "view.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "jobtext.h"
#include "jsonw.h"

/* An escaped byte is six characters; the other keys fit in the rest. */
#define VIEW_JSON_MAX (6 * LINES_MAX + 512)
#define VIEW_MARKS_MAX 512 /* further matches of a line stay as they are */
#define VIEW_WIDTH 80	   /* of a terminal that does not say */
#define VIEW_TIME 25	   /* columns of a prefix, with its gap */
#define VIEW_CLEAR "\r\033[K"

int
view_init(struct view *view, const struct logs *logs,
    const struct selection *selection)
{
	const char *term = getenv("TERM");

	*view = (struct view){
		.logs = logs,
		.selection = selection,
		.screen = { .out = stdout, .colour = logs->colour },
		.around = logs->before > 0 || logs->after > 0,
		.draws = logs->terminal && logs->follow && !logs->json &&
		    !logs->raw && selection_is_all(selection) && term != NULL &&
		    strcmp(term, "dumb") != 0,
	};
	if (!logs->json)
		return 0;
	view->json = malloc(VIEW_JSON_MAX);
	return view->json == NULL ? -1 : 0;
}

void
view_release(struct view *view)
{
	free(view->json);
	view->json = NULL;
}

static void
view_json(const struct view *view, const struct line *line,
    const struct alert *alert, bool selected)
{
	struct jsonw w;
	long n;

	jsonw_start(&w, view->json, VIEW_JSON_MAX);
	jsonw_open(&w, NULL, '{');
	jsonw_time(&w, "time", line->time_us);
	jsonw_str(&w, "stream", stream_name(line->stream));
	jsonw_int(&w, "offset", (int64_t)line->offset);
	if (alert != NULL) {
		jsonw_str(&w, "severity", severity_name(alert->severity));
		jsonw_int(&w, "seq", (int64_t)alert->seq);
	}
	if (!selected)
		jsonw_bool(&w, "context", true);
	jsonw_text(&w, "text", line->text, line->length);
	jsonw_close(&w, '}');
	n = jsonw_end(&w);
	if (n > 0)
		fwrite(view->json, 1, (size_t)n, stdout);
	putchar('\n');
}

/* True when there was something to put before the line. */
static bool
view_prefix(struct view *view, const struct line *line,
    const struct alert *alert, bool selected)
{
	const char *gap = !view->around ? "  " : selected ? ": " : "- ";

	if (view->logs->time) {
		if (view->time[0] == '\0')
			clock_local(line->time_us, view->time);
		else
			clock_local_again(line->time_us, view->time_us,
			    view->time);
		view->time_us = line->time_us;
		fputs_unlocked(view->time, stdout);
		fputs_unlocked(view->logs->alerts ? "  " : gap, stdout);
	}
	if (view->logs->alerts) {
		if (alert != NULL)
			jobtext_severity(alert->severity, view->logs->colour,
			    stdout);
		else
			printf("%*s", JOBTEXT_SEVERITY, "");
		fputs(gap, stdout);
	}
	return view->logs->time || view->logs->alerts;
}

static void
view_screen(struct view *view, const struct line *line, bool selected)
{
	struct pattern_span marks[VIEW_MARKS_MAX];
	struct screen_text text = {
		.stream = line->stream,
		.bytes = line->text,
		.length = line->length,
		.marks = marks,
	};
	struct search *search = view->selection->search;

	/* What was folded away may have turned the colours off. */
	if (line->shown > line->offset)
		view->screen.states[line->stream].length = 0;
	if (search != NULL && view->logs->colour && selected &&
	    !view->selection->invert)
		text.mark_count = search_marks(search, line, marks,
		    VIEW_MARKS_MAX);
	screen_print(&view->screen, &text);
}

/* What was drawn goes, to make room for what is there to stay. */
static void
view_undraw(struct view *view)
{
	if (view->drawn)
		fputs(VIEW_CLEAR, stdout);
	view->drawn = false;
}

void
view_line(struct view *view, const struct line *line, const struct alert *alert,
    bool selected)
{
	const struct logs *logs = view->logs;
	bool prefixed;

	view_undraw(view);
	if (logs->json) {
		view_json(view, line, alert, selected);
		return;
	}
	prefixed = view_prefix(view, line, alert, selected);
	if (logs->terminal && !logs->raw)
		view_screen(view, line, selected);
	else
		fwrite_unlocked(line->text, 1, line->length, stdout);
	if (!logs->raw || line->newline || prefixed)
		fputs_unlocked("\n", stdout);
}

void
view_apart(struct view *view)
{
	if (!view->logs->json)
		fputs("--\n", stdout);
}

static size_t
view_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_col == 0)
		return VIEW_WIDTH;
	return size.ws_col;
}

/* Cut at the terminal's width: of a line that is broken into two, only the
 * second could be drawn over. It will be printed whole when it is done, so
 * the colours that it turns on count for nothing yet. */
void
view_draw(struct view *view, const struct line *line)
{
	size_t prefix = view->logs->time ? VIEW_TIME : 0;
	size_t width = view_width();
	struct ansi_state state = view->screen.states[line->stream];
	struct line cut = *line;

	if (!view->draws || width <= prefix + 1 ||
	    (view->drawn && view->drawn_end == line->end))
		return;
	view_undraw(view);
	view_prefix(view, line, NULL, true);
	cut.length = screen_cut(line->text, line->length, width - prefix - 1);
	view_screen(view, &cut, true);
	view->screen.states[line->stream] = state;
	view->drawn = true;
	view->drawn_end = line->end;
}
