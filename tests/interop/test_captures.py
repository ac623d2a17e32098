#!/usr/bin/env python3
"""What the auditor makes of captures that tcpdump took of Linux, in the namespaces of both hosts.

Usage: test_captures.py INTEROP PLAIT-AUDIT [--all | CASE...]

Two kernels, or in a few cases one and our host, transfer a keyed pattern over plait's net, with
offloads on: super-segments, checksums left to the device, snaplen as tcpdump has it.  Of each capture, the server's interfaces together
and the client's "any", the auditor must rebuild octet by octet what was written and what that host's
application read; and say how many subflows there were, that all proofs and checksums are valid, and
why the connection fell back.  A sample, or with --all every row of the matrix that has two kernels.
Exit status 77 where tcpdump or the kernel's Multipath TCP is absent.
"""
import array
import concurrent.futures
import fnmatch
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

INTEROP, AUDIT = map(os.path.abspath, sys.argv[1:3])
SAMPLE = [("checksum-kernel/control/ipv4/2", ()), ("paths-8/control/ipv4/8", ()),
          ("strip/third-ack/control/ipv6/1", ("--veth",))]
OCTETS = 1_000_000
LIMIT_S = 300
WORD = (1 << 64) - 1

# What `plait-audit` may count of any of these captures.
USUAL = {"packets", "not_tcp", "options", "connections", "connections_mptcp", "subflows", "macs_valid",
         "checksums_valid", "fallbacks", "stream_octets", "reinjected_octets", "again_octets",
         "not_compared_octets", "offloaded", "alerts",
         "time_back",  # from two processors, by "any"
         "duplicates"}  # acknowledgments and resets that have no number of their own
# And of some rows.
ALSO = {"fastclose-rst/*": {"gaps", "gap_octets"},
        "add-addr/client": {"macs_cannot_tell"},  # the join is refused before its proof
        "strip/join-syn": {"macs_cannot_tell"},
        "strip/join-syn-ack": {"macs_cannot_tell"},
        "strip/join-later/*": {"unmapped_octets"}}

# Why the connection fell back, as the client's capture shows it, and the server's.
REFUSED = "SYN/ACK carries no MP_CAPABLE"
THIRD = "third ACK carries no MP_CAPABLE"
CLIENT_FIRST = "first data of the client carry no mapping"
SERVER_FIRST = "first data of the server carry no mapping"
NO_MORE = "data carry no mapping any more"
INFINITE = "infinite mapping (DSS of length 0)"
CAUSES = {"strip/syn": (REFUSED, None), "drop/syn": (REFUSED, None), "strip/syn-ack": (REFUSED, THIRD),
          "strip/third-ack": (SERVER_FIRST, THIRD),
          "strip/non-syn/to-server": (SERVER_FIRST, THIRD),
          "strip/non-syn/to-client": (SERVER_FIRST, NO_MORE),
          "strip/first-data/to-server": (NO_MORE, CLIENT_FIRST),
          "strip/first-data/to-client": (SERVER_FIRST, NO_MORE),
          "strip/later/*": (NO_MORE, NO_MORE),
          "corrupt/only/*": (INFINITE, INFINITE)}
# Subflows that came about, where it is not one for each path and door.
SUBFLOWS = {"tcp": 1, "add-addr/client": 1, "strip/join-syn": 1, "strip/join-syn-ack": 1}
# Payload is edited: the host behind the box has a mapping that does not fit its checksum.
EDITED = "corrupt/*"
# Both copies of a mapping are in the capture; which one its receiver believed is not.
NOT_JUDGED = "wrong-ssn/*"
# Behind MP_FAIL on the only path two kernels stall (docs/FINDINGS.md, F-8): our host is the sender.
STALLS = "corrupt/only/*"
# Linux stalls now and then where mappings end in the midst of a transfer (F-9), and where its buffer
# is full behind a hole (F-11): such a run is no transfer, and is played again; each is printed.
ENDS_MAPPINGS = "strip/later/*"
PLAYED = 4
# Of F-11, in 20 s: the reader's buffer is pruned with each packet (2,000 times were seen), and what
# it lacks the writer sends again five times a second (104 and 106).  Of 700 others none had over 6.
PRUNED, REPEATED = 100, 50
FOR_THEM = ["corrupt/only/to-server/plait-dials/ipv4/1", "corrupt/only/to-server/plait-dials/ipv6/1",
            "corrupt/only/to-client/kernel-dials/ipv4/1", "corrupt/only/to-client/kernel-dials/ipv6/1"]


class Skip(Exception):
    pass


def of_row(table, row, default):
    return next((value for pattern, value in table.items() if fnmatch.fnmatch(row, pattern)), default)


@functools.cache
def pattern(key, octets):
    """agent/pattern.h."""
    words = array.array("Q")
    for index in range((octets + 7) // 8):
        x = key ^ ((index + 1) * 0x9E3779B97F4A7C15 & WORD)
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & WORD
        x = (x ^ x >> 27) * 0x94D049BB133111EB & WORD
        words.append(x ^ x >> 31)
    if sys.byteorder == "big":
        words.byteswap()
    return words.tobytes()[:octets]


# ---- playing and hearing ------------------------------------------------------------------------


def play(case, options, folder):
    run = subprocess.run([INTEROP, "--case", case, "--control", "--extra", "--offload", "--tcpdump",
                          "--octets", str(OCTETS), "--format", "json", "--keep", folder, *options],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=LIMIT_S,
                         check=False)
    result = json.loads(run.stdout)
    if "sandbox" in result["why"] or result["why"].startswith("no world"):
        raise Skip("this machine cannot hold a live run: " + result["why"])
    return result


def is_full(result):
    counts = result["counters"]
    return any(counts.get(f"{reader}.TcpExtPruneCalled", 0) >= PRUNED
               and counts.get(f"{writer}.MPTcpExtMPTCPRetrans", 0) >= REPEATED
               for reader, writer in (("client", "server"), ("server", "client")))


def known_stall(result):
    """The finding, of docs/FINDINGS.md, that explains why it stalls; None if there is none."""
    if "the transfer stalls" not in result["why"]:
        return None
    return "F-9" if fnmatch.fnmatch(result["row"], ENDS_MAPPINGS) else "F-11" if is_full(result) else None


def play_to_the_end(case, options, folder):
    """And the findings by which it stalled before."""
    stalls = []
    while True:
        result = play(case, options, folder)
        finding = known_stall(result)
        if not finding or len(stalls) + 1 == PLAYED:
            break
        stalls.append(finding)
    assert result["status"] == "passed", result["why"]
    return result, stalls


def audit(files, folder):
    run = subprocess.run([AUDIT, "--format", "json", "--all", "--write-streams", folder, *files],
                         capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


# ---- judging ------------------------------------------------------------------------------------


def check_stream(result, side, is_edited, octets):
    """SIDE wrote it.  The octets that were read are exact, and all of it was, unless it was cut off."""
    wrote = pattern(int(result["keys"][side], 16), result["octets"])
    read = result["read"][1 - side]
    if is_edited:  # one octet, in the middle: delivered, as there is no other copy (RFC 8684 §3.7)
        wrong = [i for i, (got, wanted) in enumerate(zip(octets, wrote)) if got != wanted]
        assert len(wrong) == 1 and octets[wrong[0]] == wrote[wrong[0]] ^ 0x40, f"{wrong[:5]} differ"
        assert len(octets) == len(wrote), f"{len(octets)} octets"
    elif result["row"].startswith("fastclose"):
        assert octets[:read] == wrote[:read], f"of {read} octets that were read some are wrong"
    else:
        assert read == len(wrote) and octets == wrote, (
            f"{'server' if side else 'client'} wrote {len(wrote)} octets, {len(octets)} were rebuilt, "
            f"{sum(a != b for a, b in zip(octets, wrote))} of them wrong")


def edits_of(result, host):
    """Which side's stream HOST (0 client, 1 server) gets with an edited octet."""
    if not fnmatch.fnmatch(result["row"], EDITED):
        return None
    to_server = result["row"].endswith("to-server")
    return (0 if to_server else 1) if to_server == bool(host) else None


def check_counts(result, found, edited):
    counts = found["counts"]
    allowed = USUAL | of_row(ALSO, result["row"], set())
    if edited is not None:
        wrong = counts.pop("checksums_invalid", 0)
        assert wrong == 1, f"{wrong} checksums are invalid"
    assert not set(counts) - allowed, {name: counts[name] for name in set(counts) - allowed}
    if "--veth" not in result["rerun"]:
        assert counts["offloaded"] > 0, "offloads were off"
    alarms = [alert for alert in found["alerts"] if alert["severity"] != "note"]
    assert not alarms, [f"{alert['id']}: {alert['text']}" for alert in alarms]


def check_connection(result, host, connection):
    row = result["row"]
    doors = sum(".server-path" in name for name in result["captures"]) or 1
    cause = of_row(CAUSES, row, (None, None))[host]
    assert (connection.get("fallback") or "").split(" (checksums were")[0] == (cause or ""), (
        f"fallback by {connection.get('fallback')}, wanted {cause}")
    came = [subflow for subflow in connection["subflows"] if subflow["established"]]
    wanted = of_row(SUBFLOWS, row, result["paths"] + doors - 1)
    assert len(came) == wanted, f"{len(came)} subflows, wanted {wanted}"
    unproven = [s["number"] for s in came if s.get("join_proof", "valid") != "valid"]
    assert not unproven, f"subflows {unproven} are not proven"
    is_tcp = row == "tcp" or cause == REFUSED or row in ("strip/syn", "drop/syn")
    assert connection["version"] == ("TCP" if is_tcp else "v1"), connection["version"]
    if not is_tcp and (row.startswith("checksum") or fnmatch.fnmatch(row, EDITED)):
        assert connection["checksums"], "checksums are not seen"
    if row in ("cut/first", "cut/second"):
        assert sum(connection["reinjected_octets"].values()) > 0, "nothing was reinjected"


def judge(result, host, folder):
    word = ("client", "server")[host]
    files = [name for name in result["captures"] if f".{word}-" in name]
    if not files:  # our host has no namespace
        return
    streams = f"{folder}/{word}"
    found = audit(files, streams)
    # A SYN whose option was taken away belongs to no connection that the capture knows.
    whole = max(found["connections"], key=lambda c: sum(c["octets"].values()))
    edited = edits_of(result, host)
    check_counts(result, found, edited)
    check_connection(result, host, whole)
    is_only = result["paths"] == 1
    for side, name in enumerate(("opener", "listener")):
        file = pathlib.Path(streams, f"connection-{whole['connection']}.{name}")
        check_stream(result, side, edited == side and is_only, file.read_bytes())


def run_one(case, options):
    """The text of its failure, or "", and the findings by which the kernel stalled before."""
    folder = tempfile.mkdtemp(prefix="captures-")
    stalls = []
    try:
        result, stalls = play_to_the_end(case, options, folder)
        for host in (0, 1):
            try:
                judge(result, host, folder)
            except (AssertionError, OSError, ValueError) as error:
                kept = os.environ.get("PLAIT_KEEP_CAPTURES")
                if kept:
                    shutil.copytree(folder, kept, dirs_exist_ok=True)
                return f"{('client', 'server')[host]}'s capture: {error}; {result['rerun']}", stalls
        return "", stalls
    except (AssertionError, ValueError, subprocess.SubprocessError) as error:
        return f"{error or repr(error)}", stalls
    finally:
        shutil.rmtree(folder)


# ---- which --------------------------------------------------------------------------------------


def every_case():
    listed = subprocess.run([INTEROP, "--list", "--control", "--extra"], capture_output=True, text=True,
                            check=True).stdout.splitlines()
    cases = [line for line in listed if "/control/" in line and "absent" not in line
             and not fnmatch.fnmatch(line, NOT_JUDGED) and not fnmatch.fnmatch(line, STALLS)] + FOR_THEM
    veth = [case for case in cases if fnmatch.fnmatch(case, "paths-*ipv4*")
            or fnmatch.fnmatch(case, "strip/later/*ipv6*") or fnmatch.fnmatch(case, "cut/*")]
    return [(case, ()) for case in cases] + [(case, ("--veth",)) for case in veth]


def main():
    if not shutil.which("tcpdump"):
        print("skipped: tcpdump is not installed")
        return 77
    if not os.path.exists("/proc/sys/net/mptcp/enabled"):
        print("skipped: this kernel has no Multipath TCP")
        return 77
    named = [(case, ()) for case in sys.argv[3:] if case != "--all"]
    cases = every_case() if "--all" in sys.argv else named or SAMPLE
    status = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        try:
            for case, (why, stalls) in zip(cases, pool.map(lambda case: run_one(*case), cases)):
                again = f"stalled before: {', '.join(stalls)}; " if stalls else ""
                print(f"{'FAILED' if why else 'OK':>6} {' '.join([case[0], *case[1]])} {again}{why}",
                      flush=True)
                status = status or bool(why)
        except Skip as reason:
            print(f"skipped: {reason}")
            return 77
    return int(status)


sys.exit(main())
