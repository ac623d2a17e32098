"""What soak.py and agree.py share: running cells, and what is a verdict.

SAMPLE has one cell of each threat, short ones, so that every test run can afford it.
"""
import atexit
import json
import os
import subprocess
import sys

SAMPLE = [
    "T-FLOOD-5/-/server/idle/PART-no-spoof/v1/default/ipv4",
    "T-TS-2/direct/server/bulk/PE-H/v1/default/ipv4",
    "T-RES-1/-/client/bulk/OFF/v1/permissive/ipv4",
    "T-FC-1/-/server/bulk/PE-H/v1/default/ipv6",
    "T-RM-1/-/server/bulk/ON1-E/v1/default/ipv4",
    "T-PRIO-2/-/server/bulk/ON1-E/v1/default/ipv4",
    "T-RST-1/-/server/bulk/ON1-E/v1/default/ipv4",
    "T-DFIN-1/-/server/bulk/ON1-E/v1/permissive/ipv6",
    "T-DSS-5/-/server/idle/OFF/v1/default/ipv4",
    "T-BID-1/-/server/request-response/PA-H/v1/default/ipv4",
    "T-TOK-1/-/server/idle/OFF-NS-no-spoof/v1/default/ipv4",
    "T-TOK-2/-/server/idle/OFF-NS-no-spoof/v1/default/ipv6",
]
EVERYTHING = "*"
SKIPPED, END_LIMIT_S = 77, 60


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def glob_of(ids):
    return "@(" + "|".join(ids) + ")"


def skip_unless_live(program):
    done = subprocess.run([program, "doctor"], capture_output=True, text=True, timeout=60,
                          check=False)
    if done.returncode != 0:
        skip(done.stdout.splitlines()[0])


def start_with(program, options, folder=None, shows=False, before=()):
    """Starts an analysis with OPTIONS in FOLDER; SHOWS: its progress goes to our standard error."""
    process = subprocess.Popen([*before, program, "analyze", "--target", "linux", *options,
                                *([] if shows else ["--quiet"])], cwd=folder,
                               stdout=subprocess.DEVNULL, text=True,
                               stderr=None if shows else subprocess.PIPE)
    atexit.register(end, process)
    return process


def start(program, cells, out, *more, before=()):
    """Starts an analysis of the cells that the glob CELLS names; its report goes to the folder OUT."""
    return start_with(program, ["--cell", cells, "--out", out, *more], before=before)


def end(process):
    """Its runs die with it."""
    if process.poll() is None:
        process.kill()
        process.wait()


def end_in_time(process, limit_s, statuses=(0, 3)):
    """What takes longer than LIMIT_S is told to end, and says what it has; its status is one of STATUSES."""
    try:
        _, errors = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        print(f"an analysis did not end within {limit_s} s", file=sys.stderr)
        process.terminate()
        _, errors = process.communicate(timeout=END_LIMIT_S)
    if process.returncode not in statuses:
        sys.exit(f"status {process.returncode}: {errors or 'see above'}")


def finish(process, out, limit_s):
    """The cells of the report, by ID."""
    end_in_time(process, limit_s)
    with open(os.path.join(out, "report.json"), encoding="utf-8") as report:
        document = json.load(report)
    if not document["complete"]:
        sys.exit("the analysis was not completed")
    return {cell["id"]: cell for cell in document["cells"]}


def check_sample(program, cells):
    """The sample has a cell of each threat that a kernel meets without --full; each was decided."""
    done = subprocess.run([program, "analyze", "--list", "--format", "json"], capture_output=True,
                          text=True, timeout=60, check=True)
    threats = {t["id"] for t in json.loads(done.stdout) if t["kind"] == "threat"
               and "v1" in t["mechanisms"] and not t["full_on_kernels"]}
    problems = [f"no cell of {name} in the sample" for name in
                sorted(threats - {cell["threat"] for cell in cells.values()})]
    problems += [f"{name} is no cell" for name in SAMPLE if name not in cells]
    problems += [f"{name}: error: {cell['reason']}" for name, cell in cells.items()
                 if cell["outcome"] == "error"]
    return problems


def verdict(cell):
    """What two runs of a cell must agree on (docs/RECORDS.md)."""
    goals = {g["goal"]: (g["outcome"], g["versus_tcp"]) for g in cell["goals"]}
    return cell["outcome"], cell["versus_tcp"], goals
