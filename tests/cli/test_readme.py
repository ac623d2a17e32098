#!/usr/bin/env python3
"""Runs every command that README.md shows or names, and each option that its table names.

Arguments: the program, README.md, the hand-written document of the report room's tests.  What would
take longer than some ten seconds is shortened by the options below, or asked of that document.
Commands that need the lab are skipped where it cannot run.
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

PLAIT, README, DOCUMENT = map(os.path.abspath, sys.argv[1:4])
LIMIT_S = 90  # many times what is expected, on a machine that is busy
CELL = "B-FIN/-/server/bulk/ON1-E/tcp/default/ipv4"  # few runs, and short ones

PLACEHOLDERS = {"ID": "T-TS-2", "GLOB": CELL, "P": "PE-H", "N": "2", "FILE": "first/report.json",
                "A": "first/report.json", "B": "first/report.json",
                "CAPTURE": "tests/captures/tcpdump/mptcp-v0.pcap"}
# What is added to a command, and to an option of `plait analyze`, so that it ends soon.
SHORTER = {
    "plait analyze": ["--cell", CELL],
    "plait explain": ["--cell", "*/idle/*/v1/default/ipv4"],
    "plait explain T-FLOOD-5": ["--from", DOCUMENT],
    "plait connect": ["--in", DOCUMENT, "--out", "copy"],
    "plait serve": ["--in", DOCUMENT, "--out", "copy"],
    "--threat": ["--from", DOCUMENT],
    "--position": ["--from", DOCUMENT],
    "--cell": [],
    "--list": [],
}
NEEDS_NO_LAB = ("plait diff", "plait doctor", "plait connect", "plait serve", "plait audit", "--list",
                "--from")


def commands(text):
    """As shown behind a prompt or proposed in the output, and as named in tables and prose."""
    fences = "\n".join(re.findall(r"```[a-z]*\n(.*?)```", text, re.S))
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    found = re.findall(r"(?:^\$ |^again +|^Next: )(plait [^·\n]+)", fences, re.M)
    found += re.findall(r"`(plait [^`\n]+)`", prose)
    return sorted({command.strip() for command in found})


def options_of_analyze(text):
    row = re.search(r"^\| `plait analyze` \|(.*)\|$", text, re.M)
    return re.findall(r"`(--[^`]+)`", row[1])


def shorter(words):
    text = " ".join(words)
    if "--cell" in words or "--from" in words:
        return []
    for start in (text, " ".join(words[:2])):
        if start in SHORTER:
            return SHORTER[start]
    return []


def run(words, folder):
    result = subprocess.run([PLAIT, *words[1:]], capture_output=True, text=True, cwd=folder,
                            timeout=LIMIT_S, env=dict(os.environ, LC_ALL="C.UTF-8"))
    assert result.returncode == 0, (
        f"status {result.returncode}: {result.stdout[-300:]}{result.stderr[-300:]}")
    assert result.stdout.strip(), "it says nothing"
    if "--format" in words:
        json.loads(result.stdout)


def plan(text):
    """(words to run, what README says): what it says twice is run once."""
    for command in commands(text):
        words = [PLACEHOLDERS.get(word, word) for word in shlex.split(command)]
        yield (*words, *shorter(words)), command
    for option in options_of_analyze(text):
        name, *values = [PLACEHOLDERS.get(word, word) for word in shlex.split(option)]
        added = SHORTER.get(name, SHORTER["plait analyze"])
        yield ("plait", "analyze", name, *values, *added), f"plait analyze {option}"


def main():
    text = pathlib.Path(README).read_text(encoding="utf-8")
    has_lab = subprocess.run([PLAIT, "doctor"], capture_output=True, timeout=60).returncode == 0
    planned = dict(plan(text))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="plait-readme-") as folder:
        os.mkdir(f"{folder}/first")
        os.symlink(os.path.dirname(README) + "/tests", f"{folder}/tests")
        shutil.copy(DOCUMENT, f"{folder}/first/report.json")
        if has_lab:
            run(["plait", "analyze", *SHORTER["plait analyze"], "--out", "first"], folder)
        for words, said in planned.items():
            mark = "OK"
            if not has_lab and not any(word in " ".join(words) for word in NEEDS_NO_LAB):
                mark = "SKIPPED"
            else:
                try:
                    run(words, folder)
                except (AssertionError, ValueError, subprocess.SubprocessError) as error:
                    print(f"{shlex.join(words)}: {error}")
                    mark = "FAILED"
            failed += mark == "FAILED"
            print(f"[ {mark:>8} ] {re.sub(r'[^A-Za-z0-9_.*/=-]+', '_', said)}", flush=True)
    if len(planned) < 10:
        print(f"README.md shows {len(planned)} commands only: what is looked for is not there")
        failed += 1
    return 1 if failed else 0


sys.exit(main())
