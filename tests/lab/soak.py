#!/usr/bin/env python3
"""Runs cells again and again, on an idle machine and with every core busy: no verdict may differ.

Usage: soak.py PROGRAM [--repeat N] [--sample] [--cell GLOB] [--jobs N]

Without --sample all cells, idle and busy, which takes long (`make soak`); with it one cell of each
threat, idle, twice: the form of every test run.  Exit status 77 where live runs cannot be.
"""
import argparse
import contextlib
import os
import subprocess
import sys
import tempfile

import verdicts

# Ends by itself when its time is over or its parent is gone.
BUSY = """
import os, sys, time
end, parent = time.monotonic() + float(sys.argv[1]), int(sys.argv[2])
while time.monotonic() < end and os.getppid() == parent:
    for _ in range(100000):
        pass
"""
LIMIT_S = 4 * 3600
SAMPLE_LIMIT_S = 200


@contextlib.contextmanager
def busy_cores(on):
    loops = [subprocess.Popen([sys.executable, "-c", BUSY, str(LIMIT_S), str(os.getpid())])
             for _ in range(os.cpu_count() if on else 0)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def differing(cells):
    for name, cell in cells.items():
        repeat = cell["repeat"]
        if repeat["differing"]:
            yield f"{name}: {repeat['differing']} of {repeat['runs']} differ: {repeat['verdicts']}"


def soak(given, is_busy, limit_s):
    cells = verdicts.glob_of(verdicts.SAMPLE) if given.sample else given.cell
    more = ["--repeat", str(given.repeat)] + (["--jobs", str(given.jobs)] if given.jobs else [])
    with tempfile.TemporaryDirectory(prefix="plait-soak-") as out, busy_cores(is_busy):
        process = verdicts.start(given.program, cells, out, *more)
        found = verdicts.finish(process, out, limit_s)
    problems = list(differing(found))
    if given.sample:
        problems += verdicts.check_sample(given.program, found)
    short = [n for n, c in found.items() if c["repeat"]["runs"] != given.repeat]
    problems += [f"{name}: not repeated {given.repeat} times" for name in short]
    problems += [f"{name}: error: {cell['reason']}" for name, cell in found.items()
                 if cell["outcome"] == "error" and not given.sample]
    late = max((cell["lateness_ns"] for cell in found.values()), default=0) / 1e6
    repeats = sum(cell["late_repeats"] for cell in found.values())
    print(f"{'busy' if is_busy else 'idle'}: {len(found)} cells, {given.repeat} times each, "
          f"{len(problems)} problems; late by at most {late:.0f} ms, {repeats} repeats for it",
          flush=True)
    for problem in problems:
        print("  " + problem)
    return bool(problems) or not found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--cell", default=verdicts.EVERYTHING)
    parser.add_argument("--jobs", type=int)
    given = parser.parse_args()
    verdicts.skip_unless_live(given.program)
    if given.sample:
        return soak(given, False, SAMPLE_LIMIT_S)
    return soak(given, False, LIMIT_S) | soak(given, True, LIMIT_S)


sys.exit(main())
