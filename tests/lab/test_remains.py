#!/usr/bin/env python3
"""Runs the whole program as a user would, ends it in every way, and looks for remains.

Argument: the program.  While it runs and after it has ended (by itself, by SIGINT, SIGTERM, SIGKILL, and
after one of its runs was killed) the machine's links, addresses, routes, rules, mounts, modules and
settings are what they were, and none of its processes and network namespaces is left.  Only what
descends from the processes started here is looked at, so that others may run plait beside it.
"""
import collections
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from cases import run_all, same, test

PLAIT = os.path.realpath(sys.argv[1])
SAMPLE_S = 0.02
GONE_WITHIN_S = 2
RUN_LIMIT_S = 90
TWO_CELLS = "T-TS-2/direct/server/idle/PE-H/v1/default/*"
MANY_CELLS = "T-TS-2/*"
MANY_RUNS = 8

# Settings that move by themselves, or by what anybody else does on the machine.
RESTLESS = {
    "fs/dentry-state": "names the kernel remembers",
    "fs/inode-nr": "files the kernel remembers",
    "fs/inode-state": "the same",
    "fs/file-nr": "files that are open",
    "fs/aio-nr": "asynchronous requests under way",
    "kernel/ns_last_pid": "the process started last",
    "kernel/pty/nr": "terminals that are open",
    "kernel/random/entropy_avail": "grows and shrinks",
    "kernel/random/uuid": "drawn at each reading",
    "kernel/perf_event_max_sample_rate": "lowered by the kernel when it is busy",
    "net/netfilter/nf_conntrack_count": "the machine's own connections",
}
# Parts of an address's or route's line that count down.
COUNTDOWN = re.compile(r"(valid_lft|preferred_lft|expires) \S+")


# ---- the machine ----

def settings():
    found = {}
    for folder, _, names in os.walk("/proc/sys"):
        for name in names:
            path = os.path.join(folder, name)
            key = os.path.relpath(path, "/proc/sys")
            if key in RESTLESS:
                continue
            try:
                found[key] = pathlib.Path(path).read_bytes()
            except OSError:
                found[key] = None  # write-only, or not for us
    return found


def lines_of(*command):
    result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    return sorted(COUNTDOWN.sub(r"\1", line).strip() for line in result.stdout.splitlines())


def text_of(path):
    try:
        return sorted(line.split()[0] if path.endswith("modules") else line
                      for line in pathlib.Path(path).read_text().splitlines())
    except OSError:
        return []


def machine():
    state = {"setting " + name: value for name, value in settings().items()}
    state["links"] = lines_of("ip", "-o", "link")
    state["addresses"] = lines_of("ip", "-o", "addr")
    for family in ("-4", "-6"):
        state["rules " + family] = lines_of("ip", family, "rule")
        state["routes " + family] = lines_of("ip", family, "route", "show", "table", "all")
    state["mounts"] = text_of("/proc/self/mounts")
    state["modules"] = text_of("/proc/modules")
    return state


def assert_unchanged(before, when):
    after = machine()
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if isinstance(old, list):  # of lines: say only which
            old, new = [x for x in old if x not in new], [x for x in new if x not in old]
        assert old == new, f"{when}: {name} changed from {old!r} to {new!r}"


# ---- processes and their namespaces ----

Process = collections.namedtuple("Process", "name parent start")


def stat(pid):
    """None if there is no such process, or only its status is left."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
    return None if rest[0] in "ZX" else Process(name, int(rest[1]), int(rest[19]))


def processes():
    found = {}
    for entry in os.listdir("/proc"):
        one = stat(entry) if entry.isdigit() else None
        if one:
            found[int(entry)] = one
    return found


def net_namespace(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return None


class Run:
    """The program under test, and everything that descends from it."""

    def __init__(self, folder, *args):
        self.out = pathlib.Path(folder) / "stdout"
        self.before = machine()
        self.own_namespace = net_namespace("self")
        self.persistent = persistent_namespaces()
        self.seen, self.namespaces = {}, {}
        with open(self.out, "wb") as out:
            self.process = subprocess.Popen(
                [PLAIT, "analyze", "--target", "linux", "--quiet", "--format", "json", "--out",
                 f"{folder}/report", *args],
                stdout=out, stderr=subprocess.PIPE, start_new_session=True)
        self.deadline = time.monotonic() + RUN_LIMIT_S

    def sample(self):
        """Takes note of who is there now.  The runs that have both their agents, by pid."""
        now = processes()
        family = {self.process.pid}
        while True:
            more = {pid for pid, one in now.items() if one.parent in family} - family
            if not more:
                break
            family |= more
        for pid, one in now.items():
            if pid not in family:
                continue
            self.seen[pid, one.start] = one.name
            self.hold_namespace(pid)
        parents = [now[pid].parent for pid in family & now.keys() if is_agent(now[pid])]
        return sorted({pid for pid in parents if parents.count(pid) == 2})

    def hold_namespace(self, pid):
        """Keeps it open: the kernel gives the number of one that is gone to the next that is made,
        by whomever, and who then lives there would look like ours."""
        namespace = net_namespace(pid)
        if not namespace or namespace == self.own_namespace or namespace in self.namespaces:
            return
        try:
            fd = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return
        number = f"net:[{os.fstat(fd).st_ino}]"
        if number in self.namespaces or number == self.own_namespace:
            os.close(fd)
        else:
            self.namespaces[number] = fd

    def until_busy(self, runs):
        """So many RUNS are in their middle."""
        while len(self.sample()) < runs:
            assert time.monotonic() < self.deadline, "it is never busy"
            assert self.process.poll() is None, "it ended before it was busy"
            time.sleep(SAMPLE_S)
        time.sleep(0.3)
        self.sample()

    def end(self):
        """Its status, once it has ended by itself; the machine is looked at each second."""
        looked = time.monotonic()
        while self.process.poll() is None:
            assert time.monotonic() < self.deadline, "it does not end"
            self.sample()
            if time.monotonic() - looked > 1:
                assert_unchanged(self.before, "while it ran")
                looked = time.monotonic()
            time.sleep(SAMPLE_S)
        return self.process.returncode

    def alive(self):
        now = processes()
        return sorted(f"{pid} ({name})" for (pid, start), name in self.seen.items()
                      if pid in now and now[pid].start == start)

    def holders(self):
        """Processes, known or not, in our namespaces."""
        return sorted(f"{pid} ({one.name})" for pid, one in processes().items()
                      if net_namespace(pid) in self.namespaces)

    def assert_gone(self, within_s):
        deadline = time.monotonic() + within_s
        while self.alive() and time.monotonic() < deadline:
            time.sleep(SAMPLE_S)
        same(self.alive(), [])
        same(self.holders(), [])
        same(sorted((persistent_namespaces() - self.persistent) & self.namespaces.keys()), [])
        assert_unchanged(self.before, "afterwards")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=10)
        for fd in self.namespaces.values():
            os.close(fd)

    def document(self):
        return json.loads(self.out.read_text())


def is_agent(one):
    return one.name.startswith("memfd:plait")  # its program is a file in memory


def persistent_namespaces():
    """Those that a mount holds, without a process."""
    if not shutil.which("lsns"):
        return set()
    result = subprocess.run(["lsns", "-n", "-r", "-P", "-t", "net", "-o", "NS"],
                            capture_output=True, text=True, timeout=20)
    return {f"net:[{number}]" for number in result.stdout.split()}


# ---- ways to end ----

@test
def the_machine_is_untouched_by_a_run_that_ends(folder):
    run = Run(folder, "--cell", TWO_CELLS)
    try:
        run.until_busy(2)
        assert len(run.namespaces) >= 6, run.namespaces  # two runs, each with two hosts
        same(run.end(), 0)
        run.assert_gone(GONE_WITHIN_S)
        document = run.document()
        same(document["complete"], True)
        same([c["outcome"] for c in document["cells"]], ["broken", "broken"])
    finally:
        run.close()


def interrupt(folder, number, send):
    run = Run(folder, "--cell", MANY_CELLS)
    try:
        run.until_busy(MANY_RUNS)
        assert_unchanged(run.before, "while it ran")
        run.sample()
        send(run.process.pid, number)
        same(run.process.wait(timeout=10), 4)
        run.assert_gone(GONE_WITHIN_S)
        document = run.document()
        same(document["complete"], False)
        report = json.loads((pathlib.Path(folder) / "report/report.json").read_text())
        same(report, document)
    finally:
        run.close()


@test
def an_interrupted_run_says_so_and_leaves_nothing(folder):
    interrupt(folder, signal.SIGINT, os.killpg)  # as a terminal does


@test
def a_terminated_run_says_so_and_leaves_nothing(folder):
    interrupt(folder, signal.SIGTERM, os.kill)


@test
def an_interrupted_beginning_leaves_nothing_half_made(folder):
    for delay_ms in range(0, 100, 20):
        run = Run(folder, "--cell", TWO_CELLS)
        try:
            time.sleep(delay_ms / 1000)
            os.killpg(run.process.pid, signal.SIGINT)
            status = run.process.wait(timeout=10)
            assert status in (4, -signal.SIGINT), status  # it may not yet have been listening
            run.assert_gone(GONE_WITHIN_S)
            same(os.listdir(f"{folder}/report") if status == 4 else
                 [name for name in os.listdir(folder) if name == "report"],
                 ["report.json"] if status == 4 else [])
            shutil.rmtree(f"{folder}/report", ignore_errors=True)
        finally:
            run.close()


@test
def two_interrupts_leave_nothing(folder):
    run = Run(folder, "--cell", MANY_CELLS)
    try:
        run.until_busy(MANY_RUNS)
        for _ in range(2):
            os.kill(run.process.pid, signal.SIGINT)
            time.sleep(SAMPLE_S)
        assert run.process.wait(timeout=10) in (4, -signal.SIGINT)
        run.assert_gone(GONE_WITHIN_S)
    finally:
        run.close()


@test
def a_killed_run_leaves_nothing_and_the_next_goes_on(folder):
    run = Run(folder, "--cell", MANY_CELLS)
    try:
        run.until_busy(MANY_RUNS)
        run.process.kill()
        run.process.wait(timeout=10)
        run.assert_gone(GONE_WITHIN_S)
        assert not (pathlib.Path(folder) / "report/report.json").exists()
    finally:
        run.close()
    run = Run(folder, "--cell", TWO_CELLS)  # into the same folder
    try:
        same(run.end(), 0)
        run.assert_gone(GONE_WITHIN_S)
        names = os.listdir(f"{folder}/report")
        same(sorted(names), ["captures", "report.json"])
    finally:
        run.close()


@test
def a_crashed_run_is_an_error_and_leaves_nothing(folder):
    run = Run(folder, "--cell", TWO_CELLS)
    try:
        run.until_busy(2)  # the measuring runs, one for each cell
        os.kill(run.sample()[-1], signal.SIGKILL)
        same(run.end(), 3)
        run.assert_gone(GONE_WITHIN_S)
        cells = run.document()["cells"]
        errors = [c["reason"] for c in cells if c["outcome"] == "error"]
        same(len(cells), 2)
        assert len(errors) == 1 and "the run died: Killed" in errors[0], errors
        same([c["outcome"] for c in cells if c["outcome"] != "error"], ["broken"])
    finally:
        run.close()


@test
def an_agent_that_dies_is_an_error_and_leaves_nothing(folder):
    run = Run(folder, "--cell", TWO_CELLS)
    try:
        run.until_busy(2)
        victim = run.sample()[-1]
        agents = [pid for pid, one in processes().items() if one.parent == victim]
        os.kill(agents[-1], signal.SIGKILL)
        same(run.end(), 3)
        run.assert_gone(GONE_WITHIN_S)
        cells = run.document()["cells"]
        same(sorted(c["outcome"] for c in cells), ["broken", "error"])
    finally:
        run.close()


def leave_the_mounts():
    """Root's tests run in a mount namespace of their own, where nobody else mounts anything; an
    ordinary user's runs could not mount anything outside one."""
    new_mounts = 0x20000
    if ctypes.CDLL(None).unshare(new_mounts) == 0:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True, timeout=10)


def main():
    leave_the_mounts()
    doctor = subprocess.run([PLAIT, "doctor"], capture_output=True, text=True, timeout=60)
    if doctor.returncode != 0 or not shutil.which("ip"):
        print(doctor.stdout + "live runs cannot be made here, or there is no ip: skipped")
        return 77
    return run_all("plait-remains-", takes_folder=True)


sys.exit(main())
