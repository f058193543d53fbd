#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A receiver that answers slowly, forever, with garbage or with a huge body costs its own slots and nothing else."""
import json
import threading
import time

from harness import Daemon
from receiver import OPTIONS, Receiver, reply_of, say, set_up, wait_status
from tap import case, check, equal, run

SLOTS = 2
MESSAGES = 6
HUGE = 256 << 20
LIMITS = [word for option in (f"delivery.max_per_endpoint={SLOTS}", "delivery.breaker_failures=16")
          for word in ("-D", option)]


class Hostile(Receiver):
    """Answers each request as `how` says, and knows how many it had at once."""

    def __init__(self, how):
        super().__init__()
        self.how, self.at_once, self.most, self.sent = how, 0, 0, 0
        self.begun = threading.Event()

    def answer(self, peer, what):
        with self.lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        self.begun.set()
        try:
            return getattr(self, self.how)(peer)
        finally:
            with self.lock:
                self.at_once -= 1

    def slowly(self, peer):
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
            peer.sendall(bytes([byte]))
            time.sleep(0.015)
        return True

    def forever(self, peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while self.open:
            peer.sendall(b"x")
            time.sleep(0.02)
        return False

    def garbage(self, peer):
        time.sleep(0.3)
        peer.sendall(b"\x00\xff\x16\x03 nonsense\r\n" * 1000)
        return False

    def huge(self, peer):
        time.sleep(0.3)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % HUGE)
        while self.sent < HUGE:
            self.sent += peer.send(b"x" * 65536)
        return False


def peak_kib(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))


def second_tenant(daemon):
    """A client of another tenant, with an endpoint of its own."""
    code, _, err = daemon.tool("tenant", "add", "calm")
    equal(code, 0, err)
    code, out, err = daemon.tool("--json", "key", "create", "calm", "everything", "*")
    equal(code, 0, err)
    return daemon.client(key=json.loads(out)["key"])


def hold_up(folder, how, status, codes):
    """Let the receiver of one tenant be hostile; the other's replies are sent meanwhile."""
    with Hostile(how) as hostile, Receiver() as good, Daemon(folder, *OPTIONS, *LIMITS) as daemon, \
            daemon.client() as client, second_tenant(daemon) as calm:
        set_up(client, hostile.url, retry_attempts=0, timeout_seconds=1)
        set_up(calm, good.url)
        before = peak_kib(daemon)
        messages = [reply_of(say(client, f"hello {i}")) for i in range(MESSAGES)]
        check(hostile.begun.wait(20), "nothing came")
        for i in range(3):
            wait_status(calm, reply_of(say(calm, f"calm {i}")), "sent")
        check(hostile.at_once or how == "slowly" or len(hostile.got) < MESSAGES, "the calm ones had to wait")
        for message in messages:
            done = wait_status(client, message, status)
            check((done["error_code"] or "") in codes, done)
            equal(done["attempt_count"], 1)
        # those that are left are still counted while it finds out
        check(hostile.most <= 2 * SLOTS, f"{hostile.most} at once")
        check(peak_kib(daemon) - before < 32 << 10, "memory grew with the answer")
        equal(client.get("/health/ready").status, 200)
        return hostile


@case("a receiver that answers byte by byte is waited for, and others are not held up")
def _(folder):
    hold_up(folder, "slowly", "sent", ("",))


@case("a receiver that never ends its answer is left in time, and others are not held up")
def _(folder):
    hold_up(folder, "forever", "sent", ("",))


@case("a receiver that answers with garbage is told from one that answers, and others are not held up")
def _(folder):
    hold_up(folder, "garbage", "failed", ("bad_answer",))


@case("a huge answer is not read to its end, and others are not held up")
def _(folder):
    hostile = hold_up(folder, "huge", "sent", ("",))
    check(hostile.sent < HUGE // 4, f"{hostile.sent} bytes were taken")


run()
