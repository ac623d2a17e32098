#!/usr/bin/env python3
"""Shows that tools/check-house and tools/check-citations see what they are there to see.

Argument: the folder of the tools.  Each test makes a small house in a temporary folder, sound but for
one thing, and looks for the line that names it.
"""
import pathlib
import subprocess
import sys
import tempfile

TOOLS = pathlib.Path(sys.argv[1]).resolve()
SOUND = {
    "src/base/a.h": "/* base/a.h: what tests need. */\nint plait_a(void);\n",
    "src/net/b.c": '/* net/b.c: uses base. */\n#include "base/a.h"\n',
    "src/threats/t_1.c": "/* threats/t_1.c: T-TS-2 (RFC 8684 §3.4.1, N31). */\n"
                         'const char *const record[] = {"T-TS-2", "A title"};\n',
    "agent/c.c": "/* agent/c.c: stands alone. */\n",
    "tests/d.c": "/* Looks into every room. */\n",
    "docs/CATALOGUE.md": "### T-TS-2 A title\n\n| N31 | a rule |\n",
    "docs/PROTOCOL.md": "".join(f"| N{n:02} | `n{n:02}_holds` |\n" for n in range(1, 46)),
    "tests/e.c": "/* A test for each rule. */\n" + "".join(
        f"static void n{n:02}_holds(void **state)\n" for n in range(1, 46)),
}


def tell(tool, changes):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**SOUND, **changes}.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        command = [sys.executable, TOOLS / tool, "--root", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def with_line(name, line):
    return {name: SOUND[name] + line + "\n"}


BROKEN = [
    ("check-rules", {"docs/PROTOCOL.md": SOUND["docs/PROTOCOL.md"].replace("N07", "X07")},
     "N07: no test shows it"),
    ("check-rules", {"tests/e.c": SOUND["tests/e.c"].replace("n07_holds", "n07_held")},
     "N07: there is no test n07_holds"),
    ("check-rules", {"docs/PROTOCOL.md": SOUND["docs/PROTOCOL.md"].replace("`n07", "`n08")},
     "N07: n08_holds does not have its number"),
    ("check-rules", with_line("tests/e.c", "static void n03_n04_too(void **state)"),
     "N04: n03_n04_too is not in docs/PROTOCOL.md"),
    ("check-house", with_line("src/base/a.h", '#include "wire/tcp.h"'), "room base may not"),
    ("check-house", with_line("src/net/b.c", '#include "mechanism/mechanism.h"'), "room net may"),
    ("check-house", with_line("src/threats/t_1.c", '#include "net/net.h"'), "room threats may"),
    ("check-house", with_line("agent/c.c", '#include "base/a.h"'), "room agent may"),
    ("check-house", with_line("src/net/b.c", '#include "b.h"'), "room net may not"),
    ("check-house", with_line("src/net/b.c", "#include <pthread.h>"), "<pthread.h> is not"),
    ("check-house", with_line("src/net/b.c", "#include <openssl/sha.h>"), "is not for net/"),
    ("check-house", {"src/base/a.h": "/* a.h: wrong. */\n"}, "open with '/* base/a.h: '"),
    ("check-house", {"tests/d.c": "int d;\n"}, "does not open with a comment"),
    ("check-house", with_line("agent/c.c", "/* " + "x" * 98), "101 columns"),
    ("check-house", with_line("agent/c.c", "\tint tab;"), "a tab"),
    ("check-house", with_line("agent/c.c", "/* TO" + "DO: later */"), "do it"),
    ("check-house", with_line("agent/c.c", "int f(void)\n{\n" + "    f();\n" * 89 + "}"),
     "a function of 91 lines"),
    ("check-citations", with_line("src/net/b.c", "/* T-TS-3 */"), "T-TS-3 is not explained"),
    ("check-citations", with_line("src/net/b.c", "/* (N32) */"), "N32 is not explained"),
    ("check-citations", with_line("src/net/b.c", '"M4 pre-shared"'), "M4 is not explained"),
    ("check-citations", with_line("tests/d.c", "/* R-07, B-RST */"), "R-07 is not explained"),
    ("check-citations", {"docs/CATALOGUE.md": "### T-TS-2 Another\n\n| N31 | a rule |\n"},
     "### T-TS-2 A title"),
    ("check-citations", {"docs/CATALOGUE.md": "| T-TS-2 | A title |\n| N31 | a rule |\n"},
     "### T-TS-2 A title"),
]
SOUND_TOO = [
    ("check-rules", {}),
    ("check-house", {}),
    ("check-house", with_line("agent/c.c", "/* " + "§" * 97)),
    ("check-house", with_line("agent/c.c", "int f(void)\n{\n" + "    f();\n" * 88 + "}")),
    ("check-citations", {}),
    ("check-citations", with_line("src/net/b.c", "/* T-RES-*, M40000, RFC 8684 §3.7, xN99 */")),
]


def main():
    failures = []
    for tool, changes, wanted in BROKEN:
        status, text = tell(tool, changes)
        if status != 1 or wanted not in text:
            failures.append(f"{tool}: did not say '{wanted}':\n{text}")
    for tool, changes in SOUND_TOO:
        status, text = tell(tool, changes)
        if status != 0:
            failures.append(f"{tool}: refused a sound house:\n{text}")
    for failure in failures:
        print(failure)
    print(f"{len(BROKEN)} breaches and {len(SOUND_TOO)} sound houses tried, "
          f"{len(failures)} judged wrongly")
    return 1 if failures else 0


sys.exit(main())
