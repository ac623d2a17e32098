#!/usr/bin/env python3
"""What others make of what flatten writes: tcpflow, tshark, ngrep, nDPI, Suricata where it is.

Arguments: plait-audit, plait, transfers [--count N, random multipath transfers (6)] [test...].
"""
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cases import run_all, same, Skip, test
from talk import ACK, FIN, PORT, PSH, SYN, Talk, two_paths

AUDIT, PLAIT, TRANSFERS = map(os.path.abspath, sys.argv[1:4])
REST = sys.argv[4:]
COUNT = int(REST[REST.index("--count") + 1]) if "--count" in REST else 6
WANTED = [word for word in REST if re.fullmatch("[a-z_]{6,}", word)]
FIRST_SEED = 1000
LIMIT_S = 120


def have(program):
    if not shutil.which(program):
        raise Skip(f"{program} is not installed")


def run(*args, wanted=0):
    done = subprocess.run(args, capture_output=True, text=True, timeout=LIMIT_S, errors="replace")
    assert done.returncode == wanted, (
        f"{' '.join(args)}: status {done.returncode}, wanted {wanted}: {done.stderr[-400:]}")
    return done


def flatten(*args, wanted=0):
    return run(AUDIT, "flatten", *args, wanted=wanted).stderr


def flat(*args):
    flatten(*args, "-o", "flat.pcap")
    return "flat.pcap"


def count(said, text):
    found = re.search(rf"^ *(\d+)  {text}$", said, re.M)
    return int(found[1]) if found else 0


def equal(got, wanted, what):
    """Octets, too many to show."""
    assert got == wanted, f"{what}: {[len(g) for g in got]} octets, wanted {[len(w) for w in wanted]}"


def tcpflow(capture):
    """What each side of each flow sent, sorted."""
    have("tcpflow")
    shutil.rmtree("flows", ignore_errors=True)
    run("tcpflow", "-r", capture, "-o", "flows", "-x", "netviz", "-X", "/dev/null")
    return sorted(file.read_bytes() for file in pathlib.Path("flows").iterdir())


def tshark(capture, *args):
    have("tshark")
    return run("tshark", "-r", capture, "-o", "tcp.check_checksum:TRUE", "-o",
               "ip.check_checksum:TRUE", *args).stdout.splitlines()


# A SYN that its sender sent again is in the original, too.
FAULTS = ("tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment || "
          "(tcp.analysis.retransmission && !tcp.flags.syn == 1) || tcp.analysis.fast_retransmission || "
          "tcp.analysis.spurious_retransmission || tcp.analysis.out_of_order || "
          "tcp.analysis.duplicate_ack || tcp.analysis.window_full || "
          "tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.option_kind == 30")


def has_no_faults(capture):
    same(tshark(capture, "-Y", FAULTS), [])


def fields(capture, *names):
    options = [part for name in names for part in ("-e", name)]
    return [line.split("\t") for line in tshark(capture, "-T", "fields", *options)]


# ---- whole transfers ------------------------------------------------------------------------


def transfers():
    """(folder, over how many paths data went) of random scenarios."""
    os.mkdir("transfers")
    lines = run(TRANSFERS, "transfers", str(FIRST_SEED), str(COUNT)).stdout.split("\n")[:-1]
    for line in lines:
        seed, paths = map(int, line.split())
        yield pathlib.Path("transfers") / str(seed), paths


def written(folder):
    return sorted(filter(None, ((folder / end).read_bytes() for end in ("client", "server"))))


def shift(capture, seconds):
    run("editcap", "-F", "nsecpcap", "-t", str(seconds), str(capture), "shifted.pcap")
    return "shifted.pcap"


@test
def tcpflow_gets_what_the_applications_wrote_and_tshark_finds_no_fault():
    several = one = told = 0
    for folder, paths in transfers():
        captures = sorted(str(file) for file in folder.glob("path-*.pcap"))
        if paths < 2 and one >= COUNT:
            continue
        several += paths > 1
        one += paths < 2
        equal(tcpflow(flat(*captures)), written(folder), folder)
        if paths > 1:
            has_no_faults("flat.pcap")
            told += clocks_do_not_matter(folder, captures)
        shutil.rmtree(folder)
    same(several, COUNT)
    assert told >= COUNT * 2 // 3, f"of {told} of {COUNT} alone could the clocks be told"
    print(f"{several} over several paths, {told} of them with clocks that can be told; {one} others")


def clocks_do_not_matter(folder, captures):
    """Whether they can be told; what cannot is said, and the streams are the same all the same."""
    captures = [capture for capture in captures if os.path.getsize(capture) > 24]
    told = True
    for which in range(len(captures)) if COUNT >= 50 else [len(captures) - 1]:
        for seconds in (-5, 5):
            shifted = [*captures]
            shifted[which] = shift(captures[which], seconds)
            said = flatten(*shifted, "-o", "flat.pcap")
            equal(tcpflow("flat.pcap"), written(folder), f"{shifted} shifted by {seconds} s")
            has_no_faults("flat.pcap")
            told &= clocks_are_right(shifted, which, seconds, said)
    return told


def clocks_are_right(captures, which, seconds, said):
    """All were one clock before one of them was shifted."""
    inputs = json.loads(run(AUDIT, "--format", "json", *captures).stdout)["inputs"]
    for number, clock in enumerate(found["clock"] for found in inputs):
        wanted = 1000 * seconds * ((which == 0) - (which == number))
        name = captures[number]
        same(f"the clock of {name} cannot be told" in said, not clock["told"])
        assert not clock["contradictory"], (captures, which, seconds)
        compared = clock["bounded_below"] and clock["bounded_above"]  # else nothing in common
        assert not compared or abs(clock["offset_ms"] - wanted) <= clock["error_ms"] + 1e-3, (
            captures, which, seconds, clock)
    return all(found["clock"]["told"] for found in inputs)


def kernel():
    if subprocess.run([PLAIT, "doctor"], capture_output=True).returncode:
        raise Skip("plait doctor misses something on this machine")


@test
def of_a_kernel_tcpflow_gets_what_was_sent_and_came_back():
    kernel()
    for seed in range(1, 3 if COUNT < 50 else 11):
        dice = random.Random(seed)
        octets = dice.randbytes(dice.randrange(1, 300_000))
        pathlib.Path("in").write_bytes(octets)
        run(PLAIT, "connect", "--peer", "linux", "--in", "in", "--out", "back", "--paths",
            str(dice.randrange(2, 5)), "--loss", dice.choice(["0", "1"]), "--scheduler",
            "round-robin", *dice.choice([[], ["--checksum"]]), "--seed", str(seed), "--quiet",
            "--pcap", "kernel.pcapng")
        equal([pathlib.Path("back").read_bytes()], [octets], "what came back")
        flatten("kernel.pcapng", "-o", "flat.pcap")
        equal(tcpflow("flat.pcap"), [octets, octets], f"seed {seed}")
        has_no_faults("flat.pcap")


# ---- signatures -----------------------------------------------------------------------------

REQUEST = b"GET /index.html?id=1%20UNION%20SELECT%20password HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
SIGNATURE = "UNION%20SELECT"


def split_request():
    """Each path has every second four octets of the request; its sender waits for no answer."""
    talk = two_paths()
    for at in range(0, len(REQUEST), 4):
        talk.data(at // 4 % 2, 0, at, REQUEST[at:at + 4])
        talk.now_ns -= 950_000
    talk.data_ack(0, 1, len(REQUEST))
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    talk.data(1, 1, 0, answer)
    talk.data_ack(0, 0, len(answer))
    talk.close((len(REQUEST), len(answer)))
    return talk.write("split.pcap")


def matches(capture):
    """ngrep looks into packets one by one; 1 is its status where it finds nothing."""
    have("ngrep")
    done = subprocess.run(["ngrep", "-q", "-I", capture, SIGNATURE, "tcp"], capture_output=True,
                          text=True, timeout=LIMIT_S)
    assert done.returncode in (0, 1), done.stderr
    return len(re.findall(r"^T ", done.stdout, re.M))


def protocols(capture):
    have("ndpiReader")
    out = run("ndpiReader", "-d", "-i", capture).stdout
    return set(re.findall(r"^\t(\w+) +packets:", out, re.M))


@test
def ngrep_finds_a_signature_that_was_split_over_paths():
    original = split_request()
    same(matches(original), 0)
    same(matches(flat(original)), 1)
    same(sum(SIGNATURE.encode() in stream for stream in tcpflow(original)), 0)
    same(sum(SIGNATURE.encode() in stream for stream in tcpflow("flat.pcap")), 1)


@test
def ndpi_knows_the_protocol():
    original = split_request()
    assert "HTTP" not in protocols(original), protocols(original)
    assert "HTTP" in protocols(flat(original)), protocols("flat.pcap")


@test
def suricata_alerts():
    have("suricata")
    pathlib.Path("s.rules").write_text(
        f'alert tcp any any -> any any (msg:"split"; content:"{SIGNATURE}"; sid:1;)\n')
    found = []
    for capture in (split_request(), flat("split.pcap")):
        shutil.rmtree("log", ignore_errors=True)
        os.mkdir("log")
        run("suricata", "-r", capture, "-S", "s.rules", "-l", "log")
        found.append(pathlib.Path("log/fast.log").read_text().count("split"))
    same(found, [0, 1])


# ---- copies that contradict -----------------------------------------------------------------


def contradicting(is_held):
    """Two copies of the same octets; IS_HELD: both come before what precedes them."""
    talk = two_paths()
    talk.data(0, 0, 0, b"GET /")
    if not is_held:
        talk.data(0, 0, 5, b" ")
    talk.data(0, 0, 6, b"good")
    talk.data(1, 0, 6, b"evil")
    if is_held:
        talk.data(1, 0, 5, b" ")
    talk.data(0, 0, 10, b" HTTP")
    talk.data_ack(0, 1, 15)
    return talk.write("contradicting.pcap")


GOOD, EVIL = b"GET / good HTTP", b"GET / evil HTTP"


@test
def of_two_copies_the_first_the_last_or_both_are_written():
    for is_held in (False, True):
        original = contradicting(is_held)
        same(tcpflow(flat(original)), [GOOD])
        same(tcpflow(flat(original, "--first-copy")), [GOOD])
        same(tcpflow(flat(original, "--last-copy")), [EVIL if is_held else GOOD])
        same(tcpflow(flat(original, "--both")), [EVIL, GOOD])
        has_no_faults("flat.pcap")


# ---- what a capture lacks -------------------------------------------------------------------


def simple():
    talk = two_paths()
    talk.data(0, 0, 0, b"question, ")
    talk.data(1, 0, 10, b"and more")
    talk.data(0, 1, 0, b"answer")
    talk.data_ack(0, 1, 18)
    talk.data_ack(1, 0, 6)
    talk.close((18, 6))
    return talk


@test
def of_one_direction_there_is_what_it_said():
    for end, text in ((0, b"question, and more"), (1, b"answer")):
        capture = simple().write("half.pcap", lambda path, sender: sender == end)
        same(tcpflow(flat(capture, "--one-sided")), [text])
        acks = fields("flat.pcap", "tcp.srcport", "tcp.ack")
        other = PORT if end == 0 else 40000
        assert [str(other), str(len(text) + 2)] in acks, acks  # FIN, too


@test
def a_hole_is_held_and_then_a_gap():
    talk = two_paths()
    talk.data(0, 0, 0, b"one ")
    talk.say(0, 0, ACK, b"", b"")
    talk.data(0, 0, 8, b"three")  # "two " is not in the capture
    talk.now_ns += 2 * 10**9
    talk.data(0, 0, 13, b" four")
    talk.now_ns += 2 * 10**9
    talk.data(0, 0, 18, b" five")
    capture = talk.write("hole.pcap")
    for hold in ("1000", "3000"):
        said = flatten(capture, "-o", "flat.pcap", "--hold-ms", hold)
        same((count(said, "gaps"), count(said, "octets in gaps")), (1, 4))
        found = [row for row in fields("flat.pcap", "tcp.len", "tcp.seq", "frame.time_relative")
                 if row[0] != "0"]
        same([row[:2] for row in found], [["4", "1"], ["10", "9"], ["5", "19"]]
             if hold == "1000" else [["4", "1"], ["15", "9"]])
        assert float(found[1][2]) * 1000 >= int(hold), found


@test
def orphans_pass_or_do_not_or_go_elsewhere():
    capture = simple().write("orphan.pcap", lambda path, end: path == 1)
    total = len(tshark(capture))
    said = flatten(capture, "-o", "flat.pcap")
    same(count(said, "subflows whose connection is not known"), 1)
    same(len(tshark("flat.pcap")), total)
    flatten(capture, "-o", "flat.pcap", "--orphans", "drop")
    same(len(tshark("flat.pcap")), 0)
    flatten(capture, "-o", "flat.pcap", "--orphans", "orphans.pcap")
    same(len(tshark("flat.pcap")), 0)
    same(len(tshark("orphans.pcap")), total)
    flatten(capture, "-o", "flat.pcap", "--strict", wanted=4)


# ---- what else there is ---------------------------------------------------------------------


@test
def plain_tcp_passes_octet_by_octet():
    talk = Talk()
    talk.say(0, 0, SYN, b"\2\4\5\xb4")
    talk.say(0, 1, SYN | ACK, b"\2\4\5\xb4")
    talk.say(0, 0, ACK | PSH, b"", b"plain")
    talk.say(0, 1, ACK | FIN)
    capture = talk.write("plain.pcap")
    flat(capture)
    content = pathlib.Path("flat.pcap").read_bytes()
    at = 24
    for _, _, octets in talk.packets:
        same(content[at + 16 + 14:at + 16 + 14 + len(octets)], octets)
        at += 16 + 14 + len(octets)
    same(at, len(content))


@test
def the_map_leads_from_each_packet_to_those_it_is_made_of():
    talk = simple()
    halves = [talk.write(f"{path}.pcap", lambda p, _, path=path: p == path) for path in (0, 1)]
    flatten(*halves, "-o", "flat.pcap", "--map", "map")
    lines = [json.loads(line) for line in open("map", encoding="utf-8")]
    names = {line["input"]: line["name"] for line in lines if "name" in line}
    made = [line for line in lines if "flat" in line]
    payloads = fields("flat.pcap", "tcp.payload")
    same([line["flat"] for line in made], list(range(1, len(payloads) + 1)))
    inputs = {name: fields(name, "tcp.payload") for name in halves}
    for line, (payload,) in zip(made, payloads):
        assert line["from"] or line["kind"] == "flat", line
        sources = [inputs[names[ref["input"]]][ref["frame"] - 1][0] for ref in line["from"]]
        assert "".join(sources).startswith(payload), (line, payload, sources)


@test
def a_device_gets_the_packets():
    script = ("ip tuntap add tap7 mode tap && ip link set tap7 up && "
              '"$0" flatten "$1" -o tap7 2>said; status=$?; '
              "cat /sys/class/net/tap7/statistics/rx_packets /proc/net/dev | head -1; "
              "ip -s link show tap7; exit $status")
    name = simple().write("simple.pcap")
    probe = subprocess.run(["unshare", "-rn", "ip", "tuntap", "add", "tap7", "mode", "tap"],
                           capture_output=True)
    if probe.returncode:
        raise Skip("no TAP device can be made here")
    out = run("unshare", "-rn", "sh", "-c", script, AUDIT, name).stdout
    said = pathlib.Path("said").read_text()
    wanted = count(said, "packets written") + count(said, "packets passed")
    received = re.search(r"RX:.*\n +\d+ +(\d+)", out)
    assert received and int(received[1]) == wanted, (out, said)


@test
def wrong_lines_are_refused():
    def line(text, *args):
        same(flatten(*args, wanted=2), f"plait flatten: {text}\n")
    name = simple().write("simple.pcap")
    line("needs FILE, DIRECTORY, - or -i INTERFACE", "-o", "x")
    line("needs --output OUT", name)
    line("--first-copy, --last-copy and --both exclude each other", name, "-o", "x", "--both",
         "--last-copy")
    line("--output /nowhere/x: No such file or directory", name, "-o", "/nowhere/x")


@test
def plait_starts_it():
    name = simple().write("simple.pcap")
    run(PLAIT, "flatten", name, "-o", "flat.pcap")
    same(tcpflow("flat.pcap"), [b"answer", b"question, and more"])


sys.exit(run_all("plait-flatten-", WANTED))
