# SPDX-License-Identifier: Apache-2.0
"""Lines about replies that leave: how fast, beside libcurl alone, and past an endpoint that is dead."""
import contextlib
import copy
import http.client
import json
import os
import select
import subprocess
import tempfile
import threading
import time

from driver import loads, machine
from driver.lines import Lines, median

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
CHANNEL = "/api/v2/channels/webhook"
CONNECTIONS = 32            # courier.max_per_host: as many has plain libcurl
A_SECOND = 5000             # replies that are to leave, for each second of a sample
WAIT_S = 120
STEADY, DEAD = 500, 200      # messages a second: of the channel looked at, of the one that is dead
SAMPLE = "request"           # a request of palaver's, as it came


class Endpoint:
    """bench/receiver as a process; a context manager."""

    def __init__(self, bench, log=False):
        fd, self.log = tempfile.mkstemp(".arrivals", dir=bench.folder)
        os.close(fd)
        command = [os.path.join(bench.build, "bench", "receiver"), "-s", os.path.join(bench.folder, SAMPLE)]
        self.process = subprocess.Popen(command + (["-o", self.log] if log else []), text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline().split()[1])
        self.url = f"http://127.0.0.1:{self.port}/in"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()

    def hold(self):
        self.process.stdin.write("hold\n")

    def go(self, total):
        """Answer; once `total` came since hold(), how many of them after this, and in what time."""
        self.process.stdin.write(f"go {total}\n")
        if not select.select([self.process.stdout], [], [], WAIT_S)[0]:
            raise loads.LoadFailed(f"not all of {total} deliveries came in {WAIT_S} s")
        return json.loads(self.process.stdout.readline())

    def arrivals(self):
        """End it; when each message first came, by its webhook-id."""
        self.end()
        first = {}
        with open(self.log) as f:
            for line in f:
                key, at = line.split()
                first.setdefault(key, int(at))
        return first


def ask(server, method, path, body=None, key=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, path, json.dumps(body) if body else None,
                       {"Content-Type": "application/json", "X-API-Key": key or server.key})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != 200:
        raise loads.LoadFailed(f"{method} {path} answered {answer.status}: {text[:300]}")
    return json.loads(text)["data"]


def set_up(server, url, key=None):
    ask(server, "PUT", CHANNEL, {"url": url, "webhook_secret": SECRET, "timeout_seconds": 30,
                                 "requests_per_minute": 100000, "requests_per_day": 100000000}, key)


def another_tenant(bench, server):
    """The same server as another tenant sees it."""
    def tool(*words):
        done = subprocess.run([os.path.join(bench.build, "palaverctl"), *words, "--json", "--socket",
                               os.path.join(server.folder, "palaverd.sock")],
                              capture_output=True, text=True, check=True, timeout=20)
        return json.loads(done.stdout)

    other = copy.copy(server)
    tool("tenant", "add", "other", "plan=enterprise")
    other.key = tool("key", "create", "other", "bench", "*")["key"]
    other.key_file = os.path.join(server.folder, "other.key")
    with open(other.key_file, "w") as f:
        f.write(other.key + "\n")
    return other


class DeliveryLines(Lines):
    """Lines as in lines.py."""

    def _drain(self, name, conversations):
        """
        Fill the outbox while the endpoint holds back its answers, then let it answer: from there to
        the last request's arrival, without those that were on the wire already.
        """
        count = A_SECOND * self.bench.seconds
        with Endpoint(self.bench) as endpoint, self.makers(name) as server:
            set_up(server, endpoint.url)
            endpoint.hold()
            ids = self.loads.conversations(server, conversations, C="webhook")
            endpoint.go(conversations)

            def run():
                endpoint.hold()
                self.loads.client(server, "rr", ids, n=count, C="webhook")
                watch = machine.Watch(server.pid)
                result = endpoint.go(count)
                return {**result, "drain_cpu_s": watch.stop()["server_cpu_s"]}
            result = self.loads.watched(server, run, [endpoint.process.pid])
            figures = ask(server, "GET", "/api/v2/deliveries/metrics")
            if figures["attempts"] != figures["total"]:
                raise loads.LoadFailed(f"some were sent more than once: {figures}")
        result["server_us"] = 1e6 * result["drain_cpu_s"] / result["done"]
        return result

    def _plain(self, connections):
        """The same request, by libcurl alone, to the same receiver."""
        program = os.path.join(self.bench.build, "bench", "plain_post")
        count = 2 * A_SECOND * self.bench.seconds
        with Endpoint(self.bench) as endpoint:
            return self.loads.watched(None, lambda: json.loads(subprocess.run(
                [program, str(endpoint.port), os.path.join(self.bench.folder, SAMPLE), str(count), str(connections)],
                capture_output=True, text=True, check=True, timeout=WAIT_S).stdout), [endpoint.process.pid])

    def line_deliveries(self):
        """Replies that reach one local receiver in a second, beside plain libcurl posting the same."""
        for conversations, goals in ((1000, (0.5, 0.8)), (64, (0.5, 0.8)), (8, (None, None))):
            connections = min(conversations, CONNECTIONS)

            def take(name, n=conversations, c=connections):
                return self._drain(name, n) if name == "deliveries" else self._plain(c)
            ours, theirs = self._alternate(["deliveries", "plain-libcurl"], f"over {conversations}", take)
            self._ratio(f"deliveries/s, {conversations:,} conversations, one receiver", ours, theirs, "rate",
                        f"plain libcurl, {connections} connections", *goals)

    @contextlib.contextmanager
    def _dead(self, server, how):
        """A channel of `server` to which messages come, and whose endpoint is dead."""
        with Endpoint(self.bench) as silent:
            silent.hold()
            set_up(server, silent.url if how == "silent" else f"http://127.0.0.1:{machine.free_port()}/in")
            done = []
            stream = threading.Thread(target=lambda: done.append(self.loads.client(
                server, "new", r=DEAD, T=self.bench.seconds + 2, C="webhook")))
            stream.start()
            time.sleep(1)
            try:
                yield
            finally:
                stream.join()
            if not done:
                raise loads.LoadFailed("the messages for the dead endpoint were not taken")

    def _latency(self, how):
        """From when a message was due to its reply's arrival at the endpoint, acceptance included."""
        with Endpoint(self.bench, log=True) as endpoint, self.makers("deliveries") as server:
            other = another_tenant(self.bench, server)
            set_up(other, endpoint.url)
            ids = self.loads.conversations(other, 200, t="other", C="webhook")
            answers = os.path.join(self.bench.folder, "answers")
            with self._dead(server, how) if how != "alone" else contextlib.nullcontext():
                result = self.loads.watched(other, lambda: self.loads.client(
                    other, "rr", ids, r=STEADY, P=True, T=self.bench.seconds, t="other", C="webhook", o=answers),
                    [endpoint.process.pid])
            time.sleep(0.5)
            came = endpoint.arrivals()
        with open(answers) as f:
            sent = {"msg_" + words[1]: int(words[3]) for words in map(str.split, f)}
        missing = sent.keys() - came.keys()
        if missing:
            raise loads.LoadFailed(f"{len(missing)} of {len(sent)} replies did not come in time")
        times = sorted((came[key] - due) / 1000 for key, due in sent.items())
        result.update({"p50_us": times[len(times) // 2], "p99_us": times[len(times) * 99 // 100]})
        return result

    def line_dead_endpoint(self):
        """p99 of a channel while another tenant's endpoint is dead, against nothing beside it."""
        alone, *dead = self._alternate(["alone", "silent", "refusing"], "latency", self._latency, times=2)
        for name, samples in zip(("accepts and never answers", "refuses connections"), dead):
            self._ratio(f"delivery p99 beside an endpoint that {name}", samples, alone, "p99_us", "alone", 2, 1.2,
                        higher=False)
