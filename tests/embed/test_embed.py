#!/usr/bin/env python3
"""Installs libplait into a folder, builds the example against it, once with each kind of library, and
lets two hosts exchange a file.

Usage: test_embed.py --build FOLDER --source FOLDER
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from install import install, pkg_config, relocate

FILE_OCTETS = 300_000


def exchange(program, folder, library):
    file = folder / "file"
    file.write_bytes(bytes(i * i % 251 for i in range(FILE_OCTETS)))
    with file.open("rb") as stream:
        done = subprocess.run([str(program)], stdin=stream, capture_output=True, timeout=60,
                              check=False, env={**os.environ, "LD_LIBRARY_PATH": str(library)})
    print(done.stderr.decode().strip())
    return done.returncode == 0 and done.stdout == file.read_bytes() and b"MPTCP" in done.stderr


def intermediate(pc_folder):
    """Sections that only the compiler which made the archives can read."""
    archives = sorted(pc_folder.parent.glob("*.a"))
    assert archives, "no archive is installed"
    headers = subprocess.run(["objdump", "--section-headers", *map(str, archives)], check=True,
                             capture_output=True, text=True).stdout
    return sorted({word for word in headers.split() if "lto_" in word})


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--build", type=pathlib.Path, required=True)
    arguments.add_argument("--source", type=pathlib.Path, required=True)
    given = arguments.parse_args()
    if not shutil.which("pkg-config"):
        print("pkg-config is missing")
        return 77
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pc_folder = install(given.build, folder / "root")
        relocate(pc_folder, folder / "root")
        example = shutil.copy(given.source / "examples/echo.c", folder)
        installed = sorted(str(p.relative_to(folder / "root")) for p in (folder / "root").rglob("*")
                           if p.is_file() or p.is_symlink())
        strange = [p for p in installed if "plait" not in pathlib.Path(p).name and
                   "/include/plait/" not in p]
        if strange:
            print(f"installed besides: {strange}")
            good = False
        unreadable = intermediate(pc_folder)
        if unreadable:
            print(f"in installed archives: {unreadable[:3]}")
            good = False
        for kind, options in (("shared", []), ("static", ["-static"])):
            flags = pkg_config(pc_folder, "libplait", "--cflags", "--libs",
                               *(["--static"] if options else []))
            if options:  # libplait alone: libcrypto may not be there as an archive
                flags = [f"-l:{'libplait.a'}" if f == "-lplait" else f for f in flags]
            program = folder / f"echo-{kind}"
            subprocess.run(["cc", "-std=c17", "-Wall", "-Wextra", "-Werror", example, *flags, "-o",
                            str(program)], check=True, cwd=folder)
            print(f"{kind}: ", end="", flush=True)
            good = exchange(program, folder, pc_folder.parent) and good
    return not good


sys.exit(main())
