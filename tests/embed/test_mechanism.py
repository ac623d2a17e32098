#!/usr/bin/env python3
"""Builds examples/mechanism against the installed headers, outside of the tree, and has plait attack
what comes of it: one mechanism is cleared where version 1 is condemned, one is condemned where
version 1 is cleared.  Files that are no mechanism are refused before anything runs.

Usage: test_mechanism.py --build FOLDER --source FOLDER --plait PROGRAM
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from install import install, pkg_config, relocate

HEAD = "#include <plait/mechanism.h>\n"
# Files that are no mechanism, and what is said of each.
WRONG = {
    "text.so": (None, "a shared object was expected: "),
    "empty.so": ("int nothing;", "plait_mechanism_offer was expected"),
    "future.so": (HEAD + "PLAIT_API extern const struct plait_mechanism_offer plait_mechanism_offer;"
                  "const struct plait_mechanism_offer plait_mechanism_offer = {7, 8, 0, 0};",
                  "interface 1 was expected, it has 7"),
    "small.so": (HEAD + "PLAIT_API extern const struct plait_mechanism_offer plait_mechanism_offer;"
                 "const struct plait_mechanism_offer plait_mechanism_offer = {1, 8, 0, 0};",
                 "a table as large as that of interface 1 was expected"),
    "bare.so": (HEAD + "static const struct plait_mechanism *table(void) { static const struct "
                "plait_mechanism t = {.name = \"bare\"}; return &t; } "
                "PLAIT_OFFER_MECHANISM(table, 0);", "write_hello and read_hello was expected"),
    "twin.so": (HEAD + "static const struct plait_mechanism *table(void) { return "
                "plait_mechanism_named(PLAIT_MECHANISM_V1); } PLAIT_OFFER_MECHANISM(table, 0);",
                "another name than v1, which is a column's was expected"),
}


def run(plait, folder, *arguments):
    return subprocess.run([str(plait), "analyze", "--quiet", "--out", str(folder / "report"),
                           *arguments], capture_output=True, text=True, timeout=300, check=False)


def outcomes(plait, folder, mechanism, threat):
    """Column -> the set of (outcome, versus TCP) of THREAT's cells in v1 and in MECHANISM."""
    done = run(plait, folder, "--load", str(folder / "mechanism" / f"{mechanism}.so"), "--threat",
               threat, "--cell", f"*/server/*/@(v1|{mechanism})/*/ipv4", "--format", "json")
    if done.returncode:
        print(f"{mechanism}: status {done.returncode}: {done.stderr}")
        return {}
    found = {}
    for cell in json.loads(done.stdout)["cells"]:
        found.setdefault(cell["mechanism"], set()).add((cell["outcome"], cell["versus_tcp"]))
        if cell["mechanism"] == mechanism and f"--load '{folder}" not in cell["rerun"]:
            print(f"cannot be run again: {cell['rerun']}")
            return {}
    print(f"{mechanism}, {threat}: {found}")
    return found


def judge(plait, folder):
    psk = outcomes(plait, folder, "psk", "T-TS-2")
    short = outcomes(plait, folder, "short", "T-TOK-1")
    # Whoever dials later speaks it, too; the key is of no use against camping (RFC 5062 §2).
    camp = outcomes(plait, folder, "psk", "T-CAMP-1")
    cleared = psk.get("psk") == {("stopped", "same")} and psk.get("v1") != psk.get("psk")
    condemned = short.get("short") == {("broken", "worse")} and \
        short.get("v1") == {("stopped", "same")}
    same_camp = bool(camp) and camp.get("psk") == camp.get("v1")
    if not (cleared and condemned and same_camp):
        print(f"cleared: {cleared}, condemned: {condemned}, camps as v1: {same_camp}")
    return cleared and condemned and same_camp


def refuse(plait, folder, cflags):
    good = True
    for name, (source, text) in WRONG.items():
        path = folder / name
        if source is None:
            path.write_text("no object\n")
        else:
            code = folder / "wrong.c"
            code.write_text(source)
            subprocess.run(["cc", "-std=c17", "-fPIC", "-shared", *cflags, "-o", str(path),
                            str(code)], check=True)
        done = run(plait, folder, "--load", str(path))
        line = f"plait analyze: {path}: {text}"
        if done.returncode != 2 or not done.stderr.startswith(line) or \
                done.stderr.count("\n") != 1 or done.stdout or (folder / "report").exists():
            print(f"{name}: status {done.returncode}, {done.stderr!r}, wanted {line!r}")
            good = False
    done = run(plait, folder, "--load", "nowhere.so")
    if done.returncode != 2 or "nowhere.so: a shared object was expected" not in done.stderr:
        print(f"nowhere.so: {done.returncode}, {done.stderr!r}")
        good = False
    return good


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--build", type=pathlib.Path, required=True)
    arguments.add_argument("--source", type=pathlib.Path, required=True)
    arguments.add_argument("--plait", type=pathlib.Path, required=True)
    given = arguments.parse_args()
    if not shutil.which("pkg-config") or not shutil.which("make"):
        print("pkg-config or make is missing")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pc_folder = install(given.build, folder / "root")
        relocate(pc_folder, folder / "root")
        shutil.copytree(given.source / "examples/mechanism", folder / "mechanism")
        subprocess.run(["make", "-C", str(folder / "mechanism")], check=True,
                       stdout=subprocess.DEVNULL,
                       env={**os.environ, "PKG_CONFIG_PATH": str(pc_folder),
                            "CFLAGS": "-O2 -Wall -Wextra -Werror"})
        good = judge(given.plait.resolve(), folder)
        shutil.rmtree(folder / "report", ignore_errors=True)
        good = refuse(given.plait.resolve(), folder,
                      pkg_config(pc_folder, "libplait", "--cflags")) and good
    return not good


sys.exit(main())
