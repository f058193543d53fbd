#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traps of the design that palaver grew out of, each sprung from outside: the path of a message.

The other traps have cases of their number beside what they concern (grep for b46_ and the like).
"""
import json
import os
import re
import signal
import sqlite3
import time

from harness import Client, Daemon, Load, check_numbering, in_threads, message, wait_for
from tap import case, check, equal, run

CANARY = "canary-7f3a91"


def speak(daemon, conversation, index, count):
    with daemon.client() as client:
        for number in range(count):
            client.say(f"{index}-{number}", conversation)


def exchanges_of(messages):
    return [(messages[i], messages[i + 1]) for i in range(0, len(messages), 2)]


@case("b1_sixteen writers at once on one conversation leave no number out and give none twice")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("first")["conversation_id"]
        in_threads(16, lambda index: speak(daemon, conversation, index, 10))
        messages = client.history(conversation)
        equal(len(messages), 2 * (1 + 16 * 10))
        check_numbering(messages)
        for index in range(16):     # each writer's own order is kept
            own = [m["content"]["text"] for m in messages if m["content"]["text"].startswith(f"{index}-")]
            equal(own, [f"{index}-{number}" for number in range(10)])


@case("b2_a number is never made up: after a kill the next message goes on where the stored ones end")
def _(folder):
    with Daemon(folder) as daemon:
        with Load(daemon, writers=2) as load:
            load.wait_for(50)
            daemon.kill()
        known = {conversation for kept in load.acknowledged for _, conversation, _, _ in kept}
        daemon.start()
        with daemon.client() as client:
            for conversation in known:
                before = client.history(conversation)
                user = next(m for m in before)["message_id"]
                check(user, "a conversation without messages")
                index = next(i for i, kept in enumerate(load.acknowledged) if kept[0][1] == conversation)
                client.say("after the kill", conversation, user_id=f"writer-{index}")
                after = client.history(conversation)
                equal(len(after), len(before) + 2)
                check_numbering(after)


@case("b3_counters, entities and activity are stored with the message, not swallowed behind it")
def _(folder):
    with Daemon(folder) as daemon:
        with daemon.client() as client:
            conversation = client.say("Where is my order ORD123456?")["conversation_id"]
            client.say("Write to me@example.com", conversation)
        daemon.kill()
        daemon.start()
        with daemon.client() as client:
            data = client.get(f"/api/v2/chat/conversations/{conversation}").json["data"]
            summary = data["summary"]
            equal((summary["message_count"], summary["user_messages"], summary["bot_messages"]), (4, 2, 2))
            entities = client.say("thanks", conversation)["conversation_state"]["entities"]
            equal((entities["order_numbers"], entities["emails"]), (["ORD123456"], ["me@example.com"]))
            check(summary["last_activity_at"] >= data["messages"][-1]["timestamp"][:19], summary)


@case("b4_the intent that was found decides the reply, so not everybody gets the default one")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        replies = {}
        for text in ("Hello there", "Where is my order?", "My app is not working", "The sky above us"):
            answer = client.say(text)
            replies[answer["response"]["text"]] = answer["conversation_state"]["current_intent"]
        equal(len(replies), 4)
        check({"greeting", "order_inquiry", "support"} <= set(replies.values()), replies)


@case("b6_another user's conversation is neither read nor written by its id")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("mine alone", user_id="ana")["conversation_id"]
        answer = client.say("I want in", conversation, user_id="eve")
        check(answer["conversation_id"] != conversation, "eve went on with ana's conversation")
        check(answer["processing_metadata"]["conversation_created"], answer)
        equal(len(client.history(conversation)), 2)


@case("b9_b12_an answer that was lost costs nothing: the same id gets it again, another body is a conflict")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        body = message("pay once", message_id="once")
        first = client.post(body).json
        repeats = in_threads(8, lambda _: Client(daemon.port, daemon.key).post(body))
        for repeat in repeats:
            equal(repeat.status, 200, repeat.body)
            equal((repeat.json["response_id"], repeat.json["processing_metadata"]["duplicate"]),
                  (first["response_id"], True))
        other = client.post(message("pay twice", message_id="once"))
        equal((other.status, other.error["code"]), (409, "RESOURCE_CONFLICT"))
        equal(len(client.history(first["conversation_id"])), 2)


@case("b13_messages of one conversation are worked on one after the other: each answer follows its question")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("first")["conversation_id"]
        texts = {"greeting": "Hello", "order_inquiry": "my order", "support": "I have a problem"}
        intents = list(texts) * 8
        answers = in_threads(len(intents), lambda i: Client(daemon.port, daemon.key).say(
            texts[intents[i]], conversation))
        by_id = {a["response_id"]: a for a in answers}
        for question, reply in exchanges_of(client.history(conversation))[1:]:
            answer = by_id[reply["message_id"]]
            equal(answer["message_id"], question["message_id"])
            equal(answer["response"]["text"], reply["content"]["text"])


@case("b16_a failure keeps its kind on the way out: absent, conflict, wrong field, none becomes a 500")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("hello")["conversation_id"]
        close = f"/api/v2/conversations/{conversation}/close"
        asked = [
            (client.get("/api/v2/conversations/none/summary"), 404, "RESOURCE_NOT_FOUND"),
            (client.post({"reason": "done", "resolution_type": "resolved"}, path=close), 200, None),
            (client.post({"reason": "done", "resolution_type": "resolved"}, path=close), 409,
             "RESOURCE_CONFLICT"),
            (client.post({"user_id": "", "channel": "web"}), 422, "VALIDATION_ERROR"),
            (client.post("{"), 400, "VALIDATION_ERROR"),
            (client.get(f"/api/v2/chat/conversations/{conversation}/history?page=0"), 400,
             "VALIDATION_ERROR"),
        ]
        for answer, status, code in asked:
            equal(answer.status, status, answer.body)
            if code:
                equal(answer.error["code"], code)


@case("b24_what is secret reaches no log: keys, tokens, and what a client calls a password")
def _(folder):
    with Daemon(folder, "-D", "log.level=debug") as daemon, daemon.client() as client:
        secret = {"password": CANARY + "1", "cards": [{"api_key": CANARY + "2"}]}
        client.say(f"my password is {CANARY}3 and my card 4111 1111 1111 1111",
                   channel_metadata={"additional_data": secret})
        client.get("/api/v2/sessions", {"Authorization": f"Bearer {CANARY}4"})
        client.get("/api/v2/sessions", {"Authorization": None, "X-API-Key": f"{CANARY}5"})
        client.get("/info", {"Cookie": f"{CANARY}6"})
        daemon.stop()
        log = daemon.log()
        check("process_message_complete" in log and "request refused" in log, "nothing was logged")
        found = re.findall(CANARY + r"\d", log) + re.findall("4111 1111|4111111", log)
        equal(found, [])
        check(daemon.key not in log, "the key is in the log")


@case("b25_the caller's request id goes all the way; the template named is the one that was used")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        for number, text in enumerate(("Hello there", "Where is my order?")):
            answer = client.post(message(text, message_id=f"m{number}"), {"X-Request-ID": f"mine-{number}"})
            equal(answer.headers["X-Request-ID"], f"mine-{number}")
            code, out, err = daemon.tool("message", "where", f"m{number}", "--json")
            equal((code, json.loads(out)["request_id"]), (0, f"mine-{number}"), err)
        wait_for(lambda: all(f'"request_id":"mine-{n}"' in daemon.log() for n in range(2)), "both in the log")
        daemon.stop()
        with sqlite3.connect(os.path.join(daemon.state, "palaver.db")) as database:
            made = [json.loads(row[0]) for row in database.execute("SELECT reply_analysis FROM exchange")]
        equal(len({m["template_used"] for m in made}), 2, made)
        check(all(m["generation_time_ms"] < 60000 for m in made), made)


@case("b27_an answer holds the view of the conversation, not what is kept of the user or the channel's own words")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        answer = client.say("hello", channel_metadata={"platform_user_id": CANARY})
        equal(set(answer["conversation_state"]),
              {"current_intent", "entities", "slots", "conversation_stage", "next_expected_inputs"})
        equal(set(answer["processing_metadata"]["channel_response"]),
              {"success", "channel_type", "message_id", "delivery_status", "timestamp"})
        check(CANARY not in str(answer), "what the channel said came back")


@case("b31_instants are UTC whatever zone the client writes; durations do not come from the wall clock")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        now = int(time.time()) - 60
        east = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now + 2 * 3600)) + "+02:00"
        utc = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + ".000Z"
        for given in (east, now, now * 1000):
            answer = client.say("hello", timestamp=given)
            equal(client.history(answer["conversation_id"])[0]["timestamp"], utc, given)
            check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer["timestamp"]), answer)
            check(0 <= answer["processing_metadata"]["processing_time_ms"] < 60000, answer)


@case("b78_told to stop it answers what it has taken, refuses the rest in words, and frees everything")
def _(folder):
    with Daemon(folder) as daemon:
        with Load(daemon, writers=4) as load:
            load.wait_for(50)
            daemon.signal(signal.SIGTERM)
            equal(daemon.wait(), 0)
        equal((load.cut, load.other), ([], []))
        check(not os.path.exists(daemon.socket_path), "the control socket is still there")
        daemon.start()
        with daemon.client() as client:
            load.verify(client)
        wait_for(lambda: daemon.stop() == 0, "a second clean end", 1)


run()
