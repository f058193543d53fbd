#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rate limits, and whom a request behind a proxy is put down to."""
import os
import re
import signal
import sqlite3
import time

from harness import SECRET, Client, Daemon, message, raw, token, wait_for, write
from tap import case, check, equal, run

LIST = "/api/v2/chat/conversations/none/history"


def configure(folder, user=3, key=5, stranger=4, hour=1000, http="", enabled="true"):
    """Small limits for users of the standard tier, keys, and strangers."""
    def windows(minute):
        return f"{{per_minute: {minute}, per_hour: {hour}, per_day: 10000}}"
    return write(os.path.join(folder, "palaver.yaml"), f"""\
state_dir: {folder}/state
auth: {{jwt: {{algorithm: HS256, secret: {SECRET}}}}}
limits:
  enabled: {enabled}
  tiers:
    basic: {windows(stranger)}
    standard: {windows(user)}
  api_key: {windows(key)}
http:
  listen: ["127.0.0.1:0"]
{http}""")


def limited(folder, **more):
    """A daemon with such limits; its tenant and key come from a first life under --dev."""
    with Daemon(folder) as first:
        first.stop()
    return Daemon(folder, dev=False, config=configure(folder, **more))


def bearer(user, **claims):
    return {"Authorization": "Bearer " + token({"sub": user, **claims})}


def ask(client, headers, count=1):
    """The statuses of so many requests of one caller."""
    return [client.get(LIST, headers).status for _ in range(count)]


def check_headers(answer, kind, limit, remaining, window="minute", length=60):
    got = answer.headers
    equal((got["X-RateLimit-Type"], got["X-RateLimit-Limit"], got["X-RateLimit-Remaining"]),
          (kind, str(limit), str(remaining)))
    check(f'"{window}";q={limit};w={length}' in got["RateLimit-Policy"].split(", "),
          got["RateLimit-Policy"])
    state = re.fullmatch(rf'"{window}";r={remaining};t=(\d+)', got["RateLimit"])
    check(state, got["RateLimit"])
    reset = int(got["X-RateLimit-Reset"]) - time.time()
    check(-60 < reset <= int(state[1]) + 1, f"reset in {reset} s, but t={state[1]}")


@case("b43_one request too many is 429 with every header, and nobody else suffers")
def _(folder):
    with limited(folder) as daemon, daemon.client() as client:
        for left in (2, 1, 0):
            answer = client.post(message("hello", user_id="ann"), bearer("ann"))
            equal(answer.status, 200, answer.body)
            check_headers(answer, "standard", 3, left)
        answer = client.post(message("hello", user_id="ann"), bearer("ann"))
        equal((answer.status, answer.error["code"]), (429, "RATE_LIMIT_EXCEEDED"), answer.body)
        check_headers(answer, "standard", 3, 0)
        check(1 <= int(answer.headers["Retry-After"]) <= 61, answer.headers["Retry-After"])
        equal(ask(client, bearer("bob")), [404], "another user")
        answer = client.post(message("hello"))
        equal(answer.status, 200, "a key")
        check_headers(answer, "api_key", 5, 4)
        check(answer.headers["Retry-After"] is None, "Retry-After without need")


@case("b44_when the minute and the hour are full, the hour's wait is told")
def _(folder):
    with limited(folder, user=5, hour=5) as daemon, daemon.client() as client:
        equal(ask(client, bearer("ann"), 5), [404] * 5)
        answer = client.get(LIST, bearer("ann"))
        equal(answer.status, 429)
        check_headers(answer, "standard", 5, 0, "hour", 3600)
        check(3400 < int(answer.headers["Retry-After"]) <= 3720, answer.headers["Retry-After"])


@case("a refused permission counts, a health check does not")
def _(folder):
    with limited(folder) as daemon, daemon.client() as client:
        mute = bearer("ann", permissions=["conversations:read"])
        equal([client.post(message("x", user_id="ann"), mute).status for _ in range(4)],
              [403, 403, 403, 429])
        for path in ("/health", "/health/ready", "/livez", "/metrics", "/info"):
            for _ in range(10):
                answer = client.get(path)
                equal(answer.status, 200, path)
                check(answer.headers["X-RateLimit-Limit"] is None, f"{path} is counted")


@case("b79_the token's tier says the limits: standard when absent, basic when unknown")
def _(folder):
    with limited(folder) as daemon, daemon.client() as client:
        for number, (tier, kind, limit) in enumerate((
                (None, "standard", 3), ("standard", "standard", 3), ("basic", "basic", 4),
                ("premium", "premium", 1000), ("enterprise", "enterprise", 5000),
                ("api_key", "basic", 4), ("gold", "basic", 4))):
            answer = client.get(LIST, bearer(f"user-{number}", rate_limit_tier=tier))
            equal(answer.status, 404, answer.body)
            check_headers(answer, kind, limit, limit - 1)
        equal(ask(client, bearer("ann", rate_limit_tier=7)), [401], "a tier that is no text")


@case("an address that proves nobody is limited, and those who prove somebody are not")
def _(folder):
    with limited(folder) as daemon, daemon.client() as client:
        answer = client.get(LIST, {"Authorization": None})
        equal(answer.status, 401)
        check_headers(answer, "basic", 4, 3)
        equal(ask(client, {"Authorization": "ApiKey cb_live_" + "0" * 64}), [401])
        equal(ask(client, {"Authorization": "Bearer " + token({"exp": 1})}), [401])
        equal(ask(client, {**bearer("ann"), "X-Tenant-ID": "other"}), [403])
        answer = client.get(LIST, {"Authorization": None})
        equal((answer.status, answer.error["code"]), (429, "RATE_LIMIT_EXCEEDED"))
        check(int(answer.headers["Retry-After"]) >= 1, "no Retry-After")
        equal(ask(client, bearer("ann")) + ask(client, {}), [404, 404])


@case("a reload raises the limit, lowers it, and turns it off")
def _(folder):
    with limited(folder) as daemon, daemon.client() as client:
        equal(ask(client, bearer("ann"), 4), [404, 404, 404, 429])
        configure(folder, user=5)
        daemon.signal(signal.SIGHUP)
        wait_for(lambda: ask(client, bearer("ann")) == [404], "the higher limit in effect")
        equal(ask(client, bearer("ann"), 2), [404, 429])
        configure(folder, user=1)
        equal(daemon.tool("reload")[0], 0)
        equal(ask(client, bearer("bob"), 2), [404, 429])
        configure(folder, enabled="false")
        equal(daemon.tool("reload")[0], 0)
        answer = client.get(LIST, bearer("ann"))
        equal((answer.status, answer.headers["X-RateLimit-Limit"], answer.headers["RateLimit"]),
              (404, None, None))


@case("the log names the client a trusted proxy names, of a malformed request too")
def _(folder):
    with limited(folder, enabled="false", http="  trusted_proxies: [127.0.0.1]\n"
                 "log: {level: debug, format: json}\n") as daemon, daemon.client() as client:
        client.get(LIST, {"X-Forwarded-For": "203.0.113.5"})
        got = raw(daemon.port, b"GET /bad HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.6\r\n"
                               b"no header\r\n\r\n")
        check(got.startswith(b"HTTP/1.1 400 "), got)
        got = raw(daemon.port, b"GET /worse\r\n\r\n")
        check(got.startswith(b"HTTP/1.1 400 "), got)
        wait_for(lambda: '"client":"203.0.113.5"' in daemon.log(), "the client in the log")
        wait_for(lambda: '"client":"203.0.113.6"' in daemon.log(), "the malformed request's client")
        wait_for(lambda: '"client":"127.0.0.1"' in daemon.log(), "the worse request's peer")


def stranger(client, forwarded):
    return client.get(LIST, {"Authorization": None, "X-Forwarded-For": forwarded}).status


@case("b45_X-Forwarded-For is believed from a trusted proxy only, and a reload changes who is trusted")
def _(folder):
    with limited(folder, stranger=2) as daemon, daemon.client() as client:
        client.say("one")
        equal([stranger(client, f"203.0.113.{i}") for i in range(3)], [401, 401, 429], "a stranger")
        configure(folder, stranger=2, http="  trusted_proxies: [127.0.0.0/8, 10.0.0.0/8]\n")
        equal(daemon.tool("reload")[0], 0)
        equal([stranger(client, f"203.0.113.{i}") for i in range(3)], [401] * 3, "trusted")
        equal([stranger(client, f"192.0.2.{i}, 203.0.113.9, 10.1.1.1") for i in range(3)],
              [401, 401, 429], "the right-most stranger counts")
        equal(stranger(client, "no address"), 429, "malformed: it is the peer's")
        client.post(message("two"), {"X-Forwarded-For": "192.0.2.1, 203.0.113.77, 10.1.1.1"})
        client.post(message("three"), {"X-Forwarded-For": "2001:db8::7"})
        client.post(message("four"), {"X-Forwarded-For": "203.0.113.78:99"})
        equal(daemon.stop(), 0)
    with sqlite3.connect(os.path.join(daemon.state, "palaver.db")) as database:
        kept = [row[0] for row in
                database.execute("SELECT audit_ip_address FROM exchange ORDER BY received_ms, id")]
    database.close()
    equal(kept, ["127.0.0.1", "203.0.113.77", "2001:db8::7", "127.0.0.1"])


@case("the cap on connections of one address does not count a trusted proxy")
def _(folder):
    cap = "  max_connections_per_address: 1\n"
    with limited(folder, enabled="false", http=cap) as daemon, daemon.client() as client:
        client.say("the first is served")
        with Client(daemon.port, daemon.key) as other:
            equal(other.post(message("the second is not")).status, 503)
        configure(folder, enabled="false", http=cap + "  trusted_proxies: [127.0.0.1]\n")
        equal(daemon.tool("reload")[0], 0)
        with Client(daemon.port, daemon.key) as second, Client(daemon.port, daemon.key) as third:
            second.say("now it is")
            third.say("and so is the third")


if __name__ == "__main__":
    run()
