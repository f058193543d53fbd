#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is done with a conversation beside talking in it, and with messages that are stored."""
import contextlib
import http.client
import os
import sqlite3
import uuid

from harness import SECRET, Client, Daemon, check_numbering, in_threads, message, token, wait_for, write
from tap import case, check, equal, run

CONVERSATIONS = "/api/v2/conversations"
CHAT = "/api/v2/chat"
CONFIG = """\
state_dir: {folder}/state
auth: {{jwt: {{algorithm: HS256, secret: {secret}}}}}
limits: {{enabled: false}}
http: {{listen: ["127.0.0.1:0"]}}
"""


def people(folder):
    """A daemon that takes tokens of tenant demo."""
    with Daemon(folder) as first:
        first.stop()
    return Daemon(folder, dev=False, config=write(os.path.join(folder, "palaver.yaml"),
                                                  CONFIG.format(folder=folder, secret=SECRET)))


def person(user, *permissions):
    return {"Authorization": "Bearer " + token({"sub": user, "role": "nobody", "permissions": list(permissions)})}


def do(client, method, path, body=None, status=200, headers=None):
    answer = client.request(method, path, body, headers)
    equal(answer.status, status, f"{method} {path}: {answer.body!r}")
    return answer.json["data"] if status < 300 else answer.error


def words_left(daemon, word):
    """Messages of the database that hold a word."""
    with contextlib.closing(sqlite3.connect(f"file:{daemon.state}/palaver.db?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM exchange WHERE instr(text, ?) OR instr(content, ?)",
                                (word, word)).fetchone()[0]


def fields(error):
    return {f["field"] for f in error["details"]["fields"]}


@case("a conversation is created, updated, closed, reopened, escalated, transferred")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        made = do(client, "POST", CONVERSATIONS, {"user_id": "ann", "channel": "web", "tags": ["vip"],
                                                  "user_context": {"plan": "gold"}}, 201)
        one = f"{CONVERSATIONS}/{made['conversation_id']}"
        equal((made["status"], made["tags"], made["context"]), ("active", ["vip"], {"plan": "gold"}))
        equal((made["initial_response"], made["initial_error"]), (None, None))
        equal(do(client, "PUT", one, {"category": "billing", "priority": "high"})["category"], "billing")
        equal(do(client, "PATCH", one + "/context", {"context": {"plan": None, "step": 2}})["context"], {"step": 2})
        closed = do(client, "POST", one + "/close", {"reason": "solved", "resolution_type": "resolved",
                                                     "satisfaction_rating": 4})
        equal((closed["status"], closed["closing"]["satisfaction_rating"]), ("completed", 4))
        check(closed["completed_at"] and closed["duration_seconds"] is not None, closed)
        do(client, "POST", one + "/close", {"reason": "again", "resolution_type": "resolved"}, 409)
        equal(do(client, "POST", one + "/reopen")["status"], "active")
        equal(do(client, "POST", one + "/escalate", {"reason": "angry"})["escalation"]["reason"], "angry")
        do(client, "POST", one + "/escalate", None, 409)
        moved = do(client, "POST", one + "/transfer", {"target_agent": "bea", "transfer_reason": "knows it"})
        equal((moved["assigned_agent"], moved["status"]), ("bea", "escalated"))
        seen = do(client, "GET", one)
        equal((seen["category"], seen["priority"], seen["assigned_agent"]), ("billing", "high", "bea"))


@case("an initial message is answered at once, and an id that is taken is a conflict")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        body = {"conversation_id": "mine", "user_id": "ann", "channel": "web", "initial_message": "where is my order?"}
        made = do(client, "POST", CONVERSATIONS, body, 201)
        equal(made["initial_response"]["conversation_id"], "mine")
        check(made["initial_response"]["response"]["text"], made)
        check_numbering(client.history("mine"))
        equal(do(client, "POST", CONVERSATIONS, body, 409)["code"], "RESOURCE_CONFLICT")
        equal(len(client.history("mine")), 2)


def tag_of(client, path):
    answer = client.get(path)
    equal(answer.status, 200, path)
    return answer.headers["ETag"]


@case("a conversation that is known is not sent again, and one that changed is")
def _(folder):
    with Daemon(folder) as daemon:
        with daemon.client() as client:
            home = client.say("hello")["conversation_id"]
            one = f"{CONVERSATIONS}/{home}"
            tag = tag_of(client, one)
            for known in (tag, "W/" + tag, f'"other", {tag}', "*"):
                again = client.get(one, {"If-None-Match": known})
                equal((again.status, again.body, again.headers["ETag"]), (304, b"", tag), known)
            equal(client.get(one, {"If-None-Match": '"other"'}).status, 200)
            check(tag_of(client, one + "?include_messages=false") != tag, "another text, the same tag")
            do(client, "POST", one + "/close", {"reason": "done", "resolution_type": "resolved"})
            closed = client.get(one, {"If-None-Match": tag})
            equal((closed.status, closed.json["data"]["summary"]["status"]), (200, "completed"))
            tag = closed.headers["ETag"]
        daemon.stop()
        daemon.start()
        with daemon.client() as client:
            equal(client.get(one, {"If-None-Match": tag}).status, 304, "after a restart")


@case("a change with If-Match is made at that version only")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        home = client.say("hello")["conversation_id"]
        one = f"{CONVERSATIONS}/{home}"
        first = client.request("PATCH", one + "/context", {"context": {"step": 1}}, {"If-Match": tag_of(client, one)})
        equal(first.status, 200, first.body)
        tag = first.headers["ETag"]
        equal(client.request("PUT", one, {"category": "billing"}, {"If-Match": f'"other", {tag}'}).status, 200)
        for method, path, body in (("PUT", one, {"category": "x"}), ("PATCH", one + "/context", {"context": {"step": 2}}),
                                   ("POST", one + "/close", {"reason": "done", "resolution_type": "resolved"}),
                                   ("POST", one + "/escalate", None), ("DELETE", one, None),
                                   ("DELETE", one + "?permanent=true", None)):
            equal(do(client, method, path, body, 412, {"If-Match": tag})["code"], "PRECONDITION_FAILED", path)
            equal(fields(do(client, method, path, body, 400, {"If-Match": "unquoted"})), {"If-Match"})
        seen = do(client, "GET", one)
        equal((seen["category"], seen["context"]), ("billing", {"step": 1}))
        tag = tag_of(client, one)
        client.say("and now?", home)
        do(client, "PUT", one, {"category": "x"}, 412, {"If-Match": tag})
        do(client, "DELETE", one, None, 200, {"If-Match": tag_of(client, one)})


@case("of many who change one version one wins")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        home = client.say("hello")["conversation_id"]
        one = f"{CONVERSATIONS}/{home}"
        tag = tag_of(client, one)

        def change(number):
            with daemon.client() as other:
                return other.request("PUT", one, {"category": f"c{number}"}, {"If-Match": tag}).status
        equal(sorted(in_threads(8, change)), [200] + 7 * [412])


@case("every wrong field of a body is named, and nothing is changed")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        home = client.say("hello")["conversation_id"]
        one = f"{CONVERSATIONS}/{home}"
        before = do(client, "GET", one)
        bad = {"user_id": "", "channel": "pigeon", "tags": ["", 1], "priority": "soon", "metadata": {"$x": 1}}
        equal(fields(do(client, "POST", CONVERSATIONS, bad, 422)),
              {"user_id", "channel", "tags[0]", "tags[1]", "priority", "metadata"})
        equal(fields(do(client, "PUT", one, {"status": "closed", "notes": "n" * 2001}, 422)), {"status", "notes"})
        equal(fields(do(client, "PATCH", one + "/context", {}, 422)), {"context_updates"})
        equal(fields(do(client, "POST", one + "/close", {"follow_up_required": True}, 422)),
              {"reason", "resolution_type", "follow_up_date"})
        equal(fields(do(client, "POST", one + "/transfer", {}, 422)), {"target_agent", "transfer_reason"})
        equal(fields(do(client, "POST", one + "/escalate", {"reason": 1}, 422)), {"reason"})
        do(client, "POST", one + "/close", "{", 400)
        do(client, "POST", one + "/close", "[]", 422)
        do(client, "PUT", one, {"status": "archived"}, 409)
        do(client, "POST", one + "/restore", None, 409)
        equal(do(client, "GET", one), before, "after all that")


@case("b7 after a close a message begins a linked conversation, after an escalation the bot is quiet")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        home = client.say("hello")["conversation_id"]
        closed = do(client, "POST", f"{CHAT}/conversations/{home}/close")
        equal((closed["status"], closed["closing"]["reason"]), ("completed", "completed"))
        later = client.say("one more thing", home)["conversation_id"]
        check(later != home, "the closed conversation went on")
        equal(do(client, "GET", f"{CONVERSATIONS}/{later}")["previous_conversation_id"], home)
        do(client, "POST", f"{CONVERSATIONS}/{later}/escalate")
        equal(client.say("anybody?", later)["response"], None)
        do(client, "POST", f"{CONVERSATIONS}/{home}/reopen", {"reason": "not solved"})
        check(client.say("so?", home)["response"], "the bot is quiet after reopening")
        check_numbering(client.history(home))


@case("of 64 closes at once one wins, and messages that race with it keep their numbers")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        home = client.say("hello")["conversation_id"]

        def work(index):
            with daemon.client() as mine:
                if index % 2:
                    return mine.post(message(f"{index}", home)).status
                return mine.request("POST", f"{CHAT}/conversations/{home}/close").status

        statuses = in_threads(128, work)
        equal(sorted(set(statuses[1::2])), [200], "messages")
        equal(sorted(statuses[0::2]), [200] + [409] * 63, "closes")
        check_numbering(client.history(home))


@case("an acknowledged close survives kill -9, and so does the context")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        home = client.say("hello")["conversation_id"]
        do(client, "PATCH", f"{CONVERSATIONS}/{home}/context", {"context": {"k": [1, 2]}})
        do(client, "POST", f"{CHAT}/conversations/{home}/close")
        daemon.kill()
        daemon.start()
        with daemon.client() as again:
            seen = do(again, "GET", f"{CONVERSATIONS}/{home}")
            equal((seen["summary"]["status"], seen["context"]), ("completed", {"k": [1, 2]}))
            do(again, "POST", f"{CHAT}/conversations/{home}/close", None, 409)
            check(again.say("later", home)["conversation_id"] != home, "it went on")


@case("what is deleted is as if absent until it is restored, what is erased for good")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        said = client.say("my secret is mauve")
        home, one = said["conversation_id"], f"{CONVERSATIONS}/{said['conversation_id']}"
        equal(do(client, "DELETE", one), {"conversation_id": home, "deleted": True, "permanent": False})
        for method, path in (("GET", one), ("DELETE", one), ("GET", f"{CHAT}/conversations/{home}/history"),
                             ("GET", f"{CHAT}/message/{said['message_id']}"), ("POST", one + "/reopen")):
            do(client, method, path, None, 404)
        equal(do(client, "POST", one + "/restore")["deleted"], False)
        do(client, "POST", one + "/restore", None, 409)
        client.say("again", home)
        do(client, "PATCH", f"{CHAT}/messages/{said['response_id']}/status", {"status": "read"})
        do(client, "DELETE", one + "?permanent=maybe", None, 400)
        equal(do(client, "DELETE", one + "?permanent=true"),
              {"conversation_id": home, "deleted": True, "permanent": True})
        do(client, "POST", one + "/restore", None, 404)
        do(client, "DELETE", one + "?permanent=true", None, 404)
        do(client, "GET", f"{CHAT}/message/{said['message_id']}", None, 404)
        do(client, "POST", CONVERSATIONS, {"conversation_id": home, "user_id": "tester", "channel": "web"}, 409)
        check(client.say("hello", home)["conversation_id"] != home, "it came back")
        equal(daemon.stop(), 0)
        stored = b"".join(open(os.path.join(daemon.state, name), "rb").read()
                          for name in os.listdir(daemon.state) if name.startswith("palaver.db"))
        check(b"mauve" not in stored, "the words are still in the database")


@case("an erasure that kill -9 cuts off is none, or is ended by the next daemon")
def _(folder):
    with Daemon(folder) as daemon:
        with daemon.client() as client:
            home = client.say("mauve")["conversation_id"]
            for _ in range(30):
                bulk(client, [message("mauve", home) for _ in range(100)])
            equal(words_left(daemon, "mauve"), 3001, "messages that hold the word")
            with contextlib.suppress(OSError, http.client.HTTPException), daemon.client() as cut:
                cut.connection.request("DELETE", f"{CONVERSATIONS}/{home}?permanent=true", None,
                                       {"X-API-Key": daemon.key})
                wait_for(lambda: client.get(f"{CONVERSATIONS}/{home}").status == 404, "the mark")
            daemon.kill()
        daemon.start()
        with daemon.client() as client:
            do(client, "GET", f"{CONVERSATIONS}/{home}", None, 404)
            do(client, "POST", f"{CONVERSATIONS}/{home}/restore", None, 404)
            wait_for(lambda: words_left(daemon, "mauve") == 0, "the rest to be erased")
            check(client.say("hello", home)["conversation_id"] != home, "it came back")


@case("a user's data is erased whole, counted, and nobody else's")
def _(folder):
    with people(folder) as daemon, Client(daemon.port, None) as client:
        ann, bob = (person(u, "conversations:read", "conversations:write") for u in ("ann", "bob"))
        said = [client.post(message(f"hello {i}", user_id="ann"), ann).json for i in range(3)]
        others = client.post(message("hello", user_id="bob"), bob).json
        do(client, "POST", f"{CHAT}/messages/{said[0]['response_id']}/feedback", {"feedback_type": "helpful"}, 200, ann)
        do(client, "POST", "/api/v2/sessions", {"user_id": "ann", "channel": "web"}, 201, ann)
        path = "/api/v2/users/ann/data"
        do(client, "DELETE", path, None, 403, ann)
        gone = do(client, "DELETE", path, None, 200, person("chief", "users:erase"))
        equal({k: gone[k] for k in ("user_id", "conversations", "messages", "sessions", "feedback")},
              {"user_id": "ann", "conversations": 3, "messages": 6, "sessions": 1, "feedback": 1})
        for one in said:
            do(client, "GET", f"{CONVERSATIONS}/{one['conversation_id']}", None, 404, ann)
        do(client, "GET", f"{CONVERSATIONS}/{others['conversation_id']}", None, 200, bob)
        gone = do(client, "DELETE", path, None, 200, person("chief", "users:erase"))
        equal((gone["conversations"], gone["sessions"], gone["feedback"]), (0, 0, 0))


@case("b48 nobody changes another's conversation, and permissions are asked for")
def _(folder):
    with people(folder) as daemon, Client(daemon.port, None) as client:
        ann, bob = person("ann", "conversations:read", "conversations:write"), person("bob", "conversations:write")
        made = client.post(message("hello", user_id="ann"), ann)
        one = f"{CONVERSATIONS}/{made.json['conversation_id']}"
        for method, path, body in (("PUT", one, {"category": "x"}), ("PATCH", one + "/context", {"context": {"a": 1}}),
                                   ("POST", one + "/close", {"reason": "r", "resolution_type": "resolved"}),
                                   ("POST", one + "/escalate", {}), ("POST", one + "/reopen", {})):
            foreign = do(client, method, path, body, 404, bob)
            absent = do(client, method, path.replace(made.json["conversation_id"], "nowhere"), body, 404, bob)
            equal(foreign["message"], absent["message"], path)
            do(client, method, path, body, 403, person("ann", "conversations:read"))
        do(client, "POST", one + "/transfer", {"target_queue": "q", "transfer_reason": "r"}, 403, ann)
        do(client, "POST", one + "/restore", None, 403, ann)
        do(client, "POST", CONVERSATIONS, {"user_id": "ann", "channel": "web"}, 403, bob)
        do(client, "PUT", one, {"category": "x"}, 200, ann)


@case("what agents note is shown to staff alone")
def _(folder):
    with people(folder) as daemon, Client(daemon.port, None) as client:
        ann = person("ann", "conversations:read", "conversations:write")
        home = client.post(message("hello", user_id="ann"), ann).json["conversation_id"]
        one = f"{CONVERSATIONS}/{home}"
        agent = person("agent", "conversations:*")
        equal(do(client, "PUT", one, {"notes": "difficult"}, 200, agent)["notes"], "difficult")
        check("notes" not in do(client, "PUT", one, {"category": "x"}, 200, ann), "the user sees the notes")
        check("notes" not in do(client, "GET", one, None, 200, ann), "the user reads the notes")


# --- Many messages in one request ---------------------------------------------------------------

def bulk(client, messages, status=200, **more):
    return do(client, "POST", CHAT + "/bulk", {"messages": messages, **more}, status)


@case("a bulk is answered item by item, in the order of the list")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        home = client.say("hello")["conversation_id"]
        items = [message(f"order {i}", home) for i in range(60)] + [message("elsewhere") for _ in range(40)]
        done = bulk(client, items, batch_id="batch-7")
        equal((done["batch_id"], done["total_messages"], done["successful_messages"], done["failed_messages"]),
              ("batch-7", 100, 100, 0))
        equal([r["message_id"] for r in done["results"]], [m["message_id"] for m in items])
        history = client.history(home)
        check_numbering(history)
        equal([m["content"]["text"] for m in history if m["direction"] == "inbound"][1:],
              [f"order {i}" for i in range(60)])
        equal(len({r["response"]["conversation_id"] for r in done["results"][60:]}), 40)


@case("b52 what is wrong with one item of a bulk is its own result")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        twice = message("once")
        done = bulk(client, [message("good"), {"message_id": "m", "channel": "web"}, 7, twice,
                             {**twice, "content": {"type": "text", "text": "other"}}, twice])
        results = done["results"]
        equal([r["status"] for r in results], ["success", "failed", "failed", "success", "failed", "success"])
        equal((done["successful_messages"], done["failed_messages"]), (3, 3))
        equal({f["field"] for f in results[1]["error"]["fields"]}, {"user_id", "content"})
        equal((results[1]["message_id"], results[2]["message_id"]), ("m", None))
        equal(results[2]["error"]["code"], "VALIDATION_ERROR")
        equal(results[4]["error"]["code"], "RESOURCE_CONFLICT")
        check(results[5]["response"]["processing_metadata"]["duplicate"], results[5])
        check(len(done["batch_id"]) == 36, done["batch_id"])


@case("a bulk without a list of 1 to 100 is refused whole")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        for body in ({}, {"messages": []}, {"messages": {}}, {"messages": [message("x")] * 101}):
            error = do(client, "POST", CHAT + "/bulk", body, 422)
            equal(fields(error), {"messages"}, body.keys())
        equal(fields(bulk(client, [message("x")], 422, batch_id="")), {"batch_id"})


# --- Messages that are stored -------------------------------------------------------------------

@case("a message is found by its id, inbound and outbound")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        said = client.say("hello there")
        asked = do(client, "GET", f"{CHAT}/message/{said['message_id']}")
        equal((asked["direction"], asked["content"]["text"], asked["response_id"], asked["delivery_status"]),
              ("inbound", "hello there", said["response_id"], None))
        reply = do(client, "GET", f"{CHAT}/message/{said['response_id']}")
        equal((reply["direction"], reply["sequence_number"], reply["reply_to_message_id"], reply["delivery_status"]),
              ("outbound", 2, said["message_id"], "sent"))
        do(client, "GET", f"{CHAT}/message/{uuid.uuid4()}", None, 404)


@case("b64 a delivery moves forward only, is shown moved on, and is tried again only when it failed")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        said = client.say("hello")
        one, home = f"{CHAT}/messages/{said['response_id']}/status", said["conversation_id"]
        again = f"{CHAT}/message/{said['response_id']}/retry"
        do(client, "POST", again, None, 409)
        moved = do(client, "PATCH", one, {"status": "delivered", "metadata": {"device": "phone"}})
        equal((moved["delivery_status"], moved["delivery_metadata"]), ("delivered", {"device": "phone"}))
        do(client, "PATCH", one, {"status": "sent"}, 409)
        do(client, "PATCH", one, {"status": "failed"}, 409)
        do(client, "PATCH", one, {"status": "delivered"})
        moved = do(client, "PATCH", one, {"status": "read", "timestamp": "2026-01-02T03:04:05Z", "metadata": {"a": 1}})
        equal(moved["delivery_timestamps"]["read"], "2026-01-02T03:04:05.000Z")
        equal(moved["delivery_metadata"], {"device": "phone", "a": 1})
        do(client, "PATCH", one, {"status": "delivered"}, 409)
        equal(client.history(home)[1]["delivery_status"], "read")
        equal(do(client, "GET", f"{CHAT}/message/{said['response_id']}")["delivery_status"], "read")
        failed = client.say("again", home)
        one = f"{CHAT}/messages/{failed['response_id']}/status"
        do(client, "PATCH", one, {"status": "failed"})
        do(client, "PATCH", one, {"status": "sent"}, 409)
        tried = do(client, "POST", f"{CHAT}/message/{failed['message_id']}/retry")
        equal((tried["delivery_status"], tried["delivery_attempts"], tried["message_id"]),
              ("sent", 2, failed["response_id"]))
        do(client, "POST", f"{CHAT}/message/{failed['response_id']}/retry", None, 409)
        equal([m["delivery_status"] for m in client.history(home)], [None, "read", None, "sent"])
        do(client, "PATCH", f"{CHAT}/messages/{said['message_id']}/status", {"status": "read"}, 409)
        equal(fields(do(client, "PATCH", one, {"status": "pending", "metadata": []}, 422)), {"status", "metadata"})
        do(client, "PATCH", f"{CHAT}/messages/{uuid.uuid4()}/status", {"status": "read"}, 404)


@case("of many who tell a status at once none is lost and none goes back")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        said = client.say("hello")
        one = f"{CHAT}/messages/{said['response_id']}/status"
        steps = ["delivered", "read"] * 8

        def work(index):
            with daemon.client() as mine:
                return mine.request("PATCH", one, {"status": steps[index], "metadata": {f"k{index}": index}})

        answers = in_threads(len(steps), work)
        told = [i for i, a in enumerate(answers) if a.status == 200]
        equal({a.status for a in answers} - {200, 409, 503}, set(), "statuses")
        now = do(client, "GET", f"{CHAT}/message/{said['response_id']}")
        equal(now["delivery_status"], "read")
        equal(now["delivery_metadata"], {f"k{i}": i for i in told}, "what was acknowledged")


@case("feedback is one for each user and message, and replaces; analytics tell of it")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        said = client.say("hello, where is my order?")
        one = f"{CHAT}/messages/{said['response_id']}"
        equal(do(client, "GET", one + "/analytics")["response_relevance"], None)
        first = do(client, "POST", one + "/feedback", {"feedback_type": "thumbs_down", "comment": "no"})
        equal((first["user_id"], first["replaced"], first["rating"]), ("tester", False, None))
        equal(do(client, "GET", one + "/analytics")["response_relevance"], 0)
        second = do(client, "POST", one + "/feedback", {"feedback_type": "helpful", "rating": 4})
        equal((second["replaced"], second["comment"]), (True, None))
        other = do(client, "POST", one + "/feedback", {"feedback_type": "accurate", "user_id": "somebody"})
        equal(other["replaced"], False)
        seen = do(client, "GET", one + "/analytics")
        equal(seen["response_relevance"], 0.75)
        check(0 <= seen["intent_confidence"] <= 1 and -1 <= seen["sentiment_score"] <= 1, seen)
        equal(fields(do(client, "POST", one + "/feedback", {"rating": 6, "comment": 5}, 422)),
              {"feedback_type", "rating", "comment"})
        do(client, "POST", f"{CHAT}/messages/{uuid.uuid4()}/feedback", {"feedback_type": "helpful"}, 404)
        do(client, "GET", f"{CHAT}/messages/{uuid.uuid4()}/analytics", None, 404)


@case("b48 another's messages are absent, and nobody speaks for another")
def _(folder):
    with people(folder) as daemon, Client(daemon.port, None) as client:
        may = ("conversations:read", "conversations:write", "analytics:read")
        ann, bob = person("ann", *may), person("bob", *may)
        said = client.post(message("hello", user_id="ann"), ann).json
        one = f"{CHAT}/messages/{said['response_id']}"
        do(client, "GET", f"{CHAT}/message/{said['response_id']}", None, 404, bob)
        do(client, "POST", f"{CHAT}/message/{said['response_id']}/retry", None, 404, bob)
        do(client, "PATCH", one + "/status", {"status": "read"}, 404, bob)
        do(client, "POST", one + "/feedback", {"feedback_type": "helpful"}, 404, bob)
        do(client, "GET", one + "/analytics", None, 404, bob)
        do(client, "POST", one + "/feedback", {"feedback_type": "helpful", "user_id": "bob"}, 403, ann)
        equal(do(client, "POST", one + "/feedback", {"feedback_type": "helpful"}, 200, ann)["user_id"], "ann")
        typing = {"conversation_id": said["conversation_id"], "user_id": "ann", "channel": "web"}
        do(client, "POST", CHAT + "/typing", typing, 404, bob)
        do(client, "POST", CHAT + "/typing", {**typing, "user_id": "bob"}, 403, ann)
        equal(do(client, "POST", CHAT + "/typing", {**typing, "typing_duration_ms": 500}, 200, ann),
              {"typing_sent": False, "duration_ms": 500})
        equal(fields(do(client, "POST", CHAT + "/typing", {"typing_duration_ms": 30001}, 422, ann)),
              {"conversation_id", "user_id", "channel", "typing_duration_ms"})


@case("statuses and feedback survive a restart")
def _(folder):
    with Daemon(folder) as daemon:
        with daemon.client() as client:
            said = client.say("hello")
            one = f"{CHAT}/messages/{said['response_id']}"
            do(client, "PATCH", one + "/status", {"status": "read"})
            do(client, "POST", one + "/feedback", {"feedback_type": "helpful"})
        daemon.kill()
        daemon.start()
        with daemon.client() as client:
            equal(client.history(said["conversation_id"])[1]["delivery_status"], "read")
            equal(do(client, "POST", one + "/feedback", {"feedback_type": "helpful"})["replaced"], True)


run()
