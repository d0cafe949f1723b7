/*
 * grammar_ops.c - boxes and records of tools that build and deploy.
 */
#include "grammar.h"

const struct grammar grammar_ops[] = {
	/* A result as JSON, below the line that names host and verdict. */
	{ "ansible", "fatal: [|failed: [",
	    "^(?:fatal|failed): \\[[^]]+\\].*=> \\{\\s*$",
	    { { GRAMMAR_END, "^\\}\\s*$" } }, &grammar_by_end,
	    GRAMMAR_HEADER_NAMES, 0 },
	/*	╷
	 *	│ Error: text	(or "Warning: ", which is none)
	 *	╵ */
	{ "terraform", "\xe2\x95\xb7\n", "^\xe2\x95\xb7\\s*$",
	    { { GRAMMAR_END, "^\xe2\x95\xb5" },
		{ GRAMMAR_FINAL, "^\xe2\x94\x82 Error: " },
		{ GRAMMAR_BODY, "^\xe2\x94\x82" } },
	    &grammar_box, GRAMMAR_HEADER_FRAMES, SEVERITY_CRITICAL },
	/* CMake, R, Snakemake: "Error in f(x) : ", and below it, indented, what
	 * and where. */
	{ "indented", "error in |error at ",
	    "^(?:\\w+ )?Error (?:in|at) .*:\\s*$",
	    { { GRAMMAR_END, "^Execution halted" },
		{ GRAMMAR_BODY, "^\\s{2,}\\S|^Calls: " } },
	    &grammar_by_body, GRAMMAR_HEADER_NAMES, 0 },
	/* A record that somebody has made pretty. */
	{ "json", "\n{\n", "^\\{$",
	    { { GRAMMAR_END, "^\\},?\\s*$" },
		{ GRAMMAR_BODY,
		    "^\\s+(?:\"|[][{}]|-?\\d|true\\b|false\\b|null\\b)" } },
	    &grammar_box, GRAMMAR_HEADER_NAMES | GRAMMAR_RECORD, 0 },
	{ .name = NULL },
};
