#!/bin/sh
# Writes requirements.lock: every third-party package with its hashes, no download address, no path of this machine.
set -eu
cd "$(dirname "$0")/.."
own=""
for name in care-shared care-intake care-scoring care-notifications care-local care-cli; do own="$own --no-emit-package $name"; done
# shellcheck disable=SC2086  # the flags are meant to be split
uv pip compile --quiet --universal --generate-hashes --python-version 3.11 $own \
    --custom-compile-command "deploy/lock.sh" pyproject.toml --group dev -o requirements.lock
