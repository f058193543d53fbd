# SPDX-License-Identifier: Apache-2.0
"""Putting a load on a server: wrk, our own client, and single requests."""
import http.client
import json
import os
import subprocess
import tempfile

from driver import machine

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOISE_PERCENT = 15      # of a core; more makes a sample doubtful
RETRIES = 2
SESSIONS = "/api/v2/sessions"


class LoadFailed(Exception):
    """The server refused messages or dropped connections: there is no rate to tell."""


class Loads:
    def __init__(self, bench):
        self.bench = bench

    def _temporary(self, suffix):
        fd, path = tempfile.mkstemp(suffix, dir=self.bench.folder)
        os.close(fd)
        return path

    def client(self, server, mode="new", ids=None, connections=64, **options):
        """Run bench/load; options are those of its usage text: T=5, n=100, r=10000, o=FILE."""
        command = [os.path.join(self.bench.build, "bench", "load"), "-p", str(server.port),
                   "-u", server.path, "-c", str(connections), "-m", mode]
        if ids:
            command += ["-i", ids]
        if server.key_file:
            command += ["-k", server.key_file]
        for key, value in options.items():
            command += [f"-{key}"] if value is True else [f"-{key}", str(value)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        if done.returncode != 0 or done.stderr:
            raise LoadFailed(f"{server.name}: {done.stderr.strip()[:600]}")
        return json.loads(done.stdout)

    def conversations(self, server, count, **options):
        """Make conversations of one exchange each; the path of a file with their ids."""
        answers, ids = self._temporary(".answers"), self._temporary(".ids")
        self.client(server, "new", n=count, connections=min(64, count), o=answers, **options)
        with open(answers) as source, open(ids, "w") as target:
            target.writelines(line.split()[2] + "\n" for line in source)
        os.unlink(answers)
        return ids

    def wrk(self, server, mode, ids, seconds, connections=64, script="message.lua", url=None):
        headers = self._temporary(".headers")
        with open(headers, "w") as f:
            if server.key_file:
                f.write(f"X-API-Key: {server.key}\n")
        command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s",
                   "-s", os.path.join(HERE, script), url or server.url, "--", f"mode={mode}",
                   f"tag={os.urandom(4).hex()}", f"headers={headers}"]
        if ids:
            command.append(f"ids={ids}")
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
        os.unlink(headers)
        found = [line[7:] for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        result = json.loads(found[0]) if found else {}
        if not found or result["refused"] or result["lost"]:
            raise LoadFailed(f"{server.name}: wrk: {done.stdout[-600:]}{done.stderr}")
        return result

    def sessions(self, server, count):
        """Make sessions; the path of a file with their ids."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        ids = self._temporary(".ids")
        with open(ids, "w") as f:
            for number in range(count):
                connection.request("POST", SESSIONS, json.dumps({
                    "user_id": f"user-{number}", "channel": "web",
                    "initial_context": {"cart": ["4711"], "step": 1}}),
                    {"Content-Type": "application/json", "X-API-Key": server.key})
                answer = connection.getresponse()
                text = answer.read()
                if answer.status != 201:
                    raise LoadFailed(f"{server.name} answered {answer.status}: {text[:300]}")
                f.write(json.loads(text)["data"]["session_id"] + "\n")
        return ids

    def watched(self, server, run, helpers=()):
        """
        run() while the rest of the machine is quiet, as far as that can be had; its result with costs.
        No server: its costs are none. `helpers` are pids that are no noise.
        """
        best = None
        for _ in range(1 + RETRIES):
            self.bench.budget.wait_for_quiet()
            watch = machine.Watch(server.pid if server else None, helpers)
            result = run()
            costs = watch.stop()
            result.update(costs)
            result["rate"] = result["done"] / result["seconds"]
            result["server_us"] = 1e6 * costs["server_cpu_s"] / max(1, result["done"])
            if best is None or result["other_percent"] < best["other_percent"]:
                best = result
            if best["other_percent"] <= NOISE_PERCENT or self.bench.budget.left_s <= 0:
                break
        return best


def post(server, text, conversation=None, connection=None):
    """One message, one answer, over `connection` or a new one."""
    body = {"message_id": os.urandom(16).hex(), "tenant_id": "demo", "user_id": "user-000123",
            "channel": "web", "timestamp": "2025-01-01T00:00:00Z",
            "content": {"type": "text", "text": text, "language": "en"},
            "channel_metadata": {"platform": "web"}}
    if conversation:
        body["conversation_id"] = conversation
    connection = connection or http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", server.path, json.dumps(body),
                       {"Content-Type": "application/json", "X-API-Key": server.key})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise LoadFailed(f"{server.name} answered {answer.status}: {text[:300]}")
    return json.loads(text)


def get(server, path, connection):
    connection.request("GET", path, headers={"X-API-Key": server.key})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise LoadFailed(f"GET {path} answered {answer.status}: {text[:300]}")
    return json.loads(text)["data"]
