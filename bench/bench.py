#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure palaver, beside a bare SQLite loop and, with --kit, beside the ceilings of the bench kit.

Every comparison is a ratio of runs that alternate in this one run; absolute figures are the machine's.
"""
import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from driver import plot, profile            # noqa: E402
from driver.deliveries import DeliveryLines  # noqa: E402
from driver.loads import LoadFailed, Loads  # noqa: E402
from driver.machine import Budget           # noqa: E402
from driver.report import Report            # noqa: E402
from driver.servers import Makers           # noqa: E402

KIT_PROGRAMS = ("composite", "echo_evhttp", "fsync_lat")


class Bench:
    """What all lines share: where things are, how long to measure, what was found."""

    def __init__(self, options, folder):
        self.build, self.folder = os.path.abspath(options.build), folder
        self.rounds = options.rounds or (2 if options.quick else 3)
        self.seconds = options.seconds or (2 if options.quick else 4)
        self.budget = Budget(options.quiet_s if options.quiet_s is not None
                             else 15 if options.quick else 120)
        self.kit_build = build_kit(options.kit, folder) if options.kit else None
        self.report, self.loads, self.makers = Report(), Loads(self), Makers(self)

    @staticmethod
    def note(name, load, sample):
        keys = ("rate", "p50_us", "p99_us", "server_us", "other_percent", "refused", "lost")
        text = " ".join(f"{k} {sample[k]:,.1f}" for k in keys if k in sample)
        print(f"    {name:18s} {load:6s} {text}", flush=True)


def build_kit(kit, folder):
    """Build the kit's programs in the temporary folder; a relative path may count from the sources."""
    for base in (os.getcwd(), os.path.dirname(HERE)):
        ceilings = os.path.join(base, kit, "ceilings")
        if os.path.isdir(ceilings):
            break
    else:
        raise SystemExit(f"bench: no ceilings in {kit}")
    target = os.path.join(folder, "kit")
    subprocess.run(["make", "-s", "-C", ceilings, f"B={target}"] +
                   [os.path.join(target, p) for p in KIT_PROGRAMS], check=True,
                   stdout=subprocess.DEVNULL)
    return target


def machine_facts():
    with open("/proc/cpuinfo") as f:
        models = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "load_average": os.getloadavg(),
            "time": time.strftime("%Y-%m-%d %H:%M:%S")}


def parse():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [n[5:] for kind in reversed(DeliveryLines.__mro__) for n in kind.__dict__ if n.startswith("line_")]
    p.add_argument("--build", default=".", help="build folder with palaverd and bench/load")
    p.add_argument("--kit", help="folder of the bench kit, for its ceilings")
    p.add_argument("--only", help=f"lines, separated by commas: {', '.join(names)}")
    p.add_argument("--quick", action="store_true", help="2 rounds of 2 s instead of 3 of 4 s")
    p.add_argument("--profile", action="store_true", help="also tell where CPU goes; needs perf")
    p.add_argument("--rounds", type=int)
    p.add_argument("--seconds", type=int)
    p.add_argument("--quiet-s", type=float, help="seconds that may be spent waiting for a quiet machine")
    p.add_argument("--out", default="bench-results", help="folder for results.json and table.md")
    options = p.parse_args()
    wanted = options.only.split(",") if options.only else names
    unknown = set(wanted) - set(names)
    if unknown:
        p.error(f"unknown lines: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return options, [n for n in names if n in wanted]


def write(folder, name, content):
    with open(os.path.join(folder, name), "w") as f:
        f.write(content)


def take_profiles(bench):
    if not profile.available():
        raise SystemExit("bench: perf is missing (Debian: apt-get install linux-perf)")
    print("profile", flush=True)
    return [profile.take(bench, name) for name in ("memory", "durable")]


def write_results(bench, lines, facts, profiles, out):
    os.makedirs(out, exist_ok=True)
    write(out, "results.json", bench.report.json(facts, lines.samples, profiles))
    write(out, "table.md", bench.report.markdown())
    if any(r.get("must") and r["value"] for r in bench.report.rows):
        write(out, "goals.svg", plot.goals(bench.report.rows))
    if profiles:
        write(out, "profile.md", profile.markdown(profiles))
        write(out, "profile.svg", plot.threads(profiles))


def main():
    options, wanted = parse()
    if not shutil.which("wrk"):
        raise SystemExit("bench: wrk is missing (Debian: apt-get install wrk)")
    folder = tempfile.mkdtemp(prefix="palaver-bench-")
    facts, began = machine_facts(), time.monotonic()
    try:
        bench = Bench(options, folder)
        lines = DeliveryLines(bench)
        for name in wanted:
            print(f"{name}  [{time.monotonic() - began:.0f} s]", flush=True)
            try:
                getattr(lines, "line_" + name)()
            except LoadFailed as failure:
                bench.report.failed(name, str(failure))
        profiles = take_profiles(bench) if options.profile else []
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_results(bench, lines, facts, profiles, options.out)
    print(f"\n{bench.report.markdown()}\n{time.monotonic() - began:.0f} s; in {options.out}/")


if __name__ == "__main__":
    main()
