#!/usr/bin/env python3
"""Carries streams with `plait serve` and `plait connect`, and looks at every octet.

Argument: the program.  The other end is an echo in virtual time, this machine's kernel (skipped by
name where `plait doctor` misses something), or another plait behind a Unix socket in a folder of
the test.
"""
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PLAIT = os.path.abspath(sys.argv[1])
LIMIT_S = 120  # many times what is expected, on a machine that is busy
TESTS = []


class Skip(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


def same(got, wanted, what=""):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


def fill(name, octets, seed=1):
    pathlib.Path(name).write_bytes(random.Random(seed).randbytes(octets))
    return name


def digest(octets):
    return hashlib.sha256(octets).hexdigest()


def equal(a, b):
    a, b = pathlib.Path(a).read_bytes(), pathlib.Path(b).read_bytes()
    same((len(a), digest(a)), (len(b), digest(b)), "octets")


def start(*args, **pipes):
    return subprocess.Popen([PLAIT, *args], stderr=subprocess.PIPE,
                            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **pipes})


def finish(process, wanted=0):
    out, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == wanted, (
        f"{' '.join(process.args[1:])}: status {process.returncode}, wanted {wanted}: "
        f"{errors.decode()} {out.decode(errors='replace')[:400] if out else ''}")
    return out, errors.decode()


def run(*args, wanted=0, **pipes):
    return finish(start(*args, **pipes), wanted)


def usage(line, *args):
    out, errors = run(*args, wanted=2)
    same(errors, line + "\n")
    same(out, b"")


def echo(*args, octets=1_000_000, **pipes):
    """Sends a file, compares what came back, and gives the report."""
    out, _ = run(*args, "--in", fill("in", octets), "--out", "back", "--format", "json", **pipes)
    equal("in", "back")
    report = json.loads(out)
    assert report["whole"] and report["stage"] == "closed", report
    same(report["received_octets"], octets)
    return report


def need_lab():
    if subprocess.run([PLAIT, "doctor"], capture_output=True, check=False).returncode != 0:
        raise Skip("the lab cannot run here: plait doctor")


def used(report):
    return sum(1 for path in report["paths"] if path["sent_octets"] + path["received_octets"])


def await_file(path):
    until = time.monotonic() + LIMIT_S
    while not os.path.exists(path):
        assert time.monotonic() < until, f"{path} does not appear"
        time.sleep(0.01)


def await_octets(path, octets):
    until = time.monotonic() + LIMIT_S
    while not os.path.exists(path) or os.stat(path).st_size < octets:
        assert time.monotonic() < until, f"{path} stays below {octets} octets"
        time.sleep(0.01)


# ---- an echo in virtual time ----------------------------------------------------------------------


@test
def echo_gives_back_every_octet():
    for command in ("connect", "serve"):
        for mechanism in ("v1", "v0", "tcp"):
            for paths in (1, 2, 4):
                report = echo(command, "--paths", str(paths), "--mechanism", mechanism, "--delay",
                              "1,3", "--rate", "20", octets=400_000)
                same(report["mechanism"], mechanism)
                same(report["clock"], "virtual")
                same(used(report), 1 if mechanism == "tcp" else paths, (command, mechanism))


@test
def echo_survives_loss():
    for args in (["--paths", "4", "--checksum", "--family", "6"], ["--mechanism", "tcp"],
                 ["--scheduler", "redundant"], ["--scheduler", "round-robin", "--mtu", "1280"],
                 ["--congestion", "newreno", "--coupling", "balia", "--mechanism", "v0"]):
        report = echo("connect", "--loss", "2,5", "--delay", "1,10", *args, octets=500_000)
        assert any(path["lost_octets"] for path in report["paths"]), report


@test
def same_seed_gives_the_same_run():
    """However the octets come: a pipe gives them in pieces."""
    wanted = None
    for seed in ("7", "7", "8"):
        with open(fill("in", 300_000), "rb") as file:
            feed = subprocess.Popen(["dd", "bs=777", "status=none"], stdin=file,
                                    stdout=subprocess.PIPE)
        run("connect", "--seed", seed, "--loss", "1", "--trace", "trace", stdin=feed.stdout,
            stdout=subprocess.DEVNULL)
        feed.stdout.close()
        feed.wait()
        got = digest(pathlib.Path("trace").read_bytes())
        if seed == "8":
            assert got != wanted, "another seed, the same trace"
        else:
            same(got, wanted or got)
        wanted = got


@test
def nothing_is_a_stream_too():
    echo("connect", octets=0)
    echo("serve", octets=1)


# ---- this machine's kernel ------------------------------------------------------------------------


@test
def the_kernel_gives_back_every_octet():
    need_lab()
    for args in (["connect", "--paths", "1"], ["connect", "--loss", "1", "--delay", "1"],
                 ["serve", "--paths", "4"], ["serve", "--family", "6", "--checksum"],
                 ["connect", "--mechanism", "tcp"]):
        report = echo(*args, "--peer", "linux", octets=2_000_000)
        same(report["clock"], "wall")
        same(report["mechanism"], "tcp" if "tcp" in args else "v1")


# ---- two processes --------------------------------------------------------------------------------


def meet(serve_args, connect_args):
    """Both ways at once; gives the reports."""
    fill("there", 1_500_000, 1)
    fill("back", 700_000, 2)
    server = start("serve", "--socket", "S", "--in", "back", "--out", "there.out", "--format",
                   "json", *serve_args)
    out, _ = run("connect", "--socket", "S", "--in", "there", "--out", "back.out", "--format",
                 "json", *connect_args)
    reports = [json.loads(out), json.loads(finish(server)[0])]
    equal("there", "there.out")
    equal("back", "back.out")
    assert not os.path.exists("S"), "the socket stays"
    for report in reports:
        assert report["whole"], report
    return reports


@test
def two_plaits_meet_at_a_socket():
    for mechanism in ("v1", "v0", "tcp"):
        for paths in (1, 2, 4):
            reports = meet([], ["--paths", str(paths), "--mechanism", mechanism])
            same([report["mechanism"] for report in reports], [mechanism] * 2)
            same([len(report["paths"]) for report in reports],
                 [1 if mechanism == "tcp" else paths] * 2, (mechanism, paths))
    meet(["--loss", "1"], ["--loss", "1", "--delay", "1", "--family", "6", "--mtu", "9000"])


@test
def pipes_carry_an_archive():
    os.makedirs("tree/deep")
    for i in range(50):
        fill(f"tree/deep/{i}", 20_000, i)
    server = start("serve", "--socket", "S", "--quiet")
    os.makedirs("copy")
    extract = subprocess.Popen(["tar", "x", "-C", "copy"], stdin=server.stdout)
    server.stdout.close()
    server.stdout = None
    archive = subprocess.Popen(["tar", "c", "tree"], stdout=subprocess.PIPE)
    out, errors = run("connect", "--socket", "S", "--quiet", stdin=archive.stdout)
    archive.stdout.close()
    same((archive.wait(), errors, out), (0, "", b""))
    same(finish(server)[1], "")
    same(extract.wait(), 0)
    for i in range(50):
        equal(f"tree/deep/{i}", f"copy/tree/deep/{i}")


@test
def a_slow_reader_is_waited_for():
    fill("in", 12_000_000)  # more than all windows and pipes hold
    server = start("serve", "--socket", "S")
    client = start("connect", "--socket", "S", "--in", "in", stdout=subprocess.DEVNULL)
    got = hashlib.sha256()
    time.sleep(1)
    for piece in iter(lambda: server.stdout.read(100_000), b""):
        got.update(piece)
    same(got.hexdigest(), digest(pathlib.Path("in").read_bytes()))
    finish(client)
    finish(server)


@test
def an_interrupt_aborts_with_fastclose():
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        server = start("serve", "--socket", "S", "--out", "out", "--pcap", "pcap")
        client = start("connect", "--socket", "S", "--in", "/dev/zero", stdout=subprocess.DEVNULL)
        await_octets("out", 1_000_000)
        client.send_signal(signal_number)
        _, errors = finish(client, 3)
        assert "NOT delivered whole: interrupted: the stream was aborted" in errors, errors
        out, _ = finish(server, 3)
        assert "NOT delivered whole: the connection was reset" in out.decode(), out
        size = os.stat("out").st_size
        assert f"out holds the first {size} octets" in out.decode(), out
        assert not set(pathlib.Path("out").read_bytes()) - {0}
        if shutil.which("tshark"):
            assert shark("pcap", "tcp.options.mptcp.subtype == 7"), "no MP_FASTCLOSE"
        os.unlink("out")


@test
def an_interrupt_ends_every_kind():
    ways = [["connect"], ["serve", "--socket", "S"]]
    try:
        need_lab()
        ways.append(["connect", "--peer", "linux"])
    except Skip:
        pass
    for args in ways:
        process = start(*args, "--in", "/dev/zero", "--out", "out")
        if "--socket" in args:
            await_file("S")
        else:
            await_octets("out", 1_000_000)
        process.send_signal(signal.SIGINT)
        out, _ = finish(process, 3)
        assert b"NOT delivered whole: interrupted" in out, out
        assert not os.path.exists("S")


@test
def a_killed_end_is_noticed():
    server = start("serve", "--socket", "S", "--out", "out")
    client = start("connect", "--socket", "S", "--in", "/dev/zero", stdout=subprocess.DEVNULL)
    await_octets("out", 1_000_000)
    client.kill()
    client.wait()
    client.stderr.close()
    out, _ = finish(server, 3)
    assert b"NOT delivered whole: the other plait is gone" in out, out


@test
def remains_of_a_killed_end_are_no_obstacle():
    server = start("serve", "--socket", "S")
    await_file("S")
    server.kill()
    server.communicate()
    assert os.path.exists("S")
    meet([], [])
    pathlib.Path("S").write_text("mine", encoding="utf-8")
    usage("plait serve: --socket S: Address already in use", "serve", "--socket", "S")
    same(pathlib.Path("S").read_text(encoding="utf-8"), "mine")


# ---- files ----------------------------------------------------------------------------------------


@test
def files_that_cannot_be_used_are_said_before():
    fill("in", 1000)
    usage("plait connect: --in none: No such file or directory", "connect", "--in", "none")
    usage("plait connect: --out none/x: No such file or directory", "connect", "--out", "none/x")
    usage("plait connect: --out in: is what is to be sent", "connect", "--in", "in", "--out", "in")
    same(os.stat("in").st_size, 1000)
    usage("plait connect: none/x: No such file or directory", "connect", "--in", "in", "--out",
          "out", "--pcap", "none/x")


@test
def what_is_half_written_is_said():
    fill("in", 300_000)
    if os.path.exists("/dev/full"):
        out, _ = run("connect", "--in", "in", "--out", "/dev/full", wanted=3)
        assert b"NOT delivered whole: writing the output: No space left on device" in out, out
        _, errors = run("connect", "--in", "in", "--pcap", "/dev/full", wanted=3,
                        stdout=subprocess.DEVNULL)
        assert "/dev/full could not be written whole" in errors, errors
    process = start("connect", "--in", "/dev/zero")
    process.stdout.read(1000)
    process.stdout.close()
    process.stdout = None
    _, errors = finish(process, 3)
    assert "NOT delivered whole: writing the output: Broken pipe" in errors, errors


def shark(pcap, wanted):
    done = subprocess.run(["tshark", "-r", pcap, "-o", "tcp.check_checksum:TRUE", "-o",
                           "ip.check_checksum:TRUE", "-Y", wanted, "-T", "fields", "-e",
                           "frame.interface_name"], capture_output=True, text=True, check=False)
    return set(done.stdout.split())


@test
def a_capture_has_one_interface_a_path():
    if not shutil.which("tshark"):
        raise Skip("no tshark")
    echo("connect", "--paths", "4", "--pcap", "pcap", "--loss", "1", "--rate", "20",
         octets=300_000)
    same(shark("pcap", "tcp.options.mptcp.subtype == 0"), {"path1"})
    same(shark("pcap", "tcp.options.mptcp.subtype == 1"), {"path2", "path3", "path4"})
    same(shark("pcap", "tcp.len > 0"), {"path1", "path2", "path3", "path4"})
    same(shark("pcap", "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0"),
         set())


@test
def a_trace_is_json_lines():
    echo("serve", "--trace", "trace", "--loss", "1", octets=100_000)
    events = [json.loads(line) for line in pathlib.Path("trace").read_text("utf-8").splitlines()]
    names = {event["name"] for event in events}
    assert {"tcp:sent", "tcp:received", "tcp:retransmit"} <= names, names
    times = [event["time"] for event in events]
    same(times, sorted(times))


# ---- words ----------------------------------------------------------------------------------------


@test
def usage_names_the_nearest_word():
    usage("plait connect: unknown option --los (nearest: --loss)", "connect", "--los", "1")
    usage("plait serve: --peer linus: not known (nearest: linux)", "serve", "--peer", "linus")
    usage("plait connect: --scheduler redundnat: not known (nearest: redundant)", "connect",
          "--scheduler", "redundnat")
    usage("plait: conect: no such command (nearest: connect)", "conect")
    for word in ("1,x", "101", "", "1,,2", "1,2,3,4,5,6,7,8,9", "-1", "1e1"):
        _, errors = run("connect", "--loss=" + word, wanted=2)
        assert "--loss" in errors, errors
    usage("plait connect: --paths 9: is no number from 1 to 8", "connect", "--paths", "9")
    usage("plait connect: --socket and --peer: the other end is one or the other", "connect",
          "--socket", "S", "--peer", "linux")
    usage("plait serve: --paths, --family and --mtu with --socket: the end that dials says them",
          "serve", "--socket", "S", "--paths", "3")
    usage("plait connect: --socket S: no plait serves there", "connect", "--socket", "S")
    usage("plait connect: 198.18.0.1: one operand too many", "connect", "198.18.0.1")


@test
def formats_are_told():
    fill("in", 1000)
    out, errors = run("connect", "--in", "in", "--out", "out")
    assert out.startswith(b"The stream was delivered whole.\n1000 octets sent, 1000 ack"), out
    same(errors, "")
    out, errors = run("connect", "--in", "in")
    same(digest(out), digest(pathlib.Path("in").read_bytes()))
    assert errors.startswith("The stream was delivered whole."), errors
    out, _ = run("connect", "--in", "in", "--out", "out", "--format", "tap")
    same(out, b"TAP version 13\n1..1\nok 1 - the stream was delivered whole\n")
    out, _ = run("connect", "--in", "in", "--out", "out", "--format", "tap", "--loss", "100",
                 wanted=3)
    assert out.startswith(b"TAP version 13\n1..1\nnot ok 1 - "), out
    out, _ = run("connect", "--in", "in", "--out", "out", "--format", "jsonl")
    same(len(out.splitlines()), 1)


def main():
    failed = 0
    for function in TESTS:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                function()
                word = "ok"
            except Skip as why:
                word = f"SKIP ({why})"
            except Exception as why:  # pylint: disable=broad-except
                failed += 1
                word = f"FAILED: {type(why).__name__}: {why}"
            os.chdir("/")
        print(f"{function.__name__}: {word}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
