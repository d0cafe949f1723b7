/*
 * control.h - the client's end of a family's control socket.
 *
 * JSON lines, same uid only. The client sends one object, {"cmd":"…",…}, and
 * gets one object back: {"ok":true,…} or {"ok":false,"error":"…"}. After
 * {"cmd":"follow"} the family sends an object {"type":"state",…} at once and
 * at each change, until {"type":"settled"} and the end of the connection.
 *
 * Commands: status · signal {"signal":N} · stop {"signal":N,"grace_ms":N}
 * (both optional) · kill · rotate {"dry_run":B} · follow · terminal, whose
 * answer brings the master of the job's terminal along.
 *
 * A state object: {"type":"state","state":"running","ended":false,
 * "exit_code":null,"signal":null,"reason":null,"detail":null,"end":OFFSET,
 * "drained":false,"recorded":false,"policy_ended":false,"spawn_errno":0};
 * once the job has ended and all its output is in the log, drained is true
 * and `end` is the output's length; recorded when events.jsonl says so.
 */
#ifndef JOBS_CORE_CONTROL_H
#define JOBS_CORE_CONTROL_H

#include <jansson.h>
#include <stddef.h>

#include "why.h"

#define CONTROL_LINE_MAX 65536

struct control {
	int fd;
	size_t have;
	char line[CONTROL_LINE_MAX + 1];
};

/*
 * Connects to the family of the job `id`: by its abstract address, which
 * touches no disk, else by the socket in dir (-1: only the first). The peer
 * must be of our own uid. 0, or -1 with why; errno ECONNREFUSED or ENOENT
 * when no family listens.
 */
int control_connect(struct control *control, int dir, const char *home,
    const char *id, struct why *why);
void control_close(struct control *control);
/* Sends an object as a line. 0, or -1 with errno. */
int control_send(struct control *control, const json_t *request);
/*
 * The next object, to be released with json_decref. NULL with errno:
 * ETIMEDOUT after timeout_ms (-1: wait), EPIPE at the end of the
 * connection, EBADMSG, or the socket's. A timeout of 0 only looks.
 */
json_t *control_recv(struct control *control, int timeout_ms);
/* One question, one answer, and the connection is closed. NULL: why. The
 * family's own refusal ({"ok":false}) is NULL too, in its words. */
json_t *control_ask(int dir, const char *home, const char *id, json_t *request,
    int timeout_ms, struct why *why);

/*
 * The same for the one question that is answered with a descriptor, which the
 * caller owns. -1: why; errno EPIPE or ETIMEDOUT when the supervisor is being
 * replaced, so that it makes sense to ask again.
 */
int control_ask_fd(int dir, const char *home, const char *id, json_t *request,
    int timeout_ms, struct why *why);
/* That answer, from the family's end. 0, or -1 with errno: none was given. */
int control_answer_fd(int socket, int fd);

/* A listening socket at dir/control (any path length). -1: errno. */
int control_listen(int dir);
/* The second door: abstract address made of uid, home and id; where that is
 * taken, one that nobody can find. -1: errno. */
int control_listen_short(const char *home, const char *id);

#endif
