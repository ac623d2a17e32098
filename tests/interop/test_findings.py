#!/usr/bin/env python3
"""F-8 to F-10 of docs/FINDINGS.md, played between two kernels: what Linux does there with itself.

Usage: test_findings.py INTEROP

On the release that the findings were measured on a difference fails; on another it is printed, and
the test is skipped.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

RELEASE = "6.18."
# F-8: what is queued when MP_FAIL comes still arrives, and a queue holds up to 4 MB (tcp_wmem); the
# octet is changed in the middle.
OCTETS = {"F-8": 12_000_000, "F-9": 2_000_000, "F-10": 2_000_000}


def play(interop, finding):
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([interop, "--findings", "--case", f"finding/{finding}/*", "--octets",
                              str(OCTETS[finding]), "--format", "json", "--jobs", "1", "--keep", folder],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()]


def play_all(interop):
    """They wait, most of the time: beside each other."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        played = pool.map(lambda finding: play(interop, finding), OCTETS)
    return {result["row"]: result for results in played for result in results}


def holds(results):
    """Each statement and whether it holds."""
    f8, f9, f10 = (results[f"finding/F-{n}"] for n in (8, 9, 10))
    return [("F-8: the stream stalls behind MP_FAIL", "the transfer stalls" in f8["why"]
             and f8["counters"].get("client.MPTcpExtMPFailRx") == 1),
            ("F-8: what carries the infinite mapping is larger than the MTU",
             f8["counters"].get("client.IpFragFails", 0) > 0),
            ("F-9: the receiver falls back alone", f9["counters"].get("server.MPTcpExtDssFallback") == 1
             and "client.MPTcpExtDssFallback" not in f9["counters"]),
            ("F-9: the application reads octets that nobody wrote there",
             " of it wrong" in f9["why"] and not f9["why"].endswith(" 0 of it wrong")),
            ("F-10: the address is not announced", f10["counters"].get("server.MPTcpExtAddAddrTxDrop", 0) > 0
             and "client.MPTcpExtAddAddr" not in f10["counters"])]


def main():
    results = play_all(sys.argv[1])
    if any("sandbox" in r["why"] or r["why"].startswith("no world") for r in results.values()):
        print("skipped: this machine cannot hold a live run")
        return 77
    status = 0
    for text, is_so in holds(results):
        print(f"{'ok' if is_so else 'not so'}: {text}")
        status = status if is_so else 1
    for result in results.values():
        print(f"{result['row']}: {result['why']}")
    return status if not status or os.uname().release.startswith(RELEASE) else 77


sys.exit(main())
