/*
 * grammar_managed.c - stack traces of virtual machines: the JVM's languages,
 * .NET, JavaScript, Ruby, PHP.
 *
 *	Exception in thread "main" a.b.Exception: text	header
 *		at a.b.C.f(C.java:3)			body
 *	Caused by: a.b.Other: text			final
 *		... 12 more				body
 *
 * The line of the exception alone may stand in any text; frames below it
 * make it a trace.
 */
#include "grammar.h"

#define NAME "(?:[\\w$]+\\.)+[\\w$]*(?:Exception|Error|Throwable|Failure)\\b"

const struct grammar grammar_managed[] = {
	{ "jvm", "exception|error|throwable|failure",
	    "^(?:Exception in thread \"[^\"]*\" |Uncaught exception: |"
	    "Unhandled exception\\. )?(?:\\[\\w+\\] )?" NAME,
	    { { GRAMMAR_BODY,
		  "^\\s+(?:at [\\w$.<>/@~-]+[.(]|\\.\\.\\. \\d+ |"
		  "Suppressed: |--- |\\[CIRCULAR)" },
		{ GRAMMAR_FINAL, "^\\s*Caused by: " },
		{ GRAMMAR_BODY, "^\\s*--- End of " } },
	    &grammar_by_frames, GRAMMAR_HEADER_NAMES, 0 },
	/* "TypeError: text", "Error [CODE]: text", "Uncaught Error: text". */
	{ "node", "error",
	    "^(?:Uncaught (?:\\(in promise\\) )?)?[A-Z]?\\w*Error"
	    "(?: \\[\\w+\\])?(?::|$)",
	    { { GRAMMAR_BODY,
		  "^\\s+at (?:async |new )?[\\w$.<>\\[\\]/@ ]+"
		  "(?: \\(|:\\d+)" },
		{ GRAMMAR_FINAL, "^\\s+\\[?cause\\]?: " },
		{ GRAMMAR_BODY, "^\\s+\\w+: |^\\s*\\}\\s*$|^Node\\.js v\\d" } },
	    &grammar_by_body, GRAMMAR_HEADER_NAMES, 0 },
	/* "a.rb:3:in `f': text (OddError)". */
	{ "ruby",
	    ".rb:", "^\\S+\\.rb:\\d+:in .*\\((?:\\w+::)*[A-Z]\\w*\\)\\s*$",
	    { { GRAMMAR_BODY, "^\\s+(?:\\d+: )?from |^\\s+\\d+: " } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, 0 },
	{ "php", "fatal error: ", "^(?:PHP )?Fatal error: ",
	    { { GRAMMAR_END, "^\\s+thrown in " },
		{ GRAMMAR_BODY, "^(?:PHP )?Stack trace:|^(?:PHP )?#\\d+ " } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, SEVERITY_CRITICAL },
	{ .name = NULL },
};
