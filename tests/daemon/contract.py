# SPDX-License-Identifier: Apache-2.0
"""contract.py - hold every answer against /openapi.json.

What harness.Client is answered is checked at once: the status is one the operation may give, the media
type too, the body fits its schema, and the headers that a status demands are there. The schema checks
need the package `jsonschema` from the folder PALAVER_TEST_VENV (./quickstart check makes it); without it
only they are left out, and `why_not()` says so.
"""
import glob
import json
import os
import re
import sys

from tap import Skip, check

# What the front answers before it knows which operation is meant; always an error envelope.
FRONT = {400, 408, 413, 414, 417, 431, 501, 503, 505}
# What HTTP itself, browsers and caches are told, anywhere.
PLAIN = {"date", "content-type", "content-length", "connection", "transfer-encoding", "vary", "cache-control",
         "x-content-type-options", "referrer-policy", "content-security-policy"}
HEADERS = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
JSON_TYPES = {"application/json", "application/problem+json"}


def venv():
    """The folder with the packages from PyPI; None when it was not made."""
    here = [os.environ.get("PALAVER_TEST_VENV", ""), os.path.join(os.environ.get("top_srcdir", "."), "build/tools/venv")]
    return next((os.path.abspath(f) for f in here if f and os.path.exists(os.path.join(f, "bin/python3"))), None)


def use_packages():
    """Have the packages of the venv importable; Skip without it."""
    folder = venv()
    if not folder:
        raise Skip("the packages of tests/requirements.txt are not there; ./quickstart check installs them")
    sys.path += [path for path in glob.glob(os.path.join(folder, "lib/python3*/site-packages"))
                 if path not in sys.path]


def load_validator():
    try:
        use_packages()
        import jsonschema
        return jsonschema.Draft202012Validator
    except (Skip, ImportError):
        return None


def closed(schema, is_part=False):
    """The schema, but what it does not name must not be there; parts of an allOf are open on their own."""
    if isinstance(schema, list):
        return [closed(one, is_part) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if is_part and "$ref" in schema:
        return {"$ref": schema["$ref"].replace("/schemas/", "/parts/")}
    made = {key: closed(value, key == "allOf" or (is_part and key in ("anyOf", "oneOf")))
            for key, value in schema.items() if key not in ("properties", "enum", "const", "example", "examples", "default")}
    made.update({key: schema[key] for key in ("enum", "const") if key in schema})
    if "properties" in schema:
        made["properties"] = {name: closed(part) for name, part in schema["properties"].items()}
    if not is_part and "allOf" in schema:
        made["unevaluatedProperties"] = False
    elif not is_part and "properties" in schema and "additionalProperties" not in schema:
        made["additionalProperties"] = False
    return made


class Contract:
    """The document, ready to judge answers."""

    def __init__(self, document):
        self.document = document
        schemas = document["components"]["schemas"]
        self.components = {"schemas": {name: closed(schema) for name, schema in schemas.items()},
                           "parts": {name: closed(schema, True) for name, schema in schemas.items()}}
        self.components["schemas"]["OpenApi"] = schemas["OpenApi"]      # the document itself is not told by it
        self.make = load_validator()
        self.validators = {}
        self.paths = sorted(((path, self.pattern(path)) for path in document["paths"]),
                            key=lambda entry: [part.startswith("{") for part in entry[0].split("/")])

    @staticmethod
    def pattern(path):
        return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part)
                                  for part in re.split(r"(\{[^}]*\})", path)) + r"\Z")

    def path_of(self, target):
        """The path of the document that a request target belongs to, or None. Plain segments go first."""
        path = target.split("?")[0]
        return next((known for known, pattern in self.paths if pattern.match(path)), None)

    def operation(self, method, target):
        path = self.path_of(target)
        method = "get" if method == "HEAD" else method.lower()
        return (self.document["paths"].get(path) or {}).get(method)

    def follow(self, value):
        while isinstance(value, dict) and "$ref" in value:
            at = self.document
            for step in value["$ref"][2:].split("/"):
                at = at[step]
            value = at
        return value

    def validate(self, where, schema, body):
        """Check parsed JSON against a schema of the document; it must name all that is there."""
        if not self.make:
            return
        if where not in self.validators:
            self.validators[where] = self.make({"$schema": "https://json-schema.org/draft/2020-12/schema",
                                                "components": self.components, **closed(schema)})
        error = next(self.validators[where].iter_errors(body), None)
        check(not error, f"{where}: {error and error.message} at {error and error.json_path}")

    def judge(self, method, target, answer):
        """Fail the case unless the contract allows this answer."""
        where = f"{method} {target.split('?')[0]} {answer.status}"
        if answer.status == 503 and b"Too many connections are open." in answer.body:
            return          # sent away before its request was read
        check(answer.headers.get("X-Request-ID"), f"{where}: no X-Request-ID")
        used_up = answer.headers.get("X-Quota-Name") == "integrations"     # no waiting helps
        if answer.status in HEADERS and not used_up:
            check(answer.headers.get(HEADERS[answer.status]), f"{where}: no {HEADERS[answer.status]}")
        if method == "OPTIONS" and answer.status == 204:
            check("OPTIONS" in (answer.headers.get("Allow") or ""), f"{where}: no Allow")
            return
        operation = self.operation(method, target)
        if operation is None:
            check(answer.status in FRONT | {404, 405}, f"{where}: not in the contract")
            self.judge_content(where, "front", self.document["components"]["responses"]["NotFound"], method, answer)
            return
        response = self.follow(operation["responses"].get(str(answer.status)))
        if response is None and answer.status in FRONT:
            response = self.document["components"]["responses"]["BadRequest"]
        check(response is not None, f"{where}: {operation['operationId']} does not say it may answer that: {answer.body[:300]!r}")
        self.judge_content(where, operation["operationId"], response, method, answer)

    def judge_headers(self, where, response, answer):
        named = {name.lower() for name in response.get("headers", {})} | {HEADERS.get(answer.status, "").lower()}
        more = [name for name in answer.headers if name.lower() not in named | PLAIN
                and not name.lower().startswith("access-control-")]
        check(not more, f"{where}: the contract does not name the headers {more}")

    def judge_content(self, where, operation, response, method, answer):
        self.judge_headers(where, response, answer)
        media = (answer.headers.get("Content-Type") or "").split(";")[0].strip()
        content = response.get("content")
        if not content:
            check(not answer.body, f"{where}: a body where there is none in the contract")
            return
        check(media in content, f"{where}: {media!r} is not among {sorted(content)}")
        if method != "HEAD" and media in JSON_TYPES:
            self.validate(f"{operation} {answer.status} {media}", content[media]["schema"], json.loads(answer.body))


def why_not(contract):
    """None when bodies are checked, else the reason why they are not."""
    return None if contract.make else "no jsonschema: ./quickstart check installs it"
