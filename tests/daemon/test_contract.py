# SPDX-License-Identifier: Apache-2.0
"""The contract: what /openapi.json says is what the daemon does."""
import base64
import copy
import hashlib
import json
import re

import contract
from harness import SECRET, Answer, Client, Daemon, the_contract, token
from tap import Failed, Skip, case, check, equal, run

METHODS = ("get", "post", "put", "patch", "delete")


def filled(path, value="no-such-thing"):
    return re.sub(r"\{[^}]*\}", value, path)


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


@case("the contract is served without a credential, and again only when it changed")
def _(folder):
    with Daemon(folder, store="memory") as daemon, Client(daemon.port, None) as client:
        for path, media in (("/openapi.json", "application/json"), ("/docs", "text/html; charset=utf-8")):
            first = client.get(path)
            equal(first.status, 200, path)
            equal(first.headers["Content-Type"], media, path)
            equal(first.headers["Cache-Control"], "no-cache", path)
            tag = first.headers["ETag"]
            for known in (tag, "W/" + tag, f'"other", {tag}', "*"):
                again = client.get(path, {"If-None-Match": known})
                equal((again.status, again.body, again.headers["ETag"]), (304, b"", tag), known)
                check(again.headers["Content-Length"] is None, "a 304 with a length")
            equal(client.get(path, {"If-None-Match": '"other"'}).status, 200, "another tag")
            head = client.request("HEAD", path)
            equal((head.status, head.body, head.headers["Content-Length"]),
                  (200, b"", str(len(first.body))), "HEAD")


@case("the contract is OpenAPI 3.1 whose references all lead somewhere")
def _(_folder):
    document = the_contract().document
    equal(document["openapi"], "3.1.0")
    found = set(references(document))
    check(len(found) > 20, f"only {len(found)} references")
    for reference in found:
        at = document
        for step in reference[2:].split("/"):
            check(step in at, f"{reference} leads nowhere")
            at = at[step]
    names = [operation["operationId"] for _, _, operation in operations(document)]
    equal(len(names), len(set(names)), "operation ids")
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        check(set(operation["tags"]) <= tags, f"{method} {path}: tags")
        wanted = set(re.findall(r"\{([^}]*)\}", path))
        parameters = [the_contract().follow(p) for p in operation["parameters"]]
        equal({p["name"] for p in parameters if p["in"] == "path"}, wanted, f"{method} {path}")
        check(all(p["required"] for p in parameters if p["in"] == "path"), f"{path}: a path parameter is optional")


@case("every schema is a schema, and every example fits its own")
def _(_folder):
    judge = the_contract()
    if not judge.make:
        raise Skip(contract.why_not(judge))
    for name, schema in judge.document["components"]["schemas"].items():
        judge.make.check_schema(schema)
        for number, example in enumerate(schema.get("examples", [])):
            judge.validate(f"example {number} of {name}", schema, example)
    for path, method, operation in operations(judge.document):
        contents = [operation.get("requestBody", {}).get("content", {})]
        contents += [judge.follow(r).get("content", {}) for r in operation["responses"].values()]
        for content in contents:
            for media, one in content.items():
                if "example" in one:
                    judge.validate(f"{method} {path} {media} {one['schema']}", one["schema"], one["example"])


@case("the daemon has every operation of the contract and no method more")
def _(folder):
    document = the_contract().document
    with Daemon(folder, store="memory") as daemon, Client(daemon.port, None) as client:
        for path, methods in document["paths"].items():
            want = {m.upper() for m in methods} | {"OPTIONS"} | ({"HEAD"} if "get" in methods else set())
            options = client.request("OPTIONS", filled(path))
            equal(options.status, 204, f"OPTIONS {path}")
            equal(set(options.headers["Allow"].split(", ")), want, f"Allow of {path}")
            for method in METHODS:
                answer = client.request(method.upper(), filled(path))
                if method in methods:
                    check(answer.status != 405, f"{method} {path} is not there")
                    if methods[method]["security"]:
                        equal(answer.status, 401, f"{method} {path} without a credential")
                else:
                    equal(answer.status, 405, f"{method} {path}")
                    equal(answer.error["code"], "METHOD_NOT_ALLOWED")
                    equal(set(answer.headers["Allow"].split(", ")), want, f"Allow of {path}")


@case("every GET answers HEAD with the same head and no body")
def _(folder):
    document = the_contract().document
    with Daemon(folder, store="memory") as daemon, daemon.client() as client:
        for path, methods in document["paths"].items():
            if "get" not in methods:
                continue
            get, head = client.get(filled(path)), client.request("HEAD", filled(path))
            equal((head.status, head.body), (get.status, b""), path)
            equal(head.headers["Content-Type"], get.headers["Content-Type"], path)


@case("every error is a problem document for those who ask for one")
def _(folder):
    document = the_contract().document
    wanted = {"Accept": "text/html;q=0.1, application/problem+json"}
    with Daemon(folder, store="memory") as daemon, daemon.client() as client, Client(daemon.port, None) as stranger:
        cases = [(stranger, "GET", filled(path), 401) for path, methods in document["paths"].items()
                 if "get" in methods and methods["get"]["security"]]
        cases += [(client, "GET", "/no/such/thing", 404), (client, "DELETE", "/health", 405),
                  (client, "GET", "/api/v2/chat/conversations/none", 404),
                  (client, "GET", "/api/v2/chat/conversations/none/history?page=0", 400),
                  (client, "GET", "/api/v2/chat/conversations/%zz", 400)]
        for one, method, path, status in cases:
            plain = one.request(method, path)
            answer = one.request(method, path, None, wanted)
            equal((plain.status, answer.status), (status, status), path)
            equal(plain.headers["Content-Type"], "application/json", path)
            equal(answer.headers["Content-Type"], "application/problem+json", path)
            problem = answer.json
            equal(problem["type"], "/docs#error-" + problem["code"], path)
            equal((problem["status"], problem["code"], problem["detail"]),
                  (status, plain.error["code"], plain.error["message"]), path)
            equal(problem["request_id"], answer.headers["X-Request-ID"], path)


# What is looked at by nobody before its signature is: test_webhooks.py.
SIGNED = {"receiveWebhook"}


@case("a body of another media type gets 415, on every operation that takes one")
def _(folder):
    document = the_contract().document
    with Daemon(folder, store="memory") as daemon, daemon.client() as client:
        for path, method, operation in operations(document):
            if "requestBody" not in operation or operation["operationId"] in SIGNED:
                continue
            for media in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
                answer = client.request(method.upper(), filled(path), "{}", {"Content-Type": media})
                equal((answer.status, answer.error["code"]), (415, "UNSUPPORTED_MEDIA_TYPE"),
                      f"{method} {path} {media}")


@case("a body that is no JSON gets 400, and one that is no object 422, on every operation that takes one")
def _(folder):
    document = the_contract().document
    with Daemon(folder, store="memory") as daemon, daemon.client() as client:
        for path, method, operation in operations(document):
            if "requestBody" not in operation or operation["operationId"] in SIGNED:
                continue
            answer = client.request(method.upper(), filled(path), '{"a":1,}')
            equal((answer.status, answer.error["code"]), (400, "VALIDATION_ERROR"), f"{method} {path}")
            equal(client.request(method.upper(), filled(path), "[]").status, 422, f"{method} {path}")


@case("b79_ a wrong parameter is 400 and named, on every operation that takes one")
def _(folder):
    judge, tried = the_contract(), 0
    with Daemon(folder, store="memory") as daemon, daemon.client() as client:
        for path, method, operation in operations(judge.document):
            for one in map(judge.follow, operation["parameters"]):
                kind = judge.follow(one["schema"]).get("type")
                if one["in"] != "query" or kind not in ("integer", "boolean") or not operation["security"]:
                    continue
                answer = client.request(method.upper(), f"{filled(path)}?{one['name']}=x%20y")
                equal((answer.status, answer.error["code"]), (400, "VALIDATION_ERROR"), f"{method} {path} {one['name']}")
                equal([field["field"] for field in answer.error["details"]["fields"]], [one["name"]],
                      f"{method} {path}: the fields named")
                tried += 1
    check(tried > 10, f"only {tried} parameters")


@case("b48_ b50_ a credential without the permission is 403 on every operation, none at all 401")
def _(folder):
    document, tried = the_contract().document, 0
    options = ("-D", "auth.jwt.algorithm=HS256")
    with Daemon(folder, *options, store="memory", env={"PALAVER_AUTH_JWT_SECRET": SECRET}) as daemon, \
            Client(daemon.port, None) as client:
        bearer = {"Authorization": "Bearer " + token({"role": None, "permissions": ["nothing:at-all"]})}
        for path, method, operation in operations(document):
            if "x-permission" not in operation:
                continue
            body = "{}" if "requestBody" in operation else None
            answer = client.request(method.upper(), filled(path), body, bearer)
            equal((answer.status, answer.error["code"]), (403, "ACCESS_DENIED"), f"{method} {path}")
            answer = client.request(method.upper(), filled(path), body)
            equal((answer.status, answer.error["code"]), (401, "AUTHENTICATION_FAILED"), f"{method} {path}")
            tried += 1
    check(tried > 20, f"only {tried} operations")


@case("the page's policy allows the script and the style that stand in it and nothing else")
def _(folder):
    with Daemon(folder, store="memory") as daemon, Client(daemon.port, None) as client:
        answer = client.get("/docs")
        page, policy = answer.body.decode(), answer.headers["Content-Security-Policy"]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        equal(rules["default-src"], "'none'")
        for tag, rule in (("style", "style-src"), ("script", "script-src")):
            inside = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.S)
            equal(len(inside), 1, tag)
            digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
            equal(rules[rule], f"'sha256-{digest}'", rule)
        check(not re.search(r"(src|href)=\"(https?:)?//", page), "the page loads something from elsewhere")
        equal(answer.headers["X-Content-Type-Options"], "nosniff")


@case("an answer that the contract does not allow is noticed")
def _(folder):
    judge = the_contract()
    if not judge.make:
        raise Skip(contract.why_not(judge))
    with Daemon(folder, store="memory") as daemon, daemon.client() as client:
        good = client.get("/health/live")
        missing = client.get("/api/v2/chat/conversations/none")

    def changed(answer, status=None, body=None, media=None):
        headers = copy.copy(answer.headers)
        if media:
            headers.replace_header("Content-Type", media)
        return Answer(status or answer.status, headers, json.dumps({**answer.json, **(body or {})}).encode())

    judge.judge("GET", "/health/live", good)
    planted = [("GET", "/health/live", changed(good, status=202)),
               ("GET", "/health/live", changed(good, media="text/plain")),
               ("GET", "/health/live", changed(good, body={"status": 5})),
               ("GET", "/no/such/path", changed(good)),
               ("GET", "/api/v2/chat/conversations/none", changed(missing, body={"data": {}})),
               ("GET", "/api/v2/chat/conversations/none", changed(missing, status=418)),
               ("GET", "/api/v2/chat/conversations/none", changed(missing, status=401))]
    for method, target, answer in planted:
        try:
            judge.judge(method, target, answer)
        except Failed:
            continue
        check(False, f"{target} {answer.status} {answer.body!r} went unnoticed")


run()
