"""Tests that are functions: `@test` collects them, `run_all` plays each in a folder of its own.

A test fails by an exception, and is skipped by Skip with its reason.
"""
import os
import shutil
import subprocess
import tempfile

TESTS = []


class Skip(Exception):
    pass


def test(function):
    TESTS.append(function)
    return function


def same(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def run_one(function, prefix, takes_folder):
    folder, before = tempfile.mkdtemp(prefix=prefix), os.getcwd()
    try:
        if takes_folder:
            function(folder)
        else:
            os.chdir(folder)
            function()
        return "OK", ""
    except Skip as reason:
        return "SKIPPED", str(reason)
    except (AssertionError, KeyError, IndexError, OSError, ValueError,
            subprocess.SubprocessError) as error:
        return "FAILED", str(error) or repr(error)
    finally:
        os.chdir(before)
        shutil.rmtree(folder)


def run_all(prefix, wanted=(), takes_folder=False):
    """The exit status.  WANTED: names of tests, or all; TAKES_FOLDER: each is told its folder, and
    is not in it."""
    failed = 0
    for function in [f for f in TESTS if not wanted or f.__name__ in wanted]:
        mark, text = run_one(function, prefix, takes_folder)
        if text:
            print(text)
        print(f"[ {mark:>8} ] {function.__name__}", flush=True)
        failed += mark == "FAILED"
    return 1 if failed else 0
