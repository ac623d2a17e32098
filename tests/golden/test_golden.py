#!/usr/bin/env python3
"""Every cell of our own endpoint against the golden file; and each check of tools/golden bites.

Arguments: the tool, the program.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

TOOL, PLAIT = sys.argv[1:3]
# What the tool reads of a cell: the rest of a report takes most of the time.
READ = ["id", "threat", "mechanism", "kind", "section", "outcome", "reason", "deployable", "versus_tcp",
        "stopped_by", "witness", "goals", "cost", "tcp", "auditor"]


def golden(*arguments):
    return subprocess.run([sys.executable, TOOL, *arguments], capture_output=True, text=True,
                          timeout=300, check=False)


def first(document, wanted):
    return next(cell for cell in document["cells"] if wanted(cell))


def is_stopped(cell):
    return cell["outcome"] == "stopped"


def lose_witness(document):
    first(document, is_stopped)["witness"] = None


def lose_stopper(document):
    first(document, is_stopped)["stopped_by"] = None


def fail(document):
    first(document, is_stopped)["outcome"] = "error"


def skip(document):
    first(document, is_stopped)["outcome"] = "skipped"


def miss(document):
    first(document, lambda cell: (cell["auditor"] or {}).get("rule"))["auditor"]["agreement"] = "missed"


def alarm_falsely(document):
    first(document, lambda cell: cell["auditor"])["auditor"]["agreement"] = "false alarm"


def name_another(document):
    first(document, lambda cell: (cell["auditor"] or {}).get("rule"))["auditor"]["rule"] = "join-flood"


def give_no_reason(document):
    first(document, lambda cell: cell["outcome"] == "n/a")["reason"] = "it is like that"


def leave_a_hole(document):
    document["cells"] = [cell for cell in document["cells"]
                         if (cell["threat"], cell["mechanism"]) != ("T-HIJ-1", "M1h")]


def disagree(document):
    row = document["rfc6181"]["literature"]["rows"][0]
    row.update(agrees=False, finding=None)


def cite_nothing(document):
    row = document["rfc6181"]["literature"]["rows"][0]
    row.update(agrees=False, finding="E-99")


def change_price(document):
    cell = first(document, lambda cell: cell["cost"] and cell["goals"][0]["reached"])
    cell["goals"][0]["cost"]["price_log2"] += 1


def lose_baseline(document):
    first(document, lambda cell: (cell["tcp"] or {}).get("attack"))["tcp"]["attack"] = None


BITES = {
    lose_witness: "stopped without a witness",
    lose_stopper: "does not say by what",
    fail: ": error: ",
    skip: ": skipped: ",
    give_no_reason: "n/a for no reason of the list",
    leave_a_hole: "T-HIJ-1: no cell under M1h",
    disagree: "no finding explains it",
    cite_nothing: "no finding explains it",
    change_price: "2 lines differ",
    lose_baseline: "2 lines differ",
    miss: "the auditor: missed",
    alarm_falsely: "the auditor: false alarm",
    name_another: "2 lines differ",
}


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch) / "report"
        subprocess.run([PLAIT, "analyze", "--full", "--quiet", "--out", out], check=True,
                       capture_output=True, timeout=300)
        done = golden("--from", str(out / "report.json"))
        sys.stdout.write(done.stdout + done.stderr)
        failed += done.returncode != 0
        whole = json.loads((out / "report.json").read_text(encoding="utf-8"))
        whole = {"rfc6181": {"literature": whole["rfc6181"]["literature"]},
                 "cells": [{field: cell[field] for field in READ if field in cell}
                           for cell in whole["cells"]]}
        report = pathlib.Path(scratch) / "changed.json"
        for change, wanted in BITES.items():
            document = copy.deepcopy(whole)
            change(document)
            report.write_text(json.dumps(document), encoding="utf-8")
            done = golden("--from", str(report))
            if done.returncode != 1 or wanted not in done.stdout:
                print(f"{change.__name__}: not found: {done.stdout[-300:]}{done.stderr[-300:]}")
                failed += 1
    print(f"{len(BITES)} changes, {failed} failures")
    return 1 if failed else 0


sys.exit(main())
