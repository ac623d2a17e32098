#!/usr/bin/env python3
"""plait-audit --whole: attacks that only a capture without a gap shows, what contradicts that there is
none, and the false alarms where the statement is wrong.

Arguments: plait-audit, plait, the folder of captures.  The captures are those of runs of `plait
analyze`, without the links of the attacker and of strangers, as whoever taps both ends has them.
"""
import functools
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from capture import addresses, read_pcap, read_pcapng, write_pcap, write_pcapng
from cases import run_all, same, Skip, test

AUDIT, PLAIT, CAPTURES = map(os.path.abspath, sys.argv[1:4])
V0 = f"{CAPTURES}/tcpdump/mptcp-v0.pcap"
LIMIT_S = 60
# Links in the captures of runs.
OF_OTHERS = ("attacker", "stranger")
SERVERS_LINK = "server-service"
# Cells whose attack the auditor names by what passed one link alone, and control cases; the server
# writes.
ATTACKS = ("T-FC-1/*/v1/default/ipv4", "T-DFIN-1/-/*/v1/default/ipv4", "T-HIJ-7/*/v1/default/ipv4")
HARMLESS = "C-OK-*/v1/permissive/ipv4"


def run(*args, **more):
    return subprocess.run([AUDIT, *args], capture_output=True, timeout=LIMIT_S, check=False,
                          env=dict(os.environ, LC_ALL="C.UTF-8"), **{"text": True, **more})


def audit(wanted, *args, **more):
    """The document, of a run that ends with status WANTED."""
    result = run("--format", "json", *args, **more)
    assert result.returncode == wanted, (f"plait-audit {' '.join(args)}: status {result.returncode}, "
                                         f"wanted {wanted}: {result.stdout[-300:]}{result.stderr}")
    return json.loads(result.stdout)


def refused(line, *args):
    result = run(*args)
    same((result.returncode, result.stdout, result.stderr), (2, "", f"plait audit: {line}\n"))


def rules(found):
    return sorted({alert["rule"] for alert in found["alerts"] if alert["severity"] != "note"})


# ---- captures -------------------------------------------------------------------------------


@functools.cache
def analyzed(cells):
    """The cells of that pattern, each with its capture: the interfaces' names, and packets."""
    folder = tempfile.mkdtemp(prefix="plait-whole-")
    try:
        made = subprocess.run([PLAIT, "analyze", "--cell", cells, "--out", "report", "--format", "json"],
                              cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        assert made.returncode in (0, 1), made.stderr
        return [(cell, *read_pcapng(f"{folder}/report/{cell['pcapng']}"))
                for cell in json.loads(made.stdout)["cells"] if cell["pcapng"]]
    finally:
        shutil.rmtree(folder)


def write_taps(names, packets, without=lambda packet: False):
    """A file for each link of a host: what TAPS of both ends would have."""
    files = []
    for number, name in enumerate(names):
        own = [(s, us, 0, octets) for s, us, interface, octets in packets
               if interface == number and not without((s, us, interface, octets))]
        if own and not any(word in name for word in OF_OTHERS):
            files.append(f"{name}.pcapng")
            write_pcapng(files[-1], 1, own)
    return files


# ---- what is told ---------------------------------------------------------------------------


@test
def an_attack_that_only_a_whole_capture_shows():
    cells = [c for pattern in ATTACKS for c in analyzed(pattern) if c[0]["auditor"]["needs_whole"]]
    same({c[0]["auditor"]["rule"] for c in cells},
         {"fastclose-elsewhere", "data-fin-elsewhere", "join-elsewhere"})
    for cell, names, packets in cells:
        files = write_taps(names, packets)
        same(rules(audit(0, *files)), [])
        found = audit(0, "--whole", *files)
        assert cell["auditor"]["rule"] in rules(found), f"{cell['id']}: {rules(found)}"
        same({alert["rule"]: alert["needs_whole"] for alert in found["alerts"]}
             [cell["auditor"]["rule"]], True)
        same((found["whole"], audit(0, *files)["whole"]), (True, None))
        same(run("--whole", "--fail-on", "warning", *files).returncode, 1)
        text = run("--whole", *files).stdout
        assert "\nTaken for whole (--whole): " in text and "did not pass its alleged sender's" in text


@test
def nothing_is_held_against_anybody_where_nothing_is_missing():
    for cell, names, packets in analyzed(HARMLESS):
        files = write_taps(names, packets)
        found = audit(0, "--whole", *files)
        same((cell["id"], rules(found)), (cell["id"], []))
        assert found["counts"]["looked_for"] > 10, found["counts"]


@test
def interfaces_of_one_file_are_taps_as_files_are():
    cell, names, packets = next(c for c in analyzed(ATTACKS[0]) if c[0]["auditor"]["needs_whole"])
    ours = [n for n, name in enumerate(names) if not any(word in name for word in OF_OTHERS)]
    write_pcapng("both.pcapng", len(ours), [(s, us, ours.index(interface), octets)
                                            for s, us, interface, octets in packets if interface in ours])
    assert cell["auditor"]["rule"] in rules(audit(0, "--whole", "both.pcapng"))
    lines = run("--whole", "--format", "jsonl", "both.pcapng").stdout.splitlines()
    same(json.loads(lines[-1])["stats"]["whole"], True)


def data_of_the_server(names, packets):
    """Of what its tap has of them, in the midst of the stream: each behind which a while passed, so that
    the other tap has nothing newer when it comes there."""
    own, server = names.index(SERVERS_LINK), packets[0][3][30:34]
    data = [p for p in packets if p[2] == own and p[3][26:30] == server and len(p[3]) > 300]
    last = [p for p, n in zip(data, data[1:]) if (n[0] - p[0]) * 1000000 + n[1] - p[1] > 20000]
    assert len(last) > 4, len(last)
    return last[2:-1]


@test
def a_tap_that_lost_a_packet_makes_a_false_alarm():
    """What --whole states must be so: a packet that is missing at one tap looks like another's.  Without
    the option nothing is told."""
    _, names, packets = analyzed(HARMLESS)[0]
    told = []
    for lost in data_of_the_server(names, packets):
        files = write_taps(names, packets, lambda packet, lost=lost: packet == lost)
        same(rules(audit(0, *files)), [])
        told += rules(audit(0, "--whole", *files))
    same(set(told), {"data-elsewhere"})


@test
def a_tap_that_ended_early_makes_one_and_one_that_began_late_none():
    _, names, packets = analyzed(HARMLESS)[0]
    own, middle = names.index(SERVERS_LINK), data_of_the_server(names, packets)[0][:2]
    early = write_taps(names, packets, lambda p: p[2] == own and p[:2] >= middle)
    same(rules(audit(0, "--whole", *early)), ["data-elsewhere"])
    late = write_taps(names, packets, lambda p: p[2] == own and p[:2] <= middle)
    as_they_are = [word for file in late for word in ("--offset", f"{file}=0")]
    same(rules(audit(4, "--whole", *as_they_are, *late)), [])


# ---- what is refused ------------------------------------------------------------------------


@test
def what_contradicts_the_statement_is_refused_before_anything_is_judged():
    _, names, packets = analyzed(HARMLESS)[0]
    files = write_taps(names, packets)
    own = [(s, us, 0, octets) for s, us, interface, octets in packets if interface == 0]
    write_pcapng("dropping.pcapng", 1, own, [(0, 3)])
    refused("--whole: dropping.pcapng is not: packet that was dropped before it could be captured (3)",
            "--whole", "dropping.pcapng", *files[1:])
    write_pcapng("none.pcapng", 1, own, [(0, 0)])
    same(run("--whole", "none.pcapng", *files[1:]).returncode, 0)
    content = pathlib.Path(files[0]).read_bytes()
    pathlib.Path("cut.pcapng").write_bytes(content[:-7])
    refused("--whole: cut.pcapng is not: file that ends within a record (1)", "--whole", "cut.pcapng",
            *files[1:])
    pathlib.Path("cut.gz").write_bytes(gzip.compress(content)[:-99])
    refused("--whole: cut.gz is not: compressed file that ends within its data (1)", "--whole", "cut.gz",
            *files[1:])
    header, some = read_pcap(V0)
    write_pcap("all.pcap", header, some)
    write_pcap("headers.pcap", header, some, snap_octets=96)
    refused("--whole: headers.pcap is not: packets of which less than 256 octets were captured (151)",
            "--whole", "all.pcap", "headers.pcap")


@test
def one_tap_is_refused():
    _, names, packets = analyzed(HARMLESS)[0]
    file = write_taps(names, packets)[0]
    refused("--whole needs taps at both ends' links, and all packets are of one", "--whole", file)
    refused("--whole needs taps at both ends' links, and one interface is one tap", "--whole", "-i", "lo")
    # Two files, and nobody was seen at two taps: the second one has another connection, or none.
    header, some = read_pcap(V0)
    write_pcap("a.pcap", header, some[:250])
    write_pcap("b.pcap", header, some[250:])
    result = run("--whole", "--offset", "b.pcap=0", "--offset", "a.pcap=0", "a.pcap", "b.pcap")
    same((result.returncode, result.stderr), (4, "plait audit: --whole: no connection passed a tap at each "
                                              "end's link from its beginning on\n"))


@test
def more_inputs_than_are_compared_are_refused():
    """Their clocks cannot be told (PLAIT_CLOCKS_MAX), so neither can who saw a packet first."""
    _, names, packets = analyzed(HARMLESS)[0]
    file = write_taps(names, packets)[0]
    copies = [f"copy-{i}.pcap" for i in range(33)]
    for copy in copies:
        shutil.copyfile(file, copy)
    refused("--whole: clocks of 33 inputs are not compared, but of 32 at most", "--whole", *copies)


@test
def clocks_may_be_apart_and_must_be_told():
    for pattern, wanted in ((HARMLESS, []), (ATTACKS[0], ["fastclose-elsewhere"])):
        _, names, packets = analyzed(pattern)[0]
        of_server = names.index(SERVERS_LINK)
        files = write_taps(names, [(s + 5 * (i == of_server), us, i, o) for s, us, i, o in packets])
        same(rules(audit(0, "--whole", *files)), wanted)
    header, some = read_pcap(V0)
    second = [p for p in some if b"\x0a\x01\x02\x02" in (addresses(p[2]) or ())]
    write_pcap("first.pcap", header, [p for p in some if p not in second])
    write_pcap("join.pcap", header, second[:3])
    refused("--whole: the clock of join.pcap cannot be told: say --offset join.pcap=MS", "--whole",
            "first.pcap", "join.pcap")


@test
def options_that_audit_nothing_refuse_it():
    refused("--redact OUT stands alone: it audits nothing", "--whole", "--redact", "out", V0)
    refused("--before A --after B stand alone, with --format", "--whole", "--before", V0, "--after", V0)
    same(os.path.exists("out"), False)


# ---- what shows only as it comes ------------------------------------------------------------


@test
def a_pipe_that_tells_of_drops_takes_the_statement_back():
    _, names, packets = analyzed(HARMLESS)[0]
    files = write_taps(names, packets)
    own = [(s, us, 0, octets) for s, us, interface, octets in packets
           if interface == names.index(files[0].removesuffix(".pcapng"))]
    for dropped in (0, 2):
        write_pcapng("whole.pcapng", 1, own, [(0, dropped)])
        content = pathlib.Path("whole.pcapng").read_bytes()
        result = run("--whole", "--format", "json", "-", *files[1:], input=content, text=False)
        said = ("plait audit: --whole does not hold: packet that was dropped before it could be captured "
                "(2); what passed one end's link alone is not told any more\n")
        same((result.returncode, result.stderr.decode()), (2, said) if dropped else (0, ""))
        same(json.loads(result.stdout)["whole"], not dropped)


DROPPING = """
import os, pathlib, select, signal, socket, subprocess, sys, time
for line in ("link set lo up", "link add one type veth peer name two", "link set one up"):
    subprocess.run(["ip", *line.split()], check=True)
audit = subprocess.Popen([sys.argv[1], "--whole", "-i", "lo", "-i", "one", "--format", "jsonl"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
listener = socket.create_server(("127.0.0.1", 0))
def talk():
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    client.close(); server.close()
for _ in range(100):  # until it reads
    talk()
    if select.select([audit.stdout], [], [], 0.3)[0]:
        break
of_lo = int(pathlib.Path(f"/proc/{audit.pid}/task/{audit.pid}/children").read_text().split()[0])
os.kill(of_lo, signal.SIGSTOP)
sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sink.bind(("127.0.0.1", 0))
flood = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(1000):  # 60 MB, and the buffer has 16
    flood.sendto(bytes(60000), sink.getsockname())
os.kill(of_lo, signal.SIGCONT)
for _ in range(100):  # what says so comes before the next packet
    talk()
    if select.select([audit.stderr], [], [], 0.3)[0]:
        break
said = audit.stderr.readline()
audit.terminate()
out, rest = audit.communicate(timeout=30)
sys.stdout.buffer.write(out)
sys.stderr.buffer.write(said + rest)
sys.exit(audit.returncode)
"""


@test
def an_interface_that_dropped_packets_takes_it_back():
    probe = subprocess.run(["unshare", "-Urn", "ip", "link", "add", "type", "veth"], capture_output=True,
                           check=False)
    if probe.returncode:
        raise Skip("no namespace of our own with devices")
    done = subprocess.run(["unshare", "-Urn", sys.executable, "-c", DROPPING, AUDIT], timeout=LIMIT_S,
                          capture_output=True, text=True, check=False)
    if "libpcap is not installed" in done.stderr:
        raise Skip("no libpcap")
    same(done.returncode, 2)
    assert done.stderr.startswith("plait audit: --whole does not hold: packet that was dropped before it "
                                  "could be captured ("), done.stderr
    same(json.loads(done.stdout.splitlines()[-1])["stats"]["whole"], False)


sys.exit(run_all("plait-whole-", sys.argv[4:]))
