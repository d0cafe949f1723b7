/*
 * facts.h - what can be said of a line without knowing its words: a name for
 * each feature that is no class of the lexicon.
 *
 * The names are part of the weights' format (prior.h): adding or renaming
 * one asks for a new `make model`.
 */
#ifndef CLASSIFIER_FACTS_H
#define CLASSIFIER_FACTS_H

#define FACTS(X)                                        \
	X(ALWAYS, "always")                             \
	/* the prefix */                                \
	X(LEVEL_NONE, "level:none")                     \
	X(LEVEL_LOW, "level:info-or-less")              \
	X(LEVEL_WARN, "level:warning")                  \
	X(LEVEL_ERROR, "level:error")                   \
	X(LEVEL_FATAL, "level:fatal")                   \
	X(STAMPED, "stamped")                           \
	X(PREFIXED, "prefixed")                         \
	/* the shape */                                 \
	X(BLANK, "shape:blank")                         \
	X(NO_WORD, "shape:no-word")                     \
	X(WORDS_1, "shape:1-word")                      \
	X(WORDS_2, "shape:2-words")                     \
	X(WORDS_5, "shape:3-5-words")                   \
	X(WORDS_10, "shape:6-10-words")                 \
	X(WORDS_20, "shape:11-20-words")                \
	X(WORDS_MORE, "shape:over-20-words")            \
	X(INDENT_0, "shape:not-indented")               \
	X(INDENT_3, "shape:indented-1-3")               \
	X(INDENT_4, "shape:indented-4")                 \
	X(START_LOWER, "shape:starts-lower")            \
	X(START_TITLE, "shape:starts-capital")          \
	X(START_UPPER, "shape:starts-in-capitals")      \
	X(START_CAMEL, "shape:starts-camel")            \
	X(START_NUMBER, "shape:starts-with-number")     \
	X(START_BRACKET, "shape:starts-with-bracket")   \
	X(START_DASH, "shape:starts-with-dash")         \
	X(START_STAR, "shape:starts-with-star-or-rule") \
	X(START_PROMPT, "shape:starts-like-a-command")  \
	X(START_BAR, "shape:starts-with-bar")           \
	X(START_QUOTE, "shape:starts-with-quote")       \
	X(START_BRACE, "shape:starts-with-brace")       \
	X(START_FLAG, "shape:starts-with-flag")         \
	X(START_CALL, "shape:starts-like-a-call")       \
	X(START_CODE, "shape:starts-like-code")         \
	X(END_COLON, "shape:ends-with-colon")           \
	X(END_DOTS, "shape:ends-with-dots")             \
	X(END_PERIOD, "shape:ends-with-period")         \
	X(END_BANG, "shape:ends-with-bang")             \
	X(END_CLOSE, "shape:ends-with-bracket")         \
	X(END_COMMA, "shape:ends-with-comma")           \
	X(END_CODE, "shape:ends-like-code")             \
	X(END_NUMBER, "shape:ends-with-number")         \
	X(FIRST_ING, "tense:starts-doing")              \
	X(FIRST_PAST, "tense:starts-done")              \
	X(LAST_PAST, "tense:ends-done")                 \
	X(PATH, "has:path")                             \
	X(URL, "has:url")                               \
	X(QUOTED, "has:quotes")                         \
	X(FLAGS, "has:command-flags")                   \
	X(PAIRS_1, "has:one-pair")                      \
	X(PAIRS_4, "has:2-4-pairs")                     \
	X(PAIRS_MORE, "has:5-pairs")                    \
	X(NUMBERS_MOST, "has:mostly-numbers")           \
	X(NUMBERS_SOME, "has:numbers")                  \
	X(NUMBERS_NONE, "has:no-number")                \
	X(CODE, "has:code")                             \
	X(BAR, "has:progress-bar")                      \
	X(TABLE, "has:table-columns")                   \
	X(LEADER, "has:dotted-leader")                  \
	X(RULED, "has:rule-and-words")                  \
	X(SHOUT, "has:words-in-capitals")               \
	X(TIME_SPENT, "has:time-spent")                 \
	X(NO_TIME, "has:no-time-spent")                 \
	/* the grammar */                               \
	X(COUNT_ZERO, "count:no-failure")               \
	X(COUNT_SOME, "count:failures")                 \
	X(OF_FULL, "count:n-of-n")                      \
	X(OF_PART, "count:m-of-n")                      \
	X(PERCENT_FULL, "count:100-percent")            \
	X(PERCENT_PART, "count:percent")                \
	X(EXIT_ZERO, "exit:zero")                       \
	X(EXIT_BAD, "exit:non-zero")                    \
	X(NAN_VALUE, "nan:value")                       \
	X(NAN_LOSS, "nan:value-of-loss")                \
	X(NAN_COUNT, "nan:count")                       \
	X(EXCEPTION_FIRST, "exception:starts")          \
	X(EXCEPTION_ALONE, "exception:alone")           \
	X(EXCEPTION_INSIDE, "exception:inside")         \
	X(EXCEPTION_CODE, "exception:in-code")          \
	X(CAUSED_BY, "exception:caused-by")             \
	X(FRAME, "exception:frame")                     \
	X(SHELL_ERROR, "shell:script-line")             \
	X(TOOL_SPEAKS, "tool:speaks")                   \
	X(SHELL_OPERATOR, "shell:operators")            \
	X(NUMBERED, "subject:numbered")

enum fact {
#define FACT_NAME(id, name) FACT_##id,
	FACTS(FACT_NAME)
#undef FACT_NAME
	    FACT_COUNT
};

#endif
