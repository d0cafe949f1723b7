#!/usr/bin/python3
"""Checks the walls of the house: who links what, and who includes whom.

    boundaries.py [--bin DIR] [--root DIR]     check; exit 1 names each breach
    boundaries.py --print PROGRAM              its undefined symbols, to review

Rule 1: the undefined symbols of each program must match its allow-list,
tests/check/symbols/PROGRAM.allow: one name or glob a line, '#' begins a
comment. What a program may do is what it may call.
Rule 2: a source file includes only headers of its own folder or of jobs/core
by "name.h"; no include goes up with "../".
"""

import argparse
import fnmatch
import pathlib
import re
import subprocess
import sys

ROOMS = ["jobs/core", "jobs/cmd", "jobs/hub", "supervisor", "classifier", "notify",
         "feeder"]
GROUND = "jobs/core"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
# What the compiler's runtime and the loader ask of every program.
RUNTIME = ["__cxa_finalize", "_ITM_*", "__gmon_start__", "__libc_start_main",
           "__stack_chk_fail", "__*_chk", "__isoc23_strto*"]


def undefined_symbols(program):
    out = subprocess.run(["nm", "-D", "--undefined-only", str(program)],
                         check=True, capture_output=True, text=True).stdout
    names = (line.split()[-1] for line in out.splitlines() if line.strip())
    return sorted({name.split("@")[0] for name in names})


def allow_list(path):
    lines = (line.split("#")[0].split() for line in path.read_text().splitlines())
    return [word for words in lines for word in words]


def is_allowed(symbol, patterns):
    return any(fnmatch.fnmatchcase(symbol, p) for p in patterns)


def check_symbols(root, programs):
    lists = root / "tests/check/symbols"
    for allow in sorted(lists.glob("*.allow")):
        program = programs / allow.stem
        if not program.exists():
            yield f"{program}: is not built"
            continue
        patterns = allow_list(allow) + RUNTIME
        for symbol in undefined_symbols(program):
            if not is_allowed(symbol, patterns):
                yield f"{program.name}: may not use {symbol} ({allow.name})"
    for program in sorted(programs.glob("jobwatch*")):
        if not (lists / f"{program.name}.allow").exists():
            yield f"{program.name}: has no allow-list in {lists}"


def check_includes(root):
    for room in ROOMS:
        folder = root / room
        for source in sorted(folder.glob("*.[ch]")) + sorted(folder.glob("*.cc")):
            for name in INCLUDE.findall(source.read_text()):
                where = source.relative_to(root)
                if "../" in name or "/" in name:
                    yield f'{where}: includes "{name}": only names, no paths'
                elif not (folder / name).exists() and not (root / GROUND / name).exists():
                    yield f'{where}: includes "{name}", which is not its room\'s'
    for source in sorted(root.glob("*.[ch]")):
        yield f"{source.name}: source files live in rooms"


def main():
    here = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=here)
    parser.add_argument("--bin", type=pathlib.Path)
    parser.add_argument("--print", metavar="PROGRAM")
    options = parser.parse_args()
    programs = options.bin or options.root / "build/bin"
    if options.print:
        print("\n".join(undefined_symbols(programs / options.print)))
        return 0
    breaches = [*check_symbols(options.root, programs), *check_includes(options.root)]
    for breach in breaches:
        print(f"boundary: {breach}", file=sys.stderr)
    if not breaches:
        print("boundaries: all programs and rooms keep to theirs")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
