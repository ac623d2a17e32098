#!/usr/bin/env python3
"""Plays threats on nets and with traffic of a user's, and shows what wrong files are told.

Arguments: the program, the folder examples/topology, and perhaps the names of tests.  All but
one runs in virtual time.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from cases import run_all, same, Skip, test

PLAIT, EXAMPLES = map(os.path.abspath, sys.argv[1:3])


# docs/TOPOLOGY.md, "Not applicable"
REASONS = {
    "address family: the topology does not have it",
    "position excluded: the topology has no second path",
    "position excluded: an address behind a NAT does not pass on",
    "path excluded: the case needs a second path that carries Multipath TCP",
    "mechanism excluded: the dialled path strips its option",
    "goal undefined here: what it needs is not written",
    "control runs differ by a fifth or more",
}


def run(*args, timeout=300):
    env = dict(os.environ, LC_ALL="C.UTF-8")
    return subprocess.run([PLAIT, *args], capture_output=True, text=True, env=env, timeout=timeout)


def write(name, text):
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    pathlib.Path(name).write_bytes(data)
    return name


def refused(option, name, line, before):
    """One line on standard error, status 2, nothing written."""
    result = run("analyze", option, name, "--cell", "nothing")
    same(result.stderr, f"plait analyze: {line}\n")
    same(result.returncode, 2)
    same(result.stdout, "")
    same(sorted(os.listdir(".")), sorted(before))


def analyzed(*args, wanted=0):
    result = run("analyze", "--quiet", "--format", "json", *args)
    assert result.returncode == wanted, f"status {result.returncode}: {result.stderr}"
    return json.loads(result.stdout)


def outcomes(document):
    return {c["id"]: c["outcome"] for c in document["cells"]}


@test
def wrong_lines_are_named():
    topologies = {
        "path a\npath b dely 3ms\n": "2: dely: no word of a link (nearest: delay)",
        "path a\nfamly ipv4\n": "2: famly: no kind of line (nearest: family)",
        "path a delay 25\n": "1: delay 25: has no unit; expected a time like 25ms, 0ms to 1s",
        "path a delay 2s\n": "1: delay 2s: is out of range; expected a time like 25ms, 0ms to 1s",
        "path a\npath b\npath c\npath d\n": "4: path d: at most 3 paths were expected",
        "\n\n# nothing\n": "3: has no path: `path NAME delay TIME ...` was expected",
        b"path a\npath \x00\n": "2: octet 0x00: plain text was expected",
        "path a\n" + "#" * 513: "2: a line of more than 512 octets",
        "\n" * 65537: "1: larger than 65536 octets",
    }
    for text, error in topologies.items():
        name = write("my.topology", text)
        refused("--topology", name, f"my.topology:{error}", [name])
        os.remove(name)
    workloads = {
        "client bluk 1kB every 1s": "1: bluk: no kind of writing (nearest: bulk)",
        "server bulk 1kB every 1\n": "1: every 1: has no unit; expected a time like 100ms, "
                                     "1ms to 10s",
        "\nclient requests 1B every 1s": "2: client requests: `server answers ...` was expected "
                                         "beside it",
        b"client idle\xff": "1: octet 0xff: plain text was expected, other letters in comments "
                            "only",
        "": "1: says nothing: `client ...` or `server ...` was expected",
    }
    for text, error in workloads.items():
        name = write("my.workload", text)
        refused("--workload", name, f"my.workload:{error}", [name])
        os.remove(name)


@test
def files_that_are_none():
    refused("--topology", "absent", "absent: No such file or directory", [])
    os.mkdir("folder")
    refused("--workload", "folder", "folder: Is a directory", ["folder"])
    refused("--topology", "a" * 401, "--topology: a name of more than 400 octets", ["folder"])
    refused("--topology", "a\nb", "--topology: a name with a control character", ["folder"])
    result = subprocess.run([PLAIT, "analyze", "--topology", b"\xff"], capture_output=True)
    same(result.stderr, b"plait analyze: --topology: a name that is no UTF-8\n")
    same(result.returncode, 2)
    if os.geteuid() != 0:
        write("closed", "path a")
        os.chmod("closed", 0)
        refused("--topology", "closed", "closed: Permission denied", ["folder", "closed"])


@test
def an_earlier_report_has_its_own_net():
    name = write("my.topology", "path a")
    result = run("analyze", "--from", "report.json", "--topology", name)
    same(result.stderr, "plait analyze: --topology: --from runs nothing\n")
    same(result.returncode, 2)


def check_cells(document, files):
    for cell in document["cells"]:
        assert cell["outcome"] != "error", f"{cell['id']}: {cell['reason']}"
        for field, (name, lines) in files.items():
            same(cell[field], {"file": name, "lines": lines})
            assert f"--{field[:8]} '{name}'" in cell["rerun"], cell["rerun"]
        if cell["outcome"] == "n/a":
            assert cell["reason"] in REASONS, cell["reason"]
        if cell["outcome"].startswith("stopped"):
            assert cell["witness"], cell["id"]


@test
def a_phone_with_two_networks():
    topology, workload = f"{EXAMPLES}/phone.topology", f"{EXAMPLES}/browsing.workload"
    document = analyzed("--topology", topology, "--workload", workload, "--cell",
                        "@([BC]-|T-[DFHPRTU])*/@(tcp|v1)/*/ipv4")
    check_cells(document, {
        "topology_file": (topology, [
            "path wifi delay 8ms rate-up 20Mbit/s rate-down 50Mbit/s queue-up 250kB "
            "queue-down 625kB mtu 1500 nat",
            "path lte delay 25ms rate-up 10Mbit/s rate-down 30Mbit/s queue-up 125kB "
            "queue-down 375kB loss 1000ppm mtu 1400",
            "server delay 5ms rate 1Gbit/s queue 12500kB mtu 1500",
            "attacker delay 15ms", "family both"]),
        "workload_file": (workload, ["client requests 500B every 250ms", "server answers 20kB"])})
    got = outcomes(document)
    # What is broken by the keys in clear is so behind a NAT and on LTE, too.
    same(got["T-TS-2/direct/server/request-response/PE-H/v1/default/ipv4"], "broken")
    same(got["T-TS-3/away/server/request-response/PA-J/v1/default/ipv4"], "broken")
    # Who hears the path resets it although he is farther than the client: he waits for his moment.
    same(got["B-RST/-/server/request-response/ON1-E/tcp/default/ipv4"], "broken")
    same(got["T-REUSE-1/-/server/request-response/HEIR-1-no-spoof/v1/default/ipv4"], "n/a")
    same(got["T-TOK-1/-/server/request-response/OFF-NS-no-spoof/v1/default/ipv4"], "stopped")
    same(got["C-POS-1/-/client/request-response/ONALL/v1/default/ipv4"], "broken")
    same(got["C-OK-1/make-before-break/server/request-response/OFF-NS-no-spoof/v1/default/ipv4"],
         "stopped")
    # A cell's own line runs it alone, and it is the same.
    cell = next(c for c in document["cells"] if c["threat"] == "T-TS-3" and c["outcome"] == "broken")
    rerun = re.sub("^plait", PLAIT, cell["rerun"]) + " --quiet --format jsonl"
    again = subprocess.run(rerun, shell=True, capture_output=True, text=True, timeout=60)
    same(json.loads(again.stdout.splitlines()[0]), cell)


@test
def a_data_centre_pair():
    topology, workload = f"{EXAMPLES}/datacentre.topology", f"{EXAMPLES}/replication.workload"
    document = analyzed("--topology", topology, "--workload", workload, "--cell",
                        "@(T-HIJ-*/v1/*/ipv6|B-*/ipv6|T-TS-2/*)")
    check_cells(document, {
        "topology_file": (topology, [
            "path leaf1 delay 50us rate 10Gbit/s queue 1MB mtu 1500",
            "path leaf2 delay 50us rate 10Gbit/s queue 1MB mtu 1500",
            "server delay 50us rate 10Gbit/s queue 1MB mtu 1500",
            "attacker nearer", "family ipv6"]),
        "workload_file": (workload, ["client bulk 200kB every 160ms",
                                     "server trickle 100B every 500ms"])})
    for cell in document["cells"]:
        same(cell["outcome"] == "n/a" and "family" in cell["reason"], cell["family"] == 4)
    got = outcomes(document)
    same(got["T-TS-2/direct/server/bulk/PE-H/v1/default/ipv6"], "broken")
    table = run("analyze", "--quiet", "--topology", topology, "--workload", workload, "--threat",
                "T-TS-2")
    assert f", topology {topology}, workload {workload}, seed 0x1" in table.stdout, table.stdout


@test
def one_path_is_no_second():
    name = write("one.topology", "path dsl delay 10ms rate-down 16Mbit/s rate-up 1Mbit/s mtu 1280")
    document = analyzed("--topology", name, "--cell", "*/ipv4")
    check_cells(document, {})
    for cell in document["cells"]:
        if cell["position"] in ("PE-J", "PA-J", "ON2-E", "ON2-A", "HEIR-2"):
            same(cell["reason"], "position excluded: the topology has no second path")
    got = outcomes(document)
    same(got["T-TS-2/direct/server/bulk/PE-H/v1/default/ipv4"], "broken")
    same(got["T-FLOOD-8/live/server/bulk/PART-L/v1/default/ipv4"], "n/a")
    same(got["B-DATA/-/server/idle/OFF/tcp/default/ipv4"], "broken")  # full segments fit the MTU


@test
def a_stripped_path_speaks_tcp():
    name = write("strip.topology", "path a strip-mptcp\npath b delay 4ms\n")
    document = analyzed("--topology", name, "--cell", "*/ipv4")
    for cell in document["cells"]:
        if cell["mechanism"] == "tcp":
            assert cell["outcome"] in ("broken", "stopped"), cell["id"]
        else:
            same(cell["reason"], "mechanism excluded: the dialled path strips its option")


@test
def nobody_writes():
    name = write("idle.workload", "client idle\n")
    document = analyzed("--workload", name, "--cell", "@([BC]-|T-[DFHPRTU])*/@(tcp|v1|M0e)/*/ipv4")
    check_cells(document, {})
    same({c["workload"] for c in document["cells"]}, {"idle"})
    flood = next(c for c in document["cells"] if c["threat"] == "T-FLOOD-1")
    same(flood["reason"], "goal undefined here: what it needs is not written")
    keys = next(c for c in document["cells"] if c["threat"] == "T-TS-2")
    same([g["goal"] for g in keys["goals"]], ["inject", "takeover"])  # read is no goal here


@test
def limits_that_the_paths_use_up():
    """Three paths are all that the default policy allows, so an intruder finds no room."""
    name = write("three.topology", "path a delay 3ms\npath b delay 9ms\npath c mtu 1280\n")
    got = outcomes(analyzed("--topology", name, "--cell", "T-TS-2/direct/server/bulk/PE-H/v1/*"))
    same(got, {"T-TS-2/direct/server/bulk/PE-H/v1/default/ipv4": "stopped by policy",
               "T-TS-2/direct/server/bulk/PE-H/v1/permissive/ipv4": "broken",
               "T-TS-2/direct/server/bulk/PE-H/v1/default/ipv6": "stopped by policy",
               "T-TS-2/direct/server/bulk/PE-H/v1/permissive/ipv6": "broken"})


@test
def an_unsteady_net_does_not_judge_degrading():
    name = write("bad.topology", "path a loss 25%\npath b loss 25%\n")
    document = analyzed("--topology", name, "--cell", "@(T-PRIO-2|T-RM-1)/*/OFF/v1/default/*")
    notes = [c["control"]["note"] for c in document["cells"] if c["control"]]
    reasons = [c["reason"] for c in document["cells"] if c["outcome"] == "n/a"]
    same(set(reasons), {"control runs differ by a fifth or more"})
    assert any("degrade is not judged" in n for n in notes), notes


@test
def a_net_without_a_connection_is_said():
    name = write("dead.topology", "path a delay 1s loss 50%\npath b\nserver loss 50%\n")
    document = analyzed("--topology", name, "--threat", "T-TOK-*", "--cell", "*/ipv4", wanted=3)
    reasons = {c["reason"] for c in document["cells"] if c["outcome"] == "error"}
    assert any(r.startswith("control run: no genuine connection") for r in reasons), reasons


@test
def the_labs_own_net_in_words_is_the_labs_own():
    """The words for what is the default anyway change no verdict."""
    topology = write("own.topology", "path path1 delay 2ms\npath path2 delay 2ms\n"
                                     "server delay 2ms\nattacker delay 2ms\n")
    cells = "T-TS-[23]/*/v1/*/ipv4"
    without, own = analyzed("--cell", cells), analyzed("--topology", topology, "--cell", cells)
    for a, b in zip(without["cells"], own["cells"]):
        assert "topology_file" not in a
        del b["topology_file"], a["rerun"], b["rerun"]
        same(b["outcome"], a["outcome"])
        same(b["versus_tcp"], a["versus_tcp"])
    same(outcomes(own), outcomes(without))


@test
def a_kernel_meets_the_same_net():
    if run("doctor").returncode != 0:
        raise Skip("no runs against this machine's kernel")
    topology, workload = f"{EXAMPLES}/phone.topology", f"{EXAMPLES}/browsing.workload"
    document = analyzed("--target", "linux", "--topology", topology, "--workload", workload,
                        "--cell", "@(T-TS-2/direct/server|B-LEASE)/*/default/ipv4")
    check_cells(document, {})
    got = outcomes(document)
    same(got["T-TS-2/direct/server/request-response/PE-H/v1/default/ipv4"], "broken")
    same([o for i, o in got.items() if i.startswith("B-LEASE")], ["n/a"])


@test
def names_are_quoted():
    name = write("bob's net", "path a\npath b")
    cell = analyzed("--topology", name, "--cell", "T-TS-3/away/server/bulk/*/v1/default/ipv4"
                    )["cells"][0]
    assert "--topology 'bob'\\''s net'" in cell["rerun"], cell["rerun"]
    result = subprocess.run(re.sub("^plait", PLAIT, cell["rerun"]) + " --quiet", shell=True,
                            capture_output=True, text=True, timeout=60)
    same(result.returncode, 0)


sys.exit(run_all("plait-net-", sys.argv[3:]))
