#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reading conversations: one, its outcome, lists, figures, and as a file."""
import contextlib
import csv
import io
import json
import os
import re
import socket
import sqlite3
import time
from urllib.parse import quote

from harness import SECRET, Daemon, token, wait_for
from tap import case, check, equal, run

CHAT, STAFF = "/api/v2/chat/conversations", "/api/v2/conversations"
JWT = ("-D", "auth.jwt.algorithm=HS256")
SECRET_ENV = {"PALAVER_AUTH_JWT_SECRET": SECRET}


def person(user, permissions="conversations:read conversations:write conversations:export"):
    """The header of a person of tenant demo who is no staff."""
    return {"Authorization": "Bearer " + token({"sub": user, "role": "nobody", "permissions": permissions.split()})}


def data(answer):
    equal(answer.status, 200, answer.body[:300])
    return answer.json["data"]


def metric(client, name):
    found = re.search(rb"^" + name.encode() + rb" ([0-9.e+]+)$", client.get("/metrics").body, re.M)
    check(found, f"no {name} in /metrics")
    return int(float(found.group(1)))


# --- One conversation -------------------------------------------------------------------------------

def reach_next_millisecond():
    """What is changed from then on is newer than what was: the times of both are in milliseconds."""
    before = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == before:
        pass


@case("a conversation and its summary tell how it went")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("hello there")["conversation_id"]
        client.say("where is my order ORD123456?", conversation)
        both = data(client.get(f"{STAFF}/{conversation}"))
        equal(both, data(client.get(f"{CHAT}/{conversation}")), "the two families of routes")
        equal(both["summary"]["message_count"], 4)
        equal((both["tags"], both["priority"]), ([], "normal"), "details that nobody set")
        summary = data(client.get(f"{STAFF}/{conversation}/summary"))
        equal((summary["message_count"], summary["user_messages"], summary["bot_messages"]), (4, 2, 2))
        equal((summary["outcome"], summary["escalated"], summary["completed_at"]), ("pending", False, None))
        equal(summary["primary_intent"], "order_inquiry")
        check(summary["average_response_time_ms"] is not None and summary["elapsed_seconds"] >= 0, summary)
        equal(client.get(f"{STAFF}/no-such/summary").status, 404)


@case("b48 a person reads its own conversations and no other's, by every route")
def _(folder):
    with Daemon(folder, *JWT, env=SECRET_ENV) as daemon, daemon.client() as client:
        conversation = client.say("hello", user_id="anna")["conversation_id"]
        for path in (f"{CHAT}/{conversation}", f"{CHAT}/{conversation}/history", f"{CHAT}/{conversation}/export",
                     f"{STAFF}/{conversation}", f"{STAFF}/{conversation}/summary", f"{STAFF}/{conversation}/export"):
            equal(client.get(path, person("anna")).status, 200, path)
            foreign = client.get(path, person("bert"))
            absent = client.get(path.replace(conversation, "no-such"), person("bert"))
            equal((foreign.status, absent.status), (404, 404), path)
            equal(foreign.error["message"], absent.error["message"], path)
        for path in (f"{CHAT}/{conversation}/export", f"{STAFF}/{conversation}/export"):
            equal(client.post({}, person("bert"), path).status, 404, path)
            may_not = client.post({}, person("anna", "conversations:read"), path)
            equal((may_not.status, may_not.error["code"]), (403, "ACCESS_DENIED"), path)


@case("a history is read by cursor as well as by page")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("hello")["conversation_id"]
        for number in range(6):
            client.say(f"message {number}", conversation)
        target, numbers = f"{CHAT}/{conversation}/history?page_size=5", []
        first = target
        while target:
            answer = client.get(target)
            page = data(answer)
            numbers += [m["sequence_number"] for m in page["messages"]]
            link = re.fullmatch(r'<([^>]*)>; rel="next"', answer.headers.get("Link", ""))
            equal(page["has_next"], link is not None, target)
            target = link and link.group(1)
            check(not target or "cursor=" in target, target)
        equal(numbers, list(range(1, 15)))
        cursor = re.search("cursor=([^>&]*)", client.get(first).headers["Link"]).group(1)
        other = client.say("hello")["conversation_id"]
        for path in (f"{CHAT}/{other}/history?page_size=5&cursor={cursor}", f"{first}&cursor={cursor}0",
                     f"{first}&cursor={cursor[:-1]}", f"{first}&page=2&cursor={cursor}"):
            answer = client.get(path)
            equal((answer.status, answer.error["details"]["fields"][0]["field"]), (400, "cursor"), path)


# --- Lists ------------------------------------------------------------------------------------------

def ids(page):
    return [c["conversation_id"] for c in page["conversations"]]


def follow(client, target, headers=None):
    """All conversations of a list, by its Link headers."""
    found = []
    while target:
        answer = client.get(target, headers)
        page = data(answer)
        found += ids(page)
        link = re.fullmatch(r'<([^>]*)>; rel="next"', answer.headers.get("Link", ""))
        equal((page["has_next"], page["next_cursor"] is not None), (link is not None,) * 2, target)
        target = link and link.group(1)
    return found


@case("b51 a list is a list: newest first, by status and channel, in pages that meet")
def _(folder):
    with Daemon(folder, *JWT, env=SECRET_ENV) as daemon, daemon.client() as client:
        made = [client.say("hello", user_id="anna")["conversation_id"] for _ in range(7)]
        client.say("hello", user_id="bert")
        mine = person("anna")
        page = data(client.get(CHAT, mine))
        equal(ids(page), made[::-1])
        equal((page["total"], page["limit"], page["offset"], page["has_next"]), (7, 20, 0, False))
        equal(follow(client, CHAT + "?limit=3", mine), made[::-1])
        equal(ids(data(client.get(CHAT + "?limit=3&offset=5", mine))), made[::-1][5:])
        equal(ids(data(client.get(CHAT + "?status=active&channel=web", mine))), made[::-1])
        equal(data(client.get(CHAT + "?status=completed", mine))["total"], 0)
        equal(data(client.get(CHAT + "?user_id=bert", mine))["total"], 0, "a person names another user")
        equal(data(client.get(CHAT + "?user_id=bert"))["total"], 1, "a backend names a user")
        equal(data(client.get(CHAT))["total"], 8, "a backend names nobody")
        for query, field in (("status=closed", "status"), ("channel=fax", "channel"), ("limit=0", "limit"),
                             ("limit=101", "limit"), ("offset=-1", "offset"), ("offset=10001", "offset"),
                             ("cursor=00", "cursor"), ("include_deleted=1", "include_deleted")):
            answer = client.get(f"{CHAT}?{query}", mine)
            equal((answer.status, [f["field"] for f in answer.error["details"]["fields"]]), (400, [field]), query)
        equal(client.get(CHAT + "?include_deleted=true", mine).status, 403)
        equal(client.get(CHAT + "?include_deleted=true").status, 200)


@case("b66 staff filters and sorts by what is allowed, and by GET as by POST")
def _(folder):
    with Daemon(folder, *JWT, env=SECRET_ENV) as daemon, daemon.client() as client:
        made = [client.say("hello", user_id=f"user-{n % 2}")["conversation_id"] for n in range(6)]
        equal(ids(data(client.get(STAFF))), made[::-1])
        equal(ids(data(client.get(STAFF + "?user_id=user-1&sort_by=created_at&sort_order=asc"))), made[1::2])
        equal(follow(client, STAFF + "?page_size=2&sort_by=created_at&sort_order=asc"), made)
        second = data(client.get(STAFF + "?page=2&page_size=4"))
        equal((ids(second), second["page"], second["has_next"], second["has_previous"]),
              (made[::-1][4:], 2, False, True))
        posted = data(client.post({"user_id": "user-1", "sort_by": "created_at", "sort_order": "asc"},
                                  path=STAFF + "/search"))
        equal(ids(posted), made[1::2])
        equal(data(client.request("POST", STAFF + "/search"))["total"], 6, "no body at all")
        found, cursor = [], {}
        while cursor is not None:
            page = data(client.post({"status": "active", "page_size": 4, **cursor}, path=STAFF + "/search"))
            found += ids(page)
            cursor = {"cursor": page["next_cursor"]} if page["has_next"] else None
        equal(found, made[::-1])
        for query in ("created_before=2020-01-01T00:00:00Z", "updated_after=4102444800", "priority=urgent", "tags=vip",
                      "assigned_agent=nobody", "department=none", "category=none", "search_query=zebra"):
            equal(data(client.get(f"{STAFF}?{query}"))["total"], 0, query)
        both = data(client.get(STAFF + "?created_after=2020-01-01T00:00:00Z&updated_before=4102444800&priority=normal"))
        equal(both["total"], 6)


@case("b66 what operations say of conversations is filtered, sorted and added up by")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        vip, late, plain = (client.say("hello", user_id=f"user-{n}")["conversation_id"] for n in range(3))

        def change(conversation, **fields):
            answer = client.request("PUT", f"{STAFF}/{conversation}", fields)
            equal(answer.status, 200, answer.body)

        reach_next_millisecond()
        change(vip, tags=["vip", "gold"], priority="urgent", department="sales", assigned_agent="agent-7")
        reach_next_millisecond()
        change(late, tags=["vip"], priority="low", category="billing", notes="wants a refund")
        for query, want in (("tags=vip", [late, vip]), ("tags=vip,gold", [vip]), ("priority=low", [late]),
                            ("department=sales&assigned_agent=agent-7", [vip]), ("category=billing", [late]),
                            ("department=sales&category=billing", []), ("search_query=refund", [late]),
                            ("search_query=gold", [vip]), ("sort_by=priority", [vip, plain, late]),
                            ("sort_by=priority&sort_order=asc", [late, plain, vip]),
                            ("sort_by=updated_at", [late, vip, plain])):
            equal(ids(data(client.get(f"{STAFF}?{query}"))), want, query)
        closed = client.post({"reason": "done", "resolution_type": "resolved", "satisfaction_rating": 4},
                             path=f"{STAFF}/{vip}/close")
        equal(closed.status, 200, closed.body)
        equal(client.post({"reason": "angry"}, path=f"{STAFF}/{late}/escalate").status, 200)
        equal(ids(data(client.get(STAFF + "?status=completed"))), [vip])
        equal(ids(data(client.get(STAFF + "?sort_by=status&sort_order=asc"))), [plain, vip, late])
        summary = data(client.get(f"{STAFF}/{vip}/summary"))
        equal((summary["outcome"], summary["user_satisfaction"], summary["escalated"]), ("resolved", 4, False))
        check(summary["completed_at"] and summary["duration_seconds"] is not None, summary)
        summary = data(client.get(f"{STAFF}/{late}/summary"))
        equal((summary["outcome"], summary["escalated"], summary["completed_at"]), ("escalated", True, None))
        figures = data(client.post({"group_by": ["priority"]}, path=f"{STAFF}/analytics"))
        equal(figures["totals"]["by_status"], {"active": 1, "completed": 1, "escalated": 1})
        check(abs(figures["totals"]["completion_rate"] - 1 / 3) < 1e-9, figures["totals"])
        equal(figures["totals"]["satisfaction"], {"average": 4, "ratings": 1})
        equal([(g["group"]["priority"], g["conversations"]) for g in figures["groups"]],
              [("low", 1), ("normal", 1), ("urgent", 1)])
        exported = client.get(f"{STAFF}/{vip}/export").json["conversation"]
        equal((exported["tags"], exported["assigned_agent"], exported["summary"]["status"]),
              (["vip", "gold"], "agent-7", "completed"))


@case("a deleted conversation is as if absent, but in lists for staff who ask for it")
def _(folder):
    with Daemon(folder, *JWT, env=SECRET_ENV) as daemon, daemon.client() as client:
        gone, kept = (client.say("hello zebra", user_id="anna")["conversation_id"] for _ in range(2))
        equal(client.request("DELETE", f"{STAFF}/{gone}").status, 200)
        for path in (f"{CHAT}/{gone}", f"{CHAT}/{gone}/history", f"{CHAT}/{gone}/export", f"{STAFF}/{gone}",
                     f"{STAFF}/{gone}/summary", f"{STAFF}/{gone}/export"):
            equal(client.get(path).status, 404, path)
            equal(client.get(path, person("anna")).status, 404, path)
        equal(ids(data(client.get(CHAT, person("anna")))), [kept])
        equal(client.get(CHAT + "?include_deleted=true", person("anna")).status, 403)
        for target in (STAFF, STAFF + "?search_query=zebra", CHAT):
            equal(ids(data(client.get(target))), [kept], target)
        with_deleted = data(client.get(STAFF + "?include_deleted=true&sort_by=created_at"))
        equal([(c["conversation_id"], c["deleted"]) for c in with_deleted["conversations"]],
              [(kept, False), (gone, True)])
        posted = data(client.post({"include_deleted": True}, path=STAFF + "/search"))
        equal(sorted(ids(posted)), sorted([kept, gone]))
        equal(data(client.request("POST", STAFF + "/analytics"))["totals"]["conversations"], 1)
        equal(client.request("POST", f"{STAFF}/{gone}/restore").status, 200)
        equal(sorted(ids(data(client.get(CHAT, person("anna"))))), sorted([gone, kept]))
        equal(client.request("DELETE", f"{STAFF}/{gone}?permanent=true").status, 200)
        equal(ids(data(client.get(STAFF + "?include_deleted=true"))), [kept], "erased for good")


@case("b66 a search finds words of messages as soon as they were said")
def _(folder):
    for store in ("sqlite", "memory"):
        home = os.path.join(folder, store)
        os.mkdir(home)
        with Daemon(home, store=store) as daemon, daemon.client() as client:
            zebra = client.say("my zebra has a broken hoof")["conversation_id"]
            parcel = client.say("my parcel is late")["conversation_id"]
            client.say("it is a zébra parcel", parcel)
            equal(sorted(ids(data(client.get(STAFF + "?search_query=ZEBRA")))), sorted([zebra, parcel]), store)
            equal(ids(data(client.post({"search_query": "zebra hoo"}, path=STAFF + "/search"))), [zebra], store)
            equal(ids(data(client.get(STAFF + "?search_query=zebra&user_id=nobody"))), [], store)
            equal(ids(data(client.get(STAFF + "?search_query=%22zebra%22+OR+parcel"))), [], store)
            for number in range(30):
                client.say(f"walrus {number}", parcel if number % 2 else zebra)
            equal(data(client.get(STAFF + "?search_query=walrus+29"))["total"], 1, store)
            many = "+".join("a" * 33)
            answer = client.get(f"{STAFF}?search_query={many}")
            equal((answer.status, answer.error["details"]["fields"][0]["field"]), (400, "search_query"))
            equal(client.post({"search_query": many.replace("+", " ")}, path=STAFF + "/search").status, 422)


@case("b67 a list that is asked for wrongly is refused with every wrong field")
def _(folder):
    with Daemon(folder, *JWT, env=SECRET_ENV) as daemon, daemon.client() as client:
        answer = client.get(STAFF + "?sort_by=password&sort_order=up&page=0&page_size=x&tags=a,b,c,d,e,f&created_after=soon")
        equal((answer.status, sorted(f["field"] for f in answer.error["details"]["fields"])),
              (400, ["created_after", "page", "page_size", "sort_by", "sort_order", "tags"]))
        answer = client.post({"sort_by": "password", "page": 0, "page_size": "x", "tags": ["a", 1], "status": "closed",
                              "search_query": "x" * 201, "cursor": "00"}, path=STAFF + "/search")
        equal((answer.status, sorted(f["field"] for f in answer.error["details"]["fields"])),
              (422, ["cursor", "page", "page_size", "search_query", "sort_by", "status", "tags[1]"]))
        equal(client.get(STAFF + "?page=102&page_size=100").status, 400, "beyond 10000 by cursor only")
        equal(data(client.get(STAFF + "?page=101&page_size=100"))["total"], 0)
        for method, path in (("GET", STAFF), ("POST", STAFF + "/search")):
            answer = client.request(method, path, None, person("anna"))
            equal((answer.status, answer.error["code"]), (403, "ACCESS_DENIED"), path)
        equal(client.get(CHAT, person("anna", "analytics:read")).status, 403)


@case("a cursor is good for its own list only, and over a restart")
def _(folder):
    with Daemon(folder, *JWT, env=SECRET_ENV) as daemon:
        with daemon.client() as client:
            made = [client.say("hello", user_id="anna")["conversation_id"] for _ in range(5)]
            cursor = data(client.get(CHAT + "?limit=2&status=active", person("anna")))["next_cursor"]
            for query, headers in ((f"limit=2&status=paused&cursor={cursor}", person("anna")),
                                   (f"limit=2&status=active&cursor={cursor}", person("bert")),
                                   (f"limit=2&status=active&offset=2&cursor={cursor}", person("anna")),
                                   (f"limit=2&status=active&cursor={cursor[:-1]}", person("anna"))):
                answer = client.get(f"{CHAT}?{query}", headers)
                equal((answer.status, answer.error["details"]["fields"][0]["field"]), (400, "cursor"), query)
        equal(daemon.stop(), 0)
        daemon.end()
        daemon.start()
        with daemon.client() as client:
            client.say("one more", user_id="anna")
            page = data(client.get(f"{CHAT}?limit=4&status=active&cursor={cursor}", person("anna")))
            equal(ids(page), made[::-1][2:], "what came meanwhile does not move the page")


@case("figures are of the last 30 days unless said, by period and by group")
def _(folder):
    with Daemon(folder, *JWT, env=SECRET_ENV) as daemon, daemon.client() as client:
        for number in range(5):
            client.say("hello", user_id=f"user-{number % 2}")
        path = STAFF + "/analytics"
        figures = data(client.request("POST", path))
        equal((figures["totals"]["conversations"], figures["totals"]["messages"]), (5, 10))
        equal((figures["granularity"], figures["scope"], "groups" in figures), ("day", "tenant", False))
        equal(sum(p["conversations"] for p in figures["series"]), 5)
        equal(figures["totals"]["response_time"]["replies"], 5)
        grouped = data(client.post({"group_by": ["channel", "status"], "metric_types": ["conversations"],
                                    "granularity": "hour"}, path=path))
        equal([(g["group"], g["conversations"]) for g in grouped["groups"]],
              [({"channel": "web", "status": "active"}, 5)])
        check("satisfaction" not in grouped["totals"], grouped)
        own = data(client.post({}, person("user-1", "conversations:read analytics:read"), path=path))
        equal((own["totals"]["conversations"], own["scope"]), (2, "own"))
        past = data(client.post({"time_range": {"start": "2020-01-01T00:00:00Z", "end": "2020-02-01T00:00:00Z"}}, path=path))
        equal((past["totals"]["conversations"], past["totals"]["completion_rate"], past["series"]), (0, None, []))
        equal(client.post({}, person("anna", "conversations:read"), path=path).status, 403)
        for body, fields in (
                ({"time_range": {"start": "2020-02-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"}}, ["time_range.end"]),
                ({"time_range": {"start": "2020-01-01T00:00:00Z", "end": "2021-06-01T00:00:00Z"}}, ["time_range.end"]),
                ({"time_range": {"start": "2020-01-01T00:00:00Z"}}, ["time_range.end"]),
                ({"granularity": "minute", "metric_types": ["money"]}, ["granularity", "metric_types[0]"]),
                ({"group_by": ["channel", "channel"]}, ["group_by[1]"]),
                ({"group_by": ["channel", "status", "priority", "category"]}, ["group_by"])):
            answer = client.post(body, path=path)
            equal((answer.status, sorted(f["field"] for f in answer.error["details"]["fields"])), (422, fields), body)


@case("figures and files need the tenant's feature of that name")
def _(folder):
    with Daemon(folder) as daemon:
        with daemon.client() as client:
            conversation = client.say("hello")["conversation_id"]
        equal(daemon.stop(), 0)
        daemon.end()
        with contextlib.closing(sqlite3.connect(os.path.join(daemon.state, "palaver.db"))) as database, database:
            database.execute("UPDATE tenant SET profile = ? WHERE tenant_id = 'demo'",
                             ['{"plan":"starter","features":{"analytics":"off","export":"off"}}'])
        daemon.start()
        with daemon.client() as client:
            for method, path in (("POST", f"{STAFF}/analytics"), ("GET", f"{STAFF}/{conversation}/export"),
                                 ("POST", f"{CHAT}/{conversation}/export")):
                answer = client.request(method, path)
                equal((answer.status, answer.error["code"]), (403, "ACCESS_DENIED"), path)
                check("feature" in answer.error["message"], answer.body)
            equal(client.get(f"{STAFF}/{conversation}/summary").status, 200)


# --- Files ------------------------------------------------------------------------------------------

@case("an export holds the whole conversation in each format, by GET and by POST")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("one, \"two\"\nthree")["conversation_id"]
        for number in range(40):
            client.say(f"message {number}", conversation)
        texts = [m["content"]["text"] for m in client.history(conversation)]
        for family in (CHAT, STAFF):
            path = f"{family}/{conversation}/export"
            answer = client.get(path)
            equal(answer.headers["Content-Type"], "application/json")
            equal(answer.headers["Transfer-Encoding"], "chunked")
            equal(answer.headers["Content-Disposition"],
                  f'attachment; filename="conversation_{conversation}.json"')
            equal([m["content"]["text"] for m in answer.json["messages"]], texts)
            equal(answer.json["export_metadata"]["format"], "json")
            check(answer.json["export_metadata"]["exported_by"], answer.json["export_metadata"])
            posted = client.post({"format": "csv"}, path=path)
            check(posted.headers["Content-Type"].startswith("text/csv"), posted.headers)
            rows = list(csv.DictReader(io.StringIO(posted.body.decode(), newline="")))
            equal([row["text"] for row in rows], texts)
            equal(posted.body, client.get(path + "?format=csv").body, "GET and POST")
            transcript = client.get(path + "?format=txt")
            check(transcript.headers["Content-Type"].startswith("text/plain"), transcript.headers)
            check(all(text in transcript.body.decode() for text in texts), transcript.body)
        without = client.request("POST", f"{STAFF}/{conversation}/export")
        equal(len(without.json["messages"]), len(texts), "no body at all")
        bare = client.get(f"{STAFF}/{conversation}/export?include_messages=false&include_metadata=false").json
        check("messages" not in bare and "tags" not in bare["conversation"], bare)


@case("b76 a cell of CSV is never a formula, nor the file's name anything but a name")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        wanted = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "a=1"]
        conversation = None
        for text in wanted:
            conversation = client.say(text, conversation)["conversation_id"]
        rows = list(csv.reader(io.StringIO(client.get(f"{STAFF}/{conversation}/export?format=csv").body.decode(),
                                           newline="")))
        said = [row[6] for row in rows[1:] if row[3] == "inbound"]
        for text, cell in zip(wanted, said):
            check(cell[0] not in "=+-@\t\r", f"{text!r} became {cell!r}")
        equal(said[-1], "a=1")
        odd = 'a"; filename="x'
        answer = client.say("hello", odd)
        answer = client.get(f"{CHAT}/{quote(answer['conversation_id'], safe='')}/export")
        check(re.fullmatch(r'attachment; filename="conversation_[A-Za-z0-9._-]*\.json"',
                           answer.headers["Content-Disposition"]), answer.headers)


@case("b52 an export that is asked for wrongly says what is wrong")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("hello")["conversation_id"]
        path = f"{STAFF}/{conversation}/export"
        for query, field in (("format=pdf", "format"), ("include_messages=yes", "include_messages"),
                             ("start=yesterday", "start"), ("start=2026-02-01T00:00:00Z&end=2026-01-01T00:00:00Z", "end"),
                             ("format=csv&format=txt", "format")):
            answer = client.get(f"{path}?{query}")
            equal((answer.status, answer.error["details"]["fields"][0]["field"]), (400, field), query)
        answer = client.post({"format": "pdf", "include_messages": 1, "date_range": {"start": True}}, path=path)
        equal((answer.status, sorted(f["field"] for f in answer.error["details"]["fields"])),
              (422, ["date_range.start", "format", "include_messages"]))
        equal(client.post("[]", path=path).status, 422)
        equal(client.post("{", path=path).status, 400)
        equal(client.request("POST", path, "{}", {"Content-Type": "text/plain"}).status, 415)


@case("a long export is read slowly and never stands in memory")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        text, conversation, count = "漢" * 4000, None, 900
        for _number in range(count):
            conversation = client.say(text, conversation)["conversation_id"]
        size = len(client.get(f"{STAFF}/{conversation}/export").body)
        before = metric(client, "palaver_http_flow_bytes_total")
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.settimeout(60)
            reader.connect(("127.0.0.1", daemon.port))
            reader.sendall(f"GET {STAFF}/{conversation}/export HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                           f"X-API-Key: {daemon.key}\r\n\r\n".encode())
            seen = [0, 0, 0]

            def stands_still():
                seen.append(metric(client, "palaver_http_flow_bytes_total") - before)
                return seen[-1] > 0 and len(set(seen[-20:])) == 1
            wait_for(stands_still, "the export did not wait for its reader")
            check(seen[-1] < size - 1000000, f"{seen[-1]} of {size} bytes were made for a reader that reads nothing")
            waiting = metric(client, "palaver_http_flow_waiting_bytes")
            check(0 < waiting <= 65536 + 32768, f"{waiting} bytes wait in memory")
            got = b""
            while piece := reader.recv(1 << 20):
                got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        check(b"\r\nTransfer-Encoding: chunked" in head, head)
        whole = io.BytesIO()
        while body:
            length, _, body = body.partition(b"\r\n")
            whole.write(body[:int(length, 16)])
            body = body[int(length, 16) + 2:]
        equal(len(json.loads(whole.getvalue())["messages"]), 2 * count)
        wait_for(lambda: metric(client, "palaver_http_flow_waiting_bytes") == 0, "bytes still wait")


@case("a reader that leaves in the middle ends its export, and the daemon goes on")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        text, conversation = "漢" * 4000, None
        for _number in range(700):
            conversation = client.say(text, conversation)["conversation_id"]
        for _round in range(3):
            with socket.create_connection(("127.0.0.1", daemon.port), timeout=60) as reader:
                reader.sendall(f"GET {STAFF}/{conversation}/export HTTP/1.1\r\nHost: x\r\n"
                               f"X-API-Key: {daemon.key}\r\n\r\n".encode())
                check(reader.recv(1000), "nothing came")
        wait_for(lambda: metric(client, "palaver_http_flow_waiting_bytes") == 0, "bytes still wait")
        wait_for(lambda: metric(client, "palaver_http_connections") <= 2, "connections are left")
        equal(len(client.get(f"{STAFF}/{conversation}/export").json["messages"]), 1400)
        equal(daemon.stop(), 0)


@case("the daemon ends though a reader stands still in the middle of its export")
def _(folder):
    with Daemon(folder, "-D", "shutdown.drain_timeout=500ms") as daemon, daemon.client() as client:
        text, conversation = "漢" * 4000, None
        for _number in range(700):
            conversation = client.say(text, conversation)["conversation_id"]
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=60) as reader:
            reader.sendall(f"GET {STAFF}/{conversation}/export HTTP/1.1\r\nHost: x\r\n"
                           f"X-API-Key: {daemon.key}\r\n\r\n".encode())
            wait_for(lambda: metric(client, "palaver_http_flow_waiting_bytes") > 0, "the reader is not waited for")
            daemon.stop()
            got = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := reader.recv(1 << 20):
                    got += piece
            check(not got.endswith(b"0\r\n\r\n"), "the part was given out as the whole")


@case("HTTP/1.0 gets an export too, until the connection closes")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("hello")["conversation_id"]
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=60) as reader:
            reader.sendall(f"GET {STAFF}/{conversation}/export HTTP/1.0\r\nHost: x\r\n"
                           f"X-API-Key: {daemon.key}\r\n\r\n".encode())
            got = b""
            while piece := reader.recv(65536):
                got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        check(b"Transfer-Encoding" not in head and b"Content-Length" not in head, head)
        equal(len(json.loads(body)["messages"]), 2)
        equal(client.request("HEAD", f"{STAFF}/{conversation}/export").body, b"")


run()
