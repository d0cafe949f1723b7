/*
 * grammar_tests.c - what test runners print of a test that failed.
 */
#include "grammar.h"

const struct grammar grammar_tests[] = {
	/*	____ test_name ____	header
	 *	    def test_name():	body, to the next rule
	 *	E   AssertionError	final */
	{ "pytest", "___ ", "^_{3,} \\S.* _{3,}\\s*$",
	    { { GRAMMAR_FINAL, "^E {2,}\\S" },
		{ GRAMMAR_BODY, "^(?!_{3,} |={5,} )" } },
	    &grammar_by_body, GRAMMAR_HEADER_NAMES, 0 },
	/* Indented below "● suite › test". */
	{ "jest", "\xe2\x97\x8f ",
	    "^\\s*\xe2\x97\x8f (?:.+ \xe2\x80\xba |Test suite failed)",
	    { { GRAMMAR_BODY, "^\\s{4,}\\S|^\\s*$" } }, &grammar_by_body,
	    GRAMMAR_HEADER_NAMES, 0 },
	{ .name = NULL },
};
