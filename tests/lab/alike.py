#!/usr/bin/env python3
"""Verdicts of all cells on this machine's kernel are those of our own endpoint under v1 and plain TCP,
or docs/FINDINGS.md says why not.

Usage: alike.py PROGRAM [--all | --cell GLOB] [--jobs N] [--keep REPORT] [--from REPORT ...]

Ours are those of tests/golden/own.txt.  Without --all a sample of short cells is played; with it all of
them, in twenty minutes, whose progress goes to standard error.  What a late machine left undecided is
then played once more.  --keep leaves the report, and --from reads such reports instead of playing, in
pieces if need be (of a cell in several the last counts).
Where the two differ a row of DIFFERENCES says so, each way, and names the paragraph of docs/FINDINGS.md
that explains it.  With --all, or from reports, no cell may be missing.
Exit status: 0 as ours or explained, 1 a cell or a row differs, 4 nothing differs and something was not
decided, 77 with the reason where nothing can be played live.
"""
import argparse
import collections
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
LIMIT_S, SAMPLE_LIMIT_S, AGAIN_LIMIT_S = 3600, 280, 1800
LATE = "the machine was late"
AS_OURS, EXPLAINED, DIFFERING, UNDECIDED = "as ours", "explained", "differing", "undecided"


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


def judge(name, own, verdict, reason):
    """How the kernel's VERDICT on a cell stands beside OUR OWN (None: no such cell), and what is amiss."""
    known = difference(name)
    if verdict[0] in ("error", "skipped"):
        return UNDECIDED, f"{verdict[0]}: {reason}"
    if own is None:
        return DIFFERING, "our own endpoint has no such cell"
    if known and (text(own), text(verdict)) != known[:2]:
        return DIFFERING, (f"{text(own)} here and {text(verdict)} there, but \"{known[2]}\" "
                           f"explains {known[0]} and {known[1]}")
    if not known and own != verdict:
        return DIFFERING, f"{text(own)} here, {text(verdict)} there, not explained: {reason}"
    return (EXPLAINED if known else AS_OURS), ""


def missing(own, cells):
    return [name for name, verdict in sorted(own.items())
            if verdict[0] != "n/a" and name not in cells]


def cells_of(report):
    return {cell["id"]: cell for cell in
            json.loads(pathlib.Path(report).read_text(encoding="utf-8"))["cells"]}


def check_paragraphs():
    page = (TOP / "docs/FINDINGS.md").read_text(encoding="utf-8")
    return [f"docs/FINDINGS.md has no paragraph \"{row[3]}\"" for row in DIFFERENCES
            if f"**{row[3]}" not in page]


def play(given, folder, glob, limit_s):
    """The report of the cells that GLOB names (None: all), which may be a part of them."""
    out = pathlib.Path(folder, "report" if glob else "plait-report")
    more = ["--full"] + (["--jobs", str(given.jobs)] if given.jobs else [])
    # Without --cell and --out no captures are written, which of all cells are gigabytes.
    what = ["--cell", glob, "--out", str(out)] if glob else []
    process = verdicts.start_with(given.program, [*what, *more], folder,
                                  shows=given.all or bool(given.cell))
    verdicts.end_in_time(process, limit_s, (0, 3, 4))  # 4: it was told to end, or decided nothing
    return json.loads((out / "report.json").read_text(encoding="utf-8"))


def add_report(cells, report):
    cells |= {cell["id"]: cell for cell in report["cells"]}


def play_again(given, folder, cells):
    """What was late is played once more, with little beside it."""
    late = [name for name, cell in cells.items()
            if cell["outcome"] == "error" and LATE in (cell["reason"] or "")]
    if not late:
        return
    print(f"{len(late)} cells again, of which {LATE}", file=sys.stderr, flush=True)
    add_report(cells, play(given, folder, verdicts.glob_of(late), AGAIN_LIMIT_S))


def play_cells(given):
    verdicts.skip_unless_live(given.program)
    cells = {}
    glob = given.cell or (None if given.all else verdicts.glob_of(SAMPLE))
    with tempfile.TemporaryDirectory(prefix="plait-alike-") as folder:
        report = play(given, folder, glob, LIMIT_S if given.all or given.cell else SAMPLE_LIMIT_S)
        add_report(cells, report)
        if given.all or given.cell:
            play_again(given, folder, cells)
        report["cells"] = list(cells.values())
        if given.keep:
            pathlib.Path(given.keep).write_text(json.dumps(report), encoding="utf-8")
    late = report["late"]
    print(f"played in {report['duration_ns'] / 1e9:.0f} s; {late['repeats']} runs were made again, "
          f"the machine was late by up to {late['worst_ns'] / 1e6:.0f} ms", file=sys.stderr)
    return cells


def group_of(cell):
    """A line of the table in docs/FINDINGS.md."""
    if cell["kind"] != "threat":
        return "baselines and control cases"
    if cell["section"].startswith("RFC 6181") or cell["threat"] == "T-CSUM-1":
        return "RFC 6181's rows, and T-CSUM-1"
    return "all other threats"


def tell(counts, lost):
    every = sum(counts.values(), collections.Counter())
    for group, of in sorted(counts.items()):
        print(f"{group}: {of[AS_OURS]} as ours, {of[EXPLAINED]} explained, {of[DIFFERING]} differing, "
              f"{of[UNDECIDED]} undecided")
    print(f"{every.total()} cells of linux {platform.release()}: {every[AS_OURS]} as ours, "
          f"{every[EXPLAINED]} explained, {every[DIFFERING]} differing, {every[UNDECIDED]} undecided, "
          f"{len(lost)} missing")
    return every


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--cell")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--keep")
    parser.add_argument("--from", dest="reports", nargs="+", default=[])
    given = parser.parse_args()
    problems = check_paragraphs()
    cells = {}
    for report in given.reports:
        cells |= cells_of(report)
    if not given.reports:
        cells = play_cells(given)
        problems += [f"{name} is no cell" for name in SAMPLE
                     if not given.all and not given.cell and name not in cells]
    own, counts, found = ours(), collections.defaultdict(collections.Counter), []
    for name, verdict in sorted(theirs(cells).items()):
        how, why = judge(name, own.get(name), verdict, cells[name]["reason"])
        counts[group_of(cells[name])][how] += 1
        found += [f"{name}: {why}"] if why else []
    lost = missing(own, cells) if given.all or given.reports else []
    every = tell(counts, lost)
    for problem in problems + found + [f"{name}: no such cell there" for name in lost]:
        print("  " + problem)
    if found and not problems and not platform.release().startswith(RELEASE):
        verdicts.skip(f"docs/FINDINGS.md is about linux {RELEASE}*")
    return 1 if problems or every[DIFFERING] else 4 if every[UNDECIDED] or lost else 0


sys.exit(main())
