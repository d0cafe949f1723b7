#!/bin/bash
# make demo: a training run that fails, watched under contrib/policies/train.toml,
# and its alert as the phone would show it. The phone is a webhook receiver
# on a free loopback port; all files go to a folder of their own.
set -u
cd "$(dirname "$0")/../.."
bin="${JOBWATCH_BIN:-build/bin}"
folder=$(mktemp -d)
phone=
trap '[ -n "$phone" ] && kill "$phone" 2>/dev/null; rm -rf "$folder"' EXIT
export JOBWATCH_HOME="$folder/home"

python3 contrib/demo/phone.py --port 0 --port-file "$folder/port" \
    > "$folder/phone" &
phone=$!
until [ -s "$folder/port" ]; do
	kill -0 "$phone" || exit 1
done

echo "$ jobwatch run --policy contrib/policies/train.toml \\"
echo "      --notify http://127.0.0.1:$(cat "$folder/port")/ -- python3 contrib/demo/train.py"
"$bin/jobwatch" run --policy contrib/policies/train.toml --name train \
    --notify "http://127.0.0.1:$(cat "$folder/port")/" \
    -- python3 contrib/demo/train.py
code=$?
echo
echo "The job ended with exit code $code, as jobwatch did. The phone shows:"
echo
cat "$folder/phone"
echo
echo "$ jobwatch ps -a"
"$bin/jobwatch" ps -a
echo
echo "$ jobwatch events train"
"$bin/jobwatch" events train
# The demonstration is a success when the failure was told.
grep -q "shard 7 is damaged" "$folder/phone"
