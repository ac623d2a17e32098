#!/usr/bin/env python3
"""tools/setup, with stubs of dpkg-query, apt-get, sudo and id: nothing is ever installed here.

Argument: the script.  It prints the exact command, asks on a terminal, runs unasked without one, and on
another distribution says what is needed and stops with 2.
"""
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time

SETUP = os.path.realpath(sys.argv[1])
LIMIT_S = 20
QUESTION = "Install them now? [Y/n] "
INSTALL = ("env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "
           "meson libmnl-dev")
TESTS = []

STUBS = {
    # Says that all packages are there but two.
    "dpkg-query": """for last; do :; done
case " $MISSING " in *" $last "*) echo "unknown ok not-installed" ;; *) echo "install ok installed" ;; esac
""",
    "apt-get": """echo "apt-get $*, $DEBIAN_FRONTEND" >>"$LOG"
echo "E: one of many lines"
exit "$APT_STATUS"
""",
    "sudo": """echo "sudo $*" >>"$LOG"
exec "$@"
""",
    "id": """[ "$*" = -u ] || exec /usr/bin/id "$@"
echo "$USER_ID"
""",
}


def test(function):
    TESTS.append(function)
    return function


def same(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


class Machine:
    """What the script finds: programs, users, a distribution."""

    def __init__(self, folder, missing="meson libmnl-dev", user=0, distribution="debian", apt=0):
        folder = pathlib.Path(folder)
        for name, text in STUBS.items():
            (folder / name).write_text("#!/bin/sh\n" + text)
            (folder / name).chmod(0o755)
        (folder / "os-release").write_text(f'NAME="Some Linux"\nID={distribution}\n')
        self.log = folder / "log"
        self.log.write_text("")
        self.environment = {
            "PATH": f"{folder}:/usr/bin:/bin", "LOG": str(self.log), "MISSING": missing,
            "USER_ID": str(user), "APT_STATUS": str(apt), "PLAIT_OS_RELEASE": f"{folder}/os-release"}

    def done(self):
        """Lines of what apt-get and sudo were asked to do."""
        return self.log.read_text().splitlines()

    def run(self):
        """Without a terminal: status and what was printed."""
        result = subprocess.run([SETUP], env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                timeout=LIMIT_S, start_new_session=True)
        return result.returncode, result.stdout

    def run_on_terminal(self, answer):
        """The same on a terminal, where ANSWER is typed once it is asked; None hangs up."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(SETUP, [SETUP], self.environment)
        printed, end, asked = "", time.monotonic() + LIMIT_S, False
        try:
            while time.monotonic() < end:
                if not select.select([terminal], [], [], 0.1)[0]:
                    continue
                try:
                    octets = os.read(terminal, 4096)
                except OSError:  # its other end is closed
                    break
                if not octets:
                    break
                printed += octets.decode().replace("\r\n", "\n")
                if QUESTION in printed and not asked:
                    asked = True
                    same(self.done(), [])  # nothing before the answer
                    os.write(terminal, answer)
            else:
                os.kill(pid, signal.SIGKILL)
        finally:
            _, status = os.waitpid(pid, 0)
            os.close(terminal)
        return os.waitstatus_to_exitcode(status), printed


def expected(sudo=""):
    return f"plait needs these packages:\n  {sudo}apt-get update && {sudo}{INSTALL}\n"


def log_of(sudo=""):
    update = ["apt-get update, "]
    install = [INSTALL.split(" ", 2)[2] + ", noninteractive"]
    return ([sudo + "apt-get update"] + update + [sudo + INSTALL] + install) if sudo else \
        update + install


@test
def where_nothing_is_missing_nothing_is_said_or_done(folder):
    machine = Machine(folder, missing="")
    same(machine.run(), (0, ""))
    same(machine.done(), [])


@test
def without_a_terminal_it_prints_the_command_and_runs_it_unasked(folder):
    machine = Machine(folder)
    same(machine.run(), (0, expected()))
    same(machine.done(), log_of())


@test
def an_ordinary_user_does_it_by_sudo(folder):
    machine = Machine(folder, user=1000)
    same(machine.run(), (0, expected("sudo ")))
    same(machine.done(), log_of("sudo "))


@test
def on_a_terminal_no_means_that_nothing_is_installed(folder):
    for answer in (b"n\n", b"No\n"):
        machine = Machine(folder)
        status, printed = machine.run_on_terminal(answer)
        same(status, 2)
        assert printed.startswith(expected() + QUESTION), printed
        assert printed.endswith("plait: nothing was installed\n"), printed
        same(machine.done(), [])


@test
def on_a_terminal_that_ends_nothing_is_installed(folder):
    machine = Machine(folder)
    same(machine.run_on_terminal(b"\x04")[0], 2)
    same(machine.done(), [])


@test
def on_a_terminal_yes_or_return_installs(folder):
    for answer in (b"y\n", b"\n"):
        machine = Machine(folder, user=1000)
        status, printed = machine.run_on_terminal(answer)
        same(status, 0)
        assert printed.startswith(expected("sudo ") + QUESTION), printed
        same(machine.done(), log_of("sudo "))


@test
def another_distribution_is_told_what_is_needed(folder):
    machine = Machine(folder, distribution="fedora")
    status, printed = machine.run()
    same(status, 2)
    assert printed.startswith("plait: this is not Debian."), printed
    for package in ("meson", "libmnl-dev", "libcmocka-dev", "tshark"):
        assert package in printed, printed
    same(machine.done(), [])


@test
def what_apt_get_says_is_shown_when_it_fails(folder):
    machine = Machine(folder, apt=100)
    status, printed = machine.run()
    same(status, 2)
    same(printed, expected() + "E: one of many lines\nplait: the packages could not be installed\n")
    same(machine.done(), log_of()[:1])


def main():
    failed = 0
    for function in TESTS:
        mark, text = "OK", ""
        with tempfile.TemporaryDirectory(prefix="plait-setup-") as folder:
            try:
                function(folder)
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                mark, text, failed = "FAILED", str(error) or repr(error), failed + 1
        if text:
            print(text)
        print(f"[ {mark:>8} ] {function.__name__}", flush=True)
    return 1 if failed else 0


sys.exit(main())
