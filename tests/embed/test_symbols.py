#!/usr/bin/env python3
"""What libplait needs from outside: four functions on memory, libcrypto's digests, nothing else.

Usage: test_symbols.py --build FOLDER --source FOLDER

Compiles the sources of libplait with each compiler at -O0 and -O3, links them into one object, and
compares what is undefined in it with the list below: no allocation, no clock, no stdio, no checked
copies, no assertion (DESIGN §2, §3).
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOMS = ("base", "wire", "crypto", "mechanism", "tcp", "mptcp", "host")
# Of the programs; libplait has panic_trap.c.
NOT_OURS = ("src/base/panic.c", "src/base/nearest.c")
# What compilers put in by themselves: functions on memory, and division of 128-bit numbers and which
# registers the processor has, which come with the compiler (libgcc, compiler-rt).
ALLOWED = re.compile(r"mem(cpy|move|set|cmp)|bcmp|strlen|__u?divti3|__cpu_model|"
                     r"SHA(1|256)_(Init|Update|Final)|CRYPTO_memcmp")
FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-fvisibility=hidden", "-fPIC", "-w"]


def sources(build, source):
    commands = json.loads((build / "compile_commands.json").read_text())
    found = set()
    for command in commands:
        path = (pathlib.Path(command["directory"]) / command["file"]).resolve()
        name = path.relative_to(source) if path.is_relative_to(source) else None
        if name and name.parts[0] == "src" and name.parts[1] in ROOMS and str(name) not in NOT_OURS:
            found.add(path)
    found.add(source / "src/base/panic_trap.c")
    return sorted(found)


def undefined(compiler, level, paths, source, folder):
    objects = []
    for number, path in enumerate(paths):
        objects.append(folder / f"{number}.o")
        subprocess.run([compiler, *FLAGS, level, f"-I{source}/src", f"-I{source}/include", "-c",
                        str(path), "-o", str(objects[-1])], check=True)
    whole = folder / "whole.o"
    subprocess.run(["ld", "-r", "-o", str(whole), *map(str, objects)], check=True)
    names = subprocess.run(["nm", "--undefined-only", "--format=just-symbols", str(whole)],
                           check=True, capture_output=True, text=True)
    return set(names.stdout.split()) - {"_GLOBAL_OFFSET_TABLE_"}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--build", type=pathlib.Path, required=True)
    arguments.add_argument("--source", type=pathlib.Path, required=True)
    given = arguments.parse_args()
    source = given.source.resolve()
    paths = sources(given.build, source)
    rooms = {path.relative_to(source).parts[1] for path in paths}
    if rooms != set(ROOMS):
        print(f"rooms without a source: {sorted(set(ROOMS) - rooms)}")
        return 1
    failed = False
    for compiler in filter(shutil.which, ("gcc", "clang")):
        for level in ("-O0", "-O3"):
            with tempfile.TemporaryDirectory() as folder:
                names = undefined(compiler, level, paths, source, pathlib.Path(folder))
            wrong = sorted(name for name in names if not ALLOWED.fullmatch(name))
            print(f"{compiler} {level}: {len(paths)} files, undefined: {' '.join(sorted(names))}")
            if wrong:
                print(f"  not allowed: {' '.join(wrong)}")
                failed = True
    return failed


sys.exit(main())
