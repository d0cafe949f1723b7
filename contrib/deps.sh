#!/bin/bash
# Installs the Debian packages that a target needs: build, test, bench.
# Says and does nothing when all of them are there. apt only; sudo when the
# caller is not root.
set -eu

build="gcc g++ make pkg-config libevent-dev libcurl4-openssl-dev libssl-dev
    libjansson-dev libseccomp-dev libtomlplusplus-dev libpcre2-dev zlib1g-dev
    libsqlite3-dev libhyperscan-dev libzstd-dev libpq-dev python3"
test="libcmocka-dev python3-pytest python3-pytest-xdist binutils strace valgrind
    fuse3 libfuse3-dev util-linux procps git less zstd gzip logrotate"
bench="s6 runit daemontools apache2-utils supervisor"

case "${1:-build}" in
build) wanted="$build" ;;
test) wanted="$build $test" ;;
bench) wanted="$build $bench" ;;
*)
	echo "usage: $0 build|test|bench" >&2
	exit 2
	;;
esac

missing=
for package in $wanted; do
	# Hyperscan exists for x86-64 only; the build does without it elsewhere.
	[ "$package" = libhyperscan-dev ] && [ "$(uname -m)" != x86_64 ] && continue
	dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null |
	    grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

run=
[ "$(id -u)" = 0 ] || run=sudo

# Its package starts a daemon, for which the bench has no use.
calm_supervisor()
{
	case "$missing " in
	*" supervisor "*) ;;
	*) return ;;
	esac
	[ ! -d /run/systemd/system ] ||
	    $run systemctl -q disable --now supervisor
}

echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$run apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    { $run apt-get update -qq &&
	$run apt-get install -y -qq --no-install-recommends $missing >/dev/null; }
calm_supervisor
