#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Deliveries by palaverctl: what an operator sees of them, and dead letters sent again."""
import json
import socket
import threading

from harness import Daemon, in_threads, wait_for
from receiver import OPTIONS, Receiver, reply_of, say, set_up, wait_status
from tap import case, check, equal, run


def tool(daemon, *argv, code=0):
    """What palaverctl delivery prints; the case fails when it exits otherwise."""
    got, out, err = daemon.tool("delivery", *argv)
    equal(got, code, f"exit code of {argv}; {out}{err}")
    return out if code == 0 else err


def lines(daemon, *argv):
    return [json.loads(line) for line in tool(daemon, *argv, "--json").splitlines()]


def ids(daemon, *argv):
    return [row["message_id"] for row in lines(daemon, "list", *argv)]


def tenant_key(daemon, name):
    for argv in (("tenant", "add", name), ("key", "create", name, "all", "*", "--json")):
        code, out, err = daemon.tool(*argv)
        equal(code, 0, err)
    return json.loads(out)["key"]


def ask(daemon, command, **args):
    """One request on the control socket, as it is; the answer."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(30)
        peer.connect(daemon.socket_path)
        peer.sendall(json.dumps({"command": command, "args": args}).encode() + b"\n")
        with peer.makefile("rb") as stream:
            return json.loads(stream.readline())


@case("delivery list and show tell of a delivery what the API tells, and the breaker")
def _(folder):
    with Receiver() as receiver, Daemon(folder, *OPTIONS) as daemon, daemon.client() as client:
        equal(tool(daemon, "list"), "")
        set_up(client, receiver.url, retry_attempts=0)
        data = say(client, "hello", channel_metadata={"platform_user_id": "shop-7"})
        message = reply_of(data)
        done = wait_status(client, message, "sent")
        listed = {k: v for k, v in done.items() if k != "breaker"}
        equal(lines(daemon, "list"), [{**listed, "tenant": "demo"}])
        text = tool(daemon, "list")
        check(text.startswith("sent ") and message in text and text.count("\n") == 1, text)
        for name in (message, data["message_id"]):
            equal(lines(daemon, "show", name), [{**done, "tenant": "demo"}])
        equal(done["breaker"], {"state": "closed", "wait_ms": 0})
        text = tool(daemon, "show", message)
        for want in (f"delivery: {message}\n", "tenant: demo\n", "channel: webhook\n", "recipient: shop-7\n",
                     "attempt 1: ", ", ok\n", "last error: -\n", "next attempt: -\n", "may be double: no\n", "breaker: closed\n"):
            check(want in text, f"{want!r} is not in {text}")


@case("show tells of a breaker that is open, and of a reply that is not pushed; nothing drives the terminal")
def _(folder):
    with Receiver(lambda n, key: 500) as receiver, \
            Daemon(folder, *OPTIONS, "-D", "delivery.breaker_failures=1", "-D", "delivery.breaker_open=1h") as daemon, \
            daemon.client() as client:
        set_up(client, receiver.url)
        message = reply_of(say(client, "hello"))
        wait_for(lambda: lines(daemon, "show", message)[0]["breaker"]["state"] == "open", "the breaker to open")
        shown = lines(daemon, "show", message)[0]
        check(shown["status"] == "retrying" and shown["next_attempt_at"], shown)
        check(0 < shown["breaker"]["wait_ms"] <= 3600000, shown)
        text = tool(daemon, "show", message)
        check("breaker: open, for " in text and "next attempt: 2" in text, text)
        data = client.say("hello", user_id="an\u001b[31mn")
        text = tool(daemon, "show", data["response_id"])
        check("status: sent" in text and "breaker" not in text and "\u001b" not in text, text)


@case("dead letters are listed, shown, retried one by one and redriven after a dry run")
def _(folder):
    good = threading.Event()
    with Receiver(lambda n, key: 200 if good.is_set() else 400) as receiver, \
            Daemon(folder, *OPTIONS) as daemon, daemon.client() as client:
        set_up(client, receiver.url, retry_attempts=0)
        dead = [reply_of(say(client, f"hello {i}")) for i in range(3)]
        for message in dead:
            wait_status(client, message, "failed")
        equal(sorted(ids(daemon, "--status", "failed")), sorted(dead))
        check("http_400" in tool(daemon, "list", "--limit", "1"), "the error of a dead letter is not listed")
        text = tool(daemon, "show", dead[0])
        check("status: failed since" in text and "retry, http_400\n" in text and
              "last error: http_400\n" in text, text)
        equal(tool(daemon, "redrive", "--dry-run").splitlines()[-1], "3 would be retried, 0 skipped")
        told = lines(daemon, "redrive", "--dry-run")
        equal(sorted(r["message_id"] for r in told[:-1]), sorted(dead))
        equal(told[-1], {"dry_run": True, "retried": 3, "skipped": 0})
        equal(len(receiver.got), 3, "requests after dry runs")
        good.set()
        equal(tool(daemon, "retry", dead[1]), f"retried demo {dead[1]}\n")
        wait_status(client, dead[1], "sent")
        equal(tool(daemon, "redrive", "--limit", "1").splitlines()[-1], "1 retried, 0 skipped")
        equal(lines(daemon, "redrive")[-1], {"dry_run": False, "retried": 1, "skipped": 0})
        for message in dead:
            wait_status(client, message, "sent")
        equal(tool(daemon, "redrive"), "0 retried, 0 skipped\n")
        told = client.get("/api/v2/audit/logs?event_type=delivery.retried").json["data"]["logs"]
        equal(sorted(e["resource_id"] for e in told), sorted(dead))
        equal({(e["user_id"], e["action"], e["result"]) for e in told}, {("palaverctl", "retry", "success")})
        equal(daemon.tool("audit", "verify")[0], 0, "the audit chain")
        equal(sorted(g[0] for g in receiver.well()), sorted(f"msg_{m}" for m in dead))


@case("only what the filter lets pass is listed and redriven")
def _(folder):
    with Receiver(lambda n, key: 400 if n < 3 else 200) as receiver, Daemon(folder, *OPTIONS) as daemon, \
            daemon.client() as client:
        set_up(client, receiver.url, retry_attempts=0)
        said = [say(client, "hello") for _ in range(3)]
        for data in said:
            wait_status(client, reply_of(data), "failed")
        home = said[1]["conversation_id"]
        equal(ids(daemon, "--conversation", home), [reply_of(said[1])])
        equal(ids(daemon, "--status", "sent"), [])
        equal(ids(daemon, "--channel", "slack"), [])
        equal(len(ids(daemon, "--channel", "webhook", "--limit", "2")), 2)
        equal(lines(daemon, "redrive", "--channel", "slack")[-1]["retried"], 0)
        equal([r["message_id"] for r in lines(daemon, "redrive", "--conversation", home)[:-1]], [reply_of(said[1])])
        wait_status(client, reply_of(said[1]), "sent")
        equal(len(ids(daemon, "--status", "failed")), 2)


@case("all tenants are asked or one; where two have an id, the tenant has to be named")
def _(folder):
    with Receiver(lambda n, key: 400) as receiver, Daemon(folder, *OPTIONS) as daemon, \
            daemon.client() as client, daemon.client(tenant_key(daemon, "acme")) as other:
        ours, theirs = {}, {}
        for who, of in ((client, ours), (other, theirs)):
            set_up(who, receiver.url, retry_attempts=0)
            for name in ("same", f"own-{len(theirs)}-{who is other}"):
                of[name] = reply_of(say(who, "hello", message_id=name))
                wait_status(who, of[name], "failed")
        own, foreign = list(ours)[1], list(theirs)[1]
        equal({(r["tenant"], r["message_id"]) for r in lines(daemon, "list")},
              {("demo", m) for m in ours.values()} | {("acme", m) for m in theirs.values()})
        equal(sorted(ids(daemon, "--tenant", "acme")), sorted(theirs.values()))
        equal(lines(daemon, "show", foreign)[0]["tenant"], "acme")
        for verb in ("show", "retry"):
            check("more than one tenant" in tool(daemon, verb, "same", code=1), verb)
            check("no such delivery" in tool(daemon, verb, foreign, "--tenant", "demo", code=1), verb)
        equal(lines(daemon, "show", "same", "--tenant", "acme")[0]["message_id"], theirs["same"])
        equal(lines(daemon, "retry", own)[0]["tenant"], "demo")
        wait_for(lambda: len(receiver.got) == 5, "the retry of one")
        wait_status(client, ours[own], "failed")
        told = lines(daemon, "redrive", "--tenant", "acme", "--dry-run")
        equal({(r["tenant"], r["message_id"]) for r in told[:-1]}, {("acme", m) for m in theirs.values()})
        equal(lines(daemon, "redrive")[-1]["retried"], 4)
        wait_for(lambda: len(receiver.got) == 9, "all to be sent again")


@case("what cannot be done is told with exit code 1, as JSON when asked")
def _(folder):
    with Receiver() as receiver, Daemon(folder, *OPTIONS) as daemon, daemon.client() as client:
        set_up(client, receiver.url, retry_attempts=0)
        message = reply_of(say(client, "hello"))
        wait_status(client, message, "sent")
        check("only a delivery that failed" in tool(daemon, "retry", message, code=1), "of one that was sent")
        for verb in ("show", "retry"):
            check("no tenant has such a delivery" in tool(daemon, verb, "nobody", code=1), verb)
        for argv in (("list",), ("redrive",), ("show", message), ("retry", message)):
            check("no such tenant" in tool(daemon, *argv, "--tenant", "nobody", code=1), argv)
        code, out, _ = daemon.tool("delivery", "show", "nobody", "--json")
        equal((code, json.loads(out)["error"]["code"]), (1, "NOT_FOUND"))


USAGE = [
    (["show"], "delivery show needs ID"),
    (["retry", "a", "b"], "an operand too many: b"),
    (["list", "--status", "dead"], "--status takes one of pending, retrying, sent, delivered, read, failed"),
    (["list", "--channel", "pigeon"], "--channel takes one of web, "),
    (["list", "--limit", "0"], "--limit takes a number"),
    (["list", "--dry-run"], "delivery list takes no --dry-run"),
    (["redrive", "--status", "sent"], "delivery redrive takes no --status"),
    (["redriv"], 'did you mean "delivery redrive"?'),
]


@case("a wrong command line exits 2 and names the argument")
def _(folder):
    with Daemon(folder) as daemon:
        for argv, want in USAGE:
            check(want in tool(daemon, *argv, code=2), f"{argv}: no {want!r}")


REFUSED = [
    ("delivery.list", {"status": "dead"}, "status"),
    ("delivery.list", {"channel": "pigeon"}, "channel"),
    ("delivery.list", {"limit": "101"}, "limit"),
    ("delivery.list", {"limit": "1x"}, "limit"),
    ("delivery.list", {"limit": ""}, "limit"),
    ("delivery.list", {"cursor": "demo"}, "cursor"),
    ("delivery.list", {"cursor": "nobody "}, "cursor"),
    ("delivery.list", {"cursor": "demo nonsense"}, "cursor"),
    ("delivery.list", {"cursor": "acme ", "tenant": "demo"}, "cursor"),
    ("delivery.redrive", {"dry_run": "maybe"}, "dry_run"),
    ("delivery.redrive", {"limit": "0"}, "limit"),
    ("delivery.redrive", {"cursor": "demo nonsense"}, "cursor"),
    ("delivery.redrive", {"channel": "pigeon"}, "channel"),
    ("delivery.show", {}, "id"),
    ("delivery.retry", {"id": ""}, "id"),
]


@case("the control socket refuses wrong arguments by name")
def _(folder):
    with Daemon(folder) as daemon:
        tenant_key(daemon, "acme")
        for command, args, name in REFUSED:
            error = ask(daemon, command, **args).get("error", {})
            equal((error.get("code"), error.get("subject")), ("VALIDATION_ERROR", name), f"{command} {args}")


@case("however many dead letters there are, all are listed and all redriven, page by page")
def _(folder):
    good = threading.Event()
    # One of four is answered well, so that the breaker stays closed.
    with Receiver(lambda n, key: 200 if good.is_set() or n % 4 == 0 else 400) as receiver, \
            Daemon(folder, *OPTIONS, "-D", "delivery.breaker_failures=16") as daemon:
        with daemon.client() as client:
            set_up(client, receiver.url, retry_attempts=0)

        def work(_):
            with daemon.client() as own:
                return [reply_of(say(own, "hello")) for _ in range(65)]
        every = {m for some in in_threads(4, work) for m in some}
        wait_for(lambda: not ids(daemon, "--status", "pending"), "all to end")
        equal(set(ids(daemon)), every)
        dead = set(ids(daemon, "--status", "failed"))
        check(len(dead) > 180, f"{len(dead)} dead letters")
        equal(len(ids(daemon, "--limit", "150")), 150)
        told = lines(daemon, "redrive", "--dry-run")
        equal((len(told) - 1, told[-1]["retried"]), (len(dead), len(dead)))
        equal(lines(daemon, "redrive", "--dry-run", "--limit", "150")[-1]["retried"], 150)
        # They fail again meanwhile, and yet each is retried once.
        told = lines(daemon, "redrive")
        equal(sorted(r["message_id"] for r in told[:-1]), sorted(dead))
        wait_for(lambda: not ids(daemon, "--status", "pending"), "all to end again")
        left = len(ids(daemon, "--status", "failed"))
        good.set()
        equal(lines(daemon, "redrive")[-1], {"dry_run": False, "retried": left, "skipped": 0})
        wait_for(lambda: len(ids(daemon, "--status", "sent")) == len(every), "all to be sent")
        equal(len(receiver.well()), len(every), "each arrived once")


run()
