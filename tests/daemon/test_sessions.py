#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions, from outside: their life, their limits, who may see them, and messages that name one."""
import datetime
import http.client
import json
import os
import threading

from harness import BUILD, SECRET, Daemon, in_threads, message, token, wait_for, write
from harness import run as tool
from tap import Skip, case, check, equal, run

SESSIONS = "/api/v2/sessions"
HOUR = datetime.timedelta(hours=1)


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def create(client, user="ann", headers=None, status=201, **fields):
    """A new session of `user`; its view, or the answer when it is to be refused."""
    answer = client.post({"user_id": user, "channel": "web", **fields}, headers, path=SESSIONS)
    equal(answer.status, status, answer.body)
    return answer.json["data"] if status == 201 else answer


def ask(client, method, path, body=None, headers=None, status=200):
    answer = client.request(method, SESSIONS + path, body, headers)
    equal(answer.status, status, f"{method} {path}: {answer.body}")
    return answer.json["data"] if status == 200 else answer


def bearer(user, role="member"):
    return {"Authorization": "Bearer " + token({"sub": user, "user_role": role, "role": None, "permissions": None})}


def fields(answer):
    return [f["field"] for f in answer.error["details"]["fields"]]


def with_tokens(folder, more=""):
    """A daemon that takes tokens as well; its tenant and key come from a first life under --dev."""
    with Daemon(folder) as first:
        first.stop()
    return Daemon(folder, dev=False, config=write(os.path.join(folder, "palaver.yaml"), f"""\
state_dir: {folder}/state
auth: {{jwt: {{algorithm: HS256, secret: {SECRET}}}}}
limits: {{enabled: false}}
http: {{listen: ["127.0.0.1:0"]}}
{more}"""))


def expire(daemon, *sessions):
    """End these a second ago; the daemon does not run meanwhile."""
    program = os.path.join(BUILD, "tests", "daemon", "expire")
    if not os.path.exists(program):
        raise Skip("tests/daemon/expire is not built")
    code, _, err = tool([program, os.path.join(daemon.state, "palaver.db"), *sessions])
    equal(code, 0, err)


@case("a session lives its life: created, read, changed, extended, transferred, deleted")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        made = create(client, initial_context={"cart": [1]}, metadata={"m": 1}, country="DE",
                      utm_source="mail")
        equal(made["context"], {"cart": [1]})
        equal(made["client_info"], {"country": "DE", "utm_source": "mail"})
        equal(instant(made["expires_at"]) - instant(made["created_at"]), 2 * HOUR, "lifetime")
        path = "/" + made["session_id"]
        equal(ask(client, "GET", path), made)
        changed = ask(client, "PUT", path, {
            "context_updates": {"step": 2}, "preference_updates": {"tone": "warm"},
            "feature_updates": {"dark": True}, "append_to_history": {"seen": "home"}})
        equal(changed["context"], {"cart": [1], "step": 2, "seen": ["home"]})
        equal((changed["preferences"], changed["features"]), ({"tone": "warm"}, {"dark": True}))
        equal(ask(client, "PUT", path + "/context", {"context": {"cart": None, "a": {"b": 1}}})
              ["context"], {"step": 2, "seen": ["home"], "a": {"b": 1}})
        equal(ask(client, "GET", path + "/context")["context"]["a"], {"b": 1})
        longer = ask(client, "POST", path + "/extend", {"hours": 5})
        check(instant(longer["expires_at"]) - instant(made["expires_at"]) >= 3 * HOUR, longer)
        moved = ask(client, "POST", path + "/transfer",
                    {"target_channel": "sms", "preserve_context": False})
        equal((moved["channel"], moved["context"]), ("sms", {}))
        equal(ask(client, "DELETE", path)["deleted"], True)
        for method, rest in (("GET", ""), ("DELETE", ""), ("GET", "/context"), ("POST", "/extend")):
            answer = ask(client, method, path + rest, status=404)
            equal(answer.error["code"], "RESOURCE_NOT_FOUND")


@case("b52_every session route reaches its operation, and wrong bodies name their fields")
def _(folder):
    with Daemon(folder, store="memory") as daemon, daemon.client() as client:
        path = "/" + create(client)["session_id"]
        wrong = [
            ("POST", "", {}, ["user_id", "channel"]),
            ("POST", "", {"user_id": "a", "channel": "web", "country": "xx", "language": "x",
                          "context": [], "utm_id": "1"}, ["context", "country", "language", "utm_id"]),
            ("PUT", path, {"context": 1, "feature_updates": {"a": 1}, "extend_ttl": 1},
             ["context", "feature_updates.a", "extend_ttl"]),
            ("PUT", path + "/context", {"a": 1}, ["context"]),
            ("PUT", path, {"append_to_history": {"n": 1}, "context": {"n": 2}}, ["append_to_history.n"]),
            ("POST", path + "/extend", {"extend_minutes": 0}, ["extend_minutes"]),
            ("POST", path + "/extend", {"hours": 25}, ["hours"]),
            ("POST", path + "/transfer", {"preserve_context": "no"},
             ["target_channel", "preserve_context"]),
        ]
        before = ask(client, "GET", path)
        for method, rest, body, names in wrong:
            answer = ask(client, method, rest, body, status=422)
            equal(sorted(fields(answer)), sorted(names), f"{method} {rest} {body}")
        for query, name in (("limit=0", "limit"), ("limit=101", "limit"), ("offset=-1", "offset"),
                            ("offset=100001", "offset"), ("channel=pigeon", "channel"),
                            ("active_only=maybe", "active_only"), ("cursor=00", "cursor")):
            answer = ask(client, "GET", "?" + query, status=400)
            equal(fields(answer), [name], query)
        equal(ask(client, "GET", path), before, "a refusal changed something")
        equal(ask(client, "POST", path, {}, status=405).headers["Allow"], "GET, HEAD, PUT, DELETE, OPTIONS")


@case("b32_extensions really move the end, never shorten it, and end a day after creation")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        made = create(client, session_config={"timeout_minutes": 10})
        path = f"/{made['session_id']}/extend"
        equal(ask(client, "POST", path, {"extend_minutes": 1})["expires_at"], made["expires_at"])
        hour = ask(client, "POST", path)     # an hour without a body
        check(instant(hour["expires_at"]) - instant(made["created_at"]) >= HOUR, hour)
        for _ in range(3):
            day = ask(client, "POST", path, {"extend_minutes": 1440})
            equal(instant(day["expires_at"]) - instant(made["created_at"]), 24 * HOUR, "the cap")
        equal(ask(client, "GET", f"/{made['session_id']}")["expires_at"], day["expires_at"])
        for minutes in (0, -60, 1441, 1.5, "60"):
            ask(client, "POST", path, {"extend_minutes": minutes}, status=422)


@case("b33_sessions outlive the daemon, with the end they were given")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        made = create(client, context={"a": "ä\u2028"})
        kept = ask(client, "POST", f"/{made['session_id']}/extend", {"hours": 9})
        daemon.kill()
    with Daemon(folder) as daemon, daemon.client() as client:
        equal(ask(client, "GET", f"/{made['session_id']}"), kept)


def aged(folder, *users):
    """A daemon where all sessions of `users` but the last are over; their ids."""
    with Daemon(folder) as daemon, daemon.client() as client:
        ids = [create(client, user)["session_id"] for user in users]
        daemon.stop()
        expire(daemon, *ids[:-1])
    return ids


@case("what was acknowledged before a kill is there after it")
def _(folder):
    kept = []

    def work(_index):
        with daemon.client() as mine:
            for number in range(10000):
                try:
                    made = create(mine, user=f"user-{number}", context={"n": number})
                    kept.append((made["session_id"], number, None))
                    changed = ask(mine, "PUT", f"/{made['session_id']}/context", {"context": {"more": number}})
                    kept.append((made["session_id"], number, changed["context"]["more"]))
                except OSError:
                    return
                except http.client.HTTPException:
                    return

    with Daemon(folder) as daemon:
        killer = threading.Thread(target=lambda: (wait_for(lambda: len(kept) > 200, "sessions"), daemon.kill()))
        killer.start()
        in_threads(4, work)
        killer.join()
    with Daemon(folder) as daemon, daemon.client() as client:
        for session, number, more in kept:
            context = ask(client, "GET", f"/{session}/context")["context"]
            equal(context["n"], number)
            check(more is None or context["more"] == more, f"a lost change: {context}")


@case("b37_expired sessions are absent, unlisted, and cleaned up by their number")
def _(folder):
    ids = aged(folder, *["ann"] * 3, *["bob"] * 4, "ann")
    with Daemon(folder, "-D", "session.cleanup_interval=1d") as daemon, daemon.client() as client:
        ask(client, "GET", "/" + ids[0], status=404)
        equal([s["session_id"] for s in ask(client, "GET", "")["sessions"]], ids[-1:])
        everything = ask(client, "GET", "?active_only=false")["sessions"]
        equal([s["is_active"] for s in everything], [False] * 6 + [True])
        equal([s["session_id"] for s in ask(client, "GET", "/user/ann")["sessions"]], ids[-1:])
        everything = ask(client, "GET", "?active_only=false")["sessions"]
        equal([s["session_id"] for s in everything], ids[3:])    # ann's are gone
        equal(ask(client, "POST", "/cleanup")["cleaned"], 4)
        equal(ask(client, "POST", "/cleanup")["cleaned"], 0)
        equal(len(ask(client, "GET", "?active_only=false")["sessions"]), 1)
        answer = client.post(message("hello", user_id="ann", session_id=ids[0]))
        equal(answer.status, 404, answer.body)


@case("the background removes what is over")
def _(folder):
    ids = aged(folder, "ann", "bob", "ann")
    with Daemon(folder, "-D", "session.cleanup_interval=1s") as daemon, daemon.client() as client:
        wait_for(lambda: [s["session_id"] for s in ask(client, "GET", "?active_only=false")["sessions"]] ==
                 ids[-1:], "a cleanup")


@case("b36_concurrent context updates lose nothing")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        path = f"/{create(client)['session_id']}/context"

        def work(index):
            with daemon.client() as mine:
                for i in range(20):
                    ask(mine, "PUT", path, {"context": {f"w{index}-{i}": i}})
        in_threads(4, work)
        equal(ask(client, "GET", path)["context"],
              {f"w{w}-{i}": i for w in range(4) for i in range(20)})


@case("b47_a session is its owner's and the staff's, and absent for all others")
def _(folder):
    with with_tokens(folder) as daemon, daemon.client() as client:
        ann, bob, staff = bearer("ann"), bearer("bob"), bearer("eve", "manager")
        path = "/" + create(client, headers=ann)["session_id"]
        equal(create(client, user="bob", headers=ann, status=403).error["code"], "ACCESS_DENIED")
        for headers in (ann, staff, None):
            ask(client, "GET", path, headers=headers)
        absent = ask(client, "GET", "/00000000-0000-4000-8000-000000000000", headers=bob, status=404)
        for method, rest, body in (("GET", "", None), ("PUT", "", {}), ("GET", "/context", None),
                                   ("PUT", "/context", {"context": {}}), ("POST", "/extend", None),
                                   ("POST", "/transfer", {"target_channel": "sms"}),
                                   ("DELETE", "", None)):
            answer = ask(client, method, path + rest, body, bob, status=404)
            equal(answer.error["message"], absent.error["message"])
            ask(client, method, path + rest, body, {"Authorization": "Bearer nonsense"}, status=401)
            ask(client, method, path + rest, body, {"Authorization": None}, status=401)
        ask(client, "GET", "/user/ann", headers=bob, status=404)
        equal(len(ask(client, "GET", "/user/ann", headers=ann)["sessions"]), 1)
        ask(client, "GET", "", headers=ann, status=403)
        equal(len(ask(client, "GET", "", headers=staff)["sessions"]), 1)
        ask(client, "POST", "/cleanup", headers=staff, status=403)
        ask(client, "POST", "/cleanup", headers=bearer("root", "admin"))
        ask(client, "PUT", path, {}, headers=bearer("ann", "viewer"), status=403)
        ask(client, "GET", path, headers=bearer("ann", "viewer"))


@case("b20_a message must name a living session of its user, and binds it")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        session = create(client)["session_id"]
        for user, name in (("ann", "none"), ("bob", session)):
            answer = client.post(message("hello", user_id=user, session_id=name))
            equal((answer.status, answer.error["message"]), (404, "there is no such session"))
        equal(ask(client, "GET", "/" + session)["conversation_id"], None)
        home = client.say("hello", user_id="ann", session_id=session)["conversation_id"]
        bound = ask(client, "GET", "/" + session)
        equal(bound["conversation_id"], home)
        check(bound["last_activity"] > bound["created_at"], bound)
        again = client.say("hello again", user_id="ann", session_id=session)
        equal(again["conversation_id"], home, "the session's conversation goes on")
        check(ask(client, "GET", "/" + session)["last_activity"] > bound["last_activity"], "activity")
        equal(len(client.history(home)), 4)
        ask(client, "DELETE", "/" + session)
        equal(client.post(message("hello", user_id="ann", session_id=session)).status, 404)
        equal(len(client.history(home)), 4)


@case("b20_a bulk that names a session keeps its order, and refuses what is another's")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        session = create(client)["session_id"]
        home = client.say("first", user_id="ann", session_id=session)["conversation_id"]
        mine = [message(f"t{i}", user_id="ann", session_id=session) for i in range(40)]
        answer = client.post({"messages": [*mine, message("x", user_id="bob", session_id=session)]},
                             path="/api/v2/chat/bulk")
        equal(answer.status, 200, answer.body)
        bulk = answer.json.get("data", answer.json)
        equal((bulk["successful_messages"], bulk["failed_messages"]), (40, 1))
        equal(bulk["results"][-1]["error"]["code"], "RESOURCE_NOT_FOUND")
        said = [m["content"]["text"] for m in client.history(home) if m["direction"] == "inbound"]
        equal(said, ["first"] + [f"t{i}" for i in range(40)])


@case("activity that was noted is written before the daemon ends")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        session = create(client)["session_id"]
        for _ in range(3):
            client.say("hello", user_id="ann", session_id=session)
        noted = ask(client, "GET", "/" + session)
        equal(daemon.stop(), 0)
    with Daemon(folder) as daemon, daemon.client() as client:
        equal(ask(client, "GET", "/" + session), noted)


@case("a session is made for a new conversation when that is configured")
def _(folder):
    with Daemon(folder, "-D", "session.auto_create=true") as daemon, daemon.client() as client:
        home = client.say("hello", user_id="ann")["conversation_id"]
        (made,) = ask(client, "GET", "/user/ann")["sessions"]
        equal(made["conversation_id"], home)
        shown = client.get(f"/api/v2/chat/conversations/{home}").json["data"]
        equal(shown["session_id"], made["session_id"])
        client.say("more", home, user_id="ann")
        equal(len(ask(client, "GET", "/user/ann")["sessions"]), 1)


@case("b39_a creation under a key can be sent again")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        key = {"Idempotency-Key": '"k-1"'}
        first = create(client, headers=key, context={"a": 1})
        equal(create(client, headers=key, context={"a": 1}), first)
        equal(create(client, headers=key, context={"a": 2}, status=409).error["code"],
              "RESOURCE_CONFLICT")
        equal(len(ask(client, "GET", "/user/ann")["sessions"]), 1)


@case("lists page by offset and by cursor")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        ids = [create(client)["session_id"] for _ in range(7)]
        equal([s["session_id"] for s in ask(client, "GET", "?limit=3&offset=2")["sessions"]], ids[2:5])
        seen, target = [], "?limit=3"
        while target:
            answer = client.get(SESSIONS + target)
            page = answer.json["data"]
            seen += [s["session_id"] for s in page["sessions"]]
            target = page["has_next"] and f"?limit=3&cursor={page['next_cursor']}"
            equal("Link" in answer.headers, page["has_next"], "Link")
        equal(seen, ids)


@case("hours come from the configuration, and change with a reload")
def _(folder):
    with with_tokens(folder, "session: {default_hours: 3, max_hours: 4}\n") as daemon, \
            daemon.client() as client:
        made = create(client)
        equal(instant(made["expires_at"]) - instant(made["created_at"]), 3 * HOUR)
        create(client, session_config={"timeout_minutes": 241}, status=422)
        day = ask(client, "POST", f"/{made['session_id']}/extend", {"hours": 4})
        equal(instant(day["expires_at"]) - instant(made["created_at"]), 4 * HOUR)
        with open(os.path.join(folder, "palaver.yaml"), encoding="utf-8") as config:
            text = config.read()
        write(os.path.join(folder, "palaver.yaml"), text.replace("default_hours: 3", "default_hours: 1"))
        code, out, err = daemon.tool("reload", "--json")
        equal(code, 0, err)
        check("session.default_hours" in json.dumps(out), out)
        made = create(client)
        equal(instant(made["expires_at"]) - instant(made["created_at"]), HOUR)


run()
