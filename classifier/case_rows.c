/*
 * case_rows.c - the cases (cases.h).
 *
 * Weights are logarithms of odds. "always" is what speaks against a line of
 * which nothing is known: few lines are worth a person's time.
 */
#include "cases.h"

#define FAILS "verdict-bad|failed|failing|crash|abort|kill|panic"
#define HARD                                                             \
	"crash|memory|disk|preempt|accelerator|give-up|panic|assertion|" \
	"diverge|kill"
#define SOFT                                                             \
	"unable|not-found|denied|connection|timeout|invalid|unexpected|" \
	"refused|exceeded|conflict|lost|hang|http-bad"
#define FINISHED "verdict-good|finished|done|completed|ended|passed"
#define DONE FINISHED "|success"
#define WHOLE "run|ops|train-word|rollback"
#define SMALL "item|epoch|stage|dependency"
#define SUBJECT "run|ops|stage|service|machine|test|train-word"
#define QUOTED                                                         \
	"@has:command-flags|@shape:starts-with-flag|@exception:frame|" \
	"@shape:starts-like-a-command|@shell:operators|"               \
	"@shape:starts-like-code"
#define AGAINST "modal|retry|ignore|future"
#define AT_ERROR "@level:error|@level:fatal"
#define AT_INFO "@level:info-or-less"
#define AT_WARNING "@level:warning|^warning|warning-class"
#define DUMP                                                                \
	"@shape:starts-like-a-call|@has:5-pairs|@has:command-flags|@shape:" \
	"starts-with-brace"
#define PART "@count:m-of-n|@count:percent|@has:progress-bar"

const struct case_row case_rows[] = {
	{ "anything", -4, "@always" },

	/* What the logger says. */
	{ "error level", 4, AT_ERROR },
	{ "error level, tried again", -3, AT_ERROR " retry|@count:m-of-n" },
	{ "error level, denied", -2, AT_ERROR " @count:no-failure" },
	{ "fatal level", 1.5, "@level:fatal" },
	{ "warning level", -1.5, AT_WARNING },
	{ "deprecation", -3, "deprecated|warning-class" },
	{ "debug or info level says so", -1, AT_INFO " " SOFT },
	{ "an error at a low level", -2,
	    AT_INFO " error|exception|errors "
		    "!failed|failing|verdict-bad|@count:failures" },

	/* A failure in words. */
	{ "something failed", 3, FAILS " " SUBJECT " !" AGAINST " !" QUOTED },
	{ "a verdict of failure", 2, "verdict-bad !" AGAINST " !" QUOTED },
	{ "failed, at the end", 2,
	    "failed$|failing$|abort$|kill$|crash$ !" AGAINST " !" QUOTED },
	{ "failed, at the start", 1.5,
	    "^failed|^failing|^abort|^kill|^crash|^fatal|^panic !" QUOTED },
	{ "fails", 1.5, FAILS " !" AGAINST " !" QUOTED },
	{ "an error", 1, "error|exception|fatal !" AGAINST " !" QUOTED },
	{ "an error, named first", 2.5,
	    "^error|^exception|^fatal !" AGAINST " !" QUOTED
	    " !@shape:ends-with-dots" },
	{ "an error, during something", 1.5,
	    "error|exception|fatal during|because|unable|is|was !" AGAINST
	    " !" QUOTED },
	{ "hard words", 3.5, HARD " !" AGAINST " !" DUMP " !config|knob" },
	{ "hard words at a low level", -2,
	    HARD " @level:info-or-less|@level:warning !diverge" },
	{ "hard words, hedged", 1, HARD " " AGAINST },
	{ "soft words", 1, SOFT " !" AGAINST " !" QUOTED " !" AT_WARNING },
	{ "soft words, first", 1,
	    "^unable|^not-found|^denied|^connection|^timeout|^invalid|"
	    "^unexpected|^refused|^lost|^hang !" AGAINST " !" AT_WARNING },
	{ "soft words, last", 1.5,
	    "not-found$|denied$|connection$|timeout$|invalid$|refused$|"
	    "exceeded$|lost$ !" AGAINST " !" AT_WARNING },
	{ "a part is gone", 3, "lost|hang|down service|machine|run !" AGAINST },
	{ "interrupted", 2.5, "interrupt !" AGAINST },
	{ "cancelled", 1.5, "cancel " SUBJECT " !" AGAINST },
	{ "rolled back", 2.5, "rollback !modal|config" },
	{ "restarted", 1, "restart service|machine|run !modal|config" },
	{ "ended badly", 1, "ended-badly !@exit:zero !" AGAINST },
	{ "exit code", 4, "@exit:non-zero !" AGAINST " !" DUMP },
	{ "exit code zero", -1, "@exit:zero" },
	{ "failures in a tally", 2,
	    "@count:failures @has:5-pairs|@has:2-4-pairs" },
	{ "counted failures", 3, "@count:failures" },
	{ "counted failures of a run", 2,
	    "@count:failures test|summary|passed|completed|finished|run" },
	{ "counted no failure", -2,
	    "@count:no-failure !@count:failures !" FINISHED },
	{ "done, and counted no failure", 1.5,
	    "@count:no-failure ^finished|^completed|completed|success" },
	{ "no number where one was due", 3.5, "@nan:value !@nan:count" },
	{ "no number for a loss", 4, "@nan:value-of-loss" },
	{ "exception, by its name", 5,
	    "@exception:starts|@exception:alone !warning-class" },
	{ "exception in a sentence", 1.5,
	    "@exception:inside !warning-class !" QUOTED },
	{ "a header of a trace", 5, "trace-header$" },
	{ "a link in a trace", -9, "trace-link" },
	{ "a cause in a trace", 4, "@exception:caused-by" },
	{ "a script's line", 3, "@shell:script-line " SOFT },
	{ "a shell's complaint", 4, "shell" },
	{ "a tool's complaint", 3.5,
	    "@tool:speaks " SOFT "|error|" FAILS " !" AGAINST " !" AT_WARNING },
	{ "system error", 2, "errno" },
	{ "a cross", 2, "cross !" QUOTED },
	{ "marked as failed", 4, "mark-failed" },
	{ "a failure in capitals", 2,
	    "failed|failing @has:words-in-capitals !" QUOTED },

	/* Milestones. */
	{ "the whole is done", 3,
	    FINISHED " " WHOLE " !" AGAINST " !" PART
		     " !@shape:ends-with-dots" },
	{ "all of it is done", 2.5,
	    DONE " @count:n-of-n|@count:100-percent|^all !" AGAINST },
	{ "a part is done", -2.5,
	    DONE " " SMALL " !@count:n-of-n|@count:100-percent|^all" },
	{ "one of many is done", -3, DONE "|made|saved " PART },
	{ "a numbered one is done", -2.5, FINISHED " @subject:numbered" },
	{ "done, and no more words", 3.5,
	    "finished$|completed$|success$ "
	    "@shape:1-word|@shape:2-words !" AGAINST },
	{ "done after a time", 1.5,
	    DONE "|made @has:time-spent !" SMALL " !" PART },
	{ "done in no time", -2,
	    FINISHED "|success|made|deployed|ready @has:no-time-spent "
		     "!verdict-good|test|@count:failures|@count:no-failure" },
	{ "success in so many words", 1.5,
	    "success !" AGAINST " !" SMALL " !" DUMP },
	{ "success of the whole", 1.5,
	    "success " WHOLE " !made !" AGAINST " !" SMALL },
	{ "a step of set-up is done", -2,
	    DONE " load|dependency|start|stop !" WHOLE },
	{ "done, in a word", 2, "done$ @shape:1-word|@shape:2-words" },
	{ "done, said first, and in what time", 2,
	    "^finished|^completed|^success|^done @has:time-spent !" SMALL
	    " !" PART " !@subject:numbered" },
	{ "a verdict of success", 2.5, "verdict-good !" AGAINST " !" SMALL },
	{ "deployed, said first", 1.5, "^deployed !" PART },
	{ "deployed", 1.5, "deployed !dependency !" AGAINST " !" PART },
	{ "successfully deployed", 2, "success deployed|enabled" },
	{ "made, with a bang", 2,
	    "made|deployed|enabled|ready @shape:ends-with-bang" },
	{ "congratulations", 2, "tick !" AGAINST " !@shape:indented-4" },
	{ "checkpoint saved", 4,
	    "saved|saving checkpoint|model !load|future|modal !" DUMP },
	{ "settings saved", -3,
	    "config|example saved|saving !checkpoint|model" },
	{ "saves in general", -1, "saved|saving !checkpoint|model|best" },
	{ "new best", 3,
	    "best improved|eval|model|metric|success|checkpoint "
	    "saved|saving|improved|@shape:ends-with-bang|@has:numbers|"
	    "@has:mostly-numbers !config|knob|load !" DUMP " !" PART },
	{ "stopped early", 4, "early-stop !config|knob|modal|default !" DUMP },
	{ "result of an evaluation", 2.5,
	    "eval|result|test metric|best @has:numbers|@has:mostly-numbers "
	    "!" PART " !config|load|data !@shape:starts-like-a-call" },
	{ "an evaluation, with numbers", 1.5,
	    "eval metric|loss|result @has:numbers|@has:mostly-numbers "
	    "!train-word|config|load !@shape:starts-like-a-call" },
	{ "an evaluation, named first", 2.5,
	    "^eval metric|loss|train-word|result "
	    "@has:numbers|@has:mostly-numbers !" PART " !config|load" },
	{ "result with its label", 2,
	    "metric|best|result @has:one-pair|@has:2-4-pairs"
	    " summary|eval|test|result|all !" PART " !load|config" },
	{ "a metric alone", 2,
	    "^metric @shape:1-word|@shape:2-words|@shape:3-5-words "
	    "@has:one-pair @shape:ends-with-number" },
	{ "ready", 3, "ready|listening service|machine|run !" AGAINST },
	{ "ready, at the end", 2, "ready$ !" AGAINST },
	{ "serves at an address", 2,
	    "listening|ready|deployed @has:url !" AGAINST },
	{ "listening", 2, "listening !" AGAINST " !config" },
	{ "came to its end", 1.5,
	    "stop service|machine|run !modal|config !" AGAINST },
	{ "stopped, in the end", 2,
	    "stopped$ service|run !modal|config !" AGAINST },
	{ "the end of the run", 2.5, "^end run|ops|train-word !" DUMP },
	{ "tests passed", 3,
	    "passed test @count:m-of-n|@count:n-of-n|summary|"
	    "@has:time-spent|all" },
	{ "time in all", 5, "run-summary" },

	/* What is routine. */
	{ "advice", -1.5, "advice" },
	{ "hedged", -1, "modal" },
	{ "tried again", -2, "retry" },
	{ "attempt of several", -2, "attempt @count:m-of-n" },
	{ "configuration", -1, "config|default !saved|saving" },
	{ "a list of settings", -2, DUMP },
	{ "a command's echo", -2, QUOTED },
	{ "code", -1, "@has:code" },
	{ "a bar or a share", -2.5, PART },
	{ "begins to do something", -1.5,
	    "@tense:starts-doing|@shape:ends-with-dots|^start|^doing "
	    "!" DONE "|saving|mark-failed" },
	{ "loads", -2, "load" },
	{ "speed", -2, "rate !^eval" },
	{ "says debug or info of a thing", -0.5, AT_INFO },
	{ "rule or nothing", -4, "@shape:blank|@shape:no-word" },
	{ "indented", -0.5, "@shape:indented-1-3|@shape:indented-4" },
	{ "indented far", -1, "@shape:indented-4" },
	{ "a list's row", -0.7, "@shape:starts-with-dash|@has:table-columns" },
	{ "skipped", -1, "ignore !@count:failures|@count:no-failure" },
	{ "no better than before", -2, "no-better" },
	{ "went through many", -2, "items|item " DONE " @tense:starts-doing" },
	{ "recovered", -2, "recovered" },
	{ "an example", -1, "example" },
	{ "vulnerabilities", -2, "vulnerability" },
	{ "will be", -1.5, "future" },
};

const unsigned case_row_count = sizeof(case_rows) / sizeof(case_rows[0]);
