#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A user who is erased is in no file of the store and in no answer, wherever the user had been."""
import base64
import contextlib
import hashlib
import hmac
import json
import os
import sqlite3
import time
import uuid

from harness import Daemon, wait_for
from receiver import OPTIONS, SECRET, Receiver, delivery, reply_of, set_up, wait_status
from tap import case, check, equal, run

USER, ADDRESS, WORD, NOTE = "zaphod.b", "4915550199", "xylophone", "quagmire"
TRACES = (USER, "zaphod%2Eb", ADDRESS, WORD, NOTE)
HOOK = "/api/v2/webhooks/generic/demo?integration_id=default"
READ = ("/api/v2/audit/logs?limit=1000", "/api/v2/audit/logs?user_id={user}", "/api/v2/audit/export?format=csv",
        "/api/v2/deliveries?limit=100", "/api/v2/deliveries?status=failed", "/api/v2/deliveries?status=pending",
        "/api/v2/webhooks/status/demo", "/api/v2/conversations?user_id={user}", "/api/v2/conversations?search={word}",
        "/api/v2/sessions?user_id={user}", "/api/v2/channels/webhook/health")


class Person:
    """Who talks over the channel webhook, by the API and by webhooks."""

    def __init__(self, client, hooks, user, address, word, note):
        self.client, self.hooks, self.user, self.address, self.word, self.note = client, hooks, user, address, word, note

    def say(self, text, conversation=None):
        answer = self.client.post({"user_id": self.user, "channel": "webhook",
                                   "channel_metadata": {"platform_user_id": self.address},
                                   "content": {"type": "text", "text": f"{text} {self.word}"},
                                   **({"conversation_id": conversation} if conversation else {})})
        equal(answer.status, 200, answer.body)
        return answer.json

    def hook(self, kind, **data):
        body = json.dumps({"type": kind, "timestamp": "2026-01-15T10:00:00.000Z", "data": data}).encode()
        key, when = "msg_" + uuid.uuid4().hex, str(int(time.time()))
        mac = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), f"{key}.{when}.".encode() + body,
                       hashlib.sha256).digest()
        answer = self.hooks.request("POST", HOOK, body, {
            "webhook-id": key, "webhook-timestamp": when,
            "webhook-signature": "v1," + base64.b64encode(mac).decode()})
        equal(answer.status, 200, answer.body)

    def be_everywhere(self, mode):
        """Deliveries that are sent, told of, dead and on their way; webhooks taken, failed and waiting."""
        mode["answer"] = 200
        sent = self.say("sent")
        wait_status(self.client, reply_of(sent), "sent")
        self.hook("message.status", message_id="msg_" + reply_of(sent), status="failed", reason=f"{self.note} full")
        self.hook("message.read", message_id="msg_" + reply_of(sent))
        wait_status(self.client, reply_of(sent), "read")
        self.client.request("POST", f"/api/v2/chat/messages/{reply_of(sent)}/feedback",
                            {"feedback_type": "helpful", "comment": self.note})
        equal(self.client.post({"user_id": self.user, "channel": "web", "initial_context": {"note": self.note}},
                               path="/api/v2/sessions").status, 201)
        self.hook("message.created", id="in-1", user_id=self.user, content={"type": "text", "text": self.word})
        self.hook("message.created", id="in-3", user_id=self.user,
                  content={"type": "text", "text": f"{self.word} " * 400}, metadata={"long": f"{self.word} " * 1500})
        self.hook("message.created", id="in-2", user_id=self.user, content={"type": "text", "texts": self.word})
        self.hook("message.read", message_id="nobody's", of=self.user)     # waits for its message
        self.client.request("POST", f"/api/v2/nowhere/{self.user}")
        self.client.request("PUT", f"/api/v2/conversations/{self.user}", {"category": self.user})
        mode["answer"] = 410
        dead = self.say("dead")
        wait_status(self.client, reply_of(dead), "failed")
        mode["answer"] = "hang"
        set_up(self.client, mode["url"], retry_attempts=5)
        under_way = self.say("on its way")
        wait_for(lambda: delivery(self.client, reply_of(under_way))["status"] in ("pending", "retrying"), "a pending one")


def in_files(folder, word):
    """The files below `folder`, but for logs, that hold the word in whatever case."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(place, name), "rb") as file:
                if word.lower().encode() in file.read().lower():
                    found.append(name)
    return found


def is_at_rest(daemon):
    with contextlib.closing(sqlite3.connect(f"file:{daemon.state}/palaver.db?mode=ro", uri=True)) as database:
        return database.execute("SELECT purge FROM behind").fetchone()[0] == 0


@case("who is erased is in no file and no answer, whatever was on its way; others are there whole")
def _(folder):
    mode = {"answer": 200}
    with Receiver(lambda n, key: mode["answer"]) as receiver:
        mode["url"] = receiver.url
        with Daemon(folder, *OPTIONS) as daemon, daemon.client() as client, daemon.client(key="") as hooks:
            set_up(client, receiver.url, retry_attempts=5)
            Person(client, hooks, USER, ADDRESS, WORD, NOTE).be_everywhere(mode)
            mode["answer"] = 200
            set_up(client, receiver.url, retry_attempts=5)
            other = Person(client, hooks, "trillian", "4915550188", "bassoon", "swamp")
            other.be_everywhere(mode)
            gone = client.request("DELETE", f"/api/v2/users/{USER}/data")
            equal(gone.status, 200, gone.body)
            gone = gone.json["data"]
            equal((gone["sessions"], gone["feedback"]), (1, 1))
            check(gone["conversations"] >= 3 and gone["webhooks"] >= 2 and gone["audit_records"] >= 1, gone)
            for path in READ:
                answer = client.get(path.format(user=USER, word=WORD))
                check(answer.status == 200, f"{path}: {answer.status}")
                for trace in TRACES:
                    check(trace.encode() not in answer.body, f"{path} tells of {trace}")
            logs = client.get("/api/v2/audit/logs?event_type=user.erased").json["data"]["logs"]
            equal([e["resource_id"] for e in logs], [gone["tombstone"]])
            check(client.get("/api/v2/deliveries?limit=100").json["data"]["deliveries"], "the other's are gone")
            wait_for(lambda: is_at_rest(daemon), "the index to be written anew")
            code, out, err = daemon.tool("audit", "verify")
            equal(code, 0, out + err)
            state = daemon.state
            daemon.stop()
        for trace in TRACES:
            equal(in_files(state, trace), [], trace)
        for trace in ("trillian", "bassoon", "4915550188", "swamp"):
            check(in_files(state, trace), f"{trace} is gone")


run()
