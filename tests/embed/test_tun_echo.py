#!/usr/bin/env python3
"""Builds examples/tun_echo.c against the installed libraries, and lets the kernel's own TCP and
Multipath TCP send it octets over a TUN device, in user and network namespaces of its own.

Usage: test_tun_echo.py --build FOLDER --source FOLDER
       test_tun_echo.py --inside PROGRAM          (what runs in the namespaces)
"""
import argparse
import errno
import fcntl
import os
import pathlib
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

from install import install, pkg_config, relocate

OCTETS = 4_000_000
PATIENCE_S = 30
IPPROTO_MPTCP, TCP_IS_MPTCP = 262, 43
SIOCGIFINDEX, SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFFLAGS = 0x8933, 0x8916, 0x891C, 0x8914
SIOCSIFMTU = 0x8922
IFF_UP, IFF_RUNNING = 1, 64
SKIPPED = 77

# The kernel's end, ours.
ADDRS = {socket.AF_INET: ("198.18.1.1", "198.18.1.2"),
         socket.AF_INET6: ("2001:db8:1::1", "2001:db8:1::2")}


# ---- inside the namespaces ----

def ipv4_request(name, addr):
    return struct.pack("16sHH4s8x", name.encode(), socket.AF_INET, 0,
                       socket.inet_aton(addr))


def set_up(name):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCSIFADDR, ipv4_request(name, ADDRS[socket.AF_INET][0]))
        fcntl.ioctl(s, SIOCSIFNETMASK, ipv4_request(name, "255.255.255.0"))
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", name.encode(), IFF_UP | IFF_RUNNING))
        index = struct.unpack("16si", fcntl.ioctl(s, SIOCGIFINDEX,
                                                  struct.pack("16si", name.encode(), 0)))[1]
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        addr = socket.inet_pton(socket.AF_INET6, ADDRS[socket.AF_INET6][0])
        fcntl.ioctl(s, SIOCSIFADDR, struct.pack("16sIi", addr, 64, index))


def exchange(client, octets):
    """Sends OCTETS, and gives what comes back until the other side closes."""
    client.setblocking(False)
    sent, back, until = 0, bytearray(), time.monotonic() + PATIENCE_S
    while True:
        wanted = [client] if sent < len(octets) else []
        readable, writable, _ = select.select([client], wanted, [], until - time.monotonic())
        if not readable and not writable:
            raise TimeoutError(f"{sent} sent, {len(back)} back")
        if writable:
            sent += client.send(octets[sent:sent + 262144])
            if sent == len(octets):
                client.shutdown(socket.SHUT_WR)
        if readable:
            piece = client.recv(1 << 20)
            if not piece:
                return bytes(back)
            back += piece


def is_multipath(client):
    try:
        return client.getsockopt(socket.IPPROTO_TCP, TCP_IS_MPTCP) == 1
    except OSError:
        return False


def try_one(family, protocol, octets):
    """What went wrong, or None."""
    with socket.socket(family, socket.SOCK_STREAM, protocol) as client:
        client.settimeout(5)
        client.connect((ADDRS[family][1], 7))
        multipath = is_multipath(client)
        start = time.monotonic()
        back = exchange(client, octets)
        print(f"{'IPv4' if family == socket.AF_INET else 'IPv6'} "
              f"{'MPTCP' if multipath else 'TCP'}: {len(back)} octets back, "
              f"{len(octets) * 16 / (time.monotonic() - start) / 1e9:.2f} Gbit/s both ways",
              flush=True)
    if back != octets:
        at = next((i for i, (a, b) in enumerate(zip(back, octets)) if a != b), len(back))
        return f"the octets differ at {at}"
    if multipath != (protocol == IPPROTO_MPTCP):
        return "the kernel speaks the other protocol"
    return None


def inside(program):
    octets = os.urandom(OCTETS)
    server = subprocess.Popen([program, "plait0", *(ours for _, ours in ADDRS.values())],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    failures = []
    try:
        if not server.stdout.readline().startswith("listening"):
            return "the server did not start"
        set_up("plait0")
        for family in ADDRS:
            for protocol in (socket.IPPROTO_TCP, IPPROTO_MPTCP):
                try:
                    failures.append(try_one(family, protocol, octets))
                except OSError as error:
                    if error.errno == errno.EPROTONOSUPPORT and protocol == IPPROTO_MPTCP:
                        print("skipped: this kernel has no Multipath TCP")
                    else:
                        failures.append(f"{family.name}, {protocol}: {error}")
    finally:
        server.stdin.close()
        try:
            status = server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            status = "none in time"
        print(server.stdout.read(), end="")
    failures.append(None if status == 0 else f"the server's status: {status}")
    return next((f for f in failures if f), None)


# ---- outside ----

def build(given, folder):
    pc_folder = install(given.build, folder / "root")
    relocate(pc_folder, folder / "root")
    example = shutil.copy(given.source / "examples/tun_echo.c", folder)
    program = folder / "tun_echo"
    subprocess.run(["cc", "-std=c17", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", example,
                    *pkg_config(pc_folder, "libplait-io", "--cflags", "--libs"), "-o",
                    str(program)], check=True, cwd=folder)
    return program, pc_folder.parent


def missing():
    if not shutil.which("pkg-config"):
        return "pkg-config is missing"
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        return f"/dev/net/tun does not open: {error.strerror}"
    if subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode:
        return "no user and network namespaces"
    return None


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--build", type=pathlib.Path)
    arguments.add_argument("--source", type=pathlib.Path)
    arguments.add_argument("--inside")
    given = arguments.parse_args()
    if given.inside:
        failure = inside(given.inside)
        print(failure or "all octets came back")
        return failure is not None
    if missing():
        print(f"skipped: {missing()}")
        return SKIPPED
    with tempfile.TemporaryDirectory() as name:
        program, library = build(given, pathlib.Path(name))
        return subprocess.run(
            ["unshare", "-rn", "--kill-child", "--fork", sys.executable, __file__, "--inside",
             str(program)], check=False, timeout=200,
            env={**os.environ, "LD_LIBRARY_PATH": str(library)}).returncode


sys.exit(main())
