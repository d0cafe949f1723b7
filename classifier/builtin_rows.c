/*
 * builtin_rows.c - the built-in patterns (builtin.h): one row each, the
 * worse first, because the first that matches names the finding.
 *
 * They aim at lines that say of themselves that something happened; a word
 * such as "error" or "complete" alone says nothing. A row's cues are words
 * of which each match must hold one.
 */
#include "builtin.h"

#include <assert.h>

/* What a logger puts before the text: a few words of times, levels, names
 * and brackets. */
#define HEAD "^(?:\\S+\\s+){0,7}?[^\\w\\s]*"
/* No INFO or DEBUG before: the text is then a quotation. */
#define NOT_INFO "(?!.{0,60}\\b(?:INFO|DEBUG|TRACE|NOTICE)\\b)"
/* A program's name before its message: "tar: ", "src/a.c:3:5: ". */
#define TOOL "^\\W*(?:[\\w./+()-]+(?: \\(\\w+\\))?(?::\\d+)*:\\s+)?"
/* An exception by its class. */
#define EXCEPTION "(?:[\\w$]+\\.)*[A-Z][\\w$]*(?:Error|Exception)"

#define CRITICAL SEVERITY_CRITICAL
#define HIGH SEVERITY_HIGH
#define MEDIUM SEVERITY_MEDIUM
#define LOW SEVERITY_LOW

const struct builtin_row builtin_rows[] = {
	/* The run, or the machine under it, is dead or about to be. */
	{ "gpu-memory",
	    "out of memory|outofmemory|out_of_memory|oom when|alloc_failed",
	    "(?i)\\b(?:cuda|hip|gpu|rocm|xla|tpu|hbm|mps)\\b.{0,80}?"
	    "out[ _]of[ _]memory|OutOfMemoryError|\\bOOM when allocating|"
	    "_OUT_OF_MEMORY\\b|STATUS_ALLOC_FAILED",
	    CRITICAL, KIND_FAILURE, false },
	{ "oom-killed", "oom|out of memory|killed process",
	    "(?i)\\boom[-_ ]?kill(?:ed|er\\b.{0,20}(?:invoked|kill))|"
	    "\\bout of memory: kill|\\bkilled process \\d+",
	    CRITICAL, KIND_FAILURE, false },
	{ "killed", "killed|sigkill|got signal|death signal",
	    "^\\s*Killed\\s*$|: line \\d+:\\s+\\d+ Killed\\b|"
	    "(?i)\\bkilled by signal\\b|\\bgot signal:? \\d|"
	    "\\bdeath signal\\b|\\(SIGKILL\\)|\\bsignal 9\\b",
	    CRITICAL, KIND_FAILURE, false },
	{ "memory", "memoryerror|bad_alloc|allocate memory|heap out|heap space",
	    "\\bMemoryError\\b|std::bad_alloc|(?i)cannot allocate memory|"
	    "heap out of memory|OutOfMemoryError: Java heap",
	    CRITICAL, KIND_FAILURE, false },
	{ "crash",
	    "segmentation|sigsegv|bus error|sigabrt|core dumped|"
	    "illegal instruction|free or corruption|stack smashing|"
	    "fatal python",
	    "(?i)\\bsegmentation fault\\b|\\bSIGSEGV\\b|^\\W*bus error|"
	    "\\(core dumped\\)|^\\W*illegal instruction|\\bSIGABRT\\b|"
	    "double free or corruption|stack smashing detected|"
	    "^Fatal Python error",
	    CRITICAL, KIND_FAILURE, false },
	{ "panic", "panic",
	    "^(?:\\S+\\s+){0,5}?panic:|\\bkernel panic\\b|"
	    "(?i)^thread '.*' (?:\\(\\d+\\) )?panicked at",
	    CRITICAL, KIND_FAILURE, false },
	{ "collective", "nccl|watchdog",
	    "(?i)\\bNCCL\\b(?!.{0,20}\\bINFO\\b).{0,100}?\\b(?:error|timeout|"
	    "timed out|aborted)\\b(?!_)(?!.{0,3}[=:] ?\\d)|"
	    "watchdog caught collective|ProcessGroupNCCL.{0,100}"
	    "(?:abort|taking the entire process down|timed? ?out)",
	    CRITICAL, KIND_FAILURE, true },
	{ "accelerator",
	    "cuda|hip |rocm|hsa_status|device-side|memory access|ecc error|"
	    "xid|launch failure",
	    "\\b(?:CUDA|HIP|ROCm|cuDNN|cuBLAS)(?: driver| runtime)? error\\b|"
	    "\\bCUDA_ERROR_(?!NO_DEVICE)|\\bcudaError|"
	    "\\bCU(?:BLAS|DNN)_STATUS_(?!SUCCESS)|\\bHSA_STATUS_ERROR|"
	    "device-side assert|(?i)illegal memory access|"
	    "\\bNVRM: Xid\\b|uncorrectable ECC error|"
	    "unspecified launch failure",
	    CRITICAL, KIND_FAILURE, true },
	{ "disk-full", "space left|enospc|disk full|disk is full|quota",
	    "(?i)\\bno space left on device\\b|\\bENOSPC\\b|"
	    "\\bdisk (?:is )?full\\b|\\bdisk quota exceeded\\b|\\bEDQUOT\\b",
	    CRITICAL, KIND_FAILURE, false },
	{ "scheduler", "time limit|preempt|oom-kill|job step aborted",
	    "\\bDUE TO (?:TIME LIMIT|PREEMPTION|NODE FAILURE)\\b|"
	    "(?i)\\b(?:was|been|got|job|instance|node) preempted\\b|"
	    "\\bpreemption notice\\b|\\bjob step aborted\\b",
	    CRITICAL, KIND_FAILURE, false },
	{ "build-failed", "build fail|failed to compile|finished: fail",
	    "\\bBUILD FAIL(?:URE|ED)\\b|^\\W*Failed to compile\\b|"
	    "^Finished: FAILURE|(?i)^\\W*build failed\\b",
	    CRITICAL, KIND_FAILURE, false },

	/* Something failed. */
	{ "nan", /* and not "INFO", which is in every other line */
	    "nan|inf\n|inf |inf,|inf]|inf)|inf}|inf'|inf\"|inf;|infinity|"
	    "-finite|nonfinite",
	    "(?i)\\b(?:\\w+[_ ])?(?:loss|ppl|perplexity|cost|objective)\\b"
	    "[\"'\\])]{0,3}\\s*(?:[:=]|is|was|became|of|->)?\\s*[\"'\\[(]?"
	    "[-+]?(?:nan|inf(?:inity)?)\\b|"
	    "\\bgrad(?:ient)?[_ ]?norm\\b[\"']?\\s*[:=]?\\s*nan\\b|"
	    "\\bnan (?:loss|detected|encountered|found)\\b|"
	    "\\b(?:loss|gradients?|output|weights?) (?:is|are|contains?|"
	    "became|has|have) (?:nan|inf|non-?finite)|\\bnon-?finite loss\\b",
	    HIGH, KIND_FAILURE, true },
	{ "diverged", "diverg",
	    "(?i)\\b(?:loss|training|model|optimi[sz]ation|solver|run)\\b"
	    ".{0,20}\\b(?:has |is )?diverg(?:ed|ing)\\b",
	    HIGH, KIND_FAILURE, true },
	{ "level-fatal", "fatal|critical|emerg|panic",
	    NOT_INFO HEAD
	    "(?:FATAL|CRITICAL|EMERG(?:ENCY)?)\\b"
	    "(?![=_]| ?[=:] ?[\\d{\\[])|^\\s*\\[?(?:fatal|critical)\\b\\]?:? |"
	    "\\blevel=(?:fatal|critical|panic)\\b|\\[(?:fatal|critical)\\s*\\]",
	    CRITICAL, KIND_FAILURE, true },
	{ "level-error", "error|severe|[e |\ne0|\ne1",
	    NOT_INFO HEAD
	    "(?:ERROR|SEVERE)\\b"
	    "(?![=_]| ?[=:] ?\\d+\\b(?!:)| ?[-/|,] ?(?:WARN|FATAL|INFO))|"
	    "^\\[E \\S+:\\d+\\]|^E[01]\\d{3} \\d\\d:\\d\\d:|"
	    "\\blevel=(?:error|err)\\b|^.{0,60}\\[(?:error|err|Error)\\s*\\]",
	    HIGH, KIND_FAILURE, true },
	{ "tool-error", "error",
	    TOOL
	    "(?:fatal |internal |compile |type |build |command |"
	    "[Ff]atal |[Tt]ype |[Cc]ompiler )?[Ee]rror\\b"
	    "(?:\\[\\w+\\])?:(?! ?\\d+(?:[.,]\\d+)?%?\\s*(?:$|[,|]))"
	    "(?! ?(?:[Nn]one|null|false)\\b)\\s*\\S|" TOOL
	    "\\[?[Ee]rror\\]? (?:in|while|during|occurred|executing|"
	    "running|loading|creating|at) |"
	    "^CMake Error at |^make(?:\\[\\d+\\])?: \\*\\*\\* .*\\bError \\d|"
	    "(?i)^(?:\\S+\\s+){0,4}?an (?:unexpected |internal )?error "
	    "(?:has )?occurred",
	    HIGH, KIND_FAILURE, true },
	{ "exception", "error|exception|keyboardinterrupt",
	    "^(?:\\[rank\\d+\\]: ?|\\[[\\w/.-]{1,40}\\]:? ?|\\S*\\d\\d:\\d\\d"
	    ":\\d\\d\\S* )?\\s{0,3}" EXCEPTION "(?::\\s|\\s*$)|"
	    "^\\s*Caused by: |^KeyboardInterrupt\\s*$|"
	    "^\\W*(?:Uncaught|Unhandled) \\w*\\s?(?i:exception|error|"
	    "rejection)|^Exception in thread ",
	    HIGH, KIND_FAILURE, true },
	{ "package", "npm err|yarn err|matching distribution|unable to locate",
	    "^npm (?:ERR!|error) (?:code|errno|Exit status|command failed)|"
	    "^ERROR: No matching distribution|^E: Unable to locate package",
	    HIGH, KIND_FAILURE, false },
	{ "assertion", "assert",
	    "\\bAssertion\\b.{1,400}\\bfailed\\b|(?i)\\bassertion failed\\b|"
	    "\\bassertion failure\\b|\\bstatic assertion\\b.{0,80}failed",
	    HIGH, KIND_FAILURE, true },
	{ "exit-code", "exit|code|status|returned",
	    "(?i)\\b(?:exit(?:ed)?|failed|finished|terminated|died|stopped|"
	    "returned|completed)\\b.{0,30}?\\b(?:exit |return |error )?"
	    "(?:code|status)\\b[:= ]{1,3}-?[1-9]|\\bexitcode[:=] ?-?[1-9]|"
	    "\\bnon-?zero exit\\b|\\bexited with -?[1-9]\\d*\\b|"
	    "\\breturned non-?zero\\b",
	    HIGH, KIND_FAILURE, true },
	{ "giving-up", "giving up|retries|give up|attempts failed",
	    "(?i)\\bgiving up\\b|\\bmax(?:imum)? (?:number of )?retries "
	    "(?:exceeded|reached|exhausted)|\\bretries (?:exhausted|exceeded)"
	    "|\\ball \\d* ?(?:retries|attempts) failed\\b",
	    HIGH, KIND_FAILURE, true },
	{ "connection", "connection|connect to|unreachable|broken pipe",
	    NOT_INFO
	    "(?i)^(?!.*\\bretry).*\\b(?:could not|cannot|can't|failed to|"
	    "unable to) connect\\b|^\\S{0,40}:? connection (?:refused|reset|"
	    "timed out)",
	    MEDIUM, KIND_FAILURE, true },
	{ "lost", "lost|died|crashed|unresponsive",
	    "(?i)\\b(?:worker|node|rank|peer|executor|replica|agent|process)"
	    "\\b.{0,40}\\b(?:(?:was|is|been|has) )?(?:lost|died|crashed|"
	    "unresponsive|died unexpectedly)\\b",
	    HIGH, KIND_FAILURE, true },
	{ "failed", "fail",
	    "^(?:\\W*)FAILED\\b|\\bFAILED(?= \\(| \\[|$|:| for )|"
	    "<<< FAILURE!|^\\W*(?i:Job|Task|Build|Step|Stage|Deployment|"
	    "Pipeline|Trial|Command|Test|Workflow|Run)\\b.{0,80}?\\b"
	    "(?:has )?(?:failed|FAILED)\\b|" NOT_INFO
	    "^(?:\\S+\\s+){0,4}?[^\\w\\s]*Failed to [a-z]|"
	    "\\bTests:? .{0,40}\\b[1-9]\\d* failed\\b|"
	    "^=+ .{0,40}[1-9]\\d* (?:failed|errors?)\\b|"
	    "\\bTest Suites:\\s+[1-9]\\d* failed",
	    HIGH, KIND_FAILURE, true },
	{ "shell", "command not found|no such file|permission denied",
	    "^\\S+: (?:line )?\\d+: .{1,200}: (?:command not found|not found|"
	    "No such file or directory|Permission denied|"
	    "Is a directory)$|^(?:ba|z|da|k)?sh: .{0,200}(?:not found|"
	    "[Pp]ermission denied)|^\\w+(?: \\(\\w+\\))?: .{1,200}: (?:Cannot "
	    "open: )?(?:No such file or directory|Permission denied)$",
	    HIGH, KIND_FAILURE, true },
	{ "rollback", "rolling back|rolled back|rollback",
	    "(?i)\\broll(?:ing|ed) back\\b|\\brollback (?:triggered|started)",
	    HIGH, KIND_FAILURE, true },
	{ "time-out", "timed out|deadline exceeded",
	    "^" NOT_INFO
	    "(?i).*?\\b(?:timed out|deadline exceeded)\\b(?!.{0,60}\\b"
	    "(?:retry|retrying|will try)\\b)",
	    MEDIUM, KIND_FAILURE, true },

	/* Worth knowing. */
	{ "checkpoint", "checkpoint|ckpt|saved|saving|save ",
	    "(?i)\\b(?:sav(?:ed|ing)|wrote|written|stored)\\b.{0,40}\\b"
	    "(?:checkpoints?|ckpt|model|weights|snapshot|state[_ ]dict|"
	    "adapters?)\\b(?!.{0,20}\\bevery\\b)|"
	    "\\b(?:checkpoints?|model|weights) .{0,80}?(?<!be )\\b(?:saved|"
	    "written)\\b|\\bsave (?:\\w+ )?(?:model|checkpoint) to\\b|"
	    "\\bcheckpoint_saved\\b",
	    LOW, KIND_MILESTONE, false },
	{ "early-stop", "early|stopping",
	    "(?i)\\bearly[ -_]?stopping\\b(?!.{0,4}[=:(])(?!_).{0,40}"
	    "(?:trigger|epoch|step|at |!|after|conditions? met|reached|\\.$)|"
	    "\\bstopping early\\b|\\bstopped early\\b",
	    LOW, KIND_MILESTONE, false },
	{ "best", "new best|best |improved from",
	    "(?i)\\bnew best\\b|\\bbest (?:model|checkpoint|score|weights)\\b"
	    ".{0,40}\\b(?:sav(?:ed|ing)|updated|improved)\\b|"
	    "\\bimproved from \\S+ to\\b",
	    LOW, KIND_MILESTONE, false },
	{ "finished", "complete|finished|done|success|succeeded",
	    "(?i)\\b(?:training|fine-?tuning|run|job|pipeline|workflow|"
	    "deploy(?:ment)?|backup|build|evaluation|migrations?|export|"
	    "import|experiment|installation|release|restore|processing|"
	    "execution|engine execution|command)\\b (?:is |has |was |been )*"
	    "(?:now |successfully )?(?:complete[d]?|done|finished|succeeded|"
	    "successful(?:ly)?)\\b(?! (?:in|at)? ?\\d+%)|"
	    "\\bBUILD SUCCESS(?:FUL)?\\b|^Finished: SUCCESS|"
	    "\\bcompleted successfully\\b|\\bfinished successfully\\b|"
	    "\\b(?:Apply|Destroy) complete!|"
	    "^\\W*Successfully (?:built|deployed|tagged|published)\\b|"
	    "\\(100%\\) done\\b|\\bepochs? completed in\\b|^Done\\. PASS=",
	    LOW, KIND_COMPLETION, false },
	{ "tests-passed", "passed",
	    "^=+ (?!.*failed).{0,40}\\b[1-9]\\d* passed\\b.{0,60} in |"
	    "^Test Suites: .*\\bpassed\\b",
	    LOW, KIND_COMPLETION, false },
	{ "ready", "startup complete|ready|listening on",
	    "(?i)\\bapplication startup complete\\b|"
	    "\\b(?:server|service|worker|daemon|\\S+@\\S+)\\b (?:is )?ready\\b"
	    "(?!_)|\\bready to accept connections\\b|"
	    "^(?:\\S+\\s+){0,6}?(?:server )?listening on \\S",
	    LOW, KIND_MILESTONE, false },
};

const unsigned builtin_row_count = sizeof(builtin_rows) /
    sizeof(builtin_rows[0]);
static_assert(sizeof(builtin_rows) / sizeof(builtin_rows[0]) <=
	BUILTIN_ROWS_MAX,
    "each row has a bit of the cues");

/* The line says that there was none of it, and no count that there was; or
 * that it is tried again. */
#define NOT_ITEM                                                        \
	"(?<!trial |task |job |rank |worker |node |stage |step |test |" \
	"attempt |process |gpu |device |#)"
const char builtin_veto[] =
    "(?i)^(?!.*\\b(?:errors?|fail(?:ed|ures?))\\b[\"']?\\s*[:=]\\s*[1-9])"
    "(?!.*\\b[1-9]\\d* (?:errors?|fail(?:ed|ures?))\\b).*?"
    "(?:" NOT_ITEM "\\b(?:0|no|zero|without(?: any)?) (?:\\w+ )?(?:errors?|"
    "failures?|failed|failing|exceptions?|faults?|nans?|fatals?)\\b(?! \\d)|"
    "\\b(?:\\w*errors?|\\w*fail(?:ed|ures?)?|\\w*exceptions?|nan\\w*|"
    "error_count)\\b[\"']?(?: count)?\\s*[:=]\\s*[\"']?0\\b(?![.:x]\\w)|"
    "\\b(?:errors?|failures?)\\b[\"']?\\s*[:=]\\s*(?:none|null|false|\\[\\]))|"
    "\\bwill (?:retry|be retried)\\b|\\bretrying\\b|"
    "\\battempt (\\d+) ?(?:/|of) ?(?!\\1\\b)\\d+";
