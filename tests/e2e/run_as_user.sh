#!/bin/bash
# Runs the end-to-end tests as an ordinary user, where we are root.
#
#     tests/e2e/run_as_user.sh [PYTEST ARGUMENTS...]
#
# Programs and tests are copied to a folder that all may read; the user is
# nobody, or the one in JOBWATCH_TEST_USER. JOBWATCH_BIN names the programs.
set -eu
case " $*" in
*" tests/"*) ;; # the caller says which
*) set -- tests/e2e "$@" ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=${JOBWATCH_BIN:-$root/build/bin}
user=${JOBWATCH_TEST_USER:-nobody}
python=${PYTHON:-/usr/bin/python3}

cd "$root"
if [ "$(id -u)" != 0 ]; then
	exec env JOBWATCH_BIN="$bin" JOBWATCH="$bin/jobwatch" \
	    "$python" -m pytest -q -p no:cacheprovider "$@"
fi
uid=$(id -u "$user") gid=$(id -g "$user")
copy=$(mktemp -d /tmp/jw-user-XXXXXX)
trap 'rm -rf "$copy"' EXIT
chmod 755 "$copy"
# The layout of the tree, for tests that look around in it.
mkdir -p "$copy/tree/build" "$copy/home" "$copy/tmp"
cp -r "$bin" "$copy/tree/build/bin"
cp -r "$(dirname "$bin")/model" "$copy/tree/build/"
for part in tests contrib docs jobs supervisor classifier notify; do
	cp -r "$root/$part" "$copy/tree/"
done
chmod -R a+rX,go-w "$copy/tree"
chown -R "$uid:$gid" "$copy/home" "$copy/tmp" "$copy/tree/tests"
cd "$copy/tree"
set +e
setpriv --reuid="$uid" --regid="$gid" --clear-groups --inh-caps=-all \
    --bounding-set=-all env -i PATH="$PATH" LANG="${LANG:-C.UTF-8}" \
    HOME="$copy/home" TMPDIR="$copy/tmp" USER="$user" LOGNAME="$user" \
    PYTHONDONTWRITEBYTECODE=1 \
    ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
    ${UBSAN_OPTIONS:+UBSAN_OPTIONS="$UBSAN_OPTIONS"} \
    JOBWATCH_BIN="$copy/tree/build/bin" JOBWATCH_BUILD="$copy/tree/build" \
    JOBWATCH="$copy/tree/build/bin/jobwatch" \
    "$python" -m pytest -q -p no:cacheprovider \
    --basetemp="$copy/tmp/t" "$@"
