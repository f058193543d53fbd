#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The audit trail over the API and the tool, and what becomes visible when somebody changes it."""
import csv
import io
import json
import os
import shutil
import sqlite3

from harness import Daemon, wait_for
from tap import case, check, equal, run

LOGS = "/api/v2/audit/logs"
SEARCH = "/api/v2/audit/search"
REPORTS = "/api/v2/audit/reports"
EXPORT = "/api/v2/audit/export"


def talk(daemon, texts=3):
    """A conversation with so many messages, closed; its id."""
    with daemon.client() as client:
        home = client.say("hello")["conversation_id"]
        for i in range(texts - 1):
            client.say(f"more {i}", home)
        equal(client.post({}, path=f"/api/v2/chat/conversations/{home}/close").status, 200, "closed")
    return home


def logs(client, query=""):
    answer = client.get(LOGS + query)
    equal(answer.status, 200, answer.body)
    return answer.json["data"]


@case("what is done is in the trail, newest first, numbered and chained")
def _(t):
    with Daemon(t) as daemon:
        home = talk(daemon)
        with daemon.client() as client:
            data = logs(client)
            found = data["logs"]
            numbers = [e["seq"] for e in found]
            equal(numbers, list(range(len(found), 0, -1)), "numbers")
            for newer, older in zip(found, found[1:]):
                equal(newer["prev_hash"], older["hash"], "link")
            equal(found[-1]["prev_hash"], "0" * 64, "the first")
            kinds = [e["event_type"] for e in found]
            equal(kinds.count("message.processed"), 3, kinds)
            closed = logs(client, f"?resource_id={home}&event_type=conversation.closed")["logs"]
            equal(len(closed), 1, "closed")
            equal((closed[0]["action"], closed[0]["result"]), ("close", "success"))
            equal((data["total"], data["total_is_exact"], data["has_more"]),
                  (len(found), True, False))


@case("a list is filtered, paged by offset and followed by cursor")
def _(t):
    with Daemon(t) as daemon:
        talk(daemon, 9)
        with daemon.client() as client:
            every = [e["seq"] for e in logs(client)["logs"]]
            page = logs(client, "?limit=4&offset=2")
            equal([e["seq"] for e in page["logs"]], every[2:6], "offset")
            check(page["has_more"], "more follows")
            seen, cursor = [], ""
            while True:
                page = logs(client, f"?limit=4{cursor}")
                seen += [e["seq"] for e in page["logs"]]
                if not page["next_cursor"]:
                    break
                cursor = f"&cursor={page['next_cursor']}"
            equal(seen, every, "by cursor")
            only = logs(client, "?event_type=message")["logs"]
            equal({e["event_type"] for e in only}, {"message.processed"})
            equal(logs(client, "?category=auth&result=failure")["total"], 0)
            equal(logs(client, "?category=data")["total"] > 9, True)
            equal(logs(client, "?start=4000000000")["total"], 0, "in the future")
            found = client.get(SEARCH + "?query=CLOSE").json["data"]
            equal([e["action"] for e in found["logs"]], ["close"], "text")


@case("wrong questions are refused by name, and those without the permission altogether")
def _(t):
    with Daemon(t) as daemon:
        with daemon.client() as client:
            for path, name in ((LOGS + "?limit=1001", "limit"), (LOGS + "?limit=0", "limit"),
                               (LOGS + "?category=odd", "category"),
                               (LOGS + "?result=odd", "result"), (LOGS + "?start=x", "start"),
                               (LOGS + "?start=2000&end=1000", "end"),
                               (LOGS + "?cursor=abc", "cursor"),
                               (LOGS + "?offset=200001", "offset"), (SEARCH, "query"),
                               (EXPORT + "?format=xml", "format")):
                answer = client.get(path)
                equal(answer.status, 400, path)
                check(name in answer.body.decode(), f"{path}: {answer.body}")
            for body, name in (({}, "report_type"), ({"report_type": "odd"}, "report_type"),
                               ({"report_type": "api_usage", "time_range": 1}, "time_range"),
                               ({"report_type": "api_usage",
                                 "time_range": {"start": 2000, "end": 1000}}, "end")):
                answer = client.post(body, path=REPORTS)
                equal(answer.status, 422, body)
                equal(answer.error["code"], "VALIDATION_ERROR", body)
                check(name in answer.body.decode(), f"{body}: {answer.body}")


@case("reports count what was done, and are themselves written down")
def _(t):
    with Daemon(t) as daemon:
        talk(daemon, 4)
        with daemon.client() as client:
            for kind in ("gdpr_data_access", "api_usage", "user_activity"):
                answer = client.post({"report_type": kind}, path=REPORTS)
                equal(answer.status, 201, answer.body)
                data = answer.json["data"]
                equal(data["report_type"], kind)
                check(data["total_events"] >= 5 and data["is_complete"], data)
                total = sum(r["count"] for r in data["by_user"]["rows"])
                equal(total, data["total_events"], "by user")
            made = logs(client, "?event_type=audit.report_generated")["logs"]
            equal([e["details"]["metadata"]["report_type"] for e in made],
                  ["user_activity", "api_usage", "gdpr_data_access"])
            nobody = client.post({"report_type": "gdpr_data_access", "user_id": "nobody"},
                                 path=REPORTS).json["data"]
            equal(nobody["total_events"], 0)


@case("the trail is taken out as JSON and as CSV without formulas, which is written down")
def _(t):
    with Daemon(t) as daemon:
        with daemon.client() as client:
            client.say("hi", message_id="=cmd()")
            client.say("hi", message_id="plain")
            answer = client.get(EXPORT)
            equal(answer.status, 200, answer.body)
            check("audit.json" in answer.headers["Content-Disposition"], answer.headers)
            found = answer.json["logs"]
            equal(found[0]["event_type"], "audit.exported", "the export itself comes first")
            rows = list(csv.reader(io.StringIO(client.get(EXPORT + "?format=csv").body.decode())))
            equal(rows[0][:3], ["seq", "created_at", "event_type"])
            equal(len(rows), len(found) + 2, "rows")
            things = {row[6] for row in rows[1:]}
            check("'=cmd()" in things and "plain" in things, things)
            check(not any(cell[:1] in "=+@" for row in rows[1:] for cell in row if cell), rows)


def verify(daemon, *more):
    code, out, err = daemon.tool("audit", "verify", "--json", *more)
    check(out, err)
    return code, json.loads(out)


@case("verify proves the chain of a running daemon, and of its file, through a kill")
def _(t):
    with Daemon(t) as daemon:
        talk(daemon)
        code, data = verify(daemon)
        equal((code, data["whole"]), (0, True), data)
        tenant = data["chains"][0]["tenant"]
        with daemon.client() as client:
            head = logs(client)["logs"][0]
        equal((data["chains"][0]["seq"], data["chains"][0]["hash"]), (head["seq"], head["hash"]))
        _, out, _ = daemon.tool("audit", "verify", "--tenant", tenant)
        check(f"{tenant}: whole, {head['seq']} records" in out, out)
        path = database(t)
        equal(verify(daemon, "--file", path)[1], data, "the file of a running daemon")
        listed = daemon.tool("audit", "list", "--tenant", tenant, "--limit", "2")
        equal(listed[0], 0, listed)
        equal(len(listed[1].splitlines()), 2, listed)
        equal(daemon.tool("audit", "verify", "--tenant", "nobody")[0], 1)
        equal(daemon.tool("audit", "list")[0], 2)
        daemon.kill()
        code, again = verify(daemon, "--file", path)
        equal((code, again), (0, data), "after the kill")
        daemon.start()
        talk(daemon)
        code, data = verify(daemon)
        equal((code, data["whole"]), (0, True), "after the restart")
        check(data["chains"][0]["seq"] > head["seq"], data)


def database(folder):
    for place, _, files in os.walk(folder):
        for name in files:
            if name.endswith(".db"):
                return os.path.join(place, name)
    raise AssertionError(f"no database below {folder}")


@case("who edits, deletes or moves a record in the file is found out, and it is named")
def _(t):
    with Daemon(t) as daemon:
        talk(daemon, 6)
        daemon.stop()
        whole = database(t)
        equal(verify(daemon, "--file", whole)[0], 0, "untouched")
        with sqlite3.connect(whole) as db:
            (row, seq), = db.execute("SELECT id, audit_seq FROM exchange ORDER BY id LIMIT 1 "
                                     "OFFSET 2").fetchall()
            (last,), = db.execute("SELECT max(seq) FROM audit_head").fetchall()
        for name, sql, broken in (
                ("edited", f"UPDATE exchange SET audit_user_id='eve' WHERE id={row}", seq),
                ("deleted", f"DELETE FROM exchange WHERE id={row}", seq),
                ("hidden", f"UPDATE exchange SET audit_seq=0 WHERE id={row}", seq),
                ("swapped", "UPDATE exchange SET audit_seq=CASE audit_seq "
                            f"WHEN {seq} THEN {seq + 1} ELSE {seq} END "
                            f"WHERE audit_seq IN ({seq}, {seq + 1})", seq),
                ("cut off", f"DELETE FROM audit WHERE seq={last};"
                            f"DELETE FROM exchange WHERE audit_seq={last}", last)):
            bad = os.path.join(t, name.replace(" ", "-") + ".db")
            shutil.copy(whole, bad)
            with sqlite3.connect(bad) as db:
                db.executescript(sql)
            code, data = verify(daemon, "--file", bad)
            equal((code, data["whole"]), (1, False), name)
            equal(data["chains"][0]["broken"], broken, name)
            code, out, _ = daemon.tool("audit", "verify", "--file", bad)
            equal(code, 1, name)
            check(f"broken at record {broken}" in out, out)


@case("an erased conversation leaves nobody's name in the trail, and the chain whole")
def _(t):
    with Daemon(t) as daemon:
        with daemon.client() as client:
            home = client.say("hello", message_id="of-dora")["conversation_id"]
            equal(logs(client, "?resource_id=of-dora")["total"], 1)
            gone = client.request("DELETE", f"/api/v2/conversations/{home}?permanent=true")
            equal(gone.status, 200, gone.body)
            found = [e for e in logs(client)["logs"] if e["event_type"] == "message.processed"]
            equal([(e["erased"], e["user_id"], e["resource_id"]) for e in found],
                  [(True, None, None)])
            equal(logs(client, "?resource_id=of-dora")["total"], 0)
        equal(verify(daemon)[0], 0, "whole")
        daemon.stop()
        equal(verify(daemon, "--file", database(t))[0], 0, "whole at rest")


def soon(client, query, count):
    """The records of a list, once there are so many: what stands alone is written within a second."""
    return wait_for(lambda: (found := logs(client, query)["logs"]) and len(found) >= count and found,
                    f"{count} records of {query}")


@case("b22 every change and every refusal is told: what was forbidden, wrong, or told by nobody else")
def _(t):
    with Daemon(t) as daemon:
        home = talk(daemon)
        with daemon.client() as client:
            equal(client.post({}, path="/api/v2/conversations").status, 422)
            wrong, = soon(client, "?event_type=api.request&result=failure", 1)
            equal((wrong["action"], wrong["details"]["metadata"]["status"]),
                  ("createConversation", 422))
            made = client.post({"name": "k", "permissions": ["conversations:read"]},
                               path="/api/v2/api-keys").json["data"]
            with daemon.client(made["api_key"]["key"] if "api_key" in made else made["key"]) as weak:
                equal(weak.get(LOGS).status, 403, "without admin:audit")
                equal(weak.get(EXPORT).status, 403, "without admin:audit")
            denied = soon(client, "?event_type=auth.denied", 2)
            equal([e["result"] for e in denied], ["failure"] * 2)
            equal({e["action"] for e in denied}, {"listAudit", "exportAudit"})
            equal(client.post({"conversation_id": home, "user_id": "ann", "channel": "web"},
                              path="/api/v2/chat/typing").status, 200)
            told, = soon(client, "?event_type=api.request&action=showTyping", 1)
            equal(told["result"], "success")
        equal(verify(daemon)[0], 0, "whole")


@case("what waits is written before the daemon ends")
def _(t):
    with Daemon(t) as daemon:
        home = talk(daemon)
        with daemon.client() as client:
            for _ in range(5):
                equal(client.post({"conversation_id": home, "user_id": "ann", "channel": "web"},
                                  path="/api/v2/chat/typing").status, 200)
        daemon.stop()
        daemon.start()
        with daemon.client() as client:
            equal(logs(client, "?action=showTyping")["total"], 5)


run()
