#!/usr/bin/env python3
"""Plays a sample of the interoperability matrix, 1 MB each way, as a test.

Usage: sample.py INTEROP

Exit status 77 where the machine cannot hold a live run at all.
"""
import subprocess
import sys

SAMPLE = ["tcp/kernel-dials/ipv4/1", "tcp/plait-dials/ipv6/1", "plain/kernel-dials/ipv6/2",
          "plain/plait-dials/ipv4/4", "checksum-both/plait-dials/ipv4/2", "loss-1/kernel-dials/ipv4/2",
          "reordering/plait-dials/ipv6/2", "duplication/kernel-dials/ipv4/1", "mtu-9000/plait-dials/ipv4/1",
          "nat/kernel-dials/ipv4/2", "add-addr/server/plait-dials/ipv4/1",
          "remove-addr/client/kernel-dials/ipv4/2", "fastclose-rst/client/plait-dials/ipv4/2",
          "data-fin/server-early/kernel-dials/ipv4/2", "strip/third-ack/kernel-dials/ipv4/1",
          "strip/later/to-server/plait-dials/ipv4/1"]


def main():
    interop = sys.argv[1]
    known = subprocess.run([interop, "--list"], check=True, capture_output=True, text=True)
    status = 0
    for case in SAMPLE:
        if case not in known.stdout.split("\n"):
            print(f"no such case: {case}")
            status = 1
            continue
        run = subprocess.run([interop, "--case", case, "--octets", "1000000"], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        print(run.stdout, end="")
        if "sandbox could not be started" in run.stdout:
            return 77
        status = status or run.returncode
    return status


sys.exit(main())
