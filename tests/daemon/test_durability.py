#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged stays, once, in order: small versions of promises P1, P3 and P4."""
import glob
import json
import os
import random
import socket
import sqlite3
import time

from harness import Client, Daemon, Load, check_numbering, in_threads, message
from tap import case, check, equal, run

KILLS = int(os.environ.get("PALAVER_TEST_KILLS", "10"))


def check_database(daemon):
    paths = glob.glob(os.path.join(daemon.state, "*.db"))
    check(paths, f"no database in {os.listdir(daemon.state)}")
    for path in paths:
        with sqlite3.connect(path) as database:
            equal(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)], path)


@case(f"{KILLS} kills under load lose nothing acknowledged and leave no gap")
def _(folder):
    seed = int(os.environ.get("PALAVER_TEST_SEED", random.randrange(1 << 30)))
    dice = random.Random(seed)
    print(f"# PALAVER_TEST_SEED={seed}")
    slowest = 0.0
    with Daemon(folder) as daemon, Load(daemon, 6) as load:
        for _ in range(KILLS):
            load.wait_for(10)
            time.sleep(dice.uniform(0.05, 0.4))     # at a random instant of the load
            daemon.kill()
            began = time.monotonic()
            daemon.start()
            load.wait_for(1)
            slowest = max(slowest, time.monotonic() - began)
        load.stop()
        equal(load.other, [])
        with daemon.client() as client:
            load.verify(client)
        print(f"# {load.count()} acknowledged, {len(load.lost)} unanswered, first answer at most "
              f"{slowest:.2f} s after a kill")
        equal(daemon.stop(), 0)
        check_database(daemon)


@case("a message sent again after a kill has one effect, whether or not it was answered")
def _(folder):
    sent = []
    with Daemon(folder) as daemon:
        key = daemon.key
        bodies = [message(f"number {i}", user_id=f"u{i}") for i in range(200)]

        def send(index):
            with Client(daemon.port, key) as client:
                for body in bodies[index::4]:
                    sent.append(body["message_id"])
                    if index == 0 and len(sent) > 60:
                        daemon.process.kill()
                    try:
                        if client.post(body).status != 200:
                            return
                    except OSError:
                        return
                    except Exception:       # whatever way the answer broke off
                        return

        in_threads(4, send)
        daemon.kill()
        daemon.start()
        with daemon.client() as client:
            first = [client.post(body).json for body in bodies]
            again = [client.post(body).json for body in bodies]
            for one, two in zip(first, again):
                equal(two["response_id"], one["response_id"], "answer to a repeat")
                check(two["processing_metadata"]["duplicate"], "a repeat is not marked")
                equal(len(client.history(one["conversation_id"])), 2, "messages")
        check(any(one["processing_metadata"]["duplicate"] for one in first),
              "nothing had been stored before the kill: the case is blind")


@case("the same message again is answered as before and marked")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        body = message("where is my order?")
        one, two = client.post(body), client.post(body)
        equal((one.status, two.status), (200, 200))
        one, two = one.json, two.json
        check(not one["processing_metadata"].get("duplicate"), one)
        check(two["processing_metadata"]["duplicate"], two)
        for field in ("message_id", "conversation_id", "response_id", "response"):
            equal(two[field], one[field], field)
        body["conversation_id"] = one["conversation_id"]
        equal(client.post(body).status in (200, 409), True, "the same message, conversation added")
        equal(len(client.history(one["conversation_id"])), 2, "messages")


@case("the same id with another body is a conflict and changes nothing")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        body = message("hello")
        first = client.say("hello", message_id=body["message_id"])
        for other in ({**body, "content": {"type": "text", "text": "hello!"}},
                      {**body, "user_id": "somebody else"}):
            answer = client.post(other)
            equal((answer.status, answer.error["code"]), (409, "RESOURCE_CONFLICT"), answer.body)
        equal(len(client.history(first["conversation_id"])), 2, "messages")


@case("the same ids over 16 connections at once have one effect each")
def _(folder):
    with Daemon(folder) as daemon:
        key = daemon.key
        bodies = [message(f"number {i}") for i in range(40)]

        def send(index):
            with Client(daemon.port, key) as client:
                return [client.post(body) for body in bodies]

        rounds = in_threads(16, send)
        with daemon.client() as client:
            for i, body in enumerate(bodies):
                answers = [answers[i] for answers in rounds]
                equal({a.status for a in answers}, {200}, answers[0].body)
                answers = [a.json for a in answers]
                equal(len({(a["conversation_id"], a["response_id"]) for a in answers}), 1,
                      "different answers to one id")
                fresh = [a for a in answers if not a["processing_metadata"].get("duplicate")]
                equal(len(fresh), 1, "answers not marked as duplicate")
                equal(len(client.history(answers[0]["conversation_id"])), 2, "messages")


@case("the same id with different bodies at once: one wins, the others conflict")
def _(folder):
    with Daemon(folder) as daemon:
        key = daemon.key
        first = message("x")

        def send(index):
            with Client(daemon.port, key) as client:
                return client.post({**first, "content": {"type": "text", "text": f"text {index}"}})

        answers = in_threads(12, send)
        statuses = sorted(a.status for a in answers)
        equal(statuses, [200] + [409] * 11)
        conversation = next(a.json for a in answers if a.status == 200)["conversation_id"]
        with daemon.client() as client:
            equal(len(client.history(conversation)), 2, "messages")


def order_with(folder, writers, each, *options):
    refused = []
    with Daemon(folder, *options) as daemon:
        key = daemon.key
        with daemon.client() as client:
            conversation = client.say("begin")["conversation_id"]

        def talk(index):
            log = []
            with Client(daemon.port, key) as client:
                for k in range(each):
                    body = message(f"writer {index} says {k}", conversation)
                    began = time.monotonic_ns()
                    answer = client.post(body)
                    while answer.status in (429, 503):
                        check(int(answer.headers["Retry-After"]) > 0, "refused without Retry-After")
                        refused.append(answer.status)
                        began = time.monotonic_ns()
                        answer = client.post(body)
                    equal(answer.status, 200, answer.body)
                    equal(answer.json["conversation_id"], conversation)
                    log.append((began, time.monotonic_ns(), body["message_id"]))
            return log

        logs = in_threads(writers, talk)
        with daemon.client() as client:
            messages = client.history(conversation)
    check_numbering(messages)
    equal(len(messages), 2 + 2 * writers * each, "messages")
    number = {m["message_id"]: m["sequence_number"] for m in messages}
    for log in logs:
        numbers = [number[m] for _, _, m in log]
        equal(numbers, sorted(numbers), "one writer's order")
    check_precedence([entry for log in logs for entry in log], number)
    return refused


def check_precedence(log, number):
    """Acknowledged before the other was sent implies a lower number."""
    by_answer = sorted(log, key=lambda entry: entry[1])
    highest, at = 0, 0
    for began, _, message_id in sorted(log):
        while at < len(by_answer) and by_answer[at][1] < began:
            highest = max(highest, number[by_answer[at][2]])
            at += 1
        check(number[message_id] > highest, f"{message_id} overtook an earlier message")


@case("8 writers in one conversation: 1..n, each writer's order kept")
def _(folder):
    order_with(folder, 8, 25)


@case("64 writers in one conversation: 1..n, each writer's order kept")
def _(folder):
    order_with(folder, 64, 6)


@case("a full mailbox refuses with Retry-After, and order holds all the same")
def _(folder):
    refused = order_with(folder, 32, 5, "-D", "conversation.mailbox=1", "-D", "workers.batch=1")
    check(refused, "no mailbox was ever full: the case is blind")
    print(f"# {len(refused)} times refused")


@case("messages pipelined on one connection are numbered as they were sent")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("begin")["conversation_id"]
        bodies = [message(f"number {i}", conversation) for i in range(30)]
        data = b""
        for body in bodies:
            text = json.dumps(body).encode()
            data += (f"POST /api/v2/chat/message HTTP/1.1\r\nHost: x\r\nX-API-Key: {daemon.key}\r\n"
                     f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
                     ).encode() + text
        data += b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=60) as connection:
            connection.sendall(data)
            got = b""
            while piece := connection.recv(65536):
                got += piece
        equal(got.count(b"HTTP/1.1 200"), 31, "answers")
        at = [got.index(body["message_id"].encode()) for body in bodies]
        equal(at, sorted(at), "order of the answers")
        messages = client.history(conversation)
        check_numbering(messages)
        equal([m["message_id"] for m in messages[2::2]], [b["message_id"] for b in bodies])


if __name__ == "__main__":
    run()
