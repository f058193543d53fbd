# SPDX-License-Identifier: Apache-2.0
"""The lines of the benchmark: each measures one thing and tells it as figures with their goals."""
import http.client
import json
import os
import socket
import statistics
import subprocess
import time
from collections import Counter

from driver import loads, machine

OPEN_RATE = 10000
MANY = 100_000


def median(samples, key):
    return statistics.median(s[key] for s in samples)


def quiet(ours, theirs):
    """The samples taken while others were quiet, if both sides have any; else all."""
    calm = [[s for s in side if s.get("other_percent", 0) <= loads.NOISE_PERCENT]
            for side in (ours, theirs)]
    return calm if all(calm) else [ours, theirs]


class Lines:
    """Every method named line_* is a line; its docstring is what the report says of it."""

    def __init__(self, bench):
        self.bench, self.loads, self.makers = bench, bench.loads, bench.makers
        self.samples = {}       # (target, load) -> samples, taken once and shared by lines

    # --- taking samples ---------------------------------------------------------------------

    def _closed(self, name, mode):
        with self.makers(name) as server:
            ids = self.loads.conversations(server, 1000 if mode == "rr" else 1)
            self.loads.wrk(server, mode, ids, 1)
            return self.loads.watched(
                server, lambda: self.loads.wrk(server, mode, ids, self.bench.seconds))

    def _alternate(self, names, load, take, times=1):
        """take(name) in turns, every other round backwards; samples are kept for other lines."""
        wanted = [n for n in names if (n, load) not in self.samples]
        for i in range(self.bench.rounds * times):
            for name in wanted if i % 2 == 0 else reversed(wanted):
                sample = take(name)
                self.samples.setdefault((name, load), []).append(sample)
                self.bench.note(name, load, sample)
        return [self.samples[(n, load)] for n in names]

    def _rates(self, mode, *names):
        return self._alternate(names, mode, lambda name: self._closed(name, mode))

    # --- telling them -----------------------------------------------------------------------

    def _ratio(self, what, ours, theirs, key, against, must, aim, higher=True):
        ratios = [a[key] / b[key] for a, b in zip(ours, theirs) if b[key]]
        ours, theirs = quiet(ours, theirs)
        self.bench.report.row(
            what, against, median(ours, key) / median(theirs, key), must, aim, higher, spread=ratios,
            ours=median(ours, key), theirs=median(theirs, key), key=key,
            noise=max(s.get("other_percent", 0) for s in ours + theirs))

    def _need_kit(self, what, must, aim):
        if self.bench.kit_build:
            return True
        self.bench.report.skipped(what, must, aim)
        return False

    def _against_kit(self, what, mode, ours, theirs, must, aim):
        if not self._need_kit(what, must, aim):
            self._rates(mode, ours)
            return
        a, b = self._rates(mode, ours, theirs)
        self._ratio(what, a, b, "rate", theirs, must, aim)

    # --- the lines --------------------------------------------------------------------------

    def line_memory_rr(self):
        self._against_kit("memory store, rr, messages/s", "rr", "memory", "kit-memory", 0.35, 0.7)

    def line_durable_rr(self):
        self._against_kit("durable, rr over 1,000, messages/s", "rr", "durable", "kit-durable",
                          0.6, 1.0)

    def line_durable_new(self):
        self._against_kit("durable, new, messages/s", "new", "durable", "kit-durable", 0.6, 1.0)

    def line_durable_hot(self):
        self._against_kit("durable, hot, messages/s", "hot", "durable", "kit-durable", 0.6, 1.0)

    def line_cpu(self):
        for ours, theirs in (("memory", "kit-memory"), ("durable", "kit-durable")):
            what = f"server CPU per message, {ours}"
            if self._need_kit(what, 3, 1.5):
                a, b = self._rates("rr", ours, theirs)
                self._ratio(what, a, b, "server_us", theirs, 3, 1.5, higher=False)
            else:
                self._rates("rr", ours)

    def line_full_normal(self):
        full, normal = self._rates("rr", "durable", "durable-normal")
        self._ratio("durable, FULL against NORMAL", full, normal, "rate", "durable-normal", 0.65, 0.8)

    def line_sqlite_loop(self):
        """Our durable rate beside a bare group-commit loop on the same disk."""
        def bare(_):
            path = os.path.join(self.bench.folder, "loop.db")
            program = os.path.join(self.bench.build, "bench", "sqlite_loop")
            out = subprocess.run([program, path, str(self.bench.seconds)], check=True,
                                 capture_output=True, text=True, timeout=120).stdout
            for suffix in ("", "-wal", "-shm"):
                if os.path.exists(path + suffix):
                    os.unlink(path + suffix)
            return json.loads(out)
        (loop,) = self._alternate(["sqlite-loop"], "bare", bare)
        (ours,) = self._rates("rr", "durable")
        self._ratio("durable rr against a bare SQLite group-commit loop", ours, loop, "rate",
                    "sqlite_loop", None, None)

    def line_two_loops(self):
        """What a second loop adds. A client that sends one message at a time needs more than half of
        the second core itself, so the goal is held against one that sends four in one go."""
        for depth, goals in ((4, (1.25, 1.5)), (1, (None, None))):
            def take(name, depth=depth):
                with self.makers(name) as server:
                    ids = self.loads.conversations(server, 1000)
                    self.loads.client(server, "rr", ids, T=1, q=depth)
                    return self.loads.watched(server, lambda: self.loads.client(
                        server, "rr", ids, T=self.bench.seconds, q=depth))

            what = f"two loops against one, memory, {depth} in one go" if depth > 1 else \
                "the same, one at a time"
            two, one = self._alternate(["memory-2-loops", "memory-1-loop"], f"q{depth}", take)
            self._ratio(what, two, one, "rate", "memory-1-loop", *goals)

    def line_open_loop(self):
        """p99 from the moment a message was due, at a fixed rate."""
        (ours,) = self._rates("rr", "durable")
        rate = min(OPEN_RATE, int(median(ours, "rate") / 2))

        def take(name):
            with self.makers(name) as server:
                ids = self.loads.conversations(server, 1000)
                self.loads.client(server, "rr", ids, r=rate / 2, T=1.5, P=True)
                return self.loads.watched(server, lambda: self.loads.client(
                    server, "rr", ids, r=rate, T=self.bench.seconds, P=True))

        what = f"durable, open loop at {rate:,}/s, p99"
        if self._need_kit(what, 2, 1.2):
            a, b = self._alternate(["durable", "kit-durable"], "open", take)
            self._ratio(what, a, b, "p99_us", "kit-durable", 2, 1.2, higher=False)
        else:
            self._alternate(["durable"], "open", take)

    def line_one_connection(self):
        """p50 of one message at a time, beside p50 of a 4 KiB overwrite and fdatasync."""
        what = "durable, one connection, p50 against fdatasync p50"
        if not self._need_kit(what, 2.5, 1.6):
            return

        def sync():
            out = subprocess.run([os.path.join(self.bench.kit_build, "fsync_lat"),
                                  os.path.join(self.bench.folder, "sync"), "700", "4096", "over"],
                                 check=True, capture_output=True, text=True, timeout=60).stdout
            return json.loads(out)

        with self.makers("durable") as server:
            ids = self.loads.conversations(server, 1000)
            takes = {"fdatasync": sync, "durable": lambda: self.loads.watched(
                server, lambda: self.loads.client(server, "rr", ids, connections=1, T=1))}
            for take in takes.values():
                take()
            ours, theirs = self._alternate(["durable", "fdatasync"], "one",
                                           lambda name: takes[name](), times=3)
        self._ratio(what, ours, theirs, "p50_us", "fsync_lat", 2.5, 1.6, higher=False)

    def line_conversation_bytes(self):
        """Growth by 3 x 10,000 conversations of one exchange, after 400 to warm up."""
        for name, what in (("durable", "bytes per idle live conversation, durable"),
                           ("durable-small-cache",
                            "the same with a page cache of 1 MiB (conversations alone)")):
            with self.makers(name) as server:
                self.loads.client(server, "new", connections=16, n=400)
                time.sleep(2)
                sizes = [machine.pss_bytes(server.pid)]
                for _ in range(3):
                    self.loads.client(server, "new", connections=16, n=10000)
                    time.sleep(2)
                    sizes.append(machine.pss_bytes(server.pid))
            steps = [(b - a) / 10000 for a, b in zip(sizes, sizes[1:])]
            self.bench.report.row(what, "–", statistics.mean(steps), 1024, 400, False, spread=steps,
                                  unit="B")

    def _connection_bytes(self, name, count=5000):
        with self.makers(name) as server:
            if name != "kit-evhttp":
                self.loads.client(server, "new", connections=16, n=400)
            time.sleep(0.5)
            before = machine.pss_bytes(server.pid)
            held = []
            try:
                for _ in range(count):
                    held.append(socket.create_connection(("127.0.0.1", server.port)))
                time.sleep(1.5)
                return (machine.pss_bytes(server.pid) - before) / count
            finally:
                for connection in held:
                    connection.close()

    def line_connection_bytes(self):
        """Growth by 5,000 idle connections."""
        ours = self._connection_bytes("memory")
        theirs = self._connection_bytes("kit-evhttp") if self.bench.kit_build else 2030
        self.bench.report.row("bytes per idle connection", f"bare evhttp {theirs:,.0f}", ours / theirs,
                              2, 1, False, ours=ours, theirs=theirs, key="bytes")

    def line_start(self):
        """exec to ready to first answer in a fresh folder; resident size before any message."""
        first, sizes = [], []
        for _ in range(5):
            self.bench.budget.wait_for_quiet()
            server = self.makers("durable")
            began = time.monotonic()
            with server:
                loads.post(server, "Hello")
                first.append(time.monotonic() - began)
            with self.makers("durable") as server:
                time.sleep(0.5)
                sizes.append(machine.rss_bytes(server.pid) / 1e6)
        self.bench.report.row("RSS just started (--dev)", "–", statistics.median(sizes), 15, 10, False,
                              spread=sizes, unit="MB")
        self.bench.report.row("exec to first answered message, fresh folder", "–",
                              statistics.median(first), 0.5, 0.2, False, spread=first, unit="s")

    def line_many_conversations(self):
        """The same load over 100,000 conversations and over 1,000, each on a server of its own."""
        with self.makers("durable") as small, self.makers("durable") as large:
            over = {"1,000": (small, self.loads.conversations(small, 1000)),
                    "100,000": (large, self.loads.conversations(large, MANY))}
            for server, ids in over.values():
                self.loads.wrk(server, "rr", ids, 1)

            def take(name):
                server, ids = over[name]
                return self.loads.watched(
                    server, lambda: self.loads.wrk(server, "rr", ids, self.bench.seconds))
            many, few = self._alternate(["100,000", "1,000"], "conversations", take)
        self._ratio("rate with 100,000 conversations against 1,000, durable", many, few, "rate", "ours",
                    0.55, 0.7)

    def line_long_conversation(self):
        """One client's p50 behind 100,000 messages, and in conversations of about ten."""
        for name in ("durable", "memory"):
            with self.makers(name) as server:
                long = self.loads.conversations(server, 1)
                self.loads.client(server, "hot", long, n=MANY // 2)

                def take(which):
                    ids = long if which == "100,000th" else self.loads.conversations(server, 50)
                    return self.loads.watched(server, lambda: self.loads.client(
                        server, "rr", ids, connections=1, n=400))
                late, early = self._alternate(["100,000th", "10th"], f"long-{name}", take, times=3)
            self._ratio(f"the 100,000th message of one conversation against its 10th, {name}",
                        late, early, "p50_us", "ours", 1.3, 1.1, higher=False)

    def line_sessions(self):
        """Sessions created, and read out of 1,000 in turn, in a second over HTTP."""
        def take(name, mode):
            with self.makers(name) as server:
                ids = self.loads.sessions(server, 1000)
                run = lambda seconds: self.loads.wrk(          # noqa: E731
                    server, mode, ids, seconds, script="session.lua",
                    url=f"http://127.0.0.1:{server.port}{loads.SESSIONS}")
                run(1)
                return self.loads.watched(server, lambda: run(self.bench.seconds))
        for mode in ("create", "read"):
            both = self._alternate(["durable", "memory"], f"session-{mode}",
                                   lambda name, mode=mode: take(name, mode))
            for name, samples in zip(("durable", "memory"), both):
                self.bench.report.row(
                    f"sessions, {mode}, {name}", "–", median(quiet(samples, samples)[0], "rate"),
                    None, None, True, unit="/s", spread=[s["rate"] for s in samples],
                    noise=max(s.get("other_percent", 0) for s in samples))

    # --- correctness under many writers ----------------------------------------------------

    def _read_back(self, server, conversation):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        messages, page = [], 1
        while True:
            data = loads.get(server, f"/api/v2/chat/conversations/{conversation}/history?page={page}"
                                     "&page_size=100", connection)
            messages += data["messages"]
            if not data["has_next"]:
                return messages, data["summary"]
            page += 1

    def _check_writers(self, name, writers):
        """How often each promise about order was broken."""
        with self.makers(name) as server:
            conversation = loads.post(server, "Hello")["conversation_id"]
            ids, answers = (os.path.join(self.bench.folder, n) for n in ("one.ids", "one.answers"))
            with open(ids, "w") as f:
                f.write(conversation + "\n")
            self.loads.client(server, "hot", ids, connections=writers, n=3000, o=answers)
            with open(answers) as f:
                answered = dict(line.split()[:2] for line in f)
            messages, summary = self._read_back(server, conversation)
        numbers = Counter(m["sequence_number"] for m in messages)
        by_number = {m["sequence_number"]: m for m in messages}
        stored = Counter(m["message_id"] for m in messages)
        astray = 0
        for m in messages:
            if m["message_id"] in answered:
                reply = by_number.get(m["sequence_number"] + 1, {})
                astray += reply.get("message_id") != answered[m["message_id"]]
        return {"duplicates": sum(n - 1 for n in (numbers + Counter()).values()),
                "gaps": len(set(range(1, max(numbers) + 1)) - set(numbers)),
                "astray": astray,
                "lost": sum(stored[m] != 1 for m in answered),
                "counter": abs(summary["message_count"] - len(messages)) +
                abs(summary["user_messages"] - sum(m["direction"] == "inbound" for m in messages)) +
                abs(summary["user_messages"] - 1 - len(answered))}

    def line_writers(self):
        """2, 8 and 64 connections write to one conversation; it is read back over the API."""
        for name in ("durable", "memory"):
            broken = Counter()
            for writers in (2, 8, 64):
                broken.update(self._check_writers(name, writers))
            what = "duplicates, gaps, replies astray, lost, wrong counters; 2, 8, 64 writers"
            self.bench.report.row(f"{what}, {name}", "–", sum(broken.values()), 0, 0, False,
                                  unit="", detail=dict(broken))
