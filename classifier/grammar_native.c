/*
 * grammar_native.c - the ends of compiled programs: Go, Rust, C++, the
 * sanitizers, debuggers, and kernels on a GPU.
 */
#include "grammar.h"

#define INDENTED "^\\s+\\S|^\\s*$"

const struct grammar grammar_native[] = {
	/*	panic: text
	 *	(blank)
	 *	goroutine 1 [running]:
	 *	main.f(0x1)
	 *		/a/b.go:3 +0x1d */
	{ "go", "panic: |fatal error: ", "^(?:panic|fatal error): ",
	    { { GRAMMAR_END, "^exit status \\d+\\s*$" },
		{ GRAMMAR_BODY,
		    INDENTED "|^goroutine \\d+ |^created by |^\\[signal |"
			     "^[\\w.*/()\\[\\]{}-]+\\(.*\\)\\s*$|^panic: |"
			     "^r\\d+\\s+0x" } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, SEVERITY_CRITICAL },
	/* Its text is on the next line, since 1.73. */
	{ "rust", "panicked at",
	    "^thread '.*' (?:\\(\\d+\\) )?panicked at .*:$",
	    { { GRAMMAR_END, "^note: (?:run with|Some details)" },
		{ GRAMMAR_BODY, INDENTED "|^stack backtrace:|^ *\\d+: " } },
	    &grammar_by_message, GRAMMAR_HEADER_NAMES, SEVERITY_CRITICAL },
	{ "rust-old", "panicked at", "^thread '.*' panicked at ",
	    { { GRAMMAR_END, "^note: (?:run with|Some details)" },
		{ GRAMMAR_BODY, INDENTED "|^stack backtrace:|^ *\\d+: " } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, SEVERITY_CRITICAL },
	{ "c++", "terminate called", "^terminate called ",
	    { { GRAMMAR_FINAL, "^\\s+what\\(\\): " },
		{ GRAMMAR_END, "^Aborted\\b" }, { GRAMMAR_BODY, "^\\s+\\S" } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, SEVERITY_CRITICAL },
	/* AddressSanitizer and its kin: to the sum, and what stands below. */
	{ "sanitizer", "sanitizer: ",
	    "^(?:==\\d+==)?\\s*(?:ERROR|WARNING): \\w+Sanitizer: ",
	    { { GRAMMAR_END, "^==\\d+==\\s*ABORTING" },
		{ GRAMMAR_BODY,
		    INDENTED
		    "|^(?:SUMMARY: |=+\\s*$|=>|==\\d+==|0x|READ of|WRITE of|"
		    "Shadow|Address |HINT|This frame|Direct leak|"
		    "Indirect leak|previously |freed by |allocated by |"
		    "located |Thread T\\d|Uninitialized value|"
		    "Registers|Hint:|[rR]\\w\\w = )" } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, SEVERITY_CRITICAL },
	{ "ubsan", "runtime error: ", "^\\S+:\\d+:\\d+: runtime error: ",
	    { { GRAMMAR_BODY,
		"^\\s+\\S|^[0-9a-f]{2} |^SUMMARY: Undefined|"
		"^\\S+:\\d+:\\d+: note: " } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, 0 },
	/* A debugger's dump of a signal. */
	{ "gdb", " signal ",
	    "^(?:Thread \\d+ .*|Program )(?:received|terminated with) signal ",
	    { { GRAMMAR_BODY,
		"^#\\d+ |^\\[(?:New |Switching|Current|Inferior|Thread)|"
		"^\\s+\\S|^Thread \\d+ |^\\s*$|^warning: |^__\\w+ \\(" } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, SEVERITY_CRITICAL },
	/* Each thread of a GPU says it again. */
	{ "cuda-assert", "assertion",
	    "^\\S+\\.(?:cuh?|h|hpp|hip):\\d+: .*\\bthread: \\[.*Assertion .* "
	    "failed",
	    { { GRAMMAR_BODY,
		"^\\S+\\.(?:cuh?|h|hpp|hip):\\d+: .*\\bthread: \\[" } },
	    &grammar_by_header, GRAMMAR_HEADER_NAMES, SEVERITY_CRITICAL },
	{ .name = NULL },
};
