/*
 * lexicon_classes.h - the classes of words and phrases (lexicon.h).
 *
 * A class holds what may stand for one another in a log without changing
 * what the line is worth; a word may be in several. The names are part of
 * the weights' format (prior.h): a change here asks for a new `make model`.
 */
#ifndef CLASSIFIER_LEXICON_CLASSES_H
#define CLASSIFIER_LEXICON_CLASSES_H

/* clang-format off: one word list a row. */
#define LEXICON_CLASSES(X)                                                      \
	/* Something went wrong. */                                             \
	X(FAILED, "failed",                                                     \
	    "failed|fail|fails|failed to|失败|échec|fehlgeschlagen")            \
	X(FAILING, "failing", "failing|failure|failures|fehler|故障")           \
	X(ERROR, "error", "error|err|erreur|错误|错|エラー|ошибка")             \
	X(ERRORS, "errors", "errors")                                           \
	X(EXCEPTION, "exception",                                               \
	    "exception|exceptions|traceback|backtrace|stack trace|"             \
	    "stacktrace|unhandled|uncaught|异常")                               \
	X(TRACE_HEADER, "trace-header", "traceback most recent call last")      \
	X(TRACE_LINK, "trace-link",                                             \
	    "during handling of the above exception|"                           \
	    "the above exception was the direct cause")                         \
	X(ERRNO, "errno", "errno")                                              \
	X(FATAL, "fatal",                                                       \
	    "fatal|critical error|severe error|critical failure")               \
	X(PANIC, "panic", "panic|panicked")                                     \
	X(CRASH, "crash",                                                       \
	    "crashed|crash|crashes|segmentation fault|segfault|"                \
	    "core dumped|sigsegv|sigabrt|sigbus|sigill|sigfpe|"                 \
	    "bus error|illegal instruction|double free|stack smashing|"         \
	    "abort trap|general protection")                                    \
	X(ABORT, "abort", "aborted|abort|aborting|aborts")                      \
	X(KILL, "kill",                                                         \
	    "killed|sigkill|oom kill|oom killer|oomkilled|killing|"             \
	    "sigterm|terminated|被杀")                                          \
	X(MEMORY, "memory",                                                     \
	    "out of memory|outofmemory|oom|outofmemoryerror|"                   \
	    "memoryerror|cannot allocate memory|bad alloc|heap space|"          \
	    "alloc failed|memory exhausted|insufficient memory|"                \
	    "not enough memory")                                                \
	X(DISK, "disk",                                                         \
	    "no space left|disk full|disk is full|quota exceeded|"              \
	    "enospc|edquot|insufficient disk|read only file system|"            \
	    "not enough space|insufficient space")                              \
	X(PREEMPT, "preempt",                                                   \
	    "preempted|preemption|time limit|node failure|node fail|"           \
	    "evicted|eviction|walltime|wall time exceeded|"                     \
	    "spot interruption")                                                \
	X(CANCEL, "cancel",                                                     \
	    "cancelled|canceled|cancel|cancelling|canceling|取消")              \
	X(TIMEOUT, "timeout",                                                   \
	    "timeout|timed out|timedout|deadline exceeded|time out|"            \
	    "timeouts|超时")                                                    \
	X(CONNECTION, "connection",                                             \
	    "connection refused|connection reset|broken pipe|"                  \
	    "connection lost|unreachable|disconnected|"                         \
	    "connection closed|connection aborted|connection error|"            \
	    "connectionerror|econnrefused|econnreset|no route to host|"         \
	    "host unreachable|name resolution|link failure|"                    \
	    "connection timed out|lost connection")                             \
	X(LOST, "lost",                                                         \
	    "lost|died|dead|unresponsive|not responding|unhealthy|"             \
	    "offline|gone|missed heartbeat|not online|went away|"               \
	    "not ready")                                                        \
	X(HANG, "hang",                                                         \
	    "hung|hang|stuck|stalled|deadlock|deadlocked|no progress|"          \
	    "blocked for more than")                                            \
	X(DIVERGE, "diverge",                                                   \
	    "diverged|diverging|exploded|exploding|loss spike|"                 \
	    "non finite|nonfinite|divergence|not finite|overflowed")            \
	X(UNABLE, "unable",                                                     \
	    "cannot|can't|could not|couldn't|unable|failed to|not able|"        \
	    "can not|fail to|fails to|not possible|impossible|无法|不能")       \
	X(NOT_FOUND, "not-found",                                               \
	    "not found|no such|does not exist|doesn't exist|missing|"           \
	    "no module named|no rule to make|no matching|undefined|"            \
	    "unresolved|not exist|not defined|no attribute|"                    \
	    "not installed|could not find|couldn't find|cannot find|"           \
	    "can't find")                                                       \
	X(DENIED, "denied",                                                     \
	    "permission denied|denied|unauthorized|forbidden|"                  \
	    "access denied|authentication failed|"                              \
	    "authentication failure|not authorized|not permitted|"              \
	    "unauthenticated")                                                  \
	X(INVALID, "invalid",                                                   \
	    "invalid|illegal|malformed|corrupt|corrupted|mismatch|"             \
	    "not supported|incompatible|unsupported|not valid|"                 \
	    "not recoverable|not allowed|broken")                               \
	X(UNEXPECTED, "unexpected",                                             \
	    "unexpected|unexpectedly|abnormally|abnormal")                      \
	X(GIVE_UP, "give-up",                                                   \
	    "giving up|gave up|give up|retries exhausted|max retries|"          \
	    "maximum retries|too many retries|attempts failed|"                 \
	    "retries exceeded|retry limit|retry count exceeded|"                \
	    "all attempts|no more retries|backoff limit")                       \
	X(ROLLBACK, "rollback",                                                 \
	    "rolling back|rolled back|rollback|reverted|reverting|"             \
	    "roll back")                                                        \
	X(INTERRUPT, "interrupt",                                               \
	    "keyboardinterrupt|interrupted|interrupt|sigint|"                   \
	    "keyboard interrupt|received signal|caught signal|"                 \
	    "got signal|user cancelled")                                        \
	X(ASSERTION, "assertion",                                               \
	    "assertion|assertionerror|assertion failed|"                        \
	    "assertion failure|device side assert")                             \
	X(REFUSED, "refused", "refused|rejected|declined|refusing")             \
	X(RESTART, "restart",                                                   \
	    "restarting|restarted|respawning|respawned|"                        \
	    "crashloopbackoff|back off")                                        \
	X(EXCEEDED, "exceeded",                                                 \
	    "exceeded|exceeds|exceeding|exhausted|too large|too many|"          \
	    "limit reached|overflow")                                           \
	X(ACCELERATOR, "accelerator",                                           \
	    "cuda error|nccl error|hip error|cudnn error|cublas error|"         \
	    "ecc error|xid|illegal memory access|device lost|gpu hang|"         \
	    "memory access fault|nccl timeout|watchdog caught|"                 \
	    "unspecified launch failure|rocm error|hsa error")                  \
	X(CROSS, "cross",                                                       \
	    "❌|✗|✘|✖|⛔|🚨|💥|🔥|×|●|✕|❗|🛑")           \
	X(CONFLICT, "conflict",                                                 \
	    "conflict|conflicts|conflicting|unmet|unresolvable")                \
	X(ENDED_BADLY, "ended-badly",                                           \
	    "with errors|with error|with failures|exited with|"                 \
	    "exit code|exitcode|exit status|return code|"                       \
	    "returned non zero|non zero exit|non zero|status code|"             \
	    "died with|errored|rc")                                             \
	X(DROPPED, "dropped",                                                   \
	    "dropped|dropping|discarded|truncated|data loss")                   \
	X(DOWN, "down", "down|unavailable|not available|degraded|outage")       \
	X(NAN, "nan", "nan|nans|inf|infinity")                                  \
	/* Words that take the event away. */                                   \
	X(NO, "no",                                                             \
	    "no|not|without|never|none|zero|neither|nor|didn't|doesn't|"        \
	    "isn't|wasn't|don't|won't|没有|未")                                 \
	X(MODAL, "modal",                                                       \
	    "if|may|might|would|could|should|unless|whether|in case|"           \
	    "when|otherwise|possible|possibly|potential|potentially|"           \
	    "likely|can|until|before|try to|for example|e g")                   \
	X(FUTURE, "future",                                                     \
	    "will|shall|going to|about to|scheduled|to be|will be")             \
	X(RETRY, "retry",                                                       \
	    "retry|retrying|try again|trying again|reconnecting|"               \
	    "backoff|be retried|retries|retried|reconnect|re trying|"           \
	    "next attempt|again in|重试")                                       \
	X(ATTEMPT, "attempt", "attempt|attempts|attempting|tries|try|trying")   \
	X(WARNING, "warning", "warning|warn|warnings|caution|警告|⚠")           \
	X(WARNING_CLASS, "warning-class",                                       \
	    "userwarning|futurewarning|deprecationwarning|"                     \
	    "runtimewarning|syntaxwarning|pendingdeprecationwarning|"           \
	    "importwarning|resourcewarning|convergencewarning|"                 \
	    "dataconversionwarning|experimentalwarning")                        \
	X(DEPRECATED, "deprecated",                                             \
	    "deprecated|deprecation|obsolete|be removed|future version|"        \
	    "no longer|instead|legacy|superseded|future release|eol|"           \
	    "end of life")                                                      \
	X(IGNORE, "ignore",                                                     \
	    "ignoring|ignored|skipping|skipped|skip|ignore|fallback|"           \
	    "falling back|fall back|skips|not used|unused|omitted")             \
	X(DEFAULT, "default",                                                   \
	    "default|defaulting|defaults|using default|disabled|"               \
	    "disabling|overriding|override|overridden")                         \
	X(ADVICE, "advice",                                                     \
	    "consider|please|recommended|recommend|see|make sure|hint|"         \
	    "note|tip|help|to fix|refer|docs|documentation|you can|"            \
	    "you may|ensure|suggest|for more|more information|"                 \
	    "for details|learn more|we recommend|if you|you should|"            \
	    "you need")                                                         \
	X(CONFIG, "config",                                                     \
	    "config|configuration|configurations|option|options|"               \
	    "parameter|parameters|params|argument|arguments|args|flag|"         \
	    "flags|setting|settings|namespace|cfg|hparams|"                     \
	    "hyperparameters|env")                                              \
	X(KNOB, "knob",                                                         \
	    "handler|callback|threshold|rate|ratio|mode|policy|type|"           \
	    "class|interval|limit|max|min|size|level|hook|strategy|"            \
	    "weight|every|period|tolerance")                                    \
	X(TEST, "test", "test|tests|testing|testcase|spec|suite|suites")        \
	X(RECOVERED, "recovered",                                               \
	    "recovered|recovering|resolved|recovery|reconnected|healed|"        \
	    "fixed|corrected")                                                  \
	X(EXAMPLE, "example", "example|examples|sample|demo|dummy|mock|fake")   \
	X(VULNERABILITY, "vulnerability",                                       \
	    "vulnerability|vulnerabilities|audit|funding|cve")                  \
	/* Something came to its end, or stands. */                             \
	X(FINISHED, "finished",                                                 \
	    "finished|finishes|concluded|converged|完成|结束|terminé")          \
	X(DONE, "done", "done")                                                 \
	X(COMPLETED, "completed", "completed|complete|completes|completion")    \
	X(END, "end", "end")                                                    \
	X(SHELL, "shell", "command not found|is a directory|bad substitution")  \
	X(RUN_SUMMARY, "run-summary",                                           \
	    "train runtime|total training time|total run time|"                 \
	    "total runtime|total elapsed|total duration|training time")         \
	X(ENDED, "ended", "ended|ends|concluded")                               \
	X(SUCCESS, "success",                                                   \
	    "success|successful|successfully|succeeded|succeed|"                \
	    "succeeds|成功|successes")                                          \
	X(PASSED, "passed", "passed|passing|pass|passes")                       \
	X(OK, "ok", "ok|okay|good|fine|healthy")                                \
	X(TICK, "tick", "✓|✔|✅|🎉|🚀|✨|🏁|🎊|👍")                                    \
	X(DEPLOYED, "deployed",                                                 \
	    "deployed|published|released|promoted|shipped|provisioned|"         \
	    "rolled out|upgraded")                                              \
	X(MADE, "made",                                                         \
	    "installed|built|created|uploaded|applied|merged|pushed|tagged|"    \
	    "committed|deleted|updated|generated|exported|imported|"            \
	    "migrated|restored|synced|synchronized|registered|"                 \
	    "downloaded|extracted|copied|added|removed|configured|"             \
	    "initialized|compiled|processed|converted|verified|"                \
	    "validated")                                                        \
	X(ENABLED, "enabled",                                                   \
	    "enabled|activated|now live|live|congratulations")                  \
	X(READY, "ready",                                                       \
	    "ready|up and running|startup complete|online|"                     \
	    "accepting connections|serving|is up|"                              \
	    "available at|started successfully|ready to accept")                \
	X(LISTENING, "listening",                                               \
	    "listening|listening on|running on http|serving on|listen on|"      \
	    "started on")                                                       \
	X(SAVED, "saved", "saved|save|wrote|written|stored|dumped|saves|保存")  \
	X(SAVING, "saving", "saving|writing|storing|dumping|write")             \
	X(CHECKPOINT, "checkpoint",                                             \
	    "checkpoint|checkpoints|ckpt|snapshot|state dict|ckpts")            \
	X(MODEL, "model", "model|models|weights|network|adapter|模型|params")   \
	X(ARTIFACT, "artifact",                                                 \
	    "artifact|artifacts|output|outputs|image|bundle|archive|"           \
	    "wheel|package|report|backup|dump")                                 \
	X(LOAD, "load",                                                         \
	    "loading|loaded|load|restoring|resuming|resume|resumed|"            \
	    "from checkpoint|reading|read|initialize from|loads")               \
	X(BEST, "best", "best|new best|best so far|最佳")                       \
	X(NO_BETTER, "no-better",                                               \
	    "did not improve|not improved|no improvement")                      \
	X(IMPROVED, "improved",                                                 \
	    "improved|improved from|improvement|improves|better")               \
	X(EARLY_STOP, "early-stop",                                             \
	    "early stopping|stopping early|early stop|stopped early|"           \
	    "training early")                                                   \
	X(EVAL, "eval",                                                         \
	    "eval|evaluation|validation|evaluate|evaluating|evaluated|"         \
	    "val|valid|验证|dev|held out")                                      \
	X(METRIC, "metric",                                                     \
	    "accuracy|acc|f1|bleu|map|auc|perplexity|ppl|score|"                \
	    "precision|recall|wer|rouge|rmse|mae|mse|psnr|ssim|fid|"            \
	    "dice|iou|miou|ap|ndcg|mrr|bpb|top1|top5|exact match|"              \
	    "correct|bits per byte|reward|cer|meteor|r2|auroc|"                 \
	    "specificity|sensitivity")                                          \
	X(LOSS, "loss", "loss|losses|cost|objective|损失")                      \
	X(TRAIN_WORD, "train-word",                                             \
	    "train|training|trained|训练|finetuning|fine tuning")               \
	X(RESULT, "result",                                                     \
	    "result|results|metrics|evaluated|outcome|performance")             \
	X(SUMMARY, "summary",                                                   \
	    "summary|final|overall|average|avg|total|totals|mean|"              \
	    "report|statistics|stats")                                          \
	X(RATE, "rate",                                                         \
	    "it s|s it|samples s|eta|tokens s|per second|mb s|kb s|"            \
	    "gb s|ms step|lr|learning rate|grad norm|throughput|img s|"         \
	    "sec batch|mib s|step time")                                        \
	X(ELAPSED, "elapsed",                                                   \
	    "elapsed|took|duration|runtime|total time|time taken|"              \
	    "in seconds|after")                                                 \
	X(VERDICT_GOOD, "verdict-good",                                         \
	    "compiled successfully|built successfully|successfully built|"      \
	    "successfully tagged|build successful|build succeeded|"             \
	    "successfully compiled|successfully deployed|"                      \
	    "successfully published|successfully completed|"                    \
	    "completed successfully|finished successfully|"                     \
	    "ended successfully|exited successfully|build success|"             \
	    "successfully rolled out|successfully finished|all done|"           \
	    "tests passed|checks passed|ran successfully")                      \
	X(VERDICT_BAD, "verdict-bad",                                           \
	    "build failed|failed to compile|could not compile|"                 \
	    "compilation failed|tests failed|test failed|job failed|"           \
	    "build failure|deployment failed|deploy failed|"                    \
	    "did not complete successfully|not successful|unsuccessful|"        \
	    "did not succeed|training failed|"                                  \
	    "pipeline failed|task failed|run failed|step failed|"               \
	    "migration failed|health check failed|verify failed|"               \
	    "verification failed|validation failed|check failed|"               \
	    "checks failed|command failed|subcommand failed|"                   \
	    "installation failed|upgrade failed|backup failed|"                 \
	    "finished with error|completed with errors")                        \
	X(RESOURCES, "resources",                                               \
	    "added|changed|destroyed|unchanged|up to date|unreachable|"         \
	    "rescued|ignored")                                                  \
	X(STOPPED, "stopped", "stopped|shut down|halted|terminated")            \
	X(STOP, "stop",                                                         \
	    "stopping|stopped|shutting down|shutdown|shut down|exiting|"        \
	    "exited|exit|halted|quit|stop|terminating|tearing down|"            \
	    "goodbye|bye|graceful|gracefully")                                  \
	X(START, "start",                                                       \
	    "starting|start|started|starts|begin|beginning|began|"              \
	    "launching|launched|initializing|initialising|booting|开始|"      \
	    "spawned")                                                          \
	X(DOING, "doing",                                                       \
	    "running|executing|processing|creating|building|compiling|"         \
	    "checking|collecting|preparing|waiting|using|setting|"              \
	    "extracting|pulling|pushing|uploading|installing|copying|"          \
	    "connecting|downloading|fetching|generating|deploying|"             \
	    "applying|computing|refreshing|reading|updating|removing|"          \
	    "deleting|destroying|scanning|verifying|resolving|linking|"         \
	    "sending|still")                                                    \
	/* What it is about. */                                                 \
	X(RUN, "run",                                                           \
	    "job|build|run|training|pipeline|workflow|execution|"               \
	    "experiment|playbook|process|program|script|command|"               \
	    "session|trial|trials|训练|作业|任务|compilation|simulation|" \
	    "analysis|inference|benchmark|sweep|"                               \
	    "optimization|optimisation|calibration|conversion|"                 \
	    "rendering|encoding|ingestion|etl|solver|evaluation run")           \
	X(OPS, "ops",                                                           \
	    "deployment|deploy|migration|migrations|backup|sync|"               \
	    "transfer|release|install|installation|restore|upgrade|"            \
	    "apply|destroy|import|export|provisioning|rollout|publish|upload")  \
	X(STAGE, "stage",                                                       \
	    "stage|phase|task|goal|target|step|rule|operation|action|check")    \
	X(SERVICE, "service",                                                   \
	    "server|service|application|app|worker|workers|daemon|"             \
	    "connector|agent|broker|master|scheduler|api|database|"             \
	    "services|gateway|webserver|backend|frontend|engine")               \
	X(MACHINE, "machine",                                                   \
	    "node|cluster|container|pod|instance|host|replica|rank|gpu|"        \
	    "device|machine|vm|nodes|containers|pods|gpus|devices|"             \
	    "member")                                                           \
	X(ITEM, "item",                                                         \
	    "file|batch|iteration|iter|item|record|row|chunk|request|sample|"   \
	    "message|block|part|page|thread|shard|partition|query|object|"      \
	    "line|table|event|entry|url|layer|image")                           \
	X(ITEMS, "items",                                                       \
	    "files|batches|iterations|items|records|rows|chunks|requests|"      \
	    "samples|messages|blocks|parts|pages|threads|shards|"               \
	    "partitions|queries|objects|lines|tables|events|entries|urls|"      \
	    "layers|images|steps|tasks|stages|checks|goals|targets|epochs")     \
	X(EPOCH, "epoch", "epoch")                                              \
	X(DEPENDENCY, "dependency",                                             \
	    "dependency|dependencies|module|modules|package|packages|"          \
	    "library|libraries|layer|layers|plugin|plugins|requirement|"        \
	    "requirements|import")                                              \
	X(DATA, "data", "data|dataset|datasets|cache|input|inputs")             \
	X(EXIT_WORD, "exit-word", "exit|exited|returned|returns|exits")         \
	X(ALL, "all", "all|every|entire|whole|everything|fully")                \
	X(OF, "of", "of")                                                       \
	X(UNIT_TIME, "unit-time",                                               \
	    "seconds|second|sec|secs|minutes|minute|min|mins|hours|"            \
	    "hour|hrs|ms|s|h|days")                                             \
	X(PERSON, "person", "you|your|we|our|i")                                \
	X(WAS, "was", "was|were|has|have|had|been")                             \
	X(IS, "is", "is|are|be|being")                                          \
	X(BECAUSE, "because", "because|due to|caused by|cause|reason|since")    \
	X(DURING, "during",                                                     \
	    "during|while|during execution|occurred|encountered")               \
	X(MARK_FAILED, "mark-failed",                                           \
	    "marking as failed|marked as failed|as failed")                     \
	X(HTTP_BAD, "http-bad",                                                 \
	    "not found for url|bad request|bad gateway|"                        \
	    "internal server error|service unavailable|"                        \
	    "too many requests|client error|server error")
/* clang-format on */

#endif
