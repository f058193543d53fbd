#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Health and metrics."""
import re
import shutil
import subprocess

from harness import Daemon
from tap import Skip, case, check, equal, run


def values(text):
    """Series and values of the Prometheus text."""
    return {m.group(1): float(m.group(2))
            for m in re.finditer(r"^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) (\S+)$", text, re.M)}


@case("live, ready and plain health answer without a key")
def _(folder):
    with Daemon(folder) as daemon, daemon.client(key="") as client:
        for path in ("/health/live", "/health/ready"):
            answer = client.get(path)
            equal(answer.status, 200, f"{path}: {answer.body}")


@case("metrics are counted, and are the text that Prometheus reads")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        before = values(client.get("/metrics").body.decode())
        for _ in range(5):
            client.say("hello")
        answer = client.get("/metrics")
        equal(answer.status, 200)
        check(answer.headers["Content-Type"].startswith("text/plain"), answer.headers["Content-Type"])
        after = values(answer.body.decode())
        check(len(after) >= 10, f"only {len(after)} series")
        grown = [name for name, value in after.items() if value - before.get(name, 0) == 5]
        check(grown, "nothing counted the five messages")
        check(any(name.startswith("palaver_build_info") for name in after), "no palaver_build_info")


@case("metrics are not for those for whom a proxy asks")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        equal(client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status, 404)
        equal(client.get("/metrics").status, 200)


@case("promtool finds nothing wrong with the metrics")
def _(folder):
    tool = shutil.which("promtool")
    if not tool:
        raise Skip("promtool is not installed (Debian: prometheus)")
    with Daemon(folder) as daemon, daemon.client() as client:
        client.say("hello")
        client.post({})
        text = client.get("/metrics").body
    done = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, timeout=60,
                          check=False)
    check(done.returncode == 0 and not done.stdout + done.stderr,
          (done.stdout + done.stderr).decode())


if __name__ == "__main__":
    run()
