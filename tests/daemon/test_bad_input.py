#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bad input gets: one clear refusal, and nothing after it."""
import base64
import json
import re
import socket
import time
import uuid

from harness import MESSAGE, SECRET, Daemon, message, raw, token
from tap import case, check, equal, run

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /api/v2/chat/message HTTP/1.1\r\nHost: x\r\n"

# What is sent, before a good request that must never be answered; and the statuses it may get.
MALFORMED = {
    "bare line feeds": (b"GET /health/live HTTP/1.1\nHost: x\n\n", {400}),
    "a bare carriage return": (b"GET /health/live HTTP/1.1\r\nHost: x\rX: y\r\n\r\n", {400}),
    "a NUL in a header": (b"GET /health/live HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", {400}),
    "a space before the colon": (b"GET /health/live HTTP/1.1\r\nHost : x\r\n\r\n", {400}),
    "a folded header": (b"GET /health/live HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", {400}),
    "no Host": (b"GET /health/live HTTP/1.1\r\n\r\n", {400}),
    "two Hosts": (b"GET /health/live HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", {400}),
    "a header without a colon": (b"GET /health/live HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", {400}),
    "an empty header name": (b"GET /health/live HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", {400}),
    "two spaces in the request line": (b"GET  /health/live HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "no version": (b"GET /health/live\r\nHost: x\r\n\r\n", {400}),
    "another protocol": (b"GET /health/live HTTQ/1.1\r\nHost: x\r\n\r\n", {400}),
    "version 2.0": (b"GET /health/live HTTP/2.0\r\nHost: x\r\n\r\n", {400, 505}),
    "a bad method": (b"G@T /health/live HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "TLS on a plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
    "a negative length": (POST + b"Content-Length: -1\r\n\r\n", {400}),
    "a length with a sign": (POST + b"Content-Length: +2\r\n\r\n{}", {400}),
    "a length that overflows": (POST + b"Content-Length: 99999999999999999999\r\n\r\n", {400, 413}),
    "a list of lengths": (POST + b"Content-Length: 2, 2\r\n\r\n{}", {400}),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", {400}),
    "length and chunks": (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                          {400}),
    "chunked twice": (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "gzip chunks": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "chunks in HTTP/1.0": (b"POST /api/v2/chat/message HTTP/1.0\r\nHost: x\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "a long request line": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {414}),
    "long headers": (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 17000 + b"\r\n\r\n", {431}),
    "many headers": (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 120 + b"\r\n", {431}),
    "a body too large": (POST + b"Content-Length: 300000\r\n\r\n", {413}),
}


def answers(got):
    return len(re.findall(rb"HTTP/1\.1 \d{3} ", got))


def with_key(daemon, data):
    return data.replace(b"Host: x\r\n", b"Host: x\r\nX-API-Key: " + daemon.key.encode() + b"\r\n", 1)


@case("malformed HTTP gets one refusal, a closed connection and nothing after it")
def _(folder):
    with Daemon(folder) as daemon:
        wrong = []
        for name, (data, statuses) in MALFORMED.items():
            got = raw(daemon.port, data + LIVE)
            status = re.match(rb"HTTP/1\.1 (\d{3}) ", got)
            if not status or int(status.group(1)) not in statuses:
                wrong.append(f"{name}: {got[:80]!r}")
            elif answers(got) != 1:
                wrong.append(f"{name}: {answers(got)} answers")
            elif b"connection: close" not in got.lower():
                wrong.append(f"{name}: no Connection: close")
        check(not wrong, "\n".join(wrong))
        with daemon.client() as client:
            client.say("still here")


@case("a chunk that is malformed gets one refusal and a closed connection")
def _(folder):
    with Daemon(folder) as daemon:
        wrong = []
        for chunk in (b"zz\r\n{}\r\n0\r\n\r\n", b"2\n{}\r\n0\r\n\r\n", b"2\r\n{}xx0\r\n\r\n",
                      b"-2\r\n{}\r\n0\r\n\r\n", b"fffffffffffffffff\r\n"):
            head = POST + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            got = raw(daemon.port, with_key(daemon, head) + chunk + LIVE)
            if not re.match(rb"HTTP/1\.1 4(00|13) ", got) or answers(got) != 1:
                wrong.append(f"{chunk!r}: {got[:80]!r}")
        check(not wrong, "\n".join(wrong))


@case("a request fed one byte at a time is answered as if it came whole")
def _(folder):
    with Daemon(folder) as daemon:
        body = json.dumps(message("hello")).encode()
        data = with_key(daemon, POST) + (
            f"Content-Type: application/json\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i in range(len(data)):
                connection.sendall(data[i:i + 1])
            got = b""
            while piece := connection.recv(65536):
                got += piece
        check(got.startswith(b"HTTP/1.1 200 "), got[:200])


# Text and the byte offset that must be named; None: any.
BAD_JSON = [
    (b"", None), (b"{", None), (b'{"a":1,}', 7), (b"{'a':1}", 1), (b'{"a":NaN}', 5),
    (b'{"a":01}', None), (b'{"a":1 "b":2}', 7), (b'{"a":"\x01"}', 6), (b'{"a":"\xff"}', 6),
    (b'{"a":"\\ud800"}', None), (b'{"a":"\\u0000"}', None), (b'{"a":1,"a":2}', None),
    (b'{"a":1} x', 8), (b"\xef\xbb\xbf{}", 0), (b"[" * 40 + b"]" * 40, None), (b"hello", 0),
]


@case("malformed JSON gets 400 with the byte offset")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        wrong = []
        for text, offset in BAD_JSON:
            answer = client.post(text)
            if answer.status != 400:
                wrong.append(f"{text!r}: {answer.status} {answer.body[:120]!r}")
                continue
            words = json.dumps(answer.error)
            if not re.search(r"byte|offset", words):
                wrong.append(f"{text!r}: no offset in {words}")
            elif offset is not None and not re.search(rf"\b{offset}\b", words):
                wrong.append(f"{text!r}: not at {offset}: {words}")
        check(not wrong, "\n".join(wrong))
        client.say("still here")


def text(value, **more):
    return {"content": {"type": "text", "text": value, **more}}


# Fields put over a good message, and the names that the refusal must hold.
BAD_FIELDS = [
    ({"user_id": None}, ["user_id"]), ({"user_id": ""}, ["user_id"]), ({"user_id": "   "}, ["user_id"]),
    ({"user_id": 7}, ["user_id"]), ({"user_id": "x" * 256}, ["user_id"]),
    ({"user_id": "\u00e4" * 256}, ["user_id"]),
    ({"channel": None}, ["channel"]), ({"channel": "fax"}, ["channel"]), ({"channel": 1}, ["channel"]),
    ({"message_id": ""}, ["message_id"]), ({"message_id": "x" * 256}, ["message_id"]),
    ({"message_id": 5}, ["message_id"]), ({"conversation_id": ""}, ["conversation_id"]),
    ({"conversation_id": ["x"]}, ["conversation_id"]), ({"session_id": {}}, ["session_id"]),
    ({"content": None}, ["content"]), ({"content": "hello"}, ["content"]),
    ({"content": {}}, ["content.type"]), ({"content": {"type": "text"}}, ["content.text"]),
    ({"content": {"type": "telepathy", "text": "x"}}, ["content.type"]),
    (text(""), ["content.text"]), (text(5), ["content.text"]), (text("x" * 4097), ["content.text"]),
    (text("\U0001f600" * 4097), ["content.text"]),
    (text("x", language="English"), ["content.language"]),
    (text("x", language="EN"), ["content.language"]),
    ({"timestamp": "yesterday"}, ["timestamp"]), ({"timestamp": "2026-02-30T00:00:00Z"}, ["timestamp"]),
    ({"processing_hints": {"priority": 17}}, ["processing_hints.priority"]),
    ({"processing_hints": "fast"}, ["processing_hints"]),
    ({"channel_metadata": 3}, ["channel_metadata"]),
    ({"user_id": "", "channel": "fax", **text("")}, ["user_id", "channel", "content.text"]),
]


@case("wrong fields get 422, every one of them named")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        wrong = []
        for fields, names in BAD_FIELDS:
            body = {k: v for k, v in {**message("hello"), **fields}.items()
                    if v is not None or k not in fields}
            answer = client.post(body)
            if answer.status != 422:
                wrong.append(f"{str(fields)[:80]}: {answer.status} {answer.body[:160]!r}")
                continue
            words = json.dumps(answer.error)
            missing = [name for name in names if not re.search(rf"[\"' ]{re.escape(name)}\b", words)]
            if missing or answer.error["code"] not in ("VALIDATION_ERROR", "PROCESSING_ERROR"):
                wrong.append(f"{str(fields)[:80]}: {missing} not in {words[:200]}")
        check(not wrong, "\n".join(wrong))
        equal(client.post(["x"]).status, 422, "an array")


GOOD_FIELDS = [
    text("x" * 4096), text("\U0001f600" * 4096), text("\u00e4", language="de"),
    {"user_id": "\u00e4" * 255}, {"message_id": "x" * 254 + "1"}, {"timestamp": "2026-01-02T03:04:05+02:00"},
    {"timestamp": 1767323045}, {"timestamp": 1767323045123}, {"unknown": {"field": [1, 2, 3]}},
    {"processing_hints": {"priority": "nonsense"}}, {"tenant_id": "somebody-else"},
    {"channel_metadata": {"platform_user_id": "x"}}, {"session_id": None},
]


@case("what stands at the limits is taken")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        wrong = []
        for fields in GOOD_FIELDS:
            answer = client.post({**message("hello"), **fields})
            if answer.status != 200:
                wrong.append(f"{str(fields)[:80]}: {answer.status} {answer.body[:200]!r}")
        check(not wrong, "\n".join(wrong))


@case("a text comes back as it was sent, in any script")
def _(folder):
    texts = ["a\tb\nc", "\"q\" \\ / \u007f", "\u00e9 e\u0301", "\U0001f44b\U0001f3fd \u200d", "\u3053\u3093",
             "  blanks around  ", "<script>alert(1)</script>", "\ufeffx", "\u202eabc", "%s%n{}"]
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("begin")["conversation_id"]
        for one in texts:
            client.say(one, conversation)
        got = [m["content"]["text"] for m in client.history(conversation)[2::2]]
        equal(got, texts)


def refused(answer):
    """All that a client can see of a 401, but for ids and times."""
    equal(answer.status, 401, answer.body)
    check("Bearer" in (answer.headers["WWW-Authenticate"] or ""), "no WWW-Authenticate: Bearer")
    return answer.error["code"], answer.error["message"]


@case("a missing or wrong key gets 401 with WWW-Authenticate and nothing about why")
def _(folder):
    with Daemon(folder) as daemon:
        key = daemon.key
        other = key[:-1] + ("0" if key[-1] != "0" else "1")
        headers = [{}, {"Authorization": f"ApiKey {other}"}, {"Authorization": "ApiKey "},
                   {"Authorization": "ApiKey nonsense"}, {"Authorization": key},
                   {"Authorization": f"Basic {key}"}, {"X-API-Key": other}, {"X-API-Key": ""},
                   {"X-API-Key": key + "0"}, {"X-API-Key": key[:20]},
                   {"Authorization": "Bearer a.b.c"}, {"Authorization": "Bearer " + "x" * 9000}]
        seen = set()
        with daemon.client(key="") as client:
            for one in headers:
                seen.add(refused(client.post(message("hello"), one)))
            seen.add(refused(client.get("/api/v2/chat/conversations/x")))
            check(key not in daemon.log() and other not in daemon.log(), "a key is in the log")
        check(len(seen) <= 2, f"the refusals differ: {seen}")


@case("the key is taken from either header, the tenant header may name only its own tenant")
def _(folder):
    with Daemon(folder) as daemon, daemon.client(key="") as client:
        key = daemon.key
        for headers in ({"X-API-Key": key}, {"Authorization": f"ApiKey {key}"},
                        {"X-API-Key": key, "X-Tenant-ID": "demo"}):
            equal(client.post(message("hello"), headers).status, 200, str(list(headers)))
        answer = client.post(message("hello"), {"X-API-Key": key, "X-Tenant-ID": "other"})
        equal(answer.status, 403, answer.body)
        check(answer.error["code"] in ("ACCESS_DENIED", "TENANT_ERROR"), answer.body)


@case("with auth.require_tenant_header a missing X-Tenant-ID gets 400")
def _(folder):
    with Daemon(folder, "-D", "auth.require_tenant_header=true") as daemon, daemon.client() as client:
        answer = client.post(message("hello"))
        equal((answer.status, answer.error["code"]), (400, "MISSING_TENANT_ID"), answer.body)
        equal(client.post(message("hello"), {"X-Tenant-ID": "demo"}).status, 200)


@case("an HS256 token is accepted only when everything about it is right")
def _(folder):
    env = {"PALAVER_AUTH_JWT_SECRET": SECRET}
    with Daemon(folder, "-D", "auth.jwt.algorithm=HS256", env=env) as daemon, \
            daemon.client(key="") as client:
        good = client.post(message("hello", user_id="user-1"), {"Authorization": "Bearer " + token()})
        equal(good.status, 200, good.body)
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        bad = {
            "expired": token({"exp": int(time.time()) - 3600}),
            "no expiry": token({"exp": None}),
            "expiry as text": token({"exp": "tomorrow"}),
            "not yet valid": token({"nbf": int(time.time()) + 3600}),
            "another issuer": token({"iss": "somebody"}),
            "another audience": token({"aud": "somebody"}),
            "no subject": token({"sub": None}),
            "no tenant": token({"tenant_id": None}),
            "another secret": token(secret=SECRET + "x"),
            "another algorithm": token(header={"alg": "HS512", "typ": "JWT"}),
            "alg none": none + "." + token().split(".")[1] + ".",
            "crit": token(header={"alg": "HS256", "crit": ["x"], "x": 1}),
            "jwk": token(header={"alg": "HS256", "jwk": {"kty": "oct", "k": "AA"}}),
            "a changed claim": token().split(".")[0] + "." + token({"sub": "root"}).split(".")[1] +
                               "." + token().split(".")[2],
            "padding": token() + "=",
            "two parts": ".".join(token().split(".")[:2]),
        }
        wrong = []
        for name, one in bad.items():
            answer = client.post(message("hello"), {"Authorization": "Bearer " + one})
            if answer.status != 401 or "Bearer" not in (answer.headers["WWW-Authenticate"] or ""):
                wrong.append(f"{name}: {answer.status}")
        check(not wrong, "\n".join(wrong))
        answer = client.post(message("hello"), {"Authorization": "Bearer " +
                                                token({"tenant_id": "ghost"})})
        check(answer.status in (401, 403, 404), f"an unknown tenant: {answer.status}")
        answer = client.post(message("hello"), {"Authorization": "Bearer " + token(),
                                                "X-Tenant-ID": "other"})
        equal(answer.status, 403, answer.body)


@case("an absent conversation is 404, whatever its id looks like")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        seen = set()
        for name in (str(uuid.uuid4()), "x", "..%2f..%2fetc", "%27%20or%201=1--", "a" * 255, "%e4%bd%a0"):
            for path in (f"/api/v2/chat/conversations/{name}",
                         f"/api/v2/chat/conversations/{name}/history"):
                answer = client.get(path)
                equal(answer.status, 404, f"{path}: {answer.body}")
                seen.add(answer.error["code"])
        equal(seen, {"RESOURCE_NOT_FOUND"})


@case("an unknown conversation id begins a new conversation, or is 404 under strict_id")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        answer = client.say("hello", "no-such-conversation")
        check(answer["processing_metadata"]["conversation_created"], answer)
        mine = client.say("hello", user_id="anna")["conversation_id"]
        answer = client.say("hello", mine, user_id="bert")
        check(answer["conversation_id"] != mine, "another user's conversation was joined")
        check(answer["processing_metadata"]["conversation_created"], answer)
        equal(len(client.history(mine)), 2, "messages in the first user's conversation")
    with Daemon(folder, "-D", "conversation.strict_id=true") as daemon, daemon.client() as client:
        equal(client.post(message("hello", "no-such-conversation")).status, 404)
        equal(client.post(message("hello", mine, user_id="bert")).status, 404)
        equal(client.say("hello", mine, user_id="anna")["conversation_id"], mine)


@case("wrong pages, methods, paths, content types and sizes have their own refusals")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("hello")["conversation_id"]
        for query in ("page=0", "page=-1", "page=x", "page_size=0", "page_size=101", "page=1.5",
                      "page=99999999999999999999"):
            answer = client.get(f"/api/v2/chat/conversations/{conversation}/history?{query}")
            equal(answer.status, 400, query)
            check(query.split("=")[0] in json.dumps(answer.error), answer.body)
        answer = client.request("PUT", MESSAGE, message("x"))
        equal((answer.status, answer.error["code"]), (405, "METHOD_NOT_ALLOWED"))
        check("POST" in answer.headers["Allow"], answer.headers)
        equal(client.get("/api/v2/nonsense").status, 404)
        for kind in ("text/plain", "application/xml", "multipart/form-data", None):
            answer = client.post(message("x"), {"Content-Type": kind})
            equal(answer.status, 415, f"content type {kind}: {answer.body}")
        for kind in ("application/json", "application/json; charset=utf-8", "Application/JSON"):
            equal(client.post(message("x"), {"Content-Type": kind}).status, 200, kind)
        answer = client.post(json.dumps({**message("x"), "pad": "y" * 300000}))
        equal((answer.status, answer.error["code"]), (413, "PAYLOAD_TOO_LARGE"))


@case("Accept: application/problem+json gets a problem document")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        answer = client.post({}, {"Accept": "application/problem+json"})
        equal(answer.status, 422)
        check("application/problem+json" in answer.headers["Content-Type"], answer.headers)
        equal(answer.json["status"], 422)
        check(answer.json["title"] and "type" in answer.json, answer.body)


@case("a request id is taken over when it is safe, and made when it is not")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        answer = client.post(message("x"), {"X-Request-ID": "abc-123"})
        equal(answer.headers["X-Request-ID"], "abc-123")
        for unsafe in ("x" * 129, "a b<c>", ""):
            answer = client.post(message("x"), {"X-Request-ID": unsafe})
            check(answer.headers["X-Request-ID"] not in (unsafe, None), unsafe)


@case("nothing of a secret or a broken input reaches the log as it is")
def _(folder):
    with Daemon(folder, "-D", "log.level=debug") as daemon, daemon.client() as client:
        client.post(message("hello"), {"X-Request-ID": "ok-1", "Cookie": "canary-cookie",
                                       "X-Auth-Token": "canary-token"})
        client.get("/api/v2/canary-path?api_key=canary-query")
        raw(daemon.port, b"GET /\x1b[31mred HTTP/1.1\r\nHost: x\r\n\r\n")
        daemon.stop()
        log = daemon.log()
        for word in ("canary-cookie", "canary-token", "canary-query", daemon.key, "\x1b"):
            check(word not in log, f"{word!r} is in the log")


if __name__ == "__main__":
    run()
