#!/usr/bin/env python3
"""Runs the built program as a user would: usage errors, statuses, formats, folders.

Arguments: the program, the hand-written document of the report room's tests.  Nothing here needs a
lab: `--from` shows and judges an earlier report.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from cases import run_all, same, Skip, test

PLAIT, DOCUMENT = map(os.path.abspath, sys.argv[1:3])


def run(*args, **environment):
    env = dict(os.environ, LC_ALL="C.UTF-8", **environment)
    return subprocess.run([PLAIT, *args], capture_output=True, text=True, env=env, timeout=60)


def status(wanted, *args):
    result = run(*args)
    assert result.returncode == wanted, (
        f"plait {' '.join(args)}: status {result.returncode}, wanted {wanted}: {result.stderr}")
    return result


def usage(line, *args, wanted=2):
    """One line on standard error, nothing on standard output, nothing written."""
    result = status(wanted, *args)
    same(result.stderr, line + "\n")
    same(result.stdout, "")
    same(os.listdir("."), [])


def variant(name, change):
    document = json.loads(pathlib.Path(DOCUMENT).read_text(encoding="utf-8"))
    change(document)
    path = pathlib.Path(name)
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def without_error(document):
    document["cells"] = [c for c in document["cells"] if c["outcome"] != "error"]


@test
def usage_names_the_nearest_word():
    usage("plait: analyse: no such command (nearest: analyze)", "analyse")
    usage("plait: --analyze: no such option (nearest: analyze)", "--analyze")
    usage("plait analyze: unknown option --thraet (nearest: --threat)", "analyze", "--thraet=x")
    usage("plait analyze: --threat T-TS-22: no such threat (nearest: T-TS-2)", "analyze",
          "--threat", "T-TS-22")
    usage("plait analyze: --position PEH: not known (nearest: PE-H)", "analyze", "--position",
          "PEH")
    usage("plait analyze: --target linus: not known (nearest: linux)", "analyze",
          "--target=linus")
    usage("plait analyze: --format jsno: not known (nearest: json)", "analyze", "--format", "jsno")
    usage("plait explain: t-ts-2: no such threat (nearest: T-TS-2)", "explain", "t-ts-2")


@test
def usage_checks_values_and_operands():
    usage("plait analyze: --jobs 0: is no number from 1 to 256", "analyze", "--jobs", "0")
    usage("plait analyze: --jobs -1: is no number from 1 to 256", "analyze", "--jobs=-1")
    usage("plait analyze: --seed 0xg: is no 64-bit number", "analyze", "--seed", "0xg")
    usage("plait analyze: --seed 18446744073709551616: is no 64-bit number", "analyze", "--seed",
          "18446744073709551616")
    usage("plait analyze: --list takes no value", "analyze", "--list=yes")
    usage("plait analyze: --out needs a value: DIR", "analyze", "--out")
    usage("plait analyze: x: one operand too many", "analyze", "x")
    usage("plait explain: needs ID", "explain")
    usage("plait diff: needs EARLIER LATER", "diff", "a")
    usage("plait doctor: --expect: there are no findings to judge here", "doctor", "--expect", "x")


@test
def hostile_words_stay_in_their_line():
    result = status(2, "analyze", "--a\033[31m\nb")
    assert result.stderr.startswith("plait analyze: unknown option --a?[31m?b (nearest: --")
    same(result.stderr.count("\n"), 1)


@test
def help_and_version():
    for command in ("analyze", "explain", "diff", "doctor"):
        text = status(0, command, "--help").stdout
        for option in ("--format", "--strict", "--expect", "--fail-on", "--exit-style", "--out",
                       "--help", "--version"):
            assert option in text, f"{command} --help lacks {option}"
        assert command in status(0, "--help").stdout
    analyze = status(0, "analyze", "--help").stdout
    for option in ("--list", "--threat", "--position", "--cell", "--target", "--jobs", "--seed",
                   "--repeat", "--full", "--topology", "--workload", "--allow-load",
                   "--allow-kernel-risk", "--device"):
        assert option in analyze, option
    assert status(0, "--version").stdout.startswith("plait ")
    same(run().returncode, 2)


@test
def list_needs_no_run():
    assert "T-TS-2" in status(0, "analyze", "--list").stdout
    infos = json.loads(status(0, "analyze", "--list", "--format", "json").stdout)
    info = next(i for i in infos if i["id"] == "T-TS-2")
    same(info["kind"], "threat")
    lines = status(0, "analyze", "--list", "--format", "jsonl").stdout.splitlines()
    same([json.loads(line)["id"] for line in lines], [i["id"] for i in infos])
    same(os.listdir("."), [])


@test
def statuses_of_documents():
    status(3, "analyze", "--from", DOCUMENT)  # a cell ended in an error
    status(0, "analyze", "--from", DOCUMENT, "--threat", "T-TS-2")
    status(1, "analyze", "--from", DOCUMENT, "--threat", "T-TS-2", "--fail-on", "alert")
    status(1, "analyze", "--from", DOCUMENT, "--threat", "T-RES-1", "--fail-on", "warning")
    status(0, "analyze", "--from", DOCUMENT, "--threat", "T-RES-1", "--fail-on", "alert")
    status(1, "analyze", "--from", DOCUMENT, "--threat", "T-FLOOD-5", "--fail-on", "note")
    status(4, "analyze", "--from", DOCUMENT, "--threat", "T-TOK-2")
    status(4, "analyze", "--from", DOCUMENT, "--cell", "nothing")
    status(0, "analyze", "--from", DOCUMENT, "--threat", "T-T*")
    status(4, "analyze", "--from", DOCUMENT, "--threat", "T-T*", "--strict")
    # Several hold: 3 before 4 before 1.
    status(3, "analyze", "--from", DOCUMENT, "--strict", "--fail-on", "note")
    status(4, "analyze", "--from", DOCUMENT, "--threat", "T-T*", "--strict", "--fail-on", "note")
    ended = variant("ended.json", lambda d: (without_error(d), d.update(complete=False)))
    status(4, "analyze", "--from", ended, "--fail-on", "note")


@test
def styles_of_statuses():
    def styled(style, *args):
        return run(*args, "--exit-style", style).returncode
    broken = ("analyze", "--from", DOCUMENT, "--threat", "T-TS-2", "--fail-on", "alert")
    good = ("analyze", "--from", DOCUMENT, "--threat", "T-TS-2")
    error = ("analyze", "--from", DOCUMENT)
    nothing = ("analyze", "--from", DOCUMENT, "--threat", "T-TOK-2")
    mistyped = ("analyze", "--form", DOCUMENT)
    cases = (good, broken, error, nothing, mistyped)
    same([styled("git-bisect", *c) for c in cases], [0, 1, 125, 125, 128])
    same([styled("kselftest", *c) for c in cases], [0, 1, 1, 4, 1])


@test
def expectations():
    good = variant("good.json", without_error)
    status(0, "analyze", "--from", good, "--expect", good)

    def stopped(document):
        without_error(document)
        document["cells"][0].update(outcome="stopped", versus_tcp="same")
    expected = variant("expected.json", stopped)
    result = status(1, "analyze", "--from", good, "--expect", expected)
    assert "1 of 12 verdicts differ: 1 for the worse" in result.stdout, result.stdout
    status(0, "analyze", "--from", good, "--expect", expected, "--threat", "T-RES-1")
    result = status(1, "analyze", "--from", expected, "--expect", good)
    assert "1 for the better" in result.stdout, result.stdout

    def known(until):
        def change(document):
            stopped(document)
            document["cells"][0]["known"] = {"reason": "accepted risk", "until": until}
        return change
    result = status(0, "analyze", "--from", good, "--expect", variant("k.json",
                                                                      known("2999-12-31")))
    assert "known until 2999-12-31: accepted risk" in result.stdout, result.stdout
    status(1, "analyze", "--from", good, "--expect", variant("k.json", known("2001-01-01")))
    missing = variant("m.json", lambda d: (without_error(d), d["cells"].pop()))
    status(1, "analyze", "--from", missing, "--expect", good)
    status(0, "analyze", "--from", good, "--expect", missing)  # a new cell differs from nothing


@test
def differences():
    good = variant("good.json", without_error)

    def change(document):
        without_error(document)
        document["cells"][2].update(outcome="broken", versus_tcp="worse")
    other = variant("other.json", change)
    assert status(0, "diff", good, good).stdout.startswith("no verdict differs in 12 cells")
    status(0, "diff", good, other)
    status(1, "diff", good, other, "--fail-on", "alert")
    status(0, "diff", other, good, "--fail-on", "alert")
    status(1, "diff", other, good, "--fail-on", "note")
    difference = json.loads(status(0, "diff", good, other, "--format", "json").stdout)
    same(difference["changes"][0]["change"], "worse")
    same(difference["changes"][0]["level"], "alert")
    empty = variant("empty.json", lambda d: d.update(cells=[]))
    status(4, "diff", empty, good)
    status(0, "diff", good, other, "--out", "d")
    same(json.loads(pathlib.Path("d/diff.json").read_text(encoding="utf-8")), difference)


@test
def refused_documents():
    hostile = variant("h.json", lambda d: d["cells"][0].update(title="\033]0;x\007"))
    result = status(2, "analyze", "--from", hostile)
    same(result.stderr, "plait analyze: h.json: cells[0].title: text holds a control character\n")
    pathlib.Path("h.json").write_bytes(b"[" * 100000)
    for args in (("analyze", "--from", "h.json"), ("analyze", "--expect", "h.json"),
                 ("diff", "h.json", "h.json"), ("explain", "T-TS-2", "--from", "h.json")):
        result = status(2, *args)
        same(result.stderr.count("\n"), 1)
        same(result.stdout, "")
    same(os.listdir("."), ["h.json"])


@test
def globs_choose_cells():
    def chosen(glob):
        lines = run("analyze", "--from", DOCUMENT, "--cell", glob, "--format", "jsonl").stdout
        return [json.loads(line)["id"] for line in lines.splitlines()]
    same(chosen("T-TS-2/*/permissive/*"), ["T-TS-2/direct/server/bulk/PE-H/v1/permissive/ipv4"])
    same(chosen("@(T-RST-1*|T-DSS-5/-/server*)"), ["T-RST-1/-/server/bulk/OFF/v1/default/ipv4",
                                                  "T-DSS-5/-/server/bulk/OFF/v1/default/ipv4"])
    same(chosen("T-RST"), [])


@test
def formats_can_be_read_by_machines():
    args = ("analyze", "--from", DOCUMENT)
    whole = json.loads(run(*args, "--format", "json").stdout)
    answers = whole.pop("rfc6181")
    same(sorted(answers), ["after", "conclusion", "literature", "positions", "taxonomy",
                           "variants"])
    same([one["recommendation"] for one in answers["conclusion"]], ["R1", "R2", "R3", "R4", "R5"])
    same(whole, json.loads(pathlib.Path(DOCUMENT).read_text(encoding="utf-8")))
    lines = run(*args, "--format", "jsonl").stdout.splitlines()
    same([json.loads(line) for line in lines], whole["cells"])
    tap = run(*args, "--format", "tap").stdout.splitlines()
    points = [line for line in tap if line.startswith(("ok ", "not ok "))]
    same(tap[:2], ["TAP version 13", f"1..{len(whole['cells'])}"])
    same(len(points), len(whole["cells"]))
    same([p for p in points if p.startswith("not ok")],
         ["not ok 9 - T-RM-1/-/server/bulk/OFF/v1/default/ipv4"])
    same(json.loads(run("explain", "T-TS-2", "--from", DOCUMENT, "--format", "json").stdout)
         ["cell"]["id"], whole["cells"][0]["id"])


@test
def text_fits_its_reader():
    for args in (("analyze", "--from", DOCUMENT), ("explain", "T-TS-2", "--from", DOCUMENT)):
        assert "\033" not in run(*args).stdout
        env = dict(os.environ, LC_ALL="C")
        plain = subprocess.run([PLAIT, *args], capture_output=True, env=env, timeout=60).stdout
        assert plain.isascii(), plain
        assert "│" in run("explain", "T-TS-2", "--from", DOCUMENT).stdout


@test
def explaining_judges_its_threat_alone():
    told = status(0, "explain", "T-TS-2", "--from", DOCUMENT).stdout
    assert re.search(r"\nweakest positions that succeed .*\n  T-TS-2 .*\n\n", told), told
    assert "against the literature: 1 of 1 pairs" in told, told
    status(1, "explain", "T-TS-2", "--from", DOCUMENT, "--fail-on", "alert")
    result = status(4, "explain", "T-TS-2", "--from", DOCUMENT, "--cell", "nothing")
    assert result.stdout.startswith("T-TS-2"), result.stdout
    same(result.stderr, "plait explain: no cell of T-TS-2 was run: there is no ladder to show\n")


@test
def reports_are_written_whole():
    status(0, "analyze", "--from", DOCUMENT, "--threat", "T-TS-2", "--out", "report")
    same(os.listdir("report"), ["report.json"])
    cells = json.loads(pathlib.Path("report/report.json").read_text(encoding="utf-8"))["cells"]
    same(len(cells), 3)
    status(0, "analyze", "--from", "report/report.json", "--expect", "report/report.json")


@test
def unwritable_folders_are_said():
    usage("plait analyze: --out /dev/null/x: cannot be written: Not a directory", "analyze",
          "--from", DOCUMENT, "--out", "/dev/null/x")
    usage("plait analyze: --out /proc/x: cannot be written: No such file or directory", "analyze",
          "--from", DOCUMENT, "--out", "/proc/x")
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = subprocess.run([PLAIT, "analyze", "--from", DOCUMENT], stdout=full,
                                stderr=subprocess.PIPE, text=True, timeout=60)
    same(result.returncode, 2)
    same(result.stderr, "plait analyze: standard output: No space left on device\n")


@test
def a_full_disk_is_said_before_the_run():
    if not shutil.which("unshare"):
        raise Skip("no unshare")
    os.mkdir("disk")
    script = ('mount -t tmpfs -o size=1m none disk || exit 77; '
              '"$@" --out disk/report; echo "status $?"; ls -A disk')
    result = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", PLAIT, "analyze", "--from",
                             DOCUMENT], capture_output=True, text=True, timeout=60)
    if result.returncode == 77 or "unshare" in result.stderr:
        raise Skip("no mount in a user namespace")
    same(result.stdout, "status 2\n")
    same(result.stderr, "plait analyze: --out disk/report: no room for a report (32768 KiB were "
                        "tried): No space left on device\n")


@test
def doctor_speaks_every_format():
    table = run("doctor")
    assert table.returncode in (0, 2), table
    assert table.stdout.startswith("plait can"), table.stdout
    needs = json.loads(run("doctor", "--format", "json").stdout)["needs"]
    missing = [n for n in needs if n["required"] and not n["met"]]
    same(table.returncode, 2 if missing else 0)
    tap = run("doctor", "--format", "tap").stdout.splitlines()
    same(tap[1], f"1..{len(needs)}")


sys.exit(run_all("plait-cli-"))
