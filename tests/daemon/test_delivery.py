#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replies that leave, from outside: a scripted receiver, kills in between, nothing missing.

PALAVER_DELIVERIES sets how many replies the long case sends (default 300), PALAVER_DELIVERY_KILLS how
often the daemon is killed meanwhile.
"""
import collections
import os
import random
import threading
import time

from harness import Daemon, in_threads, wait_for
from receiver import OPTIONS, Receiver, reply_of, say, set_up, tell, wait_status
from tap import case, check, equal, run

COUNT = int(os.environ.get("PALAVER_DELIVERIES", "300"))
KILLS = int(os.environ.get("PALAVER_DELIVERY_KILLS", "2"))


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
        told = client.get("/api/v2/audit/logs?event_type=delivery.retried").json["data"]["logs"]
        equal([(e["resource_id"], e["result"]) for e in told], [(third, "success"), (first, "success")])
        check(all(e["user_id"] and e["request_id"] and e["ip_address"] == "127.0.0.1" for e in told), told)


@case("a receiver that answers 410 turns the channel off")
def _(folder):
    with Receiver(lambda n, key: 410) as receiver, Daemon(folder, *OPTIONS) as daemon, \
            daemon.client() as client:
        set_up(client, receiver.url)
        wait_status(client, reply_of(say(client, "hello")), "failed")
        wait_for(lambda: not client.get("/api/v2/channels/webhook").json["data"]["enabled"], "the channel to be off")


@case("b10 a receipt tells of a message by the name that its receiver gave it, also after a kill")
def _(folder):
    with Receiver(lambda n, key: {"message_id": f"theirs-{n}"}) as receiver, Daemon(folder, *OPTIONS) as daemon:
        with daemon.client() as client:
            set_up(client, receiver.url)
            message = reply_of(say(client, "hello"))
            equal(wait_status(client, message, "sent")["platform_message_id"], "theirs-0")
        daemon.kill()
        daemon.start()
        with daemon.client() as client:
            tell(daemon, "message.status", message_id="theirs-0", status="delivered")
            wait_status(client, message, "delivered")
            tell(daemon, "message.read", message_id="msg_" + message)
            wait_status(client, message, "read")


@case("p5 nothing is missing though the receiver misbehaves and the daemon is killed; in order, one key each")
def _(folder):
    dice, began = random.Random(20261127), time.monotonic()
    tricks = [200] * 12 + [503, (429, "Retry-After: 1\r\n"), "reset", "garbage", "slow", 302]

    def script(number, key):
        return "hang" if dice.random() < 0.004 else dice.choice(tricks)

    sent = collections.defaultdict(list)
    # each attempt that fails costs its conversation a second or more: many have some more of them
    homes = [[None] * max(4, COUNT // 400) for _ in range(8)]
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
                            home = i % len(homes[index])
                            data = say(own, "hello", homes[index][home])
                            homes[index][home] = data["conversation_id"]
                            with lock:
                                sent[data["conversation_id"]].append(reply_of(data))
                in_threads(8, work)
                if turn < KILLS:
                    daemon.kill()
                    daemon = Daemon(folder, *OPTIONS).start()
            wanted = {"msg_" + m for messages in sent.values() for m in messages}

            def is_all_here():
                time.sleep(COUNT / 50000)       # looking costs the receiver its time
                return wanted <= {g[0] for g in receiver.well()}
            wait_for(is_all_here, "all to arrive", max(180, COUNT // 20))
            with daemon.client() as client:
                wait_for(lambda: not client.get("/api/v2/deliveries?status=retrying").json["data"]["deliveries"]
                         and not client.get("/api/v2/deliveries?status=pending").json["data"]["deliveries"],
                         "all to be told", 60)
                told = client.get("/api/v2/deliveries/metrics").json["data"]["possible_duplicates"]
        finally:
            daemon.end()
        got = collections.Counter(g[0] for g in receiver.well())
        check(set(got) == wanted, "others than those sent arrived")
        equal(receiver.bad, 0)
        first = collections.defaultdict(list)
        for key, _, conversation, *_ in receiver.well():
            if key not in first[conversation]:
                first[conversation].append(key)
        for conversation, keys in first.items():
            equal(keys, ["msg_" + m for m in sent[conversation]], conversation)
        print(f"# {len(wanted)} replies, {len(receiver.got)} attempts, "
              f"{sum(got.values()) - len(got)} duplicates, {told} told as possible, {KILLS} kills, "
              f"{time.monotonic() - began:.0f} s")


run()
