#!/bin/sh
# Shows that a bundle runs from anywhere, with no environment and no library but its own.
#
# Usage: bundle.sh TOOLS PLAIT PLAIT-AUDIT CAPTURE
set -eu
tools=$(realpath "$1") plait=$(realpath "$2") audit=$(realpath "$3") capture=$(realpath "$4")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/any where"
cd "$work/any where"
"$tools/bundle" "$plait" "$audit" "$work/bundle.tar.gz" >/dev/null
tar -xzf "$work/bundle.tar.gz"

version=$(env -i ./plait-bundle/plait --version)
[ "$version" = "$("$plait" --version)" ] || { echo "the bundle says '$version'"; exit 1; }
(cd plait-bundle && env -i sh plait explain T-TS-2 --help >/dev/null) # as "plait", without a slash
status=0
env -i ./plait-bundle/plait analyse 2>error || status=$?
if [ "$status" -ne 2 ] || ! grep -q '^plait: analyse: no such command' error; then
    cat error
    echo "a mistyped command ended with $status, or under another name"
    exit 1
fi

# One program becomes the other, with the libraries of the bundle.
env -i ./plait-bundle/plait audit --quiet "$capture" >through
env -i ./plait-bundle/plait-audit --quiet "$capture" >directly
cmp through directly

# What the loader would use: each library lies in the bundle; the vdso is no file.
here=$(pwd)/plait-bundle/lib
for name in plait plait-audit; do
    env -i "$here"/ld-linux* --library-path "$here" --list "$here/$name.program"
done >used
if grep -v -e vdso -e "$here/" used; then
    echo "a library outside the bundle is used"
    exit 1
fi
echo "runs with $(grep -c "$here/" used) libraries of its own"
