#!/bin/sh
# What tools/analyze asks of the program, and what it makes of the answers; the program is a stub.
# Argument: tools/analyze
set -eu
analyze=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Says how it was called; fails as the environment tells: FIRST, KERNEL, DOCTOR are exit statuses.
cat >"$folder/plait" <<'STUB'
#!/bin/sh
case "$*" in
doctor) echo "MISSING  user namespaces"; exit "${DOCTOR:-0}" ;;
*"--target linux"*) echo "called: $*"; exit "${KERNEL:-0}" ;;
*) echo "called: $*"; exit "${FIRST:-0}" ;;
esac
STUB
chmod +x "$folder/plait"

fail() {
    echo "$1: $(cat "$folder/out")" >&2
    exit 1
}

# STATUS, then the environment, then the options.
try() {
    wanted=$1
    shift
    got=0
    env "$@" >"$folder/out" || got=$?
    [ "$got" -eq "$wanted" ] || fail "status $got, wanted $wanted"
}

said() {
    grep -q -- "$1" "$folder/out" || fail "not said: $1"
}

try 0 FIRST=0 "$analyze" "$folder/plait" --seed 7
said 'called: analyze --out plait-report --seed 7'
said "Now the kernel of this machine: Linux $(uname -r)"
said 'called: analyze --target linux --out plait-report-linux --seed 7'

try 0 DOCTOR=2 "$analyze" "$folder/plait"
said 'It cannot be attacked here:'
said 'MISSING  user namespaces'
grep -q -- '--target linux' "$folder/out" && fail 'the kernel was attacked all the same'

try 1 DOCTOR=2 FIRST=1 "$analyze" "$folder/plait"
try 3 FIRST=1 KERNEL=3 "$analyze" "$folder/plait"
try 2 FIRST=2 KERNEL=3 "$analyze" "$folder/plait"
try 4 FIRST=4 KERNEL=1 "$analyze" "$folder/plait"
try 1 KERNEL=1 "$analyze" "$folder/plait"

try 3 KERNEL=3 "$analyze" "$folder/plait" --target linux
grep -q 'plait-report' "$folder/out" && fail 'what was asked for was not all'
exit 0
