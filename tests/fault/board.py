"""The board of the shim (board.h): which system call is to fail or to kill,
and what was counted."""
import mmap
import struct
from dataclasses import dataclass
from errno import errorcode

KINDS = ("open", "create", "read", "write", "pwrite", "splice", "move",
         "rename", "unlink", "sync", "mkdir", "truncate", "step", "room")
ACTIONS = ("none", "fail", "tear", "kill-before", "kill-after")
RULES, TRACES = 4, 8192
HEAD = struct.Struct(f"<{len(KINDS)}QII")
RULE = struct.Struct("<IIQiIII")
TRACE = struct.Struct("<IiII48s")
SIZE = HEAD.size + RULES * RULE.size + TRACES * TRACE.size
PROGRAMS = "jobwatch-supervisor:jobwatch-compressor"


@dataclass(frozen=True)
class Rule:
    kind: str
    at: int
    action: str
    error: int = 0
    lasting: bool = False

    def words(self):
        error = f" {errorcode[self.error]}" if self.error else ""
        return (f"{self.action} {self.kind} {self.at}{error}"
                f"{' and on' if self.lasting else ''}")

    def pack(self):
        return RULE.pack(KINDS.index(self.kind), ACTIONS.index(self.action),
                         self.at, self.error, self.lasting, 0, 0)


@dataclass(frozen=True)
class Call:
    kind: str
    error: int  # as injected; -1: killed
    pid: int
    name: str

    def words(self):
        end = {0: "", -1: " KILLED"}.get(self.error) or \
            (f" {errorcode[self.error]}" if self.error else "")
        return f"{self.pid} {self.kind} {self.name}{end}"


class Board:
    def __init__(self, path, rules=()):
        self.path = path
        with open(path, "w+b") as file:
            file.truncate(SIZE)
            self.map = mmap.mmap(file.fileno(), SIZE)
        for i, rule in enumerate(rules):
            at = HEAD.size + i * RULE.size
            self.map[at:at + RULE.size] = rule.pack()

    def close(self):
        self.map.close()

    def environment(self, shim):
        return {"LD_PRELOAD": str(shim), "FAULT_BOARD": str(self.path),
                "FAULT_PROGRAMS": PROGRAMS}

    def lift(self):
        """Rules that last end."""
        at = HEAD.size - 8
        self.map[at:at + 4] = struct.pack("<I", 1)

    def calls(self):
        return dict(zip(KINDS, HEAD.unpack_from(self.map)))

    def fired(self):
        """How often each rule was applied."""
        return [RULE.unpack_from(self.map, HEAD.size + i * RULE.size)[5]
                for i in range(RULES)]

    def trace(self):
        count = min(HEAD.unpack_from(self.map)[-1], TRACES)
        begin = HEAD.size + RULES * RULE.size
        rows = (TRACE.unpack_from(self.map, begin + i * TRACE.size)
                for i in range(count))
        return [Call(KINDS[kind], error, pid,
                     name.split(b"\0")[0].decode(errors="replace"))
                for kind, error, pid, _, name in rows]
