#!/bin/sh
# Shows `git bisect run` with plait on a stub (docs/KERNEL.md): a small repository in a temporary folder
# stands for a kernel tree.  Each commit holds the report that plait would write of that kernel; the
# seventh of ten makes T-RST-1 worse, in the fifth the run failed.  The bisection must skip the fifth,
# find the seventh, and stop at a typing error rather than blame a commit.
#
# Usage: bisect_stub.sh PLAIT DOCUMENT.  DOCUMENT is the report room's example.
set -eu
plait=$(realpath "$1") document=$(realpath "$2")
command -v git >/dev/null || { echo "git is missing"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null HOME="$work" LC_ALL=C
export GIT_AUTHOR_NAME="The plait authors" GIT_AUTHOR_EMAIL=authors@plait.invalid
export GIT_COMMITTER_NAME="The plait authors" GIT_COMMITTER_EMAIL=authors@plait.invalid

# Three reports of one cell: as it should be, worse, and a run that failed.
python3 - "$document" <<'END'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
cell = next(c for c in document["cells"] if c["threat"] == "T-RST-1")
document["cells"] = [cell]
VERDICTS = {"good": ("stopped", "better"), "bad": ("broken", "worse"), "failed": ("error", None)}
for name, (outcome, versus) in VERDICTS.items():
    cell["outcome"], cell["versus_tcp"] = outcome, versus
    for goal in cell["goals"]:
        goal["versus_tcp"] = versus
    with open(f"{name}.json", "w", encoding="utf-8") as file:
        json.dump(document, file)
END

git init -q -b main tree
cd tree
for number in 1 2 3 4 5 6 7 8 9 10; do
    report=good
    [ "$number" -lt 7 ] || report=bad
    [ "$number" -ne 5 ] || report=failed
    cp "../$report.json" report.json
    echo "$number" >version
    git add .
    git commit -q -m "Kernel $number"
    git tag "v$number"
done

# What a real bisection does here: build the kernel, boot it, let plait run in it (docs/KERNEL.md).
cat >../judge <<END
#!/bin/sh
exec "$plait" analyze --from report.json --expect "$work/good.json" --exit-style git-bisect --quiet \\
    "\$@" >/dev/null
END
chmod +x ../judge

git bisect start v10 v1 >../start
git bisect run ../judge >../log 2>&1 || { cat ../log; echo "the bisection did not end well"; exit 1; }
found=$(git rev-parse refs/bisect/bad)
git bisect log >../steps
git bisect reset >../reset 2>&1
if [ "$found" != "$(git rev-parse v7)" ]; then
    cat ../log
    echo "blamed $found, not v7"
    exit 1
fi
grep -q "git bisect skip $(git rev-parse v5)" ../steps || { cat ../steps; echo "v5 not skipped"; exit 1; }

# A typing error is status 128: git bisect stops at once and blames nobody.
git bisect start v10 v1 >../start
if git bisect run ../judge --thraet=x >../log 2>&1; then
    cat ../log
    echo "a typing error did not stop the bisection"
    exit 1
fi
[ "$(git rev-parse refs/bisect/bad)" = "$(git rev-parse v10)" ] || { echo "it blamed"; exit 1; }
git bisect reset >../reset 2>&1
echo "found v7, skipped v5, stopped at a typing error"
