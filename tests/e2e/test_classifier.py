"""jobwatch-classifier, the real program, with a test as its supervisor."""
import os
import random
import signal
import subprocess
import time

import pytest

import classifier_peer as peer
from classifier_peer import ERR, OUT

TRACEBACK = (b"Traceback (most recent call last):\n"
             b'  File "train.py", line 3, in f\n'
             b"    g()\n"
             b"ValueError: bad value\n")
RULES = [
    {"name": "boom", "pattern": r"\bboom (\d+)", "severity": "critical"},
    {"name": "err", "pattern": "trouble", "stream": "stderr",
     "severity": "medium", "kind": "warning"},
]


def cut(rows, size):
    """The same bytes in chunks of at most `size`."""
    return [(stream, data[at:at + size]) for stream, data in rows
            for at in range(0, len(data), size)]


def mixed_rows():
    """Both streams, interleaved within lines, with all kinds of findings."""
    return [
        (OUT, b"start\n"), (ERR, b"warming up\n"),
        (OUT, b"boom 1\nhal"), (ERR, b"trouble ahead\n" + TRACEBACK[:50]),
        (OUT, b"f a line\nboom 2\n"), (ERR, TRACEBACK[50:]),
        (ERR, b"\nDuring handling of the above exception, another exception "
              b"occurred:\n\n" + TRACEBACK),
        (OUT, b'{"level":"error","msg":"from json"}\n'),
        (ERR, b"Traceback (most recent call last):\n  File \"x\", line 1\n"),
        (OUT, b"loss 0.1\nbo"), (ERR, b"no exception came\n"),
        (OUT, b"om 3\nFATAL: the end\n"), (ERR, b"trouble at the very end"),
    ]


def test_findings_at_their_offsets(tmp_path):
    rows = mixed_rows()
    answers = peer.classify(tmp_path, rows, peer.policy(RULES))
    found = {f.at: f for f in answers.findings}
    whole = b"".join(data for _, data in rows)

    def at(stream, text):
        return found[(stream, whole.index(text))]

    one = at(OUT, b"boom 1")
    assert (one.rule, one.source, one.severity) == (0, "rule:boom",
                                                    "critical")
    assert (one.message, one.length) == ("boom 1", 6)
    assert one.context == "start\nboom 1\n"
    assert at(OUT, b"boom 2").fingerprint == one.fingerprint
    torn = at(OUT, b"bono exception came")
    assert (torn.message, torn.length) == ("boom 3", 6)
    assert at(ERR, b"trouble ahead").severity == "medium"
    final = at(ERR, b"ValueError: bad value")
    assert (final.severity, final.source) == ("high", "prior")
    assert final.context.startswith("Traceback (most")
    assert final.context.endswith("ValueError: bad value\n")
    assert final.context.count("\n") == 4
    assert at(OUT, b'{"level"').message == "from json"
    assert at(OUT, b'{"level"').source == "json"
    assert at(OUT, b"FATAL: the end").severity == "critical"
    last = at(ERR, b"trouble at the very end")
    assert last.length == len("trouble at the very end")
    assert len(answers.findings) == 10
    end = answers.cursors[-1]
    assert (end.offset, end.end, end.final) == (len(whole), len(whole), 1)
    assert end.lines == whole.count(b"\n") + 1


def test_chain_and_broken_traceback(tmp_path):
    rows = mixed_rows()
    answers = peer.classify(tmp_path, rows, peer.policy(RULES))
    errors = [f for f in answers.findings if f.stream == ERR]
    messages = [f.message for f in errors]
    assert messages == [
        "trouble ahead", "ValueError: bad value", "ValueError: bad value",
        "Traceback (most recent call last):", "trouble at the very end"]
    chained = errors[2].context
    assert chained.count("Traceback (most") == 2
    assert "During handling" in chained


def test_rule_names_a_traceback(tmp_path):
    rules = [{"name": "oom", "pattern": "CUDA out of memory",
              "severity": "critical"}]
    data = TRACEBACK.replace(b"bad value", b"CUDA out of memory")
    for wanted in (peer.policy(rules), peer.policy()):
        [one] = peer.classify(tmp_path, [(ERR, data)], wanted).findings
        assert one.severity == "critical"
        assert one.context.count("\n") == 4


def test_answer_does_not_wait(tmp_path):
    """The finding comes with its line, not with the next one."""
    segment = peer.Segment(tmp_path)
    with peer.Peer(tmp_path) as one:
        one.resume()
        one.segment(segment)
        segment.write(ERR, TRACEBACK[:-1])
        answers = one.grown(segment.end)
        assert answers.findings == []
        assert answers.cursors[-1].offset == 0
        segment.write(ERR, b"\n")
        answers = one.grown(segment.end)
        assert [f.message for f in answers.findings] == [
            "ValueError: bad value"]
        assert answers.cursors[-1].offset == segment.end


def test_header_is_told_when_no_more_comes(tmp_path):
    """What is named by its header waits for the lines below it, not long; and
    is told once, with the cursor before it until it is over."""
    segment = peer.Segment(tmp_path)
    with peer.Peer(tmp_path) as one:
        one.resume()
        one.segment(segment)
        segment.write(ERR, b"panic: odd\n\ngoroutine 1 [running]:\n")
        answers = one.grown(segment.end)
        assert answers.findings == []
        assert answers.cursors[-1].offset == 0
        kind, body = one.receive()  # unasked
        assert kind == peer.MESSAGE_FINDING
        told = peer.finding_from(body)
        assert (told.offset, told.message) == (0, "panic: odd")
        assert told.context.count("\n") == 3
        over = segment.end
        segment.write(ERR, b"main.f()\n\t/a.go:3\nover\n")
        answers = one.grown(segment.end)
        assert answers.findings == []
        assert answers.cursors[-1].offset == segment.end > over


def test_a_rule_does_not_wait(tmp_path):
    rules = [{"name": "p", "pattern": "^panic: "}]
    segment = peer.Segment(tmp_path)
    with peer.Peer(tmp_path, peer.policy(rules)) as one:
        one.resume()
        one.segment(segment)
        segment.write(ERR, b"panic: odd\n")
        [told] = one.grown(segment.end).findings
        assert told.source == "rule:p"
        segment.write(ERR, b"\ngoroutine 1 [running]:\nover\n")
        assert one.grown(segment.end, final=1).findings == []


def test_traces_of_ranks_in_each_other(tmp_path):
    lines = TRACEBACK.decode().splitlines()
    data = "".join(f"[rank{rank}]: {line}\n" for line in lines
                   for rank in range(4)).encode()
    found = peer.classify(tmp_path, [(ERR, data)]).findings
    assert [f.message for f in found] == [
        f"[rank{rank}]: ValueError: bad value" for rank in range(4)]
    for rank, one in enumerate(found):
        assert one.context == "".join(f"[rank{rank}]: {line}\n"
                                      for line in lines)


def findings_stepwise(folder, chunks, wanted):
    segment = peer.Segment(folder)
    answers = peer.Answers()
    with peer.Peer(folder, wanted) as one:
        one.resume()
        one.segment(segment)
        for i, (stream, data) in enumerate(chunks):
            segment.write(stream, data)
            step = one.grown(segment.end, final=i == len(chunks) - 1)
            answers.findings += step.findings
            answers.cursors += step.cursors
    return answers


@pytest.mark.parametrize("size", [1, 7])
def test_growing_is_as_all_at_once(tmp_path, size):
    rows = mixed_rows()
    wanted = peer.policy(RULES)
    whole = peer.classify(tmp_path, rows, wanted)
    steps = findings_stepwise(tmp_path, cut(rows, size), wanted)
    assert steps.findings == whole.findings
    assert steps.cursors[-1] == whole.cursors[-1]


def test_findings_of_a_stream_rise(tmp_path):
    answers = findings_stepwise(tmp_path, cut(mixed_rows(), 5),
                                peer.policy(RULES))
    for stream in (OUT, ERR):
        offsets = [f.offset for f in answers.findings if f.stream == stream]
        assert offsets == sorted(set(offsets))


def test_resume_from_every_cursor(tmp_path):
    rows = cut(mixed_rows(), 3)
    wanted = peer.policy(RULES)
    whole = findings_stepwise(tmp_path, rows, wanted)
    answered = {(c.offset, c.lines) for c in whole.cursors}
    assert len(answered) > 10
    for offset, lines in sorted(answered):
        rest = peer.classify(tmp_path, rows, wanted, cursor=offset,
                             lines=lines)
        assert rest.at == [at for at in whole.at if at[1] >= offset]
        assert rest.cursors[-1].lines == whole.cursors[-1].lines


def random_rows(seed):
    choose = random.Random(seed)
    texts = [b"step 1 loss 0.5\n", b"boom 7\n", TRACEBACK, b"trouble\n",
             b"\n", b"Traceback (most recent call last):\n", b"no newline ",
             b"  File indented\n", b"KeyError: 'x'\n", b"50%\r60%\r",
             b"ERROR: broken\n", b"\xff\xfe\x00\x1b[31mred\n",
             b"panic: x\n", b"a.b.CException: x\n", b"\tat a.b(C.java:1)\n",
             b"[rank1]: Traceback (most recent call last):\n",
             b"[rank1]: ValueError: y\n", b"{\n", b'  "a": 1\n', b"}\n",
             b"terminate called after throwing\n", b"=" * 40 + b"\n",
             b"train.py FAILED\n"]
    rows = [(choose.randrange(2), choose.choice(texts)) for _ in range(60)]
    # Torn anywhere, the two streams' pieces in any order.
    queues = [b"".join(d for s, d in rows if s == n) for n in (OUT, ERR)]
    chunks = []
    while any(queues):
        stream = choose.choice([n for n in (OUT, ERR) if queues[n]])
        size = choose.randrange(1, 40)
        chunks.append((stream, queues[stream][:size]))
        queues[stream] = queues[stream][size:]
    return chunks


@pytest.mark.parametrize("seed", range(24))
def test_resume_in_random_output(tmp_path, seed):
    chunks = random_rows(seed)
    wanted = peer.policy(RULES)
    whole = findings_stepwise(tmp_path, chunks, wanted)
    assert whole.at == peer.classify(tmp_path, chunks, wanted).at
    answered = sorted({(c.offset, c.lines) for c in whole.cursors})
    for offset, lines in answered[::3]:
        rest = peer.classify(tmp_path, chunks, wanted, cursor=offset,
                             lines=lines)
        assert rest.at == [at for at in whole.at if at[1] >= offset]
        assert rest.cursors[-1].lines == whole.cursors[-1].lines


def test_cursor_stays_before_open_lines_and_groups(tmp_path):
    segment = peer.Segment(tmp_path)
    with peer.Peer(tmp_path) as one:
        one.resume()
        one.segment(segment)

        def cursor(stream, data):
            segment.write(stream, data)
            return one.grown(segment.end).cursors[-1]

        assert cursor(OUT, b"one\n").offset == 4
        assert cursor(OUT, b"two, not yet").offset == 4
        now = cursor(ERR, b"meanwhile\n")
        assert (now.offset, now.end, now.lines) == (4, segment.end, 1)
        now = cursor(OUT, b" done\n")
        assert (now.offset, now.lines) == (segment.end, 3)
        before = segment.end
        assert cursor(ERR, TRACEBACK[:60]).offset == before
        assert cursor(OUT, b"more\n").offset == before
        assert cursor(ERR, TRACEBACK[60:]).offset == segment.end


def test_lost_traceback_does_not_hold_the_cursor(tmp_path):
    """One that gets no final line is told, and let go, within a megabyte."""
    head = b"Traceback (most recent call last):\n  File \"x\", line 1\n"
    rows = [(ERR, head)] + [(OUT, b"step of the job\n" * 4096)] * 40
    answers = peer.classify(tmp_path, rows)
    assert answers.at == [(ERR, 0)]
    assert [c.offset for c in answers.cursors[:-1]
            if c.end > 2 * 2 ** 20 and c.offset == 0] == []


def test_cursor_on_the_way(tmp_path):
    data = b"an ordinary line of output\n" * 200_000
    answers = peer.classify(tmp_path, cut([(OUT, data)], 65536))
    ends = [c.end for c in answers.cursors]
    assert ends == sorted(set(ends))
    steps = [b - a for a, b in zip([0] + ends, ends)]
    assert max(steps) < 1.5 * 2 ** 20
    assert answers.cursors[-1].lines == 200_000


@pytest.mark.parametrize("final", [b"", b"\nboom 5\n"])
def test_endless_line_takes_bounded_memory(tmp_path, final):
    segment = peer.Segment(tmp_path)
    start = b"FATAL: here it begins "
    segment.write(OUT, start)
    for _ in range(100):
        segment.write(OUT, b"x" * 1_000_000)
    segment.write(OUT, final)
    with peer.Peer(tmp_path, peer.policy(RULES)) as one:
        one.resume()
        one.segment(segment)
        one.grown(0)  # it is up
        before = one.peak_kib()
        answers = one.grown(segment.end, final=1)
        assert one.peak_kib() - before < 2048
    assert answers.findings[0].length == 100_000_000 + len(start)
    assert answers.findings[0].severity == "critical"
    assert len(answers.findings[0].message) == 2048
    assert len(answers.findings) == (2 if final else 1)


def test_million_lines(tmp_path):
    rows = []
    for i in range(100):
        rows.append((OUT, b"x\n" * 10_000))
    rows.append((ERR, b"boom 1\n"))
    answers = peer.classify(tmp_path, rows, peer.policy(RULES))
    assert answers.at == [(ERR, 2_000_000)]
    assert answers.cursors[-1].lines == 1_000_001


def test_ugly_bytes(tmp_path):
    lines = [b"a\0b boom 1 \xff\xfe", b"\x1b[31;1mboom\x1b[0m 2",
             b"10% boom 3\r20%\rboom 4\r", b"\xe2\x82boom 5", b"\x1b]0;boom 6",
             "bööm ✓ boom 7".encode()]
    answers = peer.classify(tmp_path, [(OUT, b"\n".join(lines) + b"\n")],
                            peer.policy(RULES))
    assert [f.message for f in answers.findings] == [
        "a b boom 1 \ufffd\ufffd", "boom 2", "boom 4",
        "\ufffd\ufffdboom 5", "0;boom 6", "bööm ✓ boom 7"]


def test_random_bytes(tmp_path):
    data = random.Random(3).randbytes(1_000_000)
    answers = peer.classify(tmp_path, cut([(OUT, data)], 9999),
                            peer.policy(RULES))
    tail = 0 if data.endswith(b"\n") else 1
    assert answers.cursors[-1].lines == data.count(b"\n") + tail


def test_catastrophic_pattern_is_switched_off(tmp_path):
    rules = [{"name": "slow", "pattern": "^(a+)+$"}, *RULES]
    rows = [(OUT, b"a" * 40 + b"!\nboom 1\n")] * 500
    before = time.monotonic()
    answers = peer.classify(tmp_path, rows, peer.policy(rules))
    assert time.monotonic() - before < 10
    assert len(answers.findings) == 500
    assert {f.source for f in answers.findings} == {"rule:boom"}
    [note] = answers.notes
    assert "rule:slow is off" in note


def test_bad_pattern_is_a_note(tmp_path):
    rules = [{"name": "torn", "pattern": "(x"}, *RULES]
    answers = peer.classify(tmp_path, [(OUT, b"boom 1\n")],
                            peer.policy(rules))
    assert [f.rule for f in answers.findings] == [1]
    assert "rule:torn is off" in answers.notes[0]


def test_segments_follow_each_other(tmp_path):
    """The next is opened in the middle of a line, and of a traceback."""
    first = peer.Segment(tmp_path)
    first.write(OUT, b"one\nboo")
    first.write(ERR, TRACEBACK[:70])
    second = peer.Segment(tmp_path, base=first.end, sequence=2)
    with peer.Peer(tmp_path, peer.policy(RULES)) as one:
        one.resume()
        one.segment(first)
        assert one.grown(first.end).findings == []
        second.write(OUT, b"m 1\n")
        second.write(ERR, TRACEBACK[70:])
        one.segment(second)
        answers = one.grown(second.end, final=1)
    assert answers.at == [
        (OUT, 4), (ERR, 7 + len(TRACEBACK) - len(b"ValueError: bad value\n")
                   + len(b"m 1\n"))]
    assert answers.cursors[-1].lines == 2 + TRACEBACK.count(b"\n")


def boom_segments(folder, count):
    """One after the other, a line in each."""
    segments, base = [], 0
    for i in range(count):
        segments.append(peer.Segment(folder, base=base, sequence=i + 1))
        segments[-1].write(OUT, b"boom %d\n" % i)
        base = segments[-1].end
    return segments


def test_many_segments(tmp_path):
    """As many at a time as it may be given; the next when it has passed
    some: it is told as far as the last one begins."""
    segments = boom_segments(tmp_path, 200)
    found, todo = [], segments[50:]
    with peer.Peer(tmp_path, peer.policy(RULES)) as one:
        one.resume(cursor=todo[0].base, lines=50)
        one.grown(todo[0].base)  # it is up
        before = len(os.listdir(f"/proc/{one.process.pid}/fd"))
        room = peer.SEGMENTS_MAX
        while todo:
            given, todo = todo[:room], todo[room:]
            for segment in given:
                one.segment(segment)
            found += one.grown(given[-1].base).at
            room = peer.SEGMENTS_MAX - 1  # it has passed all but the last
        answers = one.grown(segments[-1].end, final=1)
        after = len(os.listdir(f"/proc/{one.process.pid}/fd"))
    assert found + answers.at == [(OUT, s.base) for s in segments[50:]]
    assert answers.cursors[-1].lines == 200
    assert after == before + 2  # the last segment's


def test_too_many_segments_end_it(tmp_path):
    with peer.Peer(tmp_path) as one:
        one.resume()
        for segment in boom_segments(tmp_path, peer.SEGMENTS_MAX + 1):
            one.segment(segment)
        with pytest.raises(EOFError):
            one.receive()
    assert one.process.returncode == 1


def test_missing_output_is_jumped_over(tmp_path):
    first = peer.Segment(tmp_path)
    first.write(OUT, b"one\nboom 1, torn")
    second = peer.Segment(tmp_path, base=10_000, sequence=9)
    second.write(OUT, b"boom 2\n")
    with peer.Peer(tmp_path, peer.policy(RULES)) as one:
        one.resume()
        one.segment(first)
        one.segment(second)
        answers = one.grown(second.end, final=1)
    assert answers.at == [(OUT, 4), (OUT, 10_000)]
    assert answers.cursors[-1] == peer.Cursor(10_007, 10_007, 3, 1)


def test_skip(tmp_path):
    data = b"boom 1\nboom 2\nboom 3\n"
    answers = peer.classify(tmp_path, [(OUT, data)], peer.policy(RULES),
                            skip=7)
    assert answers.at == [(OUT, 0), (OUT, 14)]
    assert "offset 7" in answers.notes[0]
    assert answers.cursors[-1].lines == 3


def test_careful(tmp_path):
    data = b"boom 1\nboom 2\nboom 3\n"
    answers = peer.classify(tmp_path, [(OUT, data)], peer.policy(RULES),
                            careful=1)
    assert [(c.offset, c.end, c.lines) for c in answers.cursors] == [
        (0, 0, 0), (7, 7, 1), (14, 14, 2), (21, 21, 3)]


def test_context_is_bounded(tmp_path):
    rows = [(OUT, b"%d " % i + b"y" * 5000 + b"\n") for i in range(40)]
    rows += [(OUT, b"short %d\n" % i) for i in range(30)]
    rows += [(OUT, b"boom 1\n")]
    for kept, first in ((2, "short 28\n"), (0, "boom 1\n")):
        [one] = peer.classify(tmp_path, rows, peer.policy(
            RULES, context_lines=kept)).findings
        assert one.context.startswith(first)
        assert one.context.endswith("boom 1\n")
    [one] = peer.classify(tmp_path, rows, peer.policy(
        RULES, context_lines=200)).findings
    assert len(one.context) <= 16384


def test_base_off(tmp_path):
    rows = [(OUT, b"FATAL: gone\n" + TRACEBACK + b"boom 1\n")]
    answers = peer.classify(tmp_path, rows, peer.policy(RULES, base=False))
    assert [f.source for f in answers.findings] == ["rule:boom"]


def test_end_of_channel_is_the_end(tmp_path):
    with peer.Peer(tmp_path) as one:
        one.resume()
        assert one.grown(0).cursors == [peer.Cursor(0, 0, 0, 0)]
    assert one.process.returncode == 0


@pytest.mark.parametrize("break_it", [
    lambda one: one.resume(),
    lambda one: one.send(peer.MESSAGE_CURSOR, b"\0" * 32),
    lambda one: one.send(peer.MESSAGE_GROWN, b"short"),
    lambda one: one.send(peer.MESSAGE_SEGMENT, b"\0" * 8),
    lambda one: one.send(99, b""),
    lambda one: one.send(peer.MESSAGE_GROWN, b"\1" + b"\0" * 15),
])
def test_bad_message_ends_it(tmp_path, break_it):
    with peer.Peer(tmp_path) as one:
        one.resume()
        break_it(one)
        with pytest.raises(EOFError):
            one.receive()
    assert one.process.returncode == 1
    assert (tmp_path / "family.log").read_text().startswith("classifier: ")


def test_message_before_resume_ends_it(tmp_path):
    with peer.Peer(tmp_path) as one:
        one.send(peer.MESSAGE_GROWN, b"\0" * 16)
        with pytest.raises(EOFError):
            one.receive()
    assert one.process.returncode == 1


def test_runs_behind_the_job(tmp_path):
    with peer.Peer(tmp_path) as one:
        one.resume()
        one.grown(0)
        assert os.getpriority(os.PRIO_PROCESS, one.process.pid) == (
            os.getpriority(os.PRIO_PROCESS, 0) + 5)
        status = open(f"/proc/{one.process.pid}/status").read()
        assert "\nSeccomp:\t2\n" in status
        assert "\nThreads:\t1\n" in status


def test_killed_leaves_nothing_to_repair(tmp_path):
    segment = peer.Segment(tmp_path)
    segment.write(OUT, b"boom 1\n")
    one = peer.Peer(tmp_path, peer.policy(RULES))
    one.resume()
    one.segment(segment)
    cursor = one.grown(segment.end).cursors[-1]
    one.process.send_signal(signal.SIGKILL)
    assert one.close() == -signal.SIGKILL
    segment.write(OUT, b"boom 2\n")
    with peer.Peer(tmp_path, peer.policy(RULES)) as two:
        two.resume(cursor=cursor.offset, lines=cursor.lines)
        two.segment(segment)
        assert two.grown(segment.end).at == [(OUT, 7)]


@pytest.mark.parametrize("command", ["compile", "programs"])
def test_later_commands_say_so(command):
    done = subprocess.run([peer.CLASSIFIER, command, "x"],
                          capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"jobwatch: {command}: not there yet\n"
