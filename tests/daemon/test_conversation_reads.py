#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reading conversations: one, its outcome, and as a file."""
import csv
import io
import json
import re
import socket
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
