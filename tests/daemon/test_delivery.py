#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replies that leave, from outside: a scripted receiver, kills in between, nothing missing.

PALAVER_DELIVERIES sets how many replies the long case sends (default 300), PALAVER_DELIVERY_KILLS how
often the daemon is killed meanwhile.
"""
import base64
import collections
import hashlib
import hmac
import json
import os
import random
import socket
import threading
import time

from harness import Daemon, in_threads, wait_for
from tap import case, check, equal, run

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
COUNT = int(os.environ.get("PALAVER_DELIVERIES", "300"))
KILLS = int(os.environ.get("PALAVER_DELIVERY_KILLS", "2"))
OPTIONS = [word for option in ("courier.allow_http=true", "courier.allow_networks=127.0.0.0/8",
                               "delivery.breaker_open=200ms", "delivery.backoff_max=1s")
           for word in ("-D", option)]


class Receiver:
    """An endpoint that does what `script(number of the attempt, webhook-id)` says; keeps what it got."""

    def __init__(self, script=None):
        self.script = script or (lambda n, key: 200)
        self.lock = threading.Lock()
        self.got = []           # (webhook-id, sequence, conversation, answered well, when)
        self.bad = 0            # signatures that are wrong
        self.open = True
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/in"
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open = False
        self.listener.close()

    def accept(self):
        while self.open:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer, peer.makefile("rb") as stream:
            try:
                while self.one(peer, stream):
                    pass
            except OSError:
                pass

    def one(self, peer, stream):
        line = stream.readline()
        if not line:
            return False
        headers = {}
        while (row := stream.readline().strip()):
            name, _, value = row.partition(b":")
            headers[name.decode().lower()] = value.strip().decode()
        body = stream.read(int(headers.get("content-length", 0)))
        key, when = headers["webhook-id"], headers["webhook-timestamp"]
        mac = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), f"{key}.{when}.".encode() + body,
                       hashlib.sha256).digest()
        data = json.loads(body)["data"]
        with self.lock:
            self.bad += "v1," + base64.b64encode(mac).decode() not in headers["webhook-signature"].split(" ")
            number = len(self.got)
            what = self.script(number, key)
            self.got.append((key, data["sequence"], data["conversation_id"], what in (200, "slow"), time.time()))
        return self.answer(peer, what)

    def answer(self, peer, what):
        if what == "reset":
            return False
        if what == "garbage":
            peer.sendall(b"\x00\xff nonsense\r\n\r\n")
            return False
        if what == "hang":
            time.sleep(2.5)
            return False
        if what == "slow":
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
                peer.sendall(bytes([byte]))
                time.sleep(0.005)
            return True
        status, more = what if isinstance(what, tuple) else (what, "")
        peer.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{more}\r\n".encode())
        return True

    def well(self):
        with self.lock:
            return [g for g in self.got if g[3]]


def set_up(client, url, **fields):
    answer = client.request("PUT", "/api/v2/channels/webhook",
                            {"url": url, "webhook_secret": SECRET, "retry_attempts": 20, "retry_delay_seconds": 1,
                             "timeout_seconds": 2, **fields})
    equal(answer.status, 200, answer.body)


def say(client, text, conversation=None, **fields):
    answer = client.post({"user_id": "ann", "channel": "webhook", "content": {"type": "text", "text": text},
                          **({"conversation_id": conversation} if conversation else {}), **fields})
    equal(answer.status, 200, answer.body)
    return answer.json


def delivery(client, message):
    answer = client.get(f"/api/v2/deliveries/{message}")
    equal(answer.status, 200, answer.body)
    return answer.json["data"]


def reply_of(data):
    return data["processing_metadata"]["channel_response"]["message_id"]


def wait_status(client, message, status):
    wait_for(lambda: delivery(client, message)["status"] == status, f"{message} to be {status}")
    return delivery(client, message)


@case("b9 b10 b11 a reply is pushed after the answer, signed, and its delivery says so")
def _(folder):
    with Receiver() as receiver, Daemon(folder, *OPTIONS) as daemon, daemon.client() as client:
        set_up(client, receiver.url)
        data = say(client, "hello", channel_metadata={"platform_user_id": "shop-7"})
        equal(data["processing_metadata"]["delivery_status"], "pending")
        done = wait_status(client, reply_of(data), "sent")
        equal((done["recipient"], done["attempt_count"], done["possible_duplicate"]), ("shop-7", 1, False))
        equal(receiver.got[0][0], "msg_" + reply_of(data))
        equal(receiver.bad, 0)
        listed = client.get("/api/v2/deliveries?status=sent").json["data"]
        equal([d["message_id"] for d in listed["deliveries"]], [reply_of(data)])
        figures = client.get("/api/v2/deliveries/metrics").json["data"]
        equal((figures["total"], figures["by_status"]["sent"], figures["success_rate"]), (1, 1, 1))
        equal(client.get("/api/v2/deliveries/nobody").status, 404)


@case("b64 what fails is tried again by the schedule, never earlier, under one webhook-id")
def _(folder):
    with Receiver(lambda n, key: [503, (429, "Retry-After: 1\r\n"), 302, 200][min(n, 3)]) as receiver, \
            Daemon(folder, *OPTIONS) as daemon, daemon.client() as client:
        set_up(client, receiver.url)
        message = reply_of(say(client, "hello"))
        done = wait_status(client, message, "sent")
        equal([a["outcome"] for a in done["attempts"]], ["retry", "rate", "retry", "ok"])
        equal({g[0] for g in receiver.got}, {"msg_" + message})
        check(receiver.got[2][4] - receiver.got[1][4] >= 1, "the Retry-After was not waited for")


@case("b63 exhausted deliveries are dead letters, retried one by one and all at once, after a dry run")
def _(folder):
    good = threading.Event()
    with Receiver(lambda n, key: 200 if good.is_set() else 500) as receiver, \
            Daemon(folder, *OPTIONS) as daemon, daemon.client() as client:
        set_up(client, receiver.url, retry_attempts=1)
        first, second, third = (reply_of(say(client, f"hello {i}")) for i in range(3))
        for message in (first, second, third):
            failed = wait_status(client, message, "failed")
            equal((failed["error_code"], len(failed["attempts"])), ("http_500", 2))
        answer = client.post({"status": "failed", "dry_run": True}, path="/api/v2/deliveries/retry")
        equal((answer.status, answer.json["data"]["retried"]), (200, 3))
        good.set()
        answer = client.post({"message_ids": [first, "nobody"]}, path="/api/v2/deliveries/retry")
        equal([r["result"] for r in answer.json["data"]["results"]], ["retried", "not_found"])
        wait_status(client, first, "sent")
        equal(client.post({"message_ids": [first]}, path="/api/v2/deliveries/retry").status, 409)
        equal(client.post({"message_ids": ["nobody"]}, path="/api/v2/deliveries/retry").status, 404)
        equal(client.post({}, path="/api/v2/deliveries/retry").status, 422)
        equal(client.request("POST", f"/api/v2/chat/message/{second}/retry").status, 200)
        wait_status(client, second, "sent")
        answer = client.post({"status": "failed"}, path="/api/v2/deliveries/retry")
        equal(answer.json["data"]["retried"], 1)
        wait_status(client, third, "sent")


@case("a receiver that answers 410 turns the channel off")
def _(folder):
    with Receiver(lambda n, key: 410) as receiver, Daemon(folder, *OPTIONS) as daemon, \
            daemon.client() as client:
        set_up(client, receiver.url)
        wait_status(client, reply_of(say(client, "hello")), "failed")
        wait_for(lambda: not client.get("/api/v2/channels/webhook").json["data"]["enabled"], "the channel to be off")


@case("p5 nothing is missing though the receiver misbehaves and the daemon is killed; in order, one key each")
def _(folder):
    dice = random.Random(20261127)
    tricks = [200] * 12 + [503, (429, "Retry-After: 1\r\n"), "reset", "garbage", "slow", 302]

    def script(number, key):
        return "hang" if dice.random() < 0.004 else dice.choice(tricks)

    sent = collections.defaultdict(list)
    homes = [[None] * 4 for _ in range(8)]
    lock = threading.Lock()
    with Receiver(script) as receiver:
        daemon = Daemon(folder, *OPTIONS).start()
        try:
            with daemon.client() as client:
                set_up(client, receiver.url)
            for turn in range(KILLS + 1):
                def work(index):
                    with daemon.client() as own:
                        for i in range(COUNT // (KILLS + 1) // 8):
                            data = say(own, "hello", homes[index][i % 4])
                            homes[index][i % 4] = data["conversation_id"]
                            with lock:
                                sent[data["conversation_id"]].append(reply_of(data))
                in_threads(8, work)
                if turn < KILLS:
                    daemon.kill()
                    daemon = Daemon(folder, *OPTIONS).start()
            wanted = {"msg_" + m for messages in sent.values() for m in messages}
            wait_for(lambda: wanted <= {g[0] for g in receiver.well()}, "all to arrive", 180)
            with daemon.client() as client:
                wait_for(lambda: not client.get("/api/v2/deliveries?status=retrying").json["data"]["deliveries"]
                         and not client.get("/api/v2/deliveries?status=pending").json["data"]["deliveries"],
                         "all to be told", 60)
        finally:
            daemon.end()
        got = collections.Counter(g[0] for g in receiver.well())
        check(set(got) == wanted, "others than those sent arrived")
        equal(receiver.bad, 0)
        first = collections.defaultdict(list)
        for key, sequence, conversation, good, _ in receiver.well():
            if key not in first[conversation]:
                first[conversation].append(key)
        for conversation, keys in first.items():
            equal(keys, ["msg_" + m for m in sent[conversation]], conversation)
        print(f"# {len(wanted)} replies, {len(receiver.got)} attempts, "
              f"{sum(got.values()) - len(got)} duplicates, {KILLS} kills")


run()
