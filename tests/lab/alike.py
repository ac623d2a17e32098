#!/usr/bin/env python3
"""Verdicts of RFC 6181's rows on this machine's kernel are those of our own endpoint under v1 and
plain TCP, or docs/FINDINGS.md says why not.

Usage: alike.py PROGRAM [--all | --cell GLOB] [--from REPORT]

Ours are those of tests/golden/own.txt.  Without --all a sample of short cells is played; with it all
that a kernel meets with --full only, which takes hours.  --from reads the report of such a run instead.
Where the two differ a row of DIFFERENCES says so, each way, and names the paragraph of docs/FINDINGS.md
that explains it.
Exit status 77, with the reason, where nothing can be played live.
"""
import argparse
import fnmatch
import json
import os
import pathlib
import platform
import sys
import tempfile

import verdicts

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
RELEASE = "6.18."  # what docs/FINDINGS.md was measured on
ROWS = "T-@(FLOOD|CAMP|REUSE|HIJ|UNK|CSUM|TS-[1367])*"
SAMPLE = [
    "T-FLOOD-1/silent/server/bulk/PART/v1/default/ipv4",
    "T-REUSE-1/-/server/trickle/HEIR-2-no-spoof/v1/default/ipv4",
    "T-HIJ-1/-/server/bulk/OFF-NS-no-spoof/v1/default/ipv4",
    "T-HIJ-3/-/client/idle/OFF-NS-no-spoof/v1/default/ipv4",
    "T-HIJ-7/-/server/idle/PE-H/v1/default/ipv4",
    "T-TS-1/-/server/bulk/PE-J-no-spoof/v1/default/ipv4",
    "T-TS-3/away/server/bulk/PA-J/v1/default/ipv4",
    "T-TS-6/remove/server/bulk/PE-J1/v1/default/ipv4",
    "T-UNK-1/-/server/idle/OFF/v1/default/ipv4",
    "T-CSUM-1/checked/server/bulk/ON1-A/v1/default/ipv4",
]
# Cells (glob), our verdict and the kernel's, as "outcome versus", and the paragraph's first words.
SMALL = "Small writes take the attacker's path too."
OLD = "An old acknowledgment of a young connection is taken."
ASKED = "REMOVE_ADDR is first answered by a question."
BEAT = "Camping in step is a matter of a tenth of a millisecond."
DIFFERENCES = [
    ("T-REUSE-1/*/trickle/HEIR-2*", "broken wider", "stopped same", SMALL),
    ("T-TS-7/own/*/trickle/PE-H*", "broken worse", "stopped same", SMALL),
    ("T-HIJ-4/*/v1/*", "stopped better", "stopped same", OLD),
    ("T-UNK-1/*/idle/OFF/*", "stopped better", "stopped same", OLD),
    ("T-TS-6/remove/*/bulk/*", "stopped better", "broken same", ASKED),
    ("T-CAMP-1/in-step/*", "broken same", "stopped same", BEAT),
]
LIMIT_S, SAMPLE_LIMIT_S = 7200, 280


def ours():
    """ID: (outcome, versus) of what a kernel could be asked."""
    known = {}
    for line in (TOP / "tests/golden/own.txt").read_text(encoding="utf-8").splitlines():
        name, outcome, versus = line.split("\t")[:3]
        if "/v1/" in name or "/tcp/" in name:
            known[name] = (outcome, versus)
    return known


def theirs(cells):
    return {name: (cell["outcome"], cell["versus_tcp"] or "-") for name, cell in cells.items()
            if cell["outcome"] != "n/a"}


def difference(name):
    for glob, own, kernel, paragraph in DIFFERENCES:
        if fnmatch.fnmatchcase(name, glob):
            return own, kernel, paragraph
    return None


def text(verdict):
    return " ".join(verdict)


def compare(own, kernel, cells):
    """What is amiss: a difference that no row explains, a row that is no difference, an error."""
    for name, verdict in sorted(kernel.items()):
        known = difference(name)
        if verdict[0] in ("error", "skipped"):
            yield f"{name}: {verdict[0]}: {cells[name]['reason']}"
        elif name not in own:
            yield f"{name}: our own endpoint has no such cell"
        elif known and (text(own[name]), text(verdict)) != known[:2]:
            yield (f"{name}: {text(own[name])} here and {text(verdict)} there, but \"{known[2]}\" "
                   f"explains {known[0]} and {known[1]}")
        elif not known and own[name] != verdict:
            yield (f"{name}: {text(own[name])} here, {text(verdict)} there, not explained: "
                   f"{cells[name]['reason']}")


def check_paragraphs():
    page = (TOP / "docs/FINDINGS.md").read_text(encoding="utf-8")
    return [f"docs/FINDINGS.md has no paragraph \"{row[3]}\"" for row in DIFFERENCES
            if f"**{row[3]}" not in page]


def play(given):
    glob = given.cell or (ROWS if given.all else verdicts.glob_of(SAMPLE))
    verdicts.skip_unless_live(given.program)
    with tempfile.TemporaryDirectory(prefix="plait-alike-") as folder:
        process = verdicts.start(given.program, glob, folder + "/report", "--full")
        return verdicts.finish(process, folder + "/report",
                               LIMIT_S if given.all or given.cell else SAMPLE_LIMIT_S)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--cell")
    parser.add_argument("--from", dest="report")
    given = parser.parse_args()
    problems = check_paragraphs()
    if given.report:
        document = json.loads(pathlib.Path(given.report).read_text(encoding="utf-8"))
        cells = {cell["id"]: cell for cell in document["cells"]}
    else:
        cells = play(given)
        problems += [f"{name} is no cell" for name in SAMPLE
                     if not given.all and not given.cell and name not in cells]
    cells = {name: cell for name, cell in cells.items() if cell["kind"] == "threat"}
    found = list(compare(ours(), theirs(cells), cells))
    print(f"{len(cells)} cells of linux {platform.release()}, {len(found)} unexplained")
    for problem in problems + found:
        print("  " + problem)
    if found and not problems and not platform.release().startswith(RELEASE):
        verdicts.skip(f"docs/FINDINGS.md is about linux {RELEASE}*")
    return bool(problems or found)


sys.exit(main())
