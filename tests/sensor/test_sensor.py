#!/usr/bin/env python3
"""Runs plait-audit as a user would: inputs of each kind, formats, statuses, outputs, confinement.

Arguments: plait-audit, plait, the folder of captures, plait-audit's link map.
"""
import gzip
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from capture import (addresses, checksum, later, read_pcap, readdressed, without_mptcp, write_pcap,
                     write_pcapng)
from cases import run_all, same, Skip, test

AUDIT, PLAIT, CAPTURES, MAP = map(os.path.abspath, sys.argv[1:5])
V0 = f"{CAPTURES}/tcpdump/mptcp-v0.pcap"
V1 = f"{CAPTURES}/tcpdump/mptcp-v1.pcap"
LIMIT_S = 60


def run(*args, **more):
    env = dict(os.environ, LC_ALL="C.UTF-8")
    return subprocess.run([AUDIT, *args], capture_output=True, env=env, timeout=LIMIT_S,
                          **{"text": True, **more})


def status(wanted, *args, **more):
    result = run(*args, **more)
    assert result.returncode == wanted, (
        f"plait-audit {' '.join(args)}: status {result.returncode}, wanted {wanted}: "
        f"{result.stdout[-300:]}{result.stderr[-300:]}")
    return result


def document(*args, **more):
    return json.loads(status(0, "--format", "json", *args, **more).stdout)


def story(found):
    """What must not depend on how the packets came: connections without the times."""
    def bare(value):
        if isinstance(value, dict):
            return {k: bare(v) for k, v in value.items()
                    if k not in ("first", "last", "at", "input", "frame", "rtt_us",
                                 "fallback_packet")}
        return [bare(v) for v in value] if isinstance(value, list) else value
    return bare(found["connections"])


def usage(line, *args):
    """One line on standard error, nothing on standard output."""
    result = status(2, *args)
    same(result.stderr, line + "\n")
    same(result.stdout, "")


# ---- confinement ----------------------------------------------------------------------------


@test
def what_parses_can_open_no_file_socket_or_process():
    lines = status(0, "self-test").stdout.splitlines()
    assert lines[0].startswith("landlock: version "), lines[0]
    same(len(lines), 18)
    for line in lines[1:]:
        assert line.endswith(": EPERM"), line


@test
def the_program_holds_nothing_of_endpoint_net_lab_or_report():
    text = pathlib.Path(MAP).read_text(encoding="utf-8", errors="replace")
    rooms = set(re.findall(r"src/(\w+)/lib\w+\.a", text))
    same(rooms, {"audit", "base", "capture", "crypto", "mechanism", "sensor", "system", "terminal", "wire"})


@test
def the_parser_is_not_dumpable_and_dies_with_its_opener():
    os.mkfifo("pipe")
    writer = os.open("pipe", os.O_RDWR)
    opener = subprocess.Popen([AUDIT, "pipe"], stdout=subprocess.DEVNULL)
    try:
        parser = wait_for(lambda: child_of(opener.pid))
        wait_for(lambda: "Seccomp:\t2" in pathlib.Path(f"/proc/{parser}/status").read_text())
        about = pathlib.Path(f"/proc/{parser}/status").read_text()
        same(re.search(r"^NoNewPrivs:\s+(\d)", about, re.M)[1], "1")
        same(re.search(r"^CapEff:\s+(\w+)", about, re.M)[1], "0" * 16)
        same(os.stat(f"/proc/{parser}/mem").st_uid, 0)  # of root, because it is not dumpable
    finally:
        opener.kill()
        opener.wait()
    wait_for(lambda: not os.path.exists(f"/proc/{parser}"))
    os.close(writer)


def child_of(pid):
    listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(listed[0]) if listed else None


def wait_for(condition):
    """What CONDITION gives, once that is true; a test that waits for ever is ended by its limit."""
    until = time.monotonic() + LIMIT_S
    while not (found := condition()):
        assert time.monotonic() < until, "what was waited for did not come"
        time.sleep(0.01)
    return found


# ---- usage ----------------------------------------------------------------------------------


@test
def what_cannot_be_read_is_said_in_one_line():
    usage("plait audit: needs FILE, DIRECTORY, - or -i INTERFACE", "audit")
    usage("plait audit: nope.pcap: No such file or directory", "nope.pcap")
    usage("plait audit: unknown option --formt (nearest: --format)", "--formt", V0)
    usage("plait audit: --format tap: not known (nearest: table)", "--format", "tap", V0)
    usage("plait audit: --offset a=b: is not FILE=MS with at most 2000000000 ms", "--offset",
          "a=b", V0)
    usage("plait audit: --offset a=1: no input has that name", "--offset", "a=1", V0)
    usage("plait audit: --before and --after go together", "--before", V0)
    pathlib.Path("text").write_text("no capture at all, but some text")
    usage("plait audit: text: is neither pcap nor pcapng", "text")
    os.mkdir("empty")
    usage("plait audit: empty: a directory without a file to read", "empty")


@test
def options_that_would_say_nothing_are_refused():
    stands = "plait audit: --before A --after B stand alone, with --format"
    for args in (["--fail-on", "note"], ["--connection", "1"], ["--show-keys"], ["--all"],
                 ["--redact", "out"], ["--write-streams", "out"]):
        usage(stands, "--before", V0, "--after", V0, *args)
    for args in (["--fail-on", "note"], ["--connection", "1"], ["--write-streams", "out"],
                 ["--format", "json"], ["--show-keys"], ["--all"]):
        usage("plait audit: --redact OUT stands alone: it audits nothing", "--redact", "red", V0,
              *args)
    same([name for name in ("out", "red") if os.path.exists(name)], [])


@test
def what_is_refused_leaves_outputs_as_they_are():
    pathlib.Path("kept").write_text("what was in it")
    usage("plait audit: --offset a=1: no input has that name", "--offset", "a=1", "--redact",
          "kept", V0)
    usage("plait flatten: --offset a=1: no input has that name", "flatten", "--offset", "a=1", V0,
          "-o", "kept")
    same(pathlib.Path("kept").read_text(), "what was in it")


@test
def a_name_forges_no_line():
    header, packets = read_pcap(V0)
    name = "a\nALERT    T-TS-2  forged\n\x1b[31m.pcap"
    write_pcap(name, header, packets[:100])
    write_pcap("b.pcap", header, packets[100:])
    text = status(0, name, "b.pcap").stdout
    assert "a\\x0aALERT    T-TS-2  forged\\x0a\\x1b[31m.pcap" in text, text
    assert not [line for line in text.splitlines() if line.startswith("ALERT    T-TS-2  forged")]
    assert "\x1b" not in text
    same([i["name"] for i in document(name, "b.pcap")["inputs"]], [name, "b.pcap"])


@test
def one_is_one_and_none_has_no_time():
    header, packets = read_pcap(V0)
    write_pcap("one.pcap", header, packets[:1])
    assert "\n1 packet over " in status(0, "one.pcap").stdout
    write_pcap("none.pcap", header, [])
    text = status(4, "none.pcap").stdout
    assert "There is no packet to judge." in text and "1970" not in text, text
    status(0, "--redact", "red.pcapng", "one.pcap")
    assert status(0, "--redact", "red.pcapng", "one.pcap").stderr.startswith("1 packet written;")


@test
def a_compressed_file_that_was_cut_is_said_to_be_cut():
    content = pathlib.Path(V0).read_bytes()
    packed = gzip.compress(content)
    pathlib.Path("some.gz").write_bytes(packed[:len(packed) // 2])
    found = document("some.gz")
    same(found["counts"]["capture_compressed_cut"], 1)
    assert 10 < found["counts"]["packets"] < 264, found["counts"]
    pathlib.Path("early.gz").write_bytes(packed[:12])
    result = status(4, "early.gz")
    same(result.stderr, "plait audit: early.gz: is compressed and cut: it ends before its first "
         "packet\n")
    same(story(document("early.gz", V0)), story(document(V0)))


@test
def counts_are_identifiers():
    found = document(V0, f"{CAPTURES}/findings/F-7.pcapng")["counts"]
    assert found["packets"] > 264 and found["connections_mptcp"] >= 1, found
    assert all(re.fullmatch("[a-z_]+", name) for name in found), found
    lines = status(0, "--format", "jsonl", V0).stdout.splitlines()
    same(json.loads(lines[-1])["stats"]["counts"]["packets"], 264)


def filtered(text, *args):
    if "libpcap is not installed" in run("--filter", "tcp", V0).stderr:
        raise Skip("no libpcap")
    return document("--filter", text, *args)


@test
def a_filter_leaves_out_what_it_does_not_say_in_files_too():
    one = filtered("tcp port 35961", V0)
    same((one["counts"]["packets"], one["counts"]["capture_filtered"]), (190, 74))
    same([len(c["subflows"]) for c in one["connections"]], [1])
    all_of_it = filtered("ip and not udp", V0)
    same(story(all_of_it), story(document(V0)))
    assert "capture_filtered" not in all_of_it["counts"], all_of_it["counts"]
    status(0, "flatten", "--filter", "tcp port 35961", V0, "-o", "flat.pcap")
    same([c["subflows"][0]["opener"]["port"] for c in document("--all", "flat.pcap")["connections"]],
         [35961])
    usage("plait audit: --filter foo bar: can't parse filter expression: syntax error", "--filter",
          "foo bar", V0)


@test
def a_filter_that_a_type_of_link_knows_nothing_of_is_said():
    header, packets = read_pcap(V0)
    raw = header[:20] + (101).to_bytes(4, "little")
    write_pcap("raw.pcap", raw, [(s, f, octets[14:]) for s, f, octets in packets])
    same(filtered("tcp port 35961", "raw.pcap")["counts"]["packets"], 190)
    other = "not ether host 00:00:00:00:00:01"
    both = filtered(other, V0, "raw.pcap")["counts"]
    same((both["packets"], both["capture_filter_link_type"]), (264, 264))
    status(4, "--strict", "--filter", other, V0, "raw.pcap")


@test
def the_parser_asks_for_nothing_that_it_may_not_have():
    probe = shutil.which("strace")
    if not probe or subprocess.run([probe, "-o", "/dev/null", "true"]).returncode:
        raise Skip("no strace")
    for args in (["--format", "json"], ["--format", "table"], ["--format", "jsonl"],
                 ["--filter", "tcp"]):
        subprocess.run([probe, "-f", "-o", "calls", AUDIT, *args, V0], check=True,
                       env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"},  # not while traced
                       stdout=subprocess.DEVNULL, timeout=LIMIT_S)
        same([line for line in open("calls", encoding="utf-8", errors="replace")
              if "EPERM" in line], [])


def fragments_of(frame):
    """An IPv4 packet in an Ethernet frame, in two fragments."""
    header, payload = bytearray(frame[14:34]), frame[34:]
    cut = len(payload) // 2 & ~7
    for at, part, more in ((0, payload[:cut], 0x2000), (cut, payload[cut:], 0)):
        header[2:4] = (20 + len(part)).to_bytes(2, "big")
        header[4:6] = b"\x12\x34"
        header[6:8] = (more | at // 8).to_bytes(2, "big")
        header[10:12] = b"\0\0"
        header[10:12] = checksum(bytes(header)).to_bytes(2, "big")
        yield frame[:14] + bytes(header) + part


@test
def fragments_that_came_over_two_inputs_are_one_packet():
    header, packets = read_pcap(V0)
    which = max(range(len(packets)), key=lambda i: len(packets[i][2]))
    seconds, us, frame = packets[which]
    length = int.from_bytes(frame[16:18], "big")
    one, other = fragments_of(frame[:14 + length])
    write_pcap("one.pcap", header, [*packets[:which], (seconds, us, one), *packets[which + 1:]])
    for shift in (0, 100):  # of the second one's clock, which the user knows
        write_pcap("other.pcap", header, [(seconds + shift, us, other)])
        found = document("--offset", f"other.pcap={-1000 * shift}", "one.pcap", "other.pcap")
        same(story(found), story(document(V0)))


@test
def what_may_not_be_read_is_said_with_how_to_get_it():
    if os.geteuid() == 0:
        raise Skip("root may read everything")
    shutil.copy(V0, "closed.pcap")
    os.chmod("closed.pcap", 0)
    usage("plait audit: closed.pcap: Permission denied: make it readable for this user, or run as "
          "one who may read it", "closed.pcap")


@test
def an_interface_that_is_none_is_said():
    result = status(2, "-i", "nope0")
    same(result.stderr.count("\n"), 1)
    assert "nope0: no such interface (nearest: " in result.stderr or \
        "libpcap is not installed" in result.stderr, result.stderr


@test
def plait_becomes_plait_audit():
    direct = status(0, "--quiet", V0).stdout
    through = subprocess.run([PLAIT, "audit", "--quiet", V0], capture_output=True, text=True,
                             env=dict(os.environ, LC_ALL="C.UTF-8"), timeout=LIMIT_S)
    same((through.returncode, through.stdout), (0, direct))
    listed = subprocess.run([PLAIT, "--help"], capture_output=True, text=True, timeout=LIMIT_S)
    assert "\n  audit FILE..." in listed.stdout, listed.stdout
    failing = subprocess.run([PLAIT, "audit", "nope"], capture_output=True, timeout=LIMIT_S)
    same(failing.returncode, 2)


@test
def help_and_version_are_printed():
    assert "Commands:" in status(0, "--help").stdout
    assert "--write-streams DIR" in status(0, "audit", "--help").stdout
    assert status(0, "audit", "--version").stdout.startswith("plait-audit ")
    status(2)


# ---- captures -------------------------------------------------------------------------------

# version, subflows with what their joins prove, octets both ways (tests/captures/INDEX.md)
EXPECTED = {
    "tcpdump/mptcp-v0.pcap": [("v0", [None, "valid"], 5121, 8561)],
    "tcpdump/mptcp-v1.pcap": [("v1", [None], 10268, 10268)],
    "tcpdump/mptcp-fclose.pcap": [("v0", [None], 1, 1)],
    "ptcpdump/mptcp.pcap": None,
    "findings/F-7.pcapng": None,
}


@test
def real_captures_are_told_as_they_are():
    for name, wanted in EXPECTED.items():
        found = [c for c in document(f"{CAPTURES}/{name}")["connections"] if c["version"] != "TCP"]
        assert found, name
        if wanted is None:
            continue
        same([(c["version"], [s.get("join_proof") for s in c["subflows"]],
               c["octets"]["from_opener"], c["octets"]["from_listener"]) for c in found], wanted)


@test
def the_answer_comes_first():
    lines = status(0, V0).stdout.splitlines()
    assert lines[0].startswith("1 Multipath TCP connection over 2 subflows"), lines[0]
    assert lines[1].startswith("264 packets over 9.1 s from 2013-02-25 12:56:35.701161 UTC")


@test
def a_short_run_does_not_say_how_far_it_is():
    header, packets = read_pcap(V0)
    write_pcap("long.pcap", header, packets * 20)  # longer than what it is asked for each time
    same(status(0, "long.pcap").stderr, "")


@test
def a_connection_has_its_story():
    text = status(0, "--connection", "1", V0).stdout
    for wanted in ("SYN MP_CAPABLE v0", "SYN MP_JOIN token e47f0142", "valid", "listener's token "
                   "e47f0142", "opener", "listener"):
        assert wanted in text, f"{wanted!r} is not in {text}"
    same(status(4, "--connection", "9", V0).stdout,
         "There is no connection 9: connections seen: 1.\n")


GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"


@test
def what_people_read_is_golden():
    """PLAIT_WRITE_GOLDEN=1 writes the files anew: read the difference before it is kept."""
    for name, args in (("v0-table.txt", [V0]), ("v0-story.txt", ["--connection", "1", V0]),
                       ("F-7-table.txt", ["--all", f"{CAPTURES}/findings/F-7.pcapng"]),
                       ("F-7-story.txt", ["--connection", "1", f"{CAPTURES}/findings/F-7.pcapng"])):
        text = "".join(line.rstrip() + "\n" for line in status(0, *args).stdout.splitlines())
        if os.environ.get("PLAIT_WRITE_GOLDEN"):
            (GOLDEN / name).write_text(text, encoding="utf-8")
        same(text, (GOLDEN / name).read_text(encoding="utf-8"))


@test
def lines_are_json_with_community_ids():
    lines = [json.loads(line) for line in status(0, "--format", "jsonl", V0).stdout.splitlines()]
    flows = [line for line in lines if line["event_type"] == "flow"]
    same(len(flows), 2)
    same(flows[0]["src_ip"], "10.2.1.2")
    same(flows[0]["community_id"], "1:LR/IWWLV2krn1oLAalCJUs0iJmQ=")
    same(flows[1]["mptcp"]["join_proof"], "valid")
    same(lines[-1]["event_type"], "stats")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000", line["timestamp"])
               for line in lines)


@test
def keys_are_told_only_to_who_asks():
    key = subprocess.run(["tshark", "-r", V0, "-T", "fields", "-e", "tcp.options.mptcp.sendkey"],
                         capture_output=True, text=True).stdout.split() if shutil.which("tshark") \
        else None
    if not key:
        raise Skip("no tshark")
    digits = f"{int(key[0], 0):016x}"
    for form in (["--format", "table"], ["--format", "json"], ["--format", "jsonl"],
                 ["--connection", "1"]):
        assert digits not in status(0, *form, V0).stdout, form
    for form in (["--format", "json"], ["--format", "jsonl"], ["--connection", "1"]):
        assert digits in status(0, "--show-keys", *form, V0).stdout, form


@test
def findings_fail_only_where_that_is_asked():
    status(0, V0)
    status(1, "--fail-on", "note", V0)
    status(0, "--fail-on", "alert", V0)
    status(4, "--strict", f"{CAPTURES}/tcpdump/mptcp-aa-echo.pcap")
    header, _ = read_pcap(V0)
    write_pcap("none.pcap", header, [])
    status(4, "none.pcap")


# ---- inputs ---------------------------------------------------------------------------------


@test
def packed_files_pipes_and_directories_give_the_same():
    wanted = story(document(V0))
    with open(V0, "rb") as file:
        content = file.read()
    pathlib.Path("a.gz").write_bytes(gzip.compress(content))
    same(story(document("a.gz")), wanted)
    same(story(json.loads(run("--format", "json", "-", input=content, text=False).stdout)), wanted)
    os.mkdir("folder")
    shutil.copy(V0, "folder/a.pcap")
    pathlib.Path("folder/README").write_text("not a capture")
    same(story(document("folder")), wanted)
    os.mkfifo("pipe")
    feeder = subprocess.Popen(["sh", "-c", f"cat {V0} >pipe"])
    same(story(document("pipe")), wanted)
    feeder.wait(LIMIT_S)
    if shutil.which("zstd"):
        subprocess.run(["zstd", "-q", V0, "-o", "a.zst"], check=True)
        same(story(document("a.zst")), wanted)


@test
def a_file_cut_anywhere_is_read_to_its_end():
    for name, step in ((V0, 3989), (f"{CAPTURES}/findings/F-1.pcapng", 907), (V1, 2503)):
        with open(name, "rb") as file:
            content = file.read()
        for length in range(1, len(content), step):
            pathlib.Path("cut").write_bytes(content[:length])
            result = run("cut")
            assert result.returncode in (0, 2, 4), f"{name} cut at {length}: {result}"


@test
def packets_that_are_missing_are_no_invalid_ones():
    header, packets = read_pcap(V0)
    write_pcap("gaps.pcap", header, [p for i, p in enumerate(packets) if i % 17 != 5])
    text = status(0, "--format", "json", "gaps.pcap").stdout
    assert '"invalid"' not in text
    write_pcap("one-way.pcap", header,
               [p for p in packets if addresses(p[2]) and addresses(p[2])[0][1] == 2])
    assert '"invalid"' not in status(0, "--format", "json", "one-way.pcap").stdout


def split_by_path(shift):
    """The two subflows in two files, the second one's clock SHIFT seconds ahead."""
    header, packets = read_pcap(V0)
    second = [p for p in packets if addresses(p[2]) and b"\x0a\x01\x02\x02" in addresses(p[2])]
    write_pcap("first.pcap", header, [p for p in packets if p not in second])
    write_pcap("second.pcap", header, later(second, shift))


@test
def clocks_that_are_seconds_apart_are_brought_together():
    split_by_path(0)
    wanted = document("first.pcap", "second.pcap")
    for shift in (5, -5):
        split_by_path(shift)
        for order in (["first.pcap", "second.pcap"], ["second.pcap", "first.pcap"]):
            found = document(*order)
            same(story(found), story(wanted))
            clocks = {i["name"]: i["clock"] for i in found["inputs"]}
            apart = clocks["second.pcap"]["offset_ms"] - clocks["first.pcap"]["offset_ms"]
            error = max(c["error_ms"] for c in clocks.values())
            assert abs(apart + 1000 * shift) <= error <= 1, clocks
        assert all(c["told"] for c in clocks.values()), clocks
    found = document("--offset", "second.pcap=5000", "first.pcap", "second.pcap")
    clock = [i["clock"] for i in found["inputs"] if i["name"] == "second.pcap"][0]
    same((clock["offset_ms"], clock["given"], clock["error_ms"]), (5000.0, True, 0.0))


@test
def a_clock_that_cannot_be_told_is_said_to_be_so():
    """The join alone: it came after the keys, nobody knows how long."""
    header, packets = read_pcap(V0)
    second = [p for p in packets if addresses(p[2]) and b"\x0a\x01\x02\x02" in addresses(p[2])]
    write_pcap("first.pcap", header, [p for p in packets if p not in second])
    write_pcap("join.pcap", header, second[:3])
    text = status(0, "first.pcap", "join.pcap").stdout
    assert "  join.pcap: +0.000 ms, cannot be told: causes and effects bound it from one side " \
        "only\n" in text, text
    clock = document("first.pcap", "join.pcap")["inputs"][1]["clock"]
    same((clock["told"], clock["error_ms"]), (False, None))
    found = document("--offset", "join.pcap=0", "first.pcap", "join.pcap")["inputs"]
    same([i["clock"]["told"] for i in found], [True, True])
    status(4, "--strict", "first.pcap", "join.pcap")
    said = status(0, "flatten", "first.pcap", "join.pcap", "-o", "flat.pcap").stderr
    assert "plait flatten: the clock of join.pcap cannot be told: causes and effects bound it " \
        "from one side only: say --offset join.pcap=MS\n" in said, said
    status(4, "flatten", "--strict", "first.pcap", "join.pcap", "-o", "flat.pcap")


@test
def a_given_offset_holds_among_more_files_than_are_compared():
    header, packets = read_pcap(V0)
    os.mkdir("many")
    for i in range(40):
        write_pcap(f"many/{i}.pcap", header, later(packets[6 * i:6 * i + 6], 100 if i == 7 else 0))
    write_pcap("many/40.pcap", header, packets[240:])
    found = document("--offset", "many/7.pcap=-100000", "many")
    same(story(found), story(document(V0)))


@test
def two_interfaces_of_one_file_are_two_places_also_with_a_nat_between_them():
    packets = [p for p in read_pcap(V0)[1] if addresses(p[2])]
    lan, wan = bytes([10, 2, 1, 2]), bytes([198, 51, 100, 7])
    remove_addr = b"\x1e\x04\x40"  # is seen behind the router only, which lowers its TTL
    near = [p for p in packets if remove_addr not in p[2]]
    assert len(near) < len(packets)
    seen = [(s, us, 0, o) for s, us, o in near]
    seen += [(s, us + 20, 1, readdressed(o, lan, wan)) for s, us, o in packets]
    write_pcapng("two.pcapng", 2, sorted(seen, key=lambda p: p[:3]))
    found = document("two.pcapng")
    same(found["counts"]["duplicates"], len(near))
    same([a["id"] for a in found["alerts"]], ["T-TS-2"])
    same([(c["version"], [s.get("join_proof") for s in c["subflows"]],
           c["octets"]["from_opener"], c["octets"]["from_listener"])
          for c in found["connections"]], EXPECTED["tcpdump/mptcp-v0.pcap"])


@test
def a_file_that_grows_is_followed_to_the_users_end():
    header, packets = read_pcap(V0)
    write_pcap("growing.pcap", header, packets[:100])
    audit = subprocess.Popen([AUDIT, "--follow", "--format", "jsonl", "growing.pcap"],
                             stdout=subprocess.PIPE, text=True)
    wait_for(lambda: '"hello"' in audit.stdout.readline())
    write_pcap("whole.pcap", header, packets)
    with open("whole.pcap", "rb") as whole, open("growing.pcap", "r+b") as growing:
        content = whole.read()
        growing.seek(0, os.SEEK_END)
        growing.write(content[growing.tell():])
    rest = []
    wait_for(lambda: rest.append(audit.stdout.readline()) or '"remove_addr"' in rest[-1])
    audit.send_signal(signal.SIGTERM)
    out, _ = audit.communicate(timeout=LIMIT_S)
    same(audit.returncode, 0)
    assert '"event_type":"stats"' in out.splitlines()[-1]


@test
def a_file_that_comes_into_a_directory_is_read_too():
    header, packets = read_pcap(V0)
    os.mkdir("ring")
    write_pcap("ring/part9.pcap", header, packets[:100])
    audit = subprocess.Popen([AUDIT, "--follow", "--format", "jsonl", "ring"],
                             stdout=subprocess.PIPE, text=True)
    wait_for(lambda: '"hello"' in audit.stdout.readline())
    write_pcap("part10.pcap", header, packets[100:])
    os.rename("part10.pcap", "ring/part10.pcap")
    rest = []
    wait_for(lambda: rest.append(audit.stdout.readline()) or '"remove_addr"' in rest[-1])
    assert "ring/part10.pcap" in rest[-1], rest[-1]
    time.sleep(0.5)  # so that a file could be handed over twice
    audit.send_signal(signal.SIGTERM)
    out, _ = audit.communicate(timeout=LIMIT_S)
    same(audit.returncode, 0)
    stats = json.loads(out.splitlines()[-1])["stats"]
    same([i["name"] for i in stats["inputs"]], ["ring/part9.pcap", "ring/part10.pcap"])


INSIDE = """
import socket, subprocess, sys, time
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
audit = subprocess.Popen([sys.argv[1], "-i", "lo", "--filter", "tcp", "--format", "jsonl"],
                         stdout=subprocess.PIPE, text=True)
listener = socket.create_server(("127.0.0.1", 0))
line = ""
for _ in range(200):
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    client.close(); server.close()
    import select
    if select.select([audit.stdout], [], [], 0.3)[0]:
        line = audit.stdout.readline()
        break
audit.terminate()
rest = audit.communicate(timeout=30)[0]
print(line + rest)
sys.exit(audit.returncode)
"""


@test
def an_interface_is_read_until_the_users_end():
    probe = subprocess.run(["unshare", "-Urn", "ip", "link"], capture_output=True)
    if probe.returncode:
        raise Skip("no namespace of our own")
    done = subprocess.run(["unshare", "-Urn", sys.executable, "-c", INSIDE, AUDIT],
                          capture_output=True, text=True, timeout=LIMIT_S)
    if "libpcap is not installed" in done.stderr:
        raise Skip("no libpcap")
    same(done.returncode, 0)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line]
    same(lines[-1]["event_type"], "stats")
    assert any(line["event_type"] == "flow" and line["src_ip"] == "127.0.0.1" for line in lines), \
        done.stdout + done.stderr


# ---- outputs --------------------------------------------------------------------------------


@test
def streams_are_written_over_all_paths_for_their_owner_alone():
    status(0, "--write-streams", "out", V0)
    same(sorted(os.listdir("out")), ["connection-1.listener", "connection-1.opener"])
    same(os.path.getsize("out/connection-1.opener"), 5121)
    same(os.path.getsize("out/connection-1.listener"), 8561)
    assert pathlib.Path("out/connection-1.listener").read_bytes().startswith(b"SSH-2.0-")
    same(stat.S_IMODE(os.stat("out/connection-1.opener").st_mode), 0o600)
    usage("plait audit: --write-streams out: is not empty: nothing in it would be overwritten",
          "--write-streams", "out", V0)


@test
def a_redacted_capture_shows_neither_addresses_nor_payload():
    if not shutil.which("tshark"):
        raise Skip("no tshark")
    pathlib.Path("red.pcapng").write_text("longer than nothing, and for all to read")
    os.chmod("red.pcapng", 0o644)
    status(0, "--quiet", "--redact", "red.pcapng", V0)
    same(stat.S_IMODE(os.stat("red.pcapng").st_mode), 0o600)
    content = pathlib.Path("red.pcapng").read_bytes()
    for secret in (b"\x0a\x02\x01\x02", b"\x0a\x01\x01\x02", b"\x0a\x01\x02\x02", b"SSH-2.0"):
        assert secret not in content, secret
    fields = ["ip.src", "tcp.payload", "tcp.checksum.status", "tcp.options.mptcp.sendkey"]
    shown = subprocess.run(["tshark", "-r", "red.pcapng", "-o", "tcp.check_checksum:TRUE", "-T",
                            "fields", *[w for f in fields for w in ("-e", f)]],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    same(len(shown), 264)
    for line in shown:
        source, payload, sums, key = line.split("\t")
        assert source.startswith("198.18.0."), line
        assert set(payload) <= {"0"}, line
        same(sums, "1")
        assert not key or int(key.split(",")[0], 0) == 0, line
    status(0, "--fail-on", "warning", "red.pcapng")
    first = document("red.pcapng")["connections"][0]
    same((first["version"], first["subflows"][0]["octets"]["from_opener"]), ("v0", 3785))
    options = ["-T", "fields", "-e", "tcp.options.mptcp.subtype", "-e", "tcp.seq_raw"]
    both = [subprocess.run(["tshark", "-r", name, *options], capture_output=True,
                           check=True).stdout for name in (V0, "red.pcapng")]
    same(both[0], both[1])


@test
def a_redacted_capture_keeps_the_places_where_packets_were_seen():
    """Of two links in one file, one behind a router: at one place their TTLs would be a finding."""
    routed = f"{CAPTURES}/findings/F-2.pcapng"
    status(0, "--quiet", "--redact", "red.pcapng", routed)
    status(0, "--fail-on", "warning", routed)
    status(0, "--fail-on", "warning", "red.pcapng")
    twice = [document(name)["counts"]["duplicates"] for name in (routed, "red.pcapng")]
    same(twice[0], twice[1])


@test
def what_is_read_or_kept_is_not_written_over():
    shutil.copy(V0, "own.pcap")
    os.symlink("own.pcap", "other.pcap")
    usage("plait audit: --redact other.pcap: is read or written already", "--redact", "other.pcap",
          "own.pcap")
    usage("plait flatten: --output own.pcap: is read or written already", "flatten", "-o",
          "own.pcap", "own.pcap")
    usage("plait flatten: --map one: is read or written already", "flatten", "-o", "one", "--map",
          "one", "own.pcap")
    usage("plait audit: nope.pcap: No such file or directory", "--redact", "own.pcap", "nope.pcap")
    same(pathlib.Path("own.pcap").read_bytes(), pathlib.Path(V0).read_bytes())


@test
def a_closed_stream_is_not_taken_for_an_output():
    sh = subprocess.run(["sh", "-c", '"$0" "$1" --redact red.pcapng 2>&-', AUDIT, V0],
                        timeout=LIMIT_S)
    same(sh.returncode, 0)
    assert b"packets written" not in pathlib.Path("red.pcapng").read_bytes()


@test
def what_changed_between_two_taps_is_named_with_the_fallback():
    header, packets = read_pcap(f"{CAPTURES}/ptcpdump/mptcp.pcap")
    write_pcap("before.pcap", header, packets)
    write_pcap("after.pcap", header, [(s, us, without_mptcp(p)) if p[47] & 18 == 18 else (s, us, p)
                                      for s, us, p in packets])  # of the SYN/ACK alone
    found = document("--before", "before.pcap", "--after", "after.pcap")
    same([(c["change"], c["frame_a"], c["from_listener"]) for c in found["changes"]],
         [("MP_CAPABLE: option removed", 2, True)])
    same([(f["tap"], f["fallback"], f["caused_by"]["frame_b"]) for f in found["fallbacks"]],
         [("B", "SYN/ACK carries no MP_CAPABLE", 2)])
    same((found["flows_both"], found["packets_same"]), (1, len(packets)))
    same(document("--before", "before.pcap", "--after", "before.pcap")["changes"], [])
    text = status(0, "--before", "before.pcap", "--after", "after.pcap").stdout
    assert "caused by: MP_CAPABLE: option removed" in text, text
    assert "SYN/ACK carries no MP_CAPABLE" in status(0, "after.pcap").stdout


sys.exit(run_all("plait-sensor-", sys.argv[5:]))
