#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may: API keys, tokens and tenants while the daemon serves; quotas, origins, roles."""
import base64
import contextlib
import json
import os
import sqlite3
import subprocess
import threading
import time

from harness import DAEMON, SECRET, Client, Daemon, message, run as run_program, token, wait_for, write
from tap import Skip, case, check, equal, run

KEYS = "/api/v2/api-keys"
TENANT = "/api/v2/tenant"
REVOKE = "/api/v2/auth/revoke"
CHAT = "/api/v2/chat/message"


def tool(daemon, *argv, code=0):
    """The data that palaverctl --json prints."""
    got, out, err = daemon.tool(*argv, "--json")
    equal(got, code, f"{argv}: {out} {err}")
    return json.loads(out)


def make_key(client, permissions, status=201, **more):
    answer = client.post({"name": "k", "permissions": permissions, **more}, path=KEYS)
    equal(answer.status, status, answer.body)
    return answer.json["data"] if status == 201 else answer.error


def status_of(daemon, key, path=TENANT, headers=None):
    with daemon.client(key) as client:
        return client.get(path, headers).status


def with_tokens(folder, keys="", **options):
    """A daemon that takes bearer tokens, its tenant made in a first life under --dev."""
    with Daemon(folder) as first:
        key = first.key
        first.stop()
    path = write(os.path.join(folder, "palaver.yaml"), f"""\
state_dir: {folder}/state
auth:
  jwt:
    algorithm: HS256
    secret: {SECRET}
{keys}
limits: {{enabled: false}}
http: {{listen: ["127.0.0.1:0"]}}
""")
    daemon = Daemon(folder, dev=False, config=path, **options)
    return daemon, key


def bearer(**claims):
    return {"Authorization": "Bearer " + token(claims)}


# --- API keys ---------------------------------------------------------------------------------------


@case("b53_a_key_is_made_used_listed_and_revoked_and_its_text_is_shown_once")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        made = make_key(client, ["conversations:read", "conversations:write"], scopes=["conversations:*"],
                        expires_at="2099-01-01T00:00:00Z", rate_limit_per_minute=50)
        check(made["key"].startswith("cb_live_") and made["key"][:16] == made["key_prefix"], made)
        equal((made["status"], made["scopes"], made["rate_limit_per_minute"]), ("active", ["conversations:*"], 50))
        with daemon.client(made["key"]) as own:
            own.say("hello")
            equal(own.get(KEYS).status, 403)
        for path in (KEYS, f"{KEYS}/{made['key_id']}"):
            answer = client.get(path)
            equal(answer.status, 200, answer.body)
            check(made["key"].encode() not in answer.body, "the text is shown again")
        listed = {k["key_id"]: k for k in client.get(KEYS).json["data"]["api_keys"]}
        check(listed[made["key_id"]]["last_used_at"], listed)
        equal(client.request("DELETE", f"{KEYS}/{made['key_id']}").status, 200)
        equal(status_of(daemon, made["key"]), 401)
        equal(client.get(f"{KEYS}/{made['key_id']}").json["data"]["status"], "revoked")
        equal(client.request("DELETE", f"{KEYS}/nothing").status, 404)
        equal(client.get(f"{KEYS}/nothing").status, 404)
        daemon.stop()
    for name in os.listdir(daemon.state):
        with open(os.path.join(daemon.state, name), "rb") as file:
            check(made["key"].encode() not in file.read(), f"{name} has the key's text")


@case("a key's scopes narrow its permissions, at once and after a restart")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        made = make_key(client, ["*"], scopes=["conversations:read"])
        for _life in range(2):
            with daemon.client(made["key"]) as own:
                equal(own.get("/api/v2/chat/conversations").status, 200)
                equal((own.post(message("hello")).status, own.get(KEYS).status), (403, 403))
            daemon.kill()
            daemon.start()


@case("messages:send is enough to send messages, one or many, and for nothing else")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        made = make_key(client, ["messages:send"])
        with daemon.client(made["key"]) as own:
            conversation = own.say("hello")["conversation_id"]
            bulk = own.post({"messages": [message("again", conversation)]}, path="/api/v2/chat/bulk")
            equal(bulk.status, 200, bulk.body)
            equal(own.get(f"/api/v2/chat/conversations/{conversation}/history").status, 403)
            equal(own.post({}, path=f"/api/v2/chat/conversations/{conversation}/close").status, 403)


@case("a revocation bites on a connection that is open already, and survives kill -9")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        made = make_key(client, ["*"])
        with daemon.client(made["key"]) as own:
            equal(own.get(TENANT).status, 200)
            equal(client.request("DELETE", f"{KEYS}/{made['key_id']}").status, 200)
            equal(own.get(TENANT).status, 401)
        daemon.kill()
        daemon.start()
        equal(status_of(daemon, made["key"]), 401)


@case("two keys are live at once after a rotation, until the grace ends")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        old = make_key(client, ["config:read"])
        answer = client.post({"grace_minutes": 10}, path=f"{KEYS}/{old['key_id']}/rotate")
        equal(answer.status, 201, answer.body)
        new = answer.json["data"]
        equal((new["replaces"], new["permissions"]), (old["key_id"], ["config:read"]))
        equal((status_of(daemon, old["key"]), status_of(daemon, new["key"])), (200, 200))
        check(client.get(f"{KEYS}/{old['key_id']}").json["data"]["expires_at"], "no end of the old one")
        answer = client.post({"grace_minutes": 0}, path=f"{KEYS}/{new['key_id']}/rotate")
        newest = answer.json["data"]
        equal((status_of(daemon, new["key"]), status_of(daemon, newest["key"])), (401, 200))
        equal(client.post("", path=f"{KEYS}/{new['key_id']}/rotate").status, 409)
        equal(client.post("", path=f"{KEYS}/nothing/rotate").status, 404)
        for wrong in (-1, 10081, "1", 1.5):
            answer = client.post({"grace_minutes": wrong}, path=f"{KEYS}/{newest['key_id']}/rotate")
            equal((answer.status, answer.error["details"]["fields"][0]["field"]), (422, "grace_minutes"))


@case("all wrong fields of a key are named, and no permission goes beyond one's own")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        answer = client.post({"name": " ", "permissions": ["a", "b:c:d", "*:x", 5], "scopes": ["anything"],
                              "expires_at": "2001-01-01T00:00:00Z", "allowed_ips": ["10.0.0.0/33"],
                              "rate_limit_per_minute": 0, "require_https": "yes",
                              "environment": "prod"}, path=KEYS)
        equal(answer.status, 422, answer.body)
        named = {f["field"].split("[")[0] for f in answer.error["details"]["fields"]}
        equal(named, {"name", "permissions", "scopes", "expires_at", "allowed_ips",
                      "rate_limit_per_minute", "require_https", "environment"})
        for body in ({}, {"name": "x"}, {"name": "x", "permissions": []},
                     {"name": "x", "permissions": ["a:b"] * 33}, {"name": "x" * 256, "permissions": ["*"]}):
            equal(client.post(body, path=KEYS).status, 422, body)
        small = make_key(client, ["config:api_keys", "config:read"])
        with daemon.client(small["key"]) as own:
            make_key(own, ["config:read"])
            for wanted in (["*"], ["config:*"], ["conversations:read"]):
                equal(make_key(own, wanted, status=403)["code"], "ACCESS_DENIED")


@case("a key keeps to its addresses and to HTTPS, told by a trusted proxy only")
def _(folder):
    with Daemon(folder, "-D", "http.trusted_proxies=127.0.0.1") as daemon, daemon.client() as client:
        near = make_key(client, ["config:read"], allowed_ips=["10.1.0.0/16", "2001:db8::/32"])
        for address, want in (("10.1.2.3", 200), ("2001:db8::1", 200), ("10.2.0.1", 403), (None, 403)):
            equal(status_of(daemon, near["key"], headers={"X-Forwarded-For": address}), want, address)
        safe = make_key(client, ["config:read"], require_https=True)
        equal(status_of(daemon, safe["key"]), 403)
        equal(status_of(daemon, safe["key"], headers={"X-Forwarded-Proto": "https"}), 200)
        daemon.stop()
    with Daemon(folder) as daemon:     # nobody is trusted: the header is anybody's say
        equal(status_of(daemon, safe["key"], headers={"X-Forwarded-Proto": "https"}), 403)
        equal(status_of(daemon, near["key"], headers={"X-Forwarded-For": "10.1.2.3"}), 403)


# --- Tokens -----------------------------------------------------------------------------------------


@case("b46_b49_an_expired_a_wrong_and_a_revoked_token_are_told_apart_from_no_credential")
def _(folder):
    daemon, key = with_tokens(folder)
    with daemon, daemon.client(None) as client:
        client.key = None
        answer = client.get(TENANT)
        equal((answer.status, answer.error["code"]), (401, "AUTHENTICATION_FAILED"))
        check(answer.headers["WWW-Authenticate"], "no challenge")
        for claims, code in (({"exp": int(time.time()) - 100}, "TOKEN_EXPIRED"),
                             ({"iss": "other"}, "INVALID_TOKEN"), ({"aud": None}, "INVALID_TOKEN"),
                             ({"tenant_id": "nobody"}, "INVALID_TOKEN"),
                             ({"exp": int(time.time()) - 100, "iss": "other"}, "INVALID_TOKEN")):
            answer = client.get(TENANT, bearer(**claims))
            equal((answer.status, answer.error["code"]), (401, code), claims)
        good = bearer(jti="j-1", permissions=["config:read"])
        equal(client.get(TENANT, good).status, 200)
        until = int(time.time()) + 600
        with daemon.client(key) as admin:
            equal(admin.post({"jti": "j-1", "exp": until}, path=REVOKE).status, 200)
            for wrong in ({"jti": "j"}, {"exp": until}, {"jti": "j", "exp": 1}, {"jti": 5, "exp": until},
                          {"jti": "", "exp": until}, {"jti": "j", "exp": until + 366 * 86400}):
                equal(admin.post(wrong, path=REVOKE).status, 422, wrong)
        equal(client.get(TENANT, good).error["code"], "INVALID_TOKEN")
        equal(client.get(TENANT, bearer(jti="j-2", permissions=["config:read"])).status, 200)
        equal(client.post({"jti": "j-2", "exp": until}, bearer(permissions=["config:read"]), REVOKE).status,
              403)
        daemon.kill()
        daemon.start()
        with daemon.client(None) as again:
            again.key = None
            equal(again.get(TENANT, good).error["code"], "INVALID_TOKEN", "after a restart")


def sign(header, claims, key_file):
    """A token signed by the openssl program: RS256 or ES256 or EdDSA after the key."""
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    signed = part(json.dumps(header).encode()) + b"." + part(json.dumps(claims).encode())
    if header["alg"] == "EdDSA":
        path = write(key_file + ".in", signed.decode())
        got = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key_file, "-in", path],
                             capture_output=True, check=True).stdout
    else:
        got = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key_file], input=signed,
                             capture_output=True, check=True).stdout
    if header["alg"] == "ES256":
        r_len = got[3]
        r, s = got[4:4 + r_len], got[6 + r_len:]
        got = r[-32:].rjust(32, b"\0") + s[-32:].rjust(32, b"\0")
    return (signed + b"." + part(got)).decode()


def make_pair(folder, name, *argv):
    private, public = os.path.join(folder, name), os.path.join(folder, name + ".pub")
    subprocess.run(["openssl", "genpkey", *argv, "-out", private], capture_output=True, check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], capture_output=True,
                   check=True)
    return private


@case("b49_tokens_of_every_algorithm_are_checked_by_the_key_their_kid_names")
def _(folder):
    pairs = {"RS256": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
             "ES256": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
             "EdDSA": ("-algorithm", "ED25519")}
    try:
        made = {alg: make_pair(folder, alg, *argv) for alg, argv in pairs.items()}
    except FileNotFoundError:
        raise Skip("there is no openssl program here") from None
    keys = "    keys:\n" + "".join(
        f"      - {{kid: {alg}, algorithm: {alg}, public_key_file: {alg}.pub}}\n" for alg in made)
    daemon, _ = with_tokens(folder, keys)
    claims = {"sub": "ann", "tenant_id": "demo", "exp": int(time.time()) + 600, "iss": "chatbot-platform",
              "aud": "chatbot-api", "permissions": ["config:read"]}
    with daemon, daemon.client(None) as client:
        client.key = None

        def ask(text):
            return client.get(TENANT, {"Authorization": "Bearer " + text}).status
        for alg, private in made.items():
            good = sign({"alg": alg, "kid": alg}, claims, private)
            equal((ask(good), ask(good)), (200, 200), alg)
            for other in made:
                if other != alg:
                    equal(ask(sign({"alg": alg, "kid": other}, claims, private)), 401, (alg, other))
            equal(ask(sign({"alg": alg}, claims, private)), 401, f"{alg} without kid")
            with open(private + ".pub", encoding="ascii") as file:
                public = file.read()
            equal(ask(token({"permissions": ["config:read"]}, {"alg": "HS256", "kid": alg}, public)), 401,
                  "an HMAC under the public key")
        equal(ask(token({"permissions": ["config:read"]})), 200, "the key without kid")


@case("a key that does not fit its algorithm keeps the daemon from starting, exit 78")
def _(folder):
    try:
        make_pair(folder, "ec", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    except FileNotFoundError:
        raise Skip("there is no openssl program here") from None
    for item in ("{kid: a, algorithm: RS256, public_key_file: ec.pub}",
                 "{kid: a, algorithm: ES256, public_key_file: nothing.pub}",
                 "{kid: a, algorithm: HS512, secret_file: ec}",
                 "{algorithm: ES256, jwks_file: ec.pub}"):
        path = write(os.path.join(folder, "p.yaml"),
                     f"state_dir: {folder}/s\nauth: {{jwt: {{keys: [{item}]}}}}\n"
                     "http: {listen: [\"127.0.0.1:0\"]}\n")
        code, out, err = run_program([DAEMON, "-c", path])
        check(code == 78 and "auth.jwt.keys" in out + err, f"{item}: {code} {err}")


@case("a credential that is known and refused is in the audit trail, a stranger's is not")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        made = make_key(client, ["config:read"], allowed_ips=["10.0.0.0/8"])
        equal(status_of(daemon, made["key"], headers={"X-Request-ID": "audit-1"}), 403)
        equal(status_of(daemon, "cb_live_" + "0" * 64), 401)
        equal(client.request("DELETE", f"{KEYS}/{made['key_id']}").status, 200)
        equal(status_of(daemon, made["key"]), 401)
        daemon.stop()
    with contextlib.closing(sqlite3.connect(os.path.join(daemon.state, "palaver.db"))) as store:
        tables = [name for name, in store.execute("SELECT name FROM sqlite_schema WHERE name LIKE '%audit%' "
                                                  "AND type = 'table'")]
        rows = [str(row) for table in tables for row in store.execute(f"SELECT * FROM {table}")]
    refused = [row for row in rows if "auth.refused" in row]
    equal(len(refused), 2, rows)
    check("ACCESS_DENIED" in refused[0] and "audit-1" in refused[0] and made["key_id"] in refused[0], refused)
    check("AUTHENTICATION_FAILED" in refused[1], refused)
    for event in ("api_key.created", "api_key.revoked"):
        check(any(event in row for row in rows), f"no {event}")
    check(not any(made["key"] in row for row in rows), "the text of a key in the trail")


@case("production refuses a listed secret that can be guessed, exit 78")
def _(folder):
    secret = write(os.path.join(folder, "weak"), "change-me-change-me-change-me-change-me\n")
    os.chmod(secret, 0o600)
    path = write(os.path.join(folder, "p.yaml"), f"""\
state_dir: {folder}/s
environment: production
http: {{listen: ["127.0.0.1:0"]}}
auth: {{jwt: {{keys: [{{kid: a, algorithm: HS256, secret_file: weak}}]}}}}
""")
    code, out, err = run_program([DAEMON, "-c", path])
    check(code == 78 and "can be guessed" in out + err and "change-me" not in out + err, f"{code} {err}")


# --- Tenants ----------------------------------------------------------------------------------------


@case("palaverctl makes, shows, changes, suspends and activates tenants, and makes their keys")
def _(folder):
    with Daemon(folder) as daemon:
        made = tool(daemon, "tenant", "add", "acme", "plan=free", "residency=eu", "name=Acme Inc")
        equal((made["plan_type"], made["data_residency"], made["name"]), ("free", "eu", "Acme Inc"))
        equal(made["quotas"]["messages_per_month"], 1000)
        key = tool(daemon, "key", "create", "acme", "backend", "conversations:*,config:*", "days=30")
        equal(key["permissions"], ["conversations:*", "config:*"])
        with daemon.client(key["key"]) as client:
            answer = client.post(message("hello"))
            equal(answer.status, 200, answer.body)
            equal((answer.headers["X-Tenant-ID"], answer.headers["X-Data-Residency"]), ("acme", "eu"))
            tool(daemon, "tenant", "suspend", "acme")
            answer = client.post(message("hello"))
            equal((answer.status, answer.error["code"]), (403, "TENANT_ERROR"))
            tool(daemon, "tenant", "activate", "acme")
            equal(client.get(TENANT).status, 200)
            equal(client.get(TENANT).json["data"]["usage"]["messages_this_month"], 1)
        changed = tool(daemon, "tenant", "set", "acme", "quota.messages_per_month=5", "feature.api_keys=off")
        equal((changed["quotas"]["messages_per_month"], changed["features"]["api_keys"]), (5, False))
        with daemon.client(key["key"]) as client:
            equal(client.get(KEYS).status, 403, "without the feature")
        names = [t["tenant_id"] for t in tool(daemon, "tenant", "list")["tenants"]]
        equal(names, ["demo", "acme"])
        equal(tool(daemon, "key", "list", "acme")["total"], 1)
        new = tool(daemon, "key", "rotate", "acme", key["key_id"], "grace_minutes=0")
        equal((status_of(daemon, key["key"]), status_of(daemon, new["key"])), (401, 200))
        tool(daemon, "key", "revoke", "acme", new["key_id"])
        equal(status_of(daemon, new["key"]), 401)
        for argv in (("tenant", "add", "acme"), ("tenant", "show", "nobody"), ("tenant", "add", "A B"),
                     ("tenant", "set", "acme", "plan=gold"), ("key", "create", "nobody", "n", "*"),
                     ("key", "create", "acme", "n", "all"), ("key", "revoke", "acme", "nothing"),
                     ("key", "create", "acme", "n", "*", "from=everywhere"),
                     ("key", "rotate", "acme", "x", "grace_minutes=10081")):
            tool(daemon, *argv, code=1)
        code, _, err = daemon.tool("key", "create", "acme", "n", "*", "colour=red")
        check(code == 2 and "colour" in err, err)
        code, out, _ = daemon.tool("tenant", "show", "acme")
        check(code == 0 and "plan: free" in out, out)
        daemon.kill()
        daemon.start()
        equal(tool(daemon, "tenant", "show", "acme")["quotas"]["messages_per_month"], 5)


@case("a tenant's administrators see it and change its settings, and nothing else of it")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        answer = client.request("PATCH", TENANT + "/settings", {"settings": {"a": 1, "b": {"c": 2}}})
        equal((answer.status, answer.json["data"]["settings"]), (200, {"a": 1, "b": {"c": 2}}))
        answer = client.request("PATCH", TENANT + "/settings", {"settings": {"a": None, "d": "x"}})
        equal(answer.json["data"]["settings"], {"b": {"c": 2}, "d": "x"})
        equal(client.get(TENANT).json["data"]["settings"], {"b": {"c": 2}, "d": "x"})
        for wrong in ({}, {"settings": 1}, {"settings": {"$set": 1}}, {"settings": {"x": "y" * 10300}}):
            equal(client.request("PATCH", TENANT + "/settings", wrong).status, 422, wrong.keys())
        answer = client.request("PATCH", TENANT + "/settings", {"settings": {"x": "y" * 6000}})
        equal(answer.status, 200)
        answer = client.request("PATCH", TENANT + "/settings", {"settings": {"z": "y" * 6000}})
        equal(answer.status, 422, "too much in all")
        reader = make_key(client, ["config:read"])
        with daemon.client(reader["key"]) as own:
            equal(own.request("PATCH", TENANT + "/settings", {"settings": {}}).status, 403)


@case("b19_the_quota_of_messages_is_kept_exactly_and_counts_no_repeat_and_no_refusal")
def _(folder):
    with Daemon(folder) as daemon:
        tool(daemon, "tenant", "add", "acme", "plan=custom", "quota.messages_per_month=5")
        key = tool(daemon, "key", "create", "acme", "k", "*")["key"]
        with daemon.client(key) as client:
            first = message("hello")
            equal(client.post(first).status, 200)
            equal([client.post(first).status for _ in range(3)], [200] * 3, "repeats")
            equal(client.post({"user_id": "x"}).status, 422)
            for _ in range(4):
                equal(client.post(message("hello")).status, 200)
            answer = client.post(message("hello"))
            equal((answer.status, answer.error["code"]), (429, "QUOTA_EXCEEDED"))
            got = answer.headers
            equal((got["X-Quota-Name"], got["X-Quota-Limit"], got["X-Quota-Used"], got["X-Quota-Remaining"]),
                  ("messages_per_month", "5", "5", "0"))
            check(int(got["Retry-After"]) > 0, got["Retry-After"])
            equal(client.get(TENANT).status, 200, "what is no message goes on")
            daemon.stop()
            daemon.start()
        with daemon.client(key) as client:
            equal(client.post(message("hello")).status, 429, "after a restart")
            equal(client.get(TENANT).json["data"]["usage"]["messages_this_month"], 5)
            tool(daemon, "tenant", "set", "acme", "quota.messages_per_month=6")
            equal(client.post(message("hello")).status, 200)


@case("the quota of integrations holds for channels that lead outside, and deleting one makes room")
def _(folder):
    channel = "/api/v2/channels/webhook"
    setting = {"url": "https://shop.example/in", "webhook_secret": "whsec_" + base64.b64encode(bytes(32)).decode()}

    def put(client):
        return client.request("PUT", channel, setting)
    with Daemon(folder) as daemon:
        tool(daemon, "tenant", "add", "acme", "plan=custom", "quota.integrations=0")
        key = tool(daemon, "key", "create", "acme", "k", "*")["key"]
        with daemon.client(key) as client:
            answer = put(client)
            equal((answer.status, answer.error["code"]), (429, "QUOTA_EXCEEDED"))
            got = answer.headers
            equal((got["X-Quota-Name"], got["X-Quota-Limit"], got["X-Quota-Used"], got["X-Quota-Remaining"]),
                  ("integrations", "0", "0", "0"))
            equal(client.get(channel).status, 404, "it was not set up")
            equal(client.request("PUT", "/api/v2/channels/web", {}).status, 200, "web leads nowhere outside")
            tool(daemon, "tenant", "set", "acme", "quota.integrations=1")
            equal([put(client).status, put(client).status], [200, 200], "the same channel twice")
            tool(daemon, "tenant", "set", "acme", "quota.integrations=0")
            daemon.stop()
            daemon.start()
        with daemon.client(key) as client:
            equal(put(client).status, 200, "what is set up can be changed")
            equal(client.request("DELETE", channel).status, 200)
            equal(put(client).status, 429, "it is set up anew")


@case("requests at the same time together never exceed the quota")
def _(folder):
    with Daemon(folder, "-D", "http.loops=4") as daemon:
        tool(daemon, "tenant", "add", "acme", "plan=custom", "quota.messages_per_month=40")
        key = tool(daemon, "key", "create", "acme", "k", "*")["key"]
        counts, lock = [], threading.Lock()

        def work():
            with daemon.client(key) as client:
                got = [client.post(message("hello")).status for _ in range(12)]
            with lock:
                counts.extend(got)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal((counts.count(200), counts.count(429)), (40, 56))


@case("what was counted is written behind and there after kill -9")
def _(folder):
    with Daemon(folder) as daemon:
        with daemon.client() as client:
            for _ in range(5):
                client.say("hello")

        def written():
            with contextlib.closing(sqlite3.connect(os.path.join(daemon.state, "palaver.db"))) as store:
                rows = store.execute("SELECT body FROM record WHERE kind = 'usage'").fetchall()
            return [json.loads(body)["messages"] for body, in rows] == [5]
        wait_for(written, "the count is written behind")
        daemon.kill()
        daemon.start()
        with daemon.client() as client:
            equal(client.get(TENANT).json["data"]["usage"]["messages_this_month"], 5)


# --- Limits -----------------------------------------------------------------------------------------


@case("b41_a_key_has_its_own_limit_and_its_tenant_a_ceiling_which_palaverctl_shows_and_resets")
def _(folder):
    with Daemon(folder, "-D", "limits.enabled=true") as daemon:
        tool(daemon, "tenant", "add", "acme", "plan=custom", "quota.api_calls_per_minute=10")
        one = tool(daemon, "key", "create", "acme", "k", "config:*", "per_minute=6")
        two = tool(daemon, "key", "create", "acme", "k", "config:*")
        with daemon.client(one["key"]) as client:
            got = [client.get(TENANT) for _ in range(8)]
            equal([a.status for a in got], [200] * 6 + [429] * 2)
            equal((got[0].headers["X-RateLimit-Limit"], got[-1].headers["X-RateLimit-Type"]),
                  ("6", "api_key"))
        with daemon.client(two["key"]) as client:
            got = [client.get(TENANT) for _ in range(6)]
            equal([a.status for a in got], [200] * 4 + [429] * 2, "the tenant's ceiling")
            equal(got[-1].headers["X-RateLimit-Type"], "tenant")
            check(int(got[-1].headers["Retry-After"]) >= 1, "no wait")
            shown = tool(daemon, "limits", "show", "acme", "tenant")
            equal((shown["windows"][0]["used"], shown["windows"][0]["limit"], shown["admitted"]),
                  (10, 10, False))
            shown = tool(daemon, "limits", "show", "acme", "key", one["key_id"])
            equal((shown["windows"][0]["used"], shown["windows"][0]["limit"]), (6, 6))
            equal(client.get(TENANT).status, 429)
            equal(tool(daemon, "limits", "reset", "acme", "tenant")["reset"], True)
            equal(client.get(TENANT).status, 200)
            equal(tool(daemon, "limits", "reset", "acme", "key", "nothing")["reset"], False)
            tool(daemon, "limits", "show", "nobody", "tenant", code=1)
            tool(daemon, "limits", "show", "acme", "key", code=1)


@case("b43_bulk_has_its_own_rule_a_fifth_of_the_requests_and_ten_times_as_many_messages")
def _(folder):
    def send(client, count):
        messages = [message("hello") for _ in range(count)]
        return client.post({"messages": messages}, path="/api/v2/chat/bulk")
    with Daemon(folder, "-D", "limits.enabled=true") as daemon:
        key = tool(daemon, "key", "create", "demo", "k", "*", "per_minute=15")["key"]
        with daemon.client(key) as client:      # 3 requests and 150 messages a minute
            equal(send(client, 100).status, 200)
            refused = send(client, 51)
            equal((refused.status, refused.error["code"]), (429, "RATE_LIMIT_EXCEEDED"), refused.body)
            equal([send(client, n).status for n in (25, 25, 1)], [200, 200, 429])
            equal(client.post(message("hello")).status, 200, "what is no bulk goes on")


@case("a token bucket lets a burst through that a window does not")
def _(folder):
    for algorithm, admitted in (("token_bucket", 6), ("sliding_window", 3)):
        options = ["-D", "limits.enabled=true", "-D", "limits.api_key.per_minute=3",
                   "-D", f"limits.algorithm={algorithm}"]
        with Daemon(os.path.join(folder, algorithm), *options) as daemon, daemon.client() as client:
            equal([client.get(TENANT).status for _ in range(9)].count(200), admitted, algorithm)


# --- Browsers, ids, production ----------------------------------------------------------------------


@case("b75_a_listed_origin_is_echoed_and_no_other_learns_anything")
def _(folder):
    with Daemon(folder, "-D", "cors.allowed_origins=https://a.example,http://b.example:3000",
                "-D", "cors.allow_credentials=true") as daemon, daemon.client() as client:
        ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-api-key"}
        for origin in ("https://a.example", "http://b.example:3000"):
            answer = client.request("OPTIONS", CHAT, headers={"Origin": origin, "Authorization": None, **ask})
            got = answer.headers
            equal((answer.status, got["Access-Control-Allow-Origin"], got["Vary"]), (204, origin, "Origin"))
            equal(got["Access-Control-Allow-Credentials"], "true")
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
                check(method in got["Access-Control-Allow-Methods"].split(", "), method)
            for name in ("Authorization", "Content-Type", "X-Tenant-ID", "X-Request-ID", "X-API-Key"):
                check(name in got["Access-Control-Allow-Headers"].split(", "), name)
            answer = client.post(message("hello"), {"Origin": origin})
            equal((answer.status, answer.headers["Access-Control-Allow-Origin"]), (200, origin))
            check("X-RateLimit-Limit" in answer.headers["Access-Control-Expose-Headers"], "not exposed")
        for origin in ("https://evil.example", "https://a.example.evil.example", "null", "https://A.example",
                       "http://a.example"):
            answer = client.request("OPTIONS", CHAT, headers={"Origin": origin, **ask})
            check(answer.headers["Access-Control-Allow-Origin"] is None, origin)
            answer = client.post(message("hello"), {"Origin": origin})
            check(answer.headers["Access-Control-Allow-Origin"] is None, origin)
            equal(answer.headers["Vary"], "Origin")
        answer = client.get(TENANT, {"Origin": "https://a.example", "Authorization": None})
        equal((answer.status, answer.headers["Access-Control-Allow-Origin"]), (401, "https://a.example"))
    with Daemon(folder, "-D", "cors.allowed_origins=*") as daemon, daemon.client() as client:
        answer = client.post(message("hello"), {"Origin": "https://anything.example"})
        equal(answer.headers["Access-Control-Allow-Origin"], "*")
        check(answer.headers["Access-Control-Allow-Credentials"] is None, "credentials for everybody")


@case("correlation and trace ids come back, unfit ones do not")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        for name in ("X-Correlation-ID", "X-Trace-ID"):
            equal(client.get(TENANT, {name: "a-1_b.c:d"}).headers[name], "a-1_b.c:d")
            equal(client.get("/health", {name: "a"}).headers[name], "a")
            for wrong in ("a b", "x" * 129, "a\"b"):
                check(client.get(TENANT, {name: wrong}).headers[name] is None, wrong)


@case("production refuses debug, any origin and a secret that can be guessed, exit 78")
def _(folder):
    empty = write(os.path.join(folder, "palaver.yaml"), "")
    base = ["-c", empty, "-D", f"state_dir={folder}/s", "-D", "environment=production", "-D", "http.listen=127.0.0.1:0"]
    secret = write(os.path.join(folder, "secret"), "your-secret-key-change-in-production\n")
    os.chmod(secret, 0o600)
    for options, key in ((["debug=true"], "debug"), (["cors.allowed_origins=*"], "cors.allowed_origins"),
                         (["auth.jwt.algorithm=HS256", f"auth.jwt.secret_file={secret}"], "auth.jwt.secret"),
                         (["auth.jwt.algorithm=HS256"], "auth.jwt.algorithm")):
        argv = [DAEMON, *base]
        for option in options:
            argv += ["-D", option]
        code, out, err = run_program(argv)
        check(code == 78 and key in out + err, f"{options}: {code} {out} {err}")


# --- Roles ------------------------------------------------------------------------------------------

ROLES = {
    "owner": "*",
    "admin": "conversations:* config:* users:* analytics:* api:* integrations:* admin:billing admin:audit",
    "developer": "conversations:read config:read config:flows config:integrations config:models "
                 "analytics:read api:* integrations:*",
    "manager": "conversations:read conversations:export conversations:staff config:read users:read "
               "users:invite analytics:*",
    "member": "conversations:read conversations:write config:read analytics:read",
    "viewer": "conversations:read config:read analytics:read",
    "api_user": "api:read api:write conversations:read conversations:write",
    "nobody": "",
}


def grants(role, permission):
    held = ROLES[role].split()
    return any(h in ("*", permission) or (h.endswith(":*") and permission.startswith(h[:-1])) for h in held)


@case("b48_b50_every_role_may_call_exactly_the_routes_its_permissions_name")
def _(folder):
    daemon, _ = with_tokens(folder)
    with daemon, daemon.client(None) as client:
        client.key = None
        document = client.get("/openapi.json").json
        rows = [(method.upper(), path, operation.get("x-permission"))
                for path, methods in document["paths"].items() for method, operation in methods.items()
                if isinstance(operation, dict) and operation.get("security", None)]
        rows += [("GET", KEYS, "config:api_keys"), ("GET", TENANT, "config:read"),
                 ("POST", REVOKE, "users:tokens"), ("POST", CHAT, "conversations:write"),
                 ("PATCH", TENANT + "/settings", "config:settings"),
                 ("GET", "/api/v2/chat/conversations/none/history", "conversations:read")]
        rows = [(m, p.replace("{id}", "none"), w) for m, p, w in rows if w and "{" not in p.replace("{id}", "")]
        for role in ROLES:
            headers = bearer(permissions=None, user_role=role, sub=f"user-{role}")
            for method, path, permission in rows:
                body = "{}" if method in ("POST", "PUT", "PATCH") else None
                answer = client.request(method, path, body, headers)
                if grants(role, permission):
                    check(answer.status != 403 or b"staff" in answer.body,
                          f"{role} may {method} {path}: {answer.body}")
                else:
                    equal((answer.status, answer.error["code"]), (403, "ACCESS_DENIED"),
                          f"{role} {method} {path}")


@case("b48_people_read_their_own_conversations_staff_and_backends_all_of_the_tenant")
def _(folder):
    daemon, key = with_tokens(folder)
    with daemon, daemon.client(key) as backend:
        own = backend.say("hello", user_id="ann")["conversation_id"]
        path = f"/api/v2/chat/conversations/{own}"
        for who, want in ((bearer(sub="ann", permissions=None, user_role="member"), 200),
                          (bearer(sub="bob", permissions=None, user_role="member"), 404),
                          (bearer(sub="bob", permissions=None, user_role="viewer"), 404),
                          (bearer(sub="bob", permissions=None, user_role="manager"), 200),
                          (bearer(sub="bob", permissions=None, user_role="admin"), 200),
                          (bearer(sub="bob", permissions=None, user_role="owner"), 200)):
            equal(backend.get(path, who).status, want, who)
        equal(backend.get(path).status, 200)
        tool(daemon, "tenant", "add", "other")
        stranger = tool(daemon, "key", "create", "other", "k", "*")["key"]
        equal(status_of(daemon, stranger, path), 404, "another tenant")


@case("b47_a_credential_that_is_wrong_is_401_even_where_none_is_needed_beside_it")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        for headers in ({"Authorization": "ApiKey cb_test_" + "0" * 32}, {"Authorization": "Bearer x.y.z"},
                        {"Authorization": "Basic YTpi"}, {"X-API-Key": client.key}):
            equal(client.get(TENANT, headers).status, 401, headers)
        equal(client.get(TENANT, {"X-Tenant-ID": "other"}).error["code"], "TENANT_ERROR")
        equal(client.get("/health").status, 200)


run()
