/*
 * grammar_python.c - what Python and its launchers print over several lines.
 *
 *	[rank0]: Traceback (most recent call last):	header
 *	[rank0]:   File "a.py", line 1, in f		body: indented
 *	[rank0]:     g()
 *	[rank0]:     ^^^				3.11 on
 *	[rank0]: ValueError: text			final
 *	[rank0]:   more of the text			body
 *	(blank)
 *	During handling of the above exception, …	link, then a header
 */
#include "grammar.h"

#define HEADER "Traceback \\(most recent call last\\):\\s*$"
/*
 * What exceptions are called: a dotted name, two words in one
 * ("KeyboardInterrupt"), or an …Error or Exception. "Epoch: 3", which another
 * process may print into the middle, is neither.
 */
#define EXCEPTION                                                        \
	"(?:[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)+|\\w*(?:Error|Exception)|" \
	"\\w*[A-Z](?:[a-z]\\w*)?[A-Z](?:[a-z]\\w*)?)(?::(?: |$)|$)"
#define LINK                                                             \
	"^(?:During handling of the above exception, another exception|" \
	"The above exception was the direct cause of the following)"

const struct grammar grammar_python[] = {
	/* PEP 654: nested in bars, "|" and "+". */
	{ "python-group", "traceback (most recent call last):",
	    "^(?:\\s*\\+ )?Exception Group " HEADER,
	    { { GRAMMAR_FINAL, "^\\s*\\| " EXCEPTION },
		{ GRAMMAR_BODY, "^\\s*(?:\\||\\+[-+])" } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, 0 },
	/* The header ends its line: elsewhere it is somebody's text about
	 * it. */
	{ "python", "traceback (most recent call last):", HEADER,
	    { { GRAMMAR_LINK, LINK }, { GRAMMAR_BODY, "^\\s+\\S" },
		{ GRAMMAR_FINAL, "^" EXCEPTION } },
	    &grammar_by_final, 0, 0 },
	/* faulthandler, and the interpreter's own end. */
	{ "python-fatal", "fatal python error", "^Fatal Python error: ",
	    { { GRAMMAR_BODY,
		"^\\s*$|^\\s+\\S|^(?:Current thread|Thread) 0x|"
		"^Python runtime state:|^Extension modules:" } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, SEVERITY_CRITICAL },
	/* torch.distributed.elastic: the worker that failed first, in a box. */
	{ "torchrun", "==========\n", "^={30,}\\s*$",
	    { { GRAMMAR_END, "^={30,}\\s*$" },
		{ GRAMMAR_FINAL, "^\\S.* FAILED\\s*$" } },
	    &grammar_box, GRAMMAR_HEADER_FRAMES, SEVERITY_CRITICAL },
	{ .name = NULL },
};
