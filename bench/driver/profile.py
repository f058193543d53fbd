# SPDX-License-Identifier: Apache-2.0
"""Where the CPU time goes: perf, by thread, by place (program, library, kernel) and by function."""
import os
import re
import shutil
import subprocess
from collections import defaultdict

FUNCTIONS = 14      # told of each thread
SECONDS = 4


def available():
    return bool(shutil.which("perf"))


def place_of(dso):
    if "kernel" in dso:
        return "kernel"
    return re.sub(r"(-[0-9.]+)?\.so.*", "", os.path.basename(dso))


def read_report(path):
    """(share, thread, place, function) of each line; loops are one thread, and so are workers."""
    out = subprocess.run(["perf", "report", "-i", path, "--stdio", "--no-children", "-t", "|",
                          "--sort", "comm,dso,symbol"], capture_output=True, text=True).stdout
    for line in out.splitlines():
        cells = [c.strip() for c in line.split("|")]
        if len(cells) < 4 or not cells[0].endswith("%"):
            continue
        yield (float(cells[0][:-1]) / 100, re.sub(r"-\d+$", "", cells[1]), place_of(cells[2]),
               re.sub(r"^\[.\] ", "", cells[3]).split()[0])


def take(bench, name, mode="rr"):
    """Profile one target under one load; µs a message, from the CPU time the process used."""
    path = os.path.join(bench.folder, "perf.data")
    with bench.makers(name) as server:
        ids = bench.loads.conversations(server, 1000)
        bench.loads.wrk(server, mode, ids, 1)
        perf = subprocess.Popen(["perf", "record", "-q", "-F", "1999", "-p", str(server.pid), "-o", path,
                                 "--", "sleep", str(SECONDS)], stderr=subprocess.DEVNULL)
        sample = bench.loads.watched(server, lambda: bench.loads.wrk(server, mode, ids, SECONDS))
        perf.wait()
    places = defaultdict(lambda: defaultdict(float))
    functions = defaultdict(lambda: defaultdict(float))
    for share, thread, place, function in read_report(path):
        us = share * sample["server_us"]
        places[thread][place] += us
        functions[thread][function] += us
    threads = [{"name": t, "us": sum(p.values()),
                "places": dict(sorted(p.items(), key=lambda x: -x[1])),
                "functions": sorted(functions[t].items(), key=lambda x: -x[1])[:FUNCTIONS]}
               for t, p in places.items()]
    return {"name": name, "rate": sample["rate"], "us": sample["server_us"],
            "threads": sorted((t for t in threads if t["us"] > 0.05), key=lambda t: -t["us"])}


def markdown(profiles):
    lines = []
    for profile in profiles:
        lines += [f"### {profile['name']}: {profile['us']:.1f} µs a message at {profile['rate']:,.0f}/s", "",
                  "| thread | µs | by place | functions that cost most (µs) |", "|---|---:|---|---|"]
        for thread in profile["threads"]:
            where = ", ".join(f"{p} {us:.1f}" for p, us in thread["places"].items() if us >= 0.05)
            what = ", ".join(f"`{f}` {us:.2f}" for f, us in thread["functions"])
            lines.append(f"| {thread['name']} | {thread['us']:.1f} | {where} | {what} |")
        lines.append("")
    return "\n".join(lines)
