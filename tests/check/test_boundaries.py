"""The walls stand, and boundaries.py sees each way to break one."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("JOBWATCH_BIN", ROOT / "build/bin"))
CHECK = ROOT / "tests/check/boundaries.py"
ROOMS = ["jobs/core", "jobs/cmd", "jobs/hub", "supervisor", "classifier", "notify",
         "feeder"]
PROGRAMS = ["jobwatch", "jobwatch-keeper", "jobwatch-supervisor", "jobwatch-classifier",
            "jobwatch-notifier", "jobwatch-compressor", "jobwatch-feeder",
            "jobwatch-hub"]


def check(root=ROOT, programs=BIN):
    result = subprocess.run([sys.executable, CHECK, "--root", root, "--bin", programs],
                            capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


@pytest.fixture(name="house")
def house_fixture(tmp_path):
    """A copy of the sources and lists, to be broken."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / "house" / room)
    shutil.copytree(ROOT / "tests/check/symbols", tmp_path / "house/tests/check/symbols")
    return tmp_path / "house"


@pytest.fixture(name="programs")
def programs_fixture(tmp_path):
    """A folder with the programs as built, to exchange one of them."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in PROGRAMS:
        (folder / name).symlink_to(BIN / name)
    return folder


def build(folder, name, source, *libraries):
    """Puts another program in name's place: the check goes by what a program
    asks of the loader, whatever it was made from."""
    (folder / name).unlink(missing_ok=True)
    subprocess.run([os.environ.get("CC", "gcc"), "-x", "c", "-", "-o", folder / name, *libraries],
                   input=source, text=True, check=True)


def add(path, text):
    path.write_text(text + path.read_text())


def test_the_tree_keeps_its_walls():
    code, said = check()
    assert code == 0, said


def test_a_copy_keeps_them_too(house, programs):
    code, said = check(house, programs)
    assert code == 0, said


# --- who includes whom


def test_include_that_goes_up(house):
    add(house / "classifier/line.h", '#include "../jobs/core/io.h"\n')
    code, said = check(house)
    assert code == 1
    assert 'classifier/line.h: includes "../jobs/core/io.h"' in said


def test_include_by_path(house):
    add(house / "notify/http.c", '#  include "core/io.h"\n')
    code, said = check(house)
    assert code == 1
    assert 'notify/http.c: includes "core/io.h"' in said


@pytest.mark.parametrize("room, source, header", [
    ("supervisor", "life.c", "courier.h"),
    ("classifier", "main.c", "logfile.h"),
    ("notify", "http.c", "logfile.h"),
    ("jobs/cmd", "cmd_run.c", "logfile.h"),
    ("jobs/core", "io.c", "launch.h"),
    ("jobs/core", "toml.cc", "launch.h"),
])
def test_include_of_a_neighbour(house, room, source, header):
    add(house / room / source, f'#include "{header}"\n')
    code, said = check(house)
    assert code == 1
    assert f'{room}/{source}: includes "{header}"' in said


def test_source_outside_of_rooms(house):
    (house / "stray.c").write_text("int stray;\n")
    code, said = check(house)
    assert code == 1
    assert "stray.c: source files live in rooms" in said


# --- who calls what


@pytest.mark.parametrize("name, call", [
    ("jobwatch-classifier", "connect"),
    ("jobwatch-classifier", "socket"),
    ("jobwatch-classifier", "socketpair"),
    ("jobwatch-classifier", "open"),
    ("jobwatch-classifier", "open64"),
    ("jobwatch-classifier", "openat"),
    ("jobwatch-classifier", "fopen"),
    ("jobwatch-classifier", "fork"),
    ("jobwatch-classifier", "vfork"),
    ("jobwatch-classifier", "execve"),
    ("jobwatch-classifier", "system"),
    ("jobwatch-classifier", "popen"),
    ("jobwatch-classifier", "posix_spawn"),
    ("jobwatch-classifier", "syscall"),
    ("jobwatch-classifier", "dlopen"),
    ("jobwatch-keeper", "connect"),
    ("jobwatch-keeper", "socket"),
    ("jobwatch-keeper", "pthread_create"),
    ("jobwatch-supervisor", "connect"),
    ("jobwatch-supervisor", "socket"),
    ("jobwatch-supervisor", "bind"),
    ("jobwatch-supervisor", "bufferevent_socket_connect"),
    ("jobwatch-supervisor", "pcre2_match_8"),
    ("jobwatch-supervisor", "syscall"),
    ("jobwatch-supervisor", "ZSTD_decompressDCtx"),
    ("jobwatch-supervisor", "inflate"),
    ("jobwatch-classifier", "ZSTD_compress2"),
    ("jobwatch-compressor", "open64"),
    ("jobwatch-compressor", "openat64"),
    ("jobwatch-compressor", "socket"),
    ("jobwatch-compressor", "fork"),
    ("jobwatch-compressor", "execve"),
    ("jobwatch-compressor", "kill"),
    ("jobwatch-compressor", "unlinkat"),
    ("jobwatch-compressor", "pthread_create"),
    ("jobwatch-notifier", "fork"),
    ("jobwatch-notifier", "execve"),
    ("jobwatch-notifier", "execveat"),
    ("jobwatch-notifier", "posix_spawn"),
    ("jobwatch-notifier", "system"),
    ("jobwatch-notifier", "ptrace"),
    ("jobwatch-hub", "system"),
    ("jobwatch", "ptrace"),
])
def test_call_that_is_not_allowed(programs, name, call):
    # Named, not called: what the loader is asked for is what counts.
    build(programs, name, f"extern int {call}(); void *address(void);\n"
          f"void *address(void) {{ return (void *){call}; }}\n"
          "int main(void) { return address() != 0; }\n",
          "-fno-builtin", "-w", "-levent_core", "-lpcre2-8", "-lz", "-l:libzstd.so.1")
    code, said = check(programs=programs)
    assert code == 1
    assert f"{name}: may not use {call} ({name}.allow)" in said


@pytest.mark.parametrize("name", [p for p in PROGRAMS if p != "jobwatch-notifier"])
def test_curl_is_the_notifiers(programs, name):
    build(programs, name, "#include <curl/curl.h>\n"
          "int main(void) { return curl_easy_init() == 0; }\n", "-lcurl")
    code, said = check(programs=programs)
    assert code == 1
    assert f"{name}: may not use curl_easy_init" in said


def test_program_without_a_list(house, programs):
    (house / "tests/check/symbols/jobwatch-hub.allow").unlink()
    code, said = check(house, programs)
    assert code == 1
    assert "jobwatch-hub: has no allow-list" in said


def test_new_program_without_a_list(programs):
    build(programs, "jobwatch-extra", "int main(void) { return 0; }\n")
    code, said = check(programs=programs)
    assert code == 1
    assert "jobwatch-extra: has no allow-list" in said


def test_program_that_is_not_built(programs):
    (programs / "jobwatch-hub").unlink()
    code, said = check(programs=programs)
    assert code == 1
    assert "is not built" in said


# --- a real program with one line more


def test_classifier_that_connects(house, tmp_path):
    """The real link line with one call more: the archive, the libraries and
    --gc-sections hide nothing."""
    main = house / "classifier/main.c"
    main.write_text(main.read_text().replace(
        "\nmain(", "\nmain_is_renamed(", 1) +
        '\n#include <sys/socket.h>\nint main(int argc, char **argv);\n'
        'int\nmain(int argc, char **argv)\n{\n\tconnect(argc, 0, 0);\n'
        '\treturn main_is_renamed(argc, argv);\n}\n')
    shutil.copy(ROOT / "Makefile", house)
    (house / "contrib/policies").mkdir(parents=True)
    program = tmp_path / "out/bin/jobwatch-classifier"
    result = subprocess.run(["make", "-C", house, f"BUILD={tmp_path / 'out'}", "OPTIMIZE=-O1", "WERROR=",
                             program], capture_output=True, text=True,
                            env={k: v for k, v in os.environ.items() if k != "MAKEFLAGS"})
    assert result.returncode == 0, result.stdout + result.stderr
    for name in PROGRAMS:
        if name != program.name:
            (program.parent / name).symlink_to(BIN / name)
    code, said = check(house, program.parent)
    assert code == 1
    assert "jobwatch-classifier: may not use connect" in said
