#!/usr/bin/env python3
"""Verdicts of all cells on this machine's kernel are those of our own endpoint under v1 and plain TCP,
or docs/FINDINGS.md says why not.

Usage: alike.py PROGRAM [--all | --cell GLOB] [--from REPORT ...]

Ours are those of tests/golden/own.txt.  Without --all a sample of short cells is played; with it all of
them, which takes hours.  --from reads the reports of such a run instead, in pieces if need be (of a
cell in several the last counts).
Where the two differ a row of DIFFERENCES says so, each way, and names the paragraph of docs/FINDINGS.md
that explains it.  With --all, or from reports, no cell may be missing.
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
    "T-HIJ-7/-/server/bulk/OFF/v1/permissive/ipv6",
    "T-HIJ-5/add-addr/client/trickle/OFF/v1/default/ipv6",
    "T-TS-6/remove/server/trickle/PE-J1/v1/permissive/ipv6",
    "T-DSS-5/-/client/idle/PE-H/v1/default/ipv6",
]
# Cells (glob), our verdict and the kernel's, as "outcome versus", and the paragraph's first words.
SMALL = "Small writes take the attacker's path too."
OLD = "An old acknowledgment of a young connection is taken."
ASKED = "REMOVE_ADDR is first answered by a question."
DOOR = "A join is taken at the port that the client dialled from."
UNMAPPED = "Data without a mapping is not taken."
BOXES = "Behind middleboxes"
BEAT = "Camping in step is a matter of a tenth of a millisecond."
DIFFERENCES = [
    ("T-REUSE-1/*/trickle/HEIR-2*", "broken wider", "stopped same", SMALL),
    ("T-TS-7/own/*/trickle/PE-H*", "broken worse", "stopped same", SMALL),
    ("T-HIJ-4/*/v1/*", "stopped better", "stopped same", OLD),
    ("T-UNK-1/*/idle/OFF/*", "stopped better", "stopped same", OLD),
    ("T-TS-6/remove/*/bulk/PE-J1/*", "stopped better", "broken same", ASKED),
    ("T-DFIN-1/-/*/idle/OFF/*", "stopped better", "stopped same", OLD),
    ("T-DSS-5/*/idle/OFF/*", "stopped better", "stopped same", OLD),
    ("T-DSS-5/*/idle/PE-H*", "stopped better", "broken same", UNMAPPED),
    ("T-DSS-5/*/bulk/PE-H*", "stopped better", "broken same", UNMAPPED),
    ("T-RM-1/*/ON1-E/*", "stopped better", "broken same", ASKED),
    ("T-RM-1/*/ON2-E/*", "stopped same", "broken wider", ASKED),
    ("T-TS-2/direct/client/*", "broken worse", "stopped same", DOOR),
    ("T-CAMP-1/in-step/*", "broken same", "stopped same", BEAT),
    ("B-ISN/camp/*", "broken -", "stopped -", BEAT),
    ("B-DATA/*", "broken -", "stopped -", OLD),
    ("C-MB-3/-/server/bulk/*/v1/*", "stopped -", "broken -", BOXES),
    ("C-MB-4/edit-alone/*/v1/*", "stopped -", "broken -", BOXES),
]
# Over five minutes one write may spill over (docs/FINDINGS.md, F-7), or none: as ours, or as above.
VARIES = ["T-TS-7/own/*/trickle/PE-H*-300s/*"]
LIMIT_S, SAMPLE_LIMIT_S = 14400, 280


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


def may_be_ours(name):
    return any(fnmatch.fnmatchcase(name, glob) for glob in VARIES)


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
        elif may_be_ours(name) and own[name] == verdict:
            continue
        elif known and (text(own[name]), text(verdict)) != known[:2]:
            yield (f"{name}: {text(own[name])} here and {text(verdict)} there, but \"{known[2]}\" "
                   f"explains {known[0]} and {known[1]}")
        elif not known and own[name] != verdict:
            yield (f"{name}: {text(own[name])} here, {text(verdict)} there, not explained: "
                   f"{cells[name]['reason']}")


def missing(own, cells):
    return [f"{name}: no such cell there" for name, verdict in sorted(own.items())
            if verdict[0] != "n/a" and name not in cells]


def cells_of(report):
    return {cell["id"]: cell for cell in
            json.loads(pathlib.Path(report).read_text(encoding="utf-8"))["cells"]}


def check_paragraphs():
    page = (TOP / "docs/FINDINGS.md").read_text(encoding="utf-8")
    return [f"docs/FINDINGS.md has no paragraph \"{row[3]}\"" for row in DIFFERENCES
            if f"**{row[3]}" not in page]


def play(given):
    glob = given.cell or (verdicts.EVERYTHING if given.all else verdicts.glob_of(SAMPLE))
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
    parser.add_argument("--from", dest="reports", nargs="+", default=[])
    given = parser.parse_args()
    problems = check_paragraphs()
    cells = {}
    for report in given.reports:
        cells |= cells_of(report)
    if not given.reports:
        cells = play(given)
        problems += [f"{name} is no cell" for name in SAMPLE
                     if not given.all and not given.cell and name not in cells]
    own, verdicts_there = ours(), theirs(cells)
    found = list(compare(own, verdicts_there, cells))
    if given.all or given.reports:
        found += missing(own, cells)
    explained = sum(difference(name) is not None and own.get(name) != verdict
                    for name, verdict in verdicts_there.items())
    print(f"{len(verdicts_there)} cells of linux {platform.release()}: {explained} with another "
          f"verdict that is explained, {len(found)} unexplained or undecided")
    for problem in problems + found:
        print("  " + problem)
    if found and not problems and not platform.release().startswith(RELEASE):
        verdicts.skip(f"docs/FINDINGS.md is about linux {RELEASE}*")
    return bool(problems or found)


sys.exit(main())
