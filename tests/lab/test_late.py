#!/usr/bin/env python3
"""The whole program on a machine that holds one of its runs up: the run is made again, and that is said
on standard error, even with --quiet, and in the document.

Argument: the program.  Stopping a run's process for a while stands for the machine.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

PLAIT = os.path.realpath(sys.argv[1])
CELL = "C-OK-1/make-before-break/server/bulk/OFF-NS-no-spoof/v1/default/ipv4"
STOP_S, SAMPLE_S, LIMIT_S = 0.3, 0.01, 90


def children(pid):
    try:
        return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def hold_up_one(process):
    """Stops a run that has both its agents, after its script has begun."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        runs = [pid for pid in children(process.pid) if len(children(pid)) == 2]
        if runs:
            time.sleep(0.3)
            os.kill(runs[0], signal.SIGSTOP)
            time.sleep(STOP_S)
            os.kill(runs[0], signal.SIGCONT)
            return
        time.sleep(SAMPLE_S)
    raise AssertionError("no run came to its middle")


def main():
    if subprocess.run([PLAIT, "doctor"], stdout=subprocess.DEVNULL, timeout=60).returncode != 0:
        print("live runs cannot be made here: skipped")
        return 77
    with tempfile.TemporaryDirectory(prefix="plait-late-") as folder:
        process = subprocess.Popen([PLAIT, "analyze", "--target", "linux", "--quiet", "--format", "json",
                                    "--cell", CELL,
                                    "--out", f"{folder}/report"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        try:
            hold_up_one(process)
            out, said = process.communicate(timeout=LIMIT_S)
        finally:
            if process.poll() is None:
                process.kill()
    assert process.returncode == 0, f"status {process.returncode}: {said}"
    document = json.loads(out)
    late, cell = document["late"], document["cells"][0]
    assert late["repeated_runs"] >= 1 and late["worst_ns"] > late["limit_ns"], late
    assert cell["late_repeats"] >= 1 and cell["lateness_ns"] == late["worst_ns"], cell
    assert cell["outcome"] == "stopped", cell["outcome"]
    assert "repeated: the machine was late by up to" in said, said
    print("[       OK ] a_run_that_was_held_up_is_told")
    return 0


sys.exit(main())
