#!/usr/bin/env python3
"""Verdicts do not depend on the device, nor on who asks: root over TUN, root over veth, and an
ordinary user over what opens for him agree.

Usage: agree.py PROGRAM [--all]

Without --all one cell of each threat, the three analyses at the same time; with it all cells, one
analysis after the other.  Exit status 77, with the reason, where there is no root or no TUN.
"""
import argparse
import os
import shutil
import sys
import tempfile

import verdicts

NOBODY = 65534
ORDINARY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
ASKERS = {  # name: (device, how it is started)
    "root over tun": ("tun", []),
    "root over veth": ("veth", []),
    "an ordinary user": ("auto", ORDINARY),
}
LIMIT_S, SAMPLE_LIMIT_S = 3600, 200


def check_needs(program):
    verdicts.skip_unless_live(program)
    if os.geteuid() != 0:
        verdicts.skip("only root can be both root and an ordinary user")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        verdicts.skip("/dev/net/tun does not open")
    if not shutil.which("setpriv"):
        verdicts.skip("no setpriv")


def prepare(folder, program):
    """A copy of the program, and folders for reports, that the ordinary user can reach."""
    os.chmod(folder, 0o755)
    copy = shutil.copy(program, os.path.join(folder, "plait"))
    os.chmod(copy, 0o755)
    outs = {}
    for asker in ASKERS:
        outs[asker] = os.path.join(folder, asker.replace(" ", "-"))
        os.mkdir(outs[asker])
    os.chown(outs["an ordinary user"], NOBODY, NOBODY)
    return copy, outs


def ask(given, folder):
    """The cells of each asker."""
    program, outs = prepare(folder, given.program)
    cells = verdicts.EVERYTHING if given.all else verdicts.glob_of(verdicts.SAMPLE)
    limit_s = LIMIT_S if given.all else SAMPLE_LIMIT_S
    processes, found = {}, {}
    for asker, (device, before) in ASKERS.items():
        processes[asker] = verdicts.start(program, cells, outs[asker], "--device", device,
                                          before=before)
        if given.all:
            found[asker] = verdicts.finish(processes[asker], outs[asker], limit_s)
    for asker, process in processes.items():
        if asker not in found:
            found[asker] = verdicts.finish(process, outs[asker], limit_s)
    return found


def disagreements(found):
    first, *others = found
    for other in others:
        for name in sorted(found[first].keys() | found[other].keys()):
            pair = [found[asker].get(name) for asker in (first, other)]
            if None in pair:
                yield f"{name}: only {first if pair[0] else other}"
            elif verdicts.verdict(pair[0]) != verdicts.verdict(pair[1]):
                yield (f"{name}: {first}: {verdicts.verdict(pair[0])} ({pair[0]['reason']}); "
                       f"{other}: {verdicts.verdict(pair[1])} ({pair[1]['reason']})")


def wrong_devices(found):
    for asker, (device, _) in ASKERS.items():
        used = {cell["target"]["device"] for cell in found[asker].values()} - {None}
        if device != "auto" and used != {device}:
            yield f"{asker}: devices {used}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--all", action="store_true")
    given = parser.parse_args()
    check_needs(given.program)
    with tempfile.TemporaryDirectory(prefix="plait-agree-") as folder:
        found = ask(given, folder)
    problems = list(disagreements(found)) + list(wrong_devices(found))
    if not given.all:
        problems += verdicts.check_sample(given.program, found["root over tun"])
    for asker, cells in found.items():
        devices = {cell["target"]["device"] for cell in cells.values()} - {None}
        print(f"{asker}: {len(cells)} cells over {', '.join(sorted(devices))}")
    for problem in problems:
        print("  " + problem)
    return bool(problems) or not all(found.values())


sys.exit(main())
