# SPDX-License-Identifier: Apache-2.0
"""No tenant sees another (promise P6): every operation of the contract, with another tenant's ids.

Tenant A asks for what is B's wherever an id can stand: path, query, body, header, cursor. Each request
is sent a second time with ids that nobody has: both must be answered alike, byte for byte but for what
differs in any two answers. Nothing that A is ever told holds one of B's canaries, and what B sees of its
own data afterwards is what it saw before.

CASES names every operationId of /openapi.json: one without a case fails, and so does a case without an
operation.
"""
import json
import os
import re
import time
import uuid

from harness import SECRET, Client, Daemon, message, the_contract, token, write
from tap import case, check, equal, run

CONFIG = """\
state_dir: {folder}/state
auth: {{jwt: {{algorithm: HS256, secret: {secret}}}}}
limits: {{enabled: false}}
http: {{listen: ["127.0.0.1:0"]}}
"""
CANARY = "canary-of-b-5d1f"
TOMBSTONE = re.compile(r"\buser-[0-9a-f]{32}\b")    # of the id that was asked for
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
KEY = re.compile(r"cb_(live|test)_[0-9a-f]+")
REFUSED = re.compile(r'("webhooks_refused": ?)\d+')    # a tenant is told of those who try
TIME = re.compile(r'("[a-z_]*_ms": ?)\d+')
CHAT, CONVERSATIONS, SESSIONS = "/api/v2/chat", "/api/v2/conversations", "/api/v2/sessions"


class Ids:
    """One of each kind of id: those of B, or such that nobody has."""

    def __init__(self):
        self.conversation, self.message, self.reply = (str(uuid.uuid4()) for _ in range(3))
        # of another exchange: no case gives A a message or a conversation of its own by these ids,
        # as sending and creating do by the others
        self.kept_message, self.kept_reply, self.spare_conversation = (str(uuid.uuid4()) for _ in range(3))
        self.session, self.user = str(uuid.uuid4()), "nobody-" + uuid.uuid4().hex[:12]
        self.cursor, self.key = uuid.uuid4().hex, str(uuid.uuid4())
        self.tenant = "tenant-" + uuid.uuid4().hex[:12]

    def all(self):
        return {v for k, v in vars(self).items() if isinstance(v, str) and k != "tenant"}


class Ask:
    """A request to make: what stands in the path, the query, the body and the headers."""

    def __init__(self, *path, query="", body=None, **headers):
        self.path, self.query, self.body = list(path), query, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def plain(_ids):
    return [Ask()]


def text(ids=None, **fields):
    return {"user_id": "ann", "channel": "web", "content": {"type": "text", "text": "hello"}, **fields}


def send_message(ids):
    return [Ask(body=text(conversation_id=ids.conversation)),
            Ask(body=text(conversation_id=ids.conversation, user_id=ids.user)),
            Ask(body=text(message_id=ids.message)), Ask(body=text(message_id=ids.reply)),
            Ask(body=text(session_id=ids.session)), Ask(body=text(session_id=ids.session, user_id=ids.user)),
            Ask(body=text(), Idempotency_Key=f'"{ids.message}"'),
            Ask(body=text(), X_Request_ID=ids.message)]


def export(ids):
    return [Ask(ids.conversation), Ask(ids.conversation, query="format=csv"), Ask(ids.conversation, query="format=txt")]


def export_by_body(ids):
    return [Ask(ids.conversation, body={"format": "csv"}), Ask(ids.conversation, body={})]


def session(**fields):
    return {"user_id": "ann", "channel": "web", "context": {"a": 1}, **fields}


# What is a list for whatever id: the same empty one for what is another tenant's and what nobody has.
LISTS = {"listUserSessions", "eraseUser"}
# What stands in the path is a name that every tenant has.
NAMES = {"configureChannel"}
# Without a credential: a signature, which none of these requests has (test_webhooks.py signs).
SIGNED = {"receiveWebhook"}


def lists(ids):
    return [Ask(query=f"user_id={ids.user}"), Ask(query=f"cursor={ids.cursor}")]


def search(ids):
    return [Ask(body={"user_id": ids.user}), Ask(body={"search_query": ids.user}), Ask(body={"cursor": ids.cursor})]


def of_conversation(body=None):
    return lambda ids: [Ask(ids.conversation, body=body)]


def of_message(*bodies):
    return lambda ids: [Ask(one, body=body) for one in (ids.kept_message, ids.kept_reply)
                        for body in bodies or (None,)]


def create_conversation(ids):
    return [Ask(body={"user_id": "ann", "channel": "web", "conversation_id": ids.spare_conversation}),
            Ask(body={"user_id": ids.user, "channel": "web"}),
            Ask(body={"user_id": "ann", "channel": "web", "session_id": ids.session, "initial_message": "hello"})]


def of_channel():
    return lambda _ids: [Ask("webhook")]


CLOSING = {"reason": "done", "resolution_type": "resolved"}

# For each operation: the requests to make with these ids, after the path's parameters.
CASES = {
    "sendMessage": send_message,
    "getConversation": lambda ids: [Ask(ids.conversation), Ask(ids.conversation, query="include_messages=false")],
    "getConversationHistory": lambda ids: [Ask(ids.conversation), Ask(ids.conversation, query="page=2&page_size=1")],
    "listOwnConversations": lists, "listConversations": lists, "searchConversations": search,
    "analyseConversations": lambda _ids: [Ask(body={"group_by": ["assigned_agent", "channel"]})],
    "exportChatConversation": export, "exportConversation": export,
    "exportChatConversationByBody": export_by_body, "exportConversationByBody": export_by_body,
    "getConversationRecord": lambda ids: [Ask(ids.conversation), Ask(ids.conversation, query="message_limit=1")],
    "getConversationSummary": lambda ids: [Ask(ids.conversation)],
    "createSession": lambda ids: [Ask(body=session(conversation_id=ids.conversation)),
                                  Ask(body=session(), Idempotency_Key=ids.session)],
    "listSessions": lambda ids: [Ask(query="channel=web"), Ask(query="limit=1&cursor=" + ids.cursor)],
    "getSession": lambda ids: [Ask(ids.session)],
    "updateSession": lambda ids: [Ask(ids.session, body={"context": {"a": 1}, "extend_ttl": True}),
                                  Ask(ids.session, body={})],
    "deleteSession": lambda ids: [Ask(ids.session)],
    "getSessionContext": lambda ids: [Ask(ids.session)],
    "updateSessionContext": lambda ids: [Ask(ids.session, body={"context": {"a": None}})],
    "extendSession": lambda ids: [Ask(ids.session), Ask(ids.session, body={"extend_minutes": 5})],
    "transferSession": lambda ids: [Ask(ids.session, body={"target_channel": "sms", "preserve_context": False})],
    "listUserSessions": lambda ids: [Ask(ids.user), Ask(ids.user, query="cursor=" + ids.cursor)],
    "cleanupSessions": plain,
    "sendBulk": lambda ids: [Ask(body={"messages": [text(conversation_id=ids.conversation), text(message_id=ids.message),
                                                    text(message_id=ids.reply, user_id=ids.user)]})],
    "getMessage": of_message(), "retryMessage": of_message(), "getMessageAnalytics": of_message(),
    "updateMessageStatus": of_message({"status": "read", "metadata": {"a": 1}}, {"status": "failed"}),
    "giveFeedback": lambda ids: of_message({"feedback_type": "helpful"},
                                           {"feedback_type": "helpful", "user_id": ids.user})(ids),
    "showTyping": lambda ids: [Ask(body={"conversation_id": ids.conversation, "user_id": user, "channel": "web"})
                               for user in ("ann", ids.user)],
    "createConversation": create_conversation,
    "closeChat": lambda ids: [Ask(ids.conversation), Ask(ids.conversation, body=CLOSING)],
    "updateConversation": of_conversation({"category": "x", "status": "paused"}),
    "updateContext": of_conversation({"context": {"a": 1}}),
    "deleteConversation": lambda ids: [Ask(ids.conversation), Ask(ids.conversation, query="permanent=true")],
    "eraseUser": lambda ids: [Ask(ids.user)],
    "closeConversation": of_conversation(CLOSING), "reopenConversation": of_conversation(),
    "escalateConversation": of_conversation({"reason": "r"}), "restoreConversation": of_conversation(),
    "transferConversation": of_conversation({"target_agent": "a", "transfer_reason": "r"}),
    "receiveWebhook": lambda ids: [Ask(ids.tenant, query="integration_id=default",
                                       body={"type": "message.read", "data": {"message_id": ids.kept_reply}})],
    "getWebhookStatus": lambda ids: [Ask(ids.tenant)], "testWebhook": lambda ids: [Ask(ids.tenant)],
    "listDeliveries": lambda ids: [Ask(), Ask(query="conversation_id=" + ids.conversation),
                                   Ask(query="status=failed&channel=webhook")],
    "getDeliveryMetrics": plain,
    "retryDeliveries": lambda ids: [Ask(body={"message_ids": [ids.kept_reply]}),
                                    Ask(body={"message_ids": [ids.kept_reply, ids.kept_message]}),
                                    Ask(body={"status": "failed", "conversation_id": ids.conversation})],
    "getDelivery": of_message(),
    "listChannels": plain, "getChannel": of_channel(), "getChannelHealth": of_channel(),
    "configureChannel": lambda ids: [Ask("webhook", body={"url": "https://nowhere.invalid/" + ids.message})],
    "deleteChannel": of_channel(), "testChannel": of_channel(), "enableChannel": of_channel(),
    "disableChannel": of_channel(),
    "listAudit": lambda ids: [Ask(query="resource_id=" + ids.conversation), Ask(query="cursor=" + ids.cursor)],
    "searchAudit": lambda ids: [Ask(query="query=" + ids.kept_reply)],
    "reportAudit": lambda ids: [Ask(body={"report_type": "gdpr_data_access", "user_id": ids.kept_reply})],
    "exportAudit": lambda ids: [Ask(query="resource_id=" + ids.conversation),
                                Ask(query="format=csv&resource_id=" + ids.kept_reply)],
    "listApiKeys": plain, "getTenant": plain,
    "createApiKey": lambda _ids: [Ask(body={"name": "k", "permissions": ["conversations:read"]})],
    "getApiKey": lambda ids: [Ask(ids.key)], "revokeApiKey": lambda ids: [Ask(ids.key)],
    "rotateApiKey": lambda ids: [Ask(ids.key), Ask(ids.key, body={"grace_minutes": 0})],
    "revokeToken": lambda ids: [Ask(body={"jti": ids.message, "exp": int(time.time()) + 600})],
    "patchTenantSettings": lambda _ids: [Ask(body={"settings": {"greeting": "hi"}}),
                                        Ask(body={"settings": {"greeting": None}})],
    "getHealth": plain, "getLiveness": plain, "getReadiness": plain, "getLivez": plain, "getReadyz": plain,
    "getInfo": plain, "getMetrics": plain, "getContract": plain, "getDocs": plain,
}


def as_user(user, tenant, **claims):
    return {"Authorization": "Bearer " + token({"sub": user, "tenant_id": tenant, "role": "owner",
                                                "permissions": ["*"], **claims})}


class World:
    """A daemon with tenants demo (A) and other (B), and what B has."""

    def __init__(self, folder):
        config = write(os.path.join(folder, "palaver.yaml"), CONFIG.format(folder=folder, secret=SECRET))
        self.daemon = Daemon(folder, dev=False, config=config)

    def __enter__(self):
        self.daemon.__enter__()
        for tenant in ("demo", "other"):
            code, _, err = self.daemon.tool("tenant", "add", tenant)
            equal(code, 0, err)
        self.key = self.new_key("demo")
        self.client = Client(self.daemon.port, None)
        self.of_b = self.furnish()
        return self

    def new_key(self, tenant):
        """The text of a key that may do all there."""
        code, out, err = self.daemon.tool("--json", "key", "create", tenant, "everything", "*")
        equal(code, 0, err)
        return json.loads(out)["key"]

    def __exit__(self, *why):
        self.client.__exit__()
        self.daemon.__exit__(*why)

    def b(self, method, path, body=None, status=200, user=None):
        answer = self.client.request(method, path, body, as_user(user or CANARY + "-user", "other"))
        equal(answer.status, status, f"B's own {method} {path}: {answer.body!r}")
        return answer.json

    def furnish(self):
        """Give B one of everything, with a canary wherever a text can stand."""
        ids = Ids()
        ids.user = CANARY + "-user"
        for conversation in (str(uuid.uuid4()), ids.conversation):
            for _ in range(2):
                body = message(f"{CANARY} my order ORD123456, mail {CANARY}@example.org", conversation,
                               user_id=ids.user)
                answer = self.b("POST", CHAT + "/message", body)
                conversation = ids.conversation = answer["conversation_id"]
                ids.message, ids.reply = answer["message_id"], answer["response_id"]
        for _ in range(2):
            answer = self.b("POST", SESSIONS, {"user_id": ids.user, "channel": "web",
                                               "context": {"note": CANARY}, "metadata": {CANARY: 1}}, 201)
            ids.session = answer["data"]["session_id"]
        ids.cursor = self.b("GET", SESSIONS + "?limit=1")["data"]["next_cursor"]
        answer = self.b("POST", CHAT + "/message", message(CANARY, user_id=ids.user))
        ids.kept_message, ids.kept_reply = answer["message_id"], answer["response_id"]
        ids.spare_conversation = answer["conversation_id"]
        answer = self.b("POST", "/api/v2/api-keys", {"name": CANARY, "permissions": ["*"]}, 201)
        ids.key = answer["data"]["key_id"]
        ids.tenant = "other"
        self.b("PUT", "/api/v2/channels/webhook",
               {"url": f"https://nowhere.invalid/{CANARY}", "features": {"note": CANARY},
                "webhook_secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="})
        self.b("PATCH", "/api/v2/tenant/settings", {"settings": {"note": CANARY}})
        return ids

    def reads_of_b(self):
        """What B sees of its own, by every GET that has a case."""
        seen = {}
        for path, methods in the_contract().document["paths"].items():
            operation = methods.get("get")
            # The audit trail is to grow by what its owner does in between.
            if not operation or not operation["security"] or "Audit" in operation["tags"]:
                continue
            for number, ask in enumerate(CASES[operation["operationId"]](self.of_b)):
                answer = self.client.get(target_of(path, ask), {**ask.headers, **as_user(self.of_b.user, "other")})
                seen[operation["operationId"], number] = (answer.status, normal(answer, set()))
        return seen


def target_of(path, ask):
    values = iter(ask.path)
    target = re.sub(r"\{[^}]*\}", lambda _: next(values), path)
    check(next(values, None) is None, f"too many values for {path}")
    return target + ("?" + ask.query if ask.query else "")


def normal(answer, ids):
    """The body without what differs in any two answers: the ids asked for, new ids, and times."""
    body = answer.body.decode("utf-8", "replace")
    for one in ids:
        body = body.replace(one, "ID")
    body = REFUSED.sub(r"\1 0", TOMBSTONE.sub("TOMBSTONE", body))
    return TIME.sub(r"\1 0", INSTANT.sub("TIME", UUID.sub("UUID", KEY.sub("KEY", body))))


def operations():
    for path, methods in the_contract().document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def check_clean(answer, where, asked):
    """No byte of B's in an answer; what A itself asked for is A's own knowledge."""
    said = answer.body.decode("utf-8", "replace") + "\n".join(f"{k}: {v}" for k, v in answer.headers.items())
    for known in sorted(asked, key=len, reverse=True):
        said = said.replace(known, "")
    check(CANARY not in said, f"{where}: a canary: {said}")


@case("every operation has a case, and every case an operation")
def _(_folder):
    known = {operation["operationId"] for _, _, operation in operations()}
    equal(sorted(known - set(CASES)), [], "operations without a case in tests/daemon/test_isolation.py")
    equal(sorted(set(CASES) - known), [], "cases without an operation")


def attackers(world):
    """Who asks as tenant A: a person with every right there, and a backend with a key."""
    return {"a person": as_user("ann", "demo"), "a key": {"X-API-Key": world.key}}


@case("p6 what is another tenant's is answered as what nobody has")
def _(folder):
    with World(folder) as world:
        before = world.reads_of_b()
        check(any(CANARY in text for _, text in before.values()), "B does not see its own canaries")
        absent = Ids()
        for who, credential in attackers(world).items():
            for path, method, operation in operations():
                name = operation["operationId"]
                foreign_asks, absent_asks = CASES[name](world.of_b), CASES[name](absent)
                for number, (foreign, none) in enumerate(zip(foreign_asks, absent_asks)):
                    where = f"{name} #{number} by {who}"
                    answers = []
                    for ask, ids in ((foreign, world.of_b), (none, absent)):
                        answer = world.client.request(method, target_of(path, ask), ask.body,
                                                      {**ask.headers, **credential})
                        check_clean(answer, where, ids.all())
                        answers.append((answer.status, normal(answer, ids.all())))
                    if operation["security"]:
                        equal(answers[0], answers[1], f"{where}: foreign, then absent")
                    if name in SIGNED:
                        equal(answers[0], answers[1], f"{where}: foreign, then absent")
                        equal(answers[0][0], 401, where)
                    elif foreign.path and name not in LISTS | NAMES:
                        check(answers[0][0] in (400, 403, 404), f"{where}: {answers[0]}")
            equal(world.reads_of_b(), before, f"B's own data after all that by {who}")


@case("p6 the same requests reach what they ask for when it is one's own")
def _(folder):
    order = ["GET", "POST", "PATCH", "PUT", "DELETE"]
    with World(folder) as world:
        for path, method, operation in sorted(operations(), key=lambda o: order.index(o[1])):
            statuses = [world.client.request(method, target_of(path, ask), ask.body,
                                             {**ask.headers, **as_user(world.of_b.user, "other")}).status
                        for ask in CASES[operation["operationId"]](world.of_b)]
            check({200, 201, 409} & set(statuses) or operation["operationId"] in SIGNED, f"{operation['operationId']} by B itself: {statuses}")


def parameter_names(operation):
    return {p["name"] for p in map(the_contract().follow, operation["parameters"]) if p["in"] == "query"}


@case("p6 another tenant's cursor is as good as none that ever was")
def _(folder):
    with World(folder) as world:
        mine = Ids()
        mine.user = "ann"
        answer = world.client.post(message("hello", user_id="ann"), as_user("ann", "demo"))
        mine.conversation = answer.json["conversation_id"]
        for _ in range(2):      # deliveries, for their list
            world.b("POST", CHAT + "/message", message(CANARY, user_id=world.of_b.user, channel="webhook"))
        tried = 0
        for path, method, operation in operations():
            names = parameter_names(operation)
            if "cursor" not in names:
                continue
            size = "page_size=1" if "page_size" in names else "limit=1"
            if operation["operationId"] == "searchAudit":
                size += "&query=success"
            theirs = target_of(path, Ask(*CASES[operation["operationId"]](world.of_b)[0].path))
            first = world.client.request(method, f"{theirs}?{size}", None, as_user(world.of_b.user, "other"))
            link = re.match(r'<([^>]*)>; rel="next"', first.headers["Link"] or "")
            check(link, f"{theirs}: no next page: {first.body!r}")
            cursor = re.search(r"cursor=([^&]*)", link[1])[1]
            equal(world.client.request(method, link[1], None, as_user(world.of_b.user, "other")).status, 200,
                  f"B's own cursor at {theirs}")
            for at in (theirs, target_of(path, Ask(*CASES[operation["operationId"]](mine)[0].path))):
                got = [world.client.request(method, f"{at}?{size}&cursor={one}", None, as_user("ann", "demo"))
                       for one in (cursor, "0" * len(cursor))]
                equal(got[0].status, 400, f"{at} with B's cursor: {got[0].body!r}")
                equal(normal(got[0], set()), normal(got[1], set()), f"{at}: B's cursor, then none")
                check_clean(got[0], at, world.of_b.all())
            tried += 1
        check(tried > 0, "no operation takes a cursor")


@case("p6 a credential opens no tenant but its own, whatever X-Tenant-ID says")
def _(folder):
    with World(folder) as world:
        for path, method, operation in operations():
            if not operation["security"]:
                continue
            for ask in CASES[operation["operationId"]](world.of_b):
                for who, credential in attackers(world).items():
                    where = f"{operation['operationId']} by {who}"
                    answer = world.client.request(method, target_of(path, ask), ask.body,
                                                  {**ask.headers, **credential, "X-Tenant-ID": "other"})
                    equal((answer.status, answer.error["code"]), (403, "TENANT_ERROR"), where)
                    check_clean(answer, where, world.of_b.all())


@case("p6 the same ids in two tenants are two things")
def _(folder):
    with World(folder) as world:
        body = message("which one?", user_id=world.of_b.user, message_id=world.of_b.message,
                       conversation_id=world.of_b.conversation)
        answer = world.client.post(body, as_user(world.of_b.user, "demo"))
        equal(answer.status, 200, answer.body)
        equal(answer.json["processing_metadata"]["duplicate"], False, "duplicate")
        history = world.b("GET", f"{CHAT}/conversations/{world.of_b.conversation}/history")
        check("which one?" not in json.dumps(history), "A's message is in B's conversation")


@case("p6 the planted leak is found")
def _(_folder):
    class Said:
        headers = {"X-Note": "none"}
        body = f"... {CANARY} ...".encode()

    try:
        check_clean(Said(), "planted", {"other-id"})
    except Exception as found:
        check("a canary" in str(found), str(found))
        return
    check(False, "a leak went unnoticed")


run()
