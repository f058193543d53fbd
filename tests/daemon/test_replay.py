#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""palaverctl replay against the real daemon: the examples, and the real dialogs where they are at hand."""
import json
import os
import subprocess
import threading
import time

from harness import SOURCE, TOOL, Daemon
from tap import Skip, case, check, equal, run

EXAMPLES = os.path.join(SOURCE, "examples", "dialogs.jsonl")
REAL = os.path.join(SOURCE, "..", "shared", "data", "dialogs.jsonl")


def replay(daemon, path, *more):
    code, out, err = daemon.tool("replay", path, "--json", *more, timeout=300)
    check(out, err)
    report = json.loads(out)
    check(code == 0 and report["check"]["passed"], f"exit {code}: {out[:1000]} {daemon.log_tail()}")
    equal((report["errors"], report["replies"]), (0, report["messages"]))
    print(f"# {report['messages']} messages, {report['messages_per_s']:.0f} a second, "
          f"p50 {report['latency_ms']['p50']:.1f} ms, p99 {report['latency_ms']['p99']:.1f} ms")
    return report


def test_store(store):
    @case(f"the examples play on the {store} store")
    def _(folder):
        with Daemon(folder, store=store) as daemon:
            report = replay(daemon, EXAMPLES)
            equal(report["skipped"], [])
            check(report["dialogs"] >= 10, report)

    @case(f"all real dialogs play on the {store} store")
    def _(folder):
        if not os.path.exists(REAL):
            raise Skip("../shared/data/dialogs.jsonl is not there")
        with Daemon(folder, store=store) as daemon:
            equal(replay(daemon, REAL, "--parallel", "32")["dialogs"], 500)


test_store("sqlite")
test_store("memory")


@case("the table of replay is for people")
def _(folder):
    with Daemon(folder) as daemon:
        code, out, err = daemon.tool("replay", EXAMPLES, "--limit", "3")
        equal(code, 0, err)
        for word in ("messages", "replies", "errors", "rate", "latency", "p99", "check: passed"):
            check(word in out, f"{word} is not in {out}")


@case("a replay goes through a kill and a restart of the daemon")
def _(folder):
    path = os.path.join(folder, "long.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        for d in range(24):
            turns = [["user", f"dialog {d} message {i}"] for i in range(60)]
            file.write(json.dumps({"dialog": f"d{d}", "turns": turns}) + "\n")
    with Daemon(folder) as daemon:
        port = daemon.port
        again = Daemon(folder, "-D", f"http.listen=127.0.0.1:{port}")
        replaying = subprocess.Popen([TOOL, "replay", path, "--json", "--url", daemon.url,
                                      "--key-file", daemon.key_file], stdout=subprocess.PIPE)
        try:
            with daemon.client() as client:
                for _ in range(200):
                    if stored(client, daemon) > 200:
                        break
                    time.sleep(0.01)
            daemon.kill()
            with again:
                out = bounded(replaying)
                report = json.loads(out)
        finally:
            if replaying.poll() is None:
                replaying.kill()
            replaying.wait()
            replaying.stdout.close()
    equal((replaying.returncode, report["check"]["passed"], report["errors"]), (0, True, 0))
    check(report["retries"] > 0, "the replay ended before the kill: the case is blind")


def stored(client, daemon):
    code, out, err = daemon.tool("status", "--json")
    check(code == 0, err)
    return json.loads(out)["store"]["messages"]


def bounded(process):
    timer = threading.Timer(120, process.kill)
    timer.start()
    try:
        return process.stdout.read()
    finally:
        timer.cancel()


if __name__ == "__main__":
    run()
