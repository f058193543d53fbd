#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Channels and the webhooks that come back, from outside: set up, signed, kept, acted on once."""
import base64
import datetime
import hashlib
import hmac
import http.client
import itertools
import json
import os
import sqlite3
import time
import uuid

import contract
from harness import PATIENCE_S, Daemon, in_threads, wait_for
from tap import Skip, case, check, equal, run

CHANNELS = "/api/v2/channels"
LOGS = "/api/v2/audit/logs"
HOOK = "/api/v2/webhooks/generic/demo?integration_id=default"
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
NEXT = "whsec_" + base64.b64encode(b"fedcba9876543210fedcba9876543210").decode()
URL = "https://shop.example/palaver"


def sign(secret, hook_id, when, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{hook_id}.{when}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()


def set_up(client, **fields):
    answer = client.request("PUT", f"{CHANNELS}/webhook", {"url": URL, "webhook_secret": SECRET, **fields})
    equal(answer.status, 200, answer.body)
    return answer.json["data"]


class Sender:
    """Who posts webhooks: no credential but the signature."""

    def __init__(self, daemon, secret=SECRET, path=HOOK):
        self.client, self.secret, self.path = daemon.client(key=""), secret, path

    def post(self, event, hook_id=None, when=None, secret=None, headers=None, path=None, prefix="webhook"):
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        hook_id, when = hook_id or "msg_" + uuid.uuid4().hex, when or int(time.time())
        signed = {f"{prefix}-id": hook_id, f"{prefix}-timestamp": str(when),
                  f"{prefix}-signature": sign(secret or self.secret, hook_id, when, body)}
        signed.update(headers or {})
        return self.client.request("POST", path or self.path, body,
                                   {k: v for k, v in signed.items() if v is not None})

    def take(self, event, **how):
        answer = self.post(event, **how)
        equal(answer.status, 200, answer.body)
        return answer.json["data"]


def said(text, user="ann", **data):
    return {"type": "message.created", "timestamp": "2026-01-15T10:00:00.000Z",
            "data": {"id": data.pop("id", uuid.uuid4().hex), "user_id": user,
                     "content": {"type": "text", "text": text}, **data}}


def receipt(message, status, when="2026-01-15T10:00:00.000Z", **data):
    if status == "read":
        return {"type": "message.read", "timestamp": when, "data": {"message_id": message}}
    return {"type": "message.status", "timestamp": when, "data": {"message_id": message, "status": status, **data}}


def conversations(client, user="ann"):
    answer = client.get(f"/api/v2/conversations?user_id={user}&channel=webhook")
    equal(answer.status, 200, answer.body)
    return [c["conversation_id"] for c in answer.json["data"]["conversations"]]


def texts(client, user="ann"):
    """What the user said in all conversations on the channel."""
    return [m["content"]["text"] for one in conversations(client, user) for m in client.history(one)
            if m["direction"] == "inbound"]


def fields(answer):
    return [f["field"] for f in answer.error["details"]["fields"]]


# --- Channels ------------------------------------------------------------------------------------

@case("a channel is set up, shown without its secret, and forgotten")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        equal(client.get(f"{CHANNELS}/webhook").status, 404)
        view = set_up(client, requests_per_minute=5, features={"a": "b59_text", "n": 1})
        equal(view["requests_per_minute"], 5)
        equal(view["features"], {"a": "b59_text", "n": 1})
        equal(len(view["secrets"]), 1)
        got = client.get(f"{CHANNELS}/webhook")
        equal(got.json["data"], view)
        check(b"whsec_" not in got.body and SECRET[6:].encode() not in got.body, got.body)
        names = {c["channel_type"]: c for c in client.get(CHANNELS).json["data"]["channels"]}
        equal(set(names), {"web", "webhook"})
        check(names["webhook"]["configured"] and names["web"]["enabled"], names)
        equal(client.request("DELETE", f"{CHANNELS}/webhook").status, 200)
        equal(client.get(f"{CHANNELS}/webhook").status, 404)
        equal(client.request("DELETE", f"{CHANNELS}/webhook").status, 404)


@case("what cannot be set up is refused, all of it told")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        def put(what, **body):
            return client.request("PUT", f"{CHANNELS}/{what}", body)
        answer = put("webhook", requests_per_minute=0, secrt="x", enabled="yes")
        equal(answer.status, 422)
        equal(sorted(fields(answer)), ["enabled", "requests_per_minute", "secrt", "url", "webhook_secret"])
        equal(fields(put("webhook", url=URL, webhook_secret="whsec_short")), ["webhook_secret"])
        answer = put("whatsapp", enabled=True)
        equal(answer.status, 422)
        check("not built in this version" in answer.error["message"], answer.body)
        equal(put("pigeon", enabled=True).status, 404)
        equal(client.get(f"{CHANNELS}/whatsapp").status, 404)
        equal(client.get(f"{CHANNELS}/webhook").status, 404, "nothing was kept")
        equal(put("web", url=URL).status, 422)


@case("a URL that the guard refuses is a 422 that names the rule")
def _(folder):
    urls = {"http://shop.example/": "url_scheme", "https://127.0.0.1/": "address_loopback",
            "https://10.1.2.3/x": "address_private", "https://[::1]/": "address_loopback",
            "https://user:pw@shop.example/": "url_userinfo", "https://169.254.169.254/": "address_link_local",
            "https://0x7f000001/": "url_host_number", "https://localhost/": "address_loopback"}
    with Daemon(folder) as daemon, daemon.client() as client:
        for url, rule in urls.items():
            answer = client.request("PUT", f"{CHANNELS}/webhook", {"url": url, "webhook_secret": SECRET})
            equal(answer.status, 422, f"{url}: {answer.body}")
            equal(fields(answer), ["url"])
            check(rule in answer.body.decode(), f"{url}: {answer.body}")


@case("a disabled channel takes nothing, an enabled one does")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        sender = Sender(daemon)
        equal(client.post(None, path=f"{CHANNELS}/webhook/disable").json["data"]["enabled"], False)
        equal(sender.post(said("hello")).status, 403)
        answer = client.post({"user_id": "ann", "channel": "webhook", "content": {"type": "text", "text": "x"}})
        equal(answer.status, 422, answer.body)
        equal(client.post(None, path=f"{CHANNELS}/webhook/enable").json["data"]["enabled"], True)
        sender.take(said("hello"))
        client.post(None, path=f"{CHANNELS}/web/disable")
        answer = client.post({"user_id": "ann", "channel": "web", "content": {"type": "text", "text": "x"}})
        equal((answer.status, fields(answer)), (422, ["channel"]))


@case("two secrets are live while one takes over from the other")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        view = set_up(client, webhook_secret=NEXT)
        equal(len(view["secrets"]), 2)
        check(view["secrets"][0]["expires_at"] is None and view["secrets"][1]["expires_at"], view["secrets"])
        sender = Sender(daemon)
        sender.take(said("by the old one"))
        sender.take(said("by the new one"), secret=NEXT)
        both = "v1,AAAA v1a,xxxx "
        event, when = json.dumps(said("one of several")).encode(), int(time.time())
        sender.take(event, hook_id="msg_several", when=when,
                    headers={"webhook-signature": both + sign(NEXT, "msg_several", when, event)})
        equal(len(client.request("PUT", f"{CHANNELS}/webhook", {"url": URL}).json["data"]["secrets"]), 2,
              "a secret that is not given stays")
        third = "whsec_" + base64.b64encode(b"x" * 32).decode()
        set_up(client, webhook_secret=third, secret_overlap_hours=0)
        equal(sender.post(said("too late"), secret=NEXT).status, 401)
        sender.take(said("in time"), secret=third)


@case("settings and secrets survive a restart")
def _(folder):
    with Daemon(folder) as daemon:
        with daemon.client() as client:
            before = set_up(client)
        daemon.kill()
        daemon.start()
        with daemon.client() as client:
            equal(client.get(f"{CHANNELS}/webhook").json["data"], before)
        Sender(daemon).take(said("hello"))


# --- Signatures ----------------------------------------------------------------------------------

@case("b55 what is not signed is 401, before anything of it is read")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        sender = Sender(daemon)
        event = said("hello")
        equal(sender.post(event).status, 401, "no channel is set up")
        set_up(client)
        now = int(time.time())
        bad = [sender.post(event, secret=NEXT), sender.post(event, when=now - 301 - 5),
               sender.post(event, when=now + 301 + 5), sender.post(b"no json at all", secret=NEXT),
               sender.post(event, path=HOOK.replace("demo", "nobody")),
               sender.post(event, path=HOOK.replace("=default", "=other")),
               sender.post(event, headers={"webhook-signature": None}),
               sender.post(event, headers={"webhook-id": None}),
               sender.post(event, headers={"webhook-timestamp": None}),
               sender.post(event, headers={"webhook-timestamp": "soon"}),
               sender.post(event, headers={"webhook-id": "other"}),
               sender.post(b"\xff\xfe", secret=NEXT, headers={"Content-Type": "text/plain"})]
        for i, answer in enumerate(bad):
            equal(answer.status, 401, f"{i}: {answer.body}")
            equal(answer.error["code"], "AUTHENTICATION_FAILED")
        equal(sender.post(event, path=HOOK.split("?", maxsplit=1)[0]).status, 400, "no integration_id")
        equal(conversations(client), [])
        status = client.get("/api/v2/webhooks/status/demo").json["data"]
        check(status["channels"][0]["webhooks_refused"] >= 8, status)


@case("a refused signature is in the audit trail, with its channel and address and nothing that was said")
def _(folder):
    with Daemon(folder, "-D", "log.level=debug") as daemon, daemon.client() as client:
        set_up(client)
        sender, said_word = Sender(daemon), "unmistakable-word-of-a-stranger"
        equal(sender.post(said(said_word), secret=NEXT).status, 401)
        equal(sender.post(said(said_word), headers={"webhook-signature": None}).status, 401)
        refused = lambda: client.get(f"{LOGS}?event_type=webhook.signature_refused").json["data"]["logs"]
        told = wait_for(lambda: len(found := refused()) >= 2 and found, "both in the trail")
        equal(len(told), 2)
        for entry in told:
            equal({k: entry[k] for k in ("event_category", "resource_type", "resource_id", "action", "result")},
                  {"event_category": "auth", "resource_type": "channel", "resource_id": "webhook",
                   "action": "authenticate", "result": "failure"})
            equal(entry["ip_address"], "127.0.0.1")
            check(entry["request_id"], entry)
        equal({entry["details"]["reason"] for entry in told}, {"signature_wrong", "signature_missing"})
        check(said_word not in json.dumps(told) and said_word not in daemon.log(), told)


@case("who floods with wrong signatures does not flood the audit trail")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        sender, began = Sender(daemon), time.monotonic()
        equal({sender.post(said("flood"), secret=NEXT).status for _ in range(300)}, {401})
        windows = time.monotonic() - began + 2
        sender.take(said("signed"))
        wait_for(lambda: texts(client) == ["signed"], "the message")
        total = client.get(f"{LOGS}?event_type=webhook.signature_refused").json["data"]["total"]
        check(1 <= total <= 10 * windows, f"{total} in {windows} s")


@case("a signature header that is there twice is refused")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        body, when = json.dumps(said("twice")).encode(), str(int(time.time()))
        good = sign(SECRET, "msg_twice", when, body)
        for more, status in (([], 200), ([("Webhook-Signature", good)], 401), ([("webhook-id", "msg_twice")], 401)):
            connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=PATIENCE_S)
            connection.putrequest("POST", HOOK)
            for name, value in [("webhook-id", "msg_twice"), ("webhook-timestamp", when),
                                ("webhook-signature", good), ("Content-Length", str(len(body)))] + more:
                connection.putheader(name, value)
            connection.endheaders(body)
            equal(connection.getresponse().status, status, more)
            connection.close()


@case("svix headers are an alias")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        Sender(daemon).take(said("from svix"), prefix="svix")


@case("what the package standardwebhooks signs is taken")
def _(folder):
    contract.use_packages()
    try:
        from standardwebhooks.webhooks import Webhook, WebhookVerificationError
    except ImportError:
        raise Skip("the package standardwebhooks is not there; ./quickstart check installs it") from None
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        body, now = json.dumps(said("third party")), datetime.datetime.now(tz=datetime.timezone.utc)
        signature = Webhook(SECRET).sign("msg_third", now, body)
        Sender(daemon).take(body.encode(), hook_id="msg_third", when=int(now.timestamp()),
                            headers={"webhook-signature": signature})
        check(Webhook(SECRET).verify(body, {"webhook-id": "msg_third", "webhook-signature":
                                            sign(SECRET, "msg_third", int(now.timestamp()), body.encode()),
                                            "webhook-timestamp": str(int(now.timestamp()))}), "ours is good to it")
        try:
            Webhook(NEXT).verify(body, {"webhook-id": "msg_third", "webhook-signature": signature,
                                        "webhook-timestamp": str(int(now.timestamp()))})
        except WebhookVerificationError:
            return
        check(False, "the verifier takes anything")


@case("a body of more than a megabyte is 413")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        equal(Sender(daemon).post(b"x" * ((1 << 20) + 1)).status, 413)


@case("who guesses signatures is held up, who signs is not")
def _(folder):
    with Daemon(folder, "-D", "limits.enabled=true") as daemon, daemon.client() as client:
        set_up(client)
        sender = Sender(daemon)
        statuses = [sender.post(said("guess"), secret=NEXT).status for _ in range(510)]
        equal(statuses.count(401), 500)
        equal(statuses[-1], 429)
        sender.take(said("signed, from the same address"))


# --- Messages ------------------------------------------------------------------------------------

@case("b5 a message is answered in the user's conversation, in order")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        sender = Sender(daemon)
        for i in range(12):
            ack = sender.take(said(f"line {i}", id=f"m{i}"))
            equal((ack["status"], ack["events_count"], ack["events"][0]["type"]), ("received", 1, "message_received"))
        wait_for(lambda: len(texts(client)) == 12, "twelve messages")
        equal(len(conversations(client)), 1)
        equal(texts(client), [f"line {i}" for i in range(12)])
        message = client.history(conversations(client)[0])[0]
        equal(message["timestamp"], "2026-01-15T10:00:00.000Z")


@case("the same webhook again gets the same answer and does nothing")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        event = said("once", id="m1")
        answers = in_threads(8, lambda _: Sender(daemon).take(event, hook_id="msg_once"))
        check(all(a == answers[0] for a in answers), answers)
        Sender(daemon).take(event)     # another webhook that tells the same
        Sender(daemon).take(said("then", id="m2"))
        wait_for(lambda: "then" in texts(client), "the second message")
        equal(texts(client), ["once", "then"])


@case("b7 what is closed is not spoken in again")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        sender = Sender(daemon)
        sender.take(said("before"))
        first = wait_for(lambda: conversations(client), "the conversation")[0]
        equal(client.post(None, path=f"/api/v2/chat/conversations/{first}/close").status, 200)
        sender.take(said("after"))
        wait_for(lambda: len(conversations(client)) == 2, "another conversation")
        equal(len(client.history(first)), 2)


@case("one event that is wrong is told and stops no other")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        sender = Sender(daemon)
        ack = sender.take(b"{not json")
        equal((ack["status"], ack["events_count"]), ("faulty", 0))
        ack = sender.take({"type": "message.created", "data": {"id": "m"}})
        equal((ack["status"], ack["events"][0]["type"], ack["events"][0]["field"]),
              ("received", "faulty", "data.user_id"))
        sender.take(said("x" * 5000))
        equal(sender.take({"type": "invoice.paid", "data": {}})["events"][0]["type"], "ignored")
        sender.take(said("fine"))
        wait_for(lambda: texts(client) == ["fine"], "the message that is fine")
        failed = wait_for(lambda: (lambda f: len(f) == 2 and f)(
            client.get("/api/v2/webhooks/status/demo").json["data"]["failed"]), "both failures")
        equal(sorted(f["events"][0]["field"] for f in failed), ["content.text", "data.user_id"])


@case("the status and the test are for the own tenant alone")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        equal(client.post(None, path="/api/v2/webhooks/test/demo").status, 404)
        set_up(client)
        tested = client.post(None, path="/api/v2/webhooks/test/demo?platform=generic")
        equal(tested.status, 200, tested.body)
        equal((tested.json["data"]["success"], tested.json["data"]["signature"]), (True, "ok"))
        equal(client.post(None, path="/api/v2/webhooks/test/other").status, 404)
        equal(client.get("/api/v2/webhooks/status/other").status, 404)
        equal(client.post(None, path="/api/v2/webhooks/test/demo?platform=slack").status, 400)


# --- Receipts ------------------------------------------------------------------------------------

def delivery(client, reply):
    """What receipts have made of it; that our own attempts did not get through is not theirs to say."""
    data = client.get(f"/api/v2/chat/message/{reply}").json["data"]
    stamps = {status: at for status, at in data["delivery_timestamps"].items() if status != "retrying"}
    return (data["delivery_status"], tuple(sorted(stamps.items())),
            tuple(sorted(data["delivery_metadata"].items())))


@case("b10 b56 receipts come to the same end in any order, any number of times")
def _(folder):
    with Daemon(folder, store="memory") as daemon, daemon.client() as client:
        set_up(client, retry_attempts=20, retry_delay_seconds=3600)     # nobody is there to be sent to
        sender = Sender(daemon)
        times = [f"2026-01-15T10:00:0{i}.000Z" for i in range(6)]
        events = [("sent", times[0], {}), ("delivered", times[1], {}), ("read", times[3], {}),
                  ("failed", times[2], {"reason": "full"}), ("delivered", times[4], {})]
        ends = set()
        for order in itertools.islice(itertools.permutations(events), 0, None, 5):
            message = sender.take(said("hello"))["events"][0]["message_id"]
            wait_for(lambda: client.get(f"/api/v2/chat/message/{message}").status == 200, "the message")
            reply = client.get(f"/api/v2/chat/message/{message}").json["data"]["response_id"]
            for status, when, more in order + order[:2]:
                sender.take(receipt(reply, status, when, **more))
            wait_for(lambda: delivery(client, reply)[0] == "read" and len(delivery(client, reply)[1]) == 4,
                     f"all of {order}")
            ends.add(delivery(client, reply))
        equal(len(ends), 1, ends)
        status, stamps, metadata = ends.pop()
        equal(status, "read")
        equal(dict(stamps)["delivered"], times[1])
        equal(dict(metadata), {"failure_reason": "full"})


@case("a receipt of a message that nobody knows waits, then is an orphan")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        set_up(client)
        Sender(daemon).take(receipt("nobody-knows", "delivered"), hook_id="msg_orphan")
        path = os.path.join(daemon.state, "palaver.db")

        def waits():
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
                rows = [r[0] for r in db.execute("SELECT body FROM record WHERE kind = 'webhook_seen'")]
            return rows and '"waiting"' in (rows[0] if isinstance(rows[0], str) else rows[0].decode())
        wait_for(waits, "the receipt to wait")
        equal(client.get("/api/v2/webhooks/status/demo").json["data"]["failed"], [])


# --- Ends of the daemon --------------------------------------------------------------------------

@case("kill -9 after the answer: nothing is lost and nothing is done twice")
def _(folder):
    with Daemon(folder) as daemon:
        with daemon.client() as client:
            set_up(client)
        taken = []
        for life in range(4):
            sender = Sender(daemon)
            for i in range(25):
                event = said(f"{life}-{i}", user=f"user-{i % 5}", id=f"m-{life}-{i}")
                sender.take(event, hook_id=f"msg_{life}_{i}")
                taken.append((f"{life}-{i}", event, f"msg_{life}_{i}"))
            daemon.kill()
            daemon.start()
        sender = Sender(daemon)
        for _, event, hook_id in taken[::7]:
            sender.take(event, hook_id=hook_id)
        with daemon.client() as client:
            def all_of_them():
                return sorted(t for u in range(5) for t in texts(client, f"user-{u}"))
            wait_for(lambda: len(all_of_them()) >= len(taken), "all that was answered")
            equal(all_of_them(), sorted(t for t, _, _ in taken))
            equal([len(conversations(client, f"user-{u}")) for u in range(5)], [1] * 5)


@case("b24 secrets are in no log, no answer, no record and no audit trail")
def _(folder):
    canary = "whsec_" + base64.b64encode(b"canary-of-a-secret-that-must-not-show!").decode()
    needles = [canary.encode(), canary[6:].encode(), b"canary-of-a-secret"]
    with Daemon(folder, "-D", "log.level=debug") as daemon:
        with daemon.client() as client:
            answers = [client.request("PUT", f"{CHANNELS}/webhook", {"url": URL, "webhook_secret": canary}).body]
            answers += [client.request("PUT", f"{CHANNELS}/webhook", {"url": "http://x/", "webhook_secret": canary}).body,
                        client.get(f"{CHANNELS}/webhook").body, client.get(CHANNELS).body,
                        client.get("/api/v2/webhooks/status/demo").body]
            Sender(daemon, canary).take(said("hello"))
            Sender(daemon, canary).post(said("hello"), when=1)
            wait_for(lambda: texts(client) == ["hello"], "the message")
        daemon.stop()
        places = {"answers": b"".join(answers), "log": daemon.log().encode()}
        for name in os.listdir(daemon.state):
            path = os.path.join(daemon.state, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    places[name] = file.read()
        for place, data in places.items():
            for needle in needles:
                check(needle not in data, f"{needle} is in {place}")
        check(b'"sealed"' in b"".join(places.values()), "the secret is kept sealed")


run()
