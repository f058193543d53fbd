# SPDX-License-Identifier: Apache-2.0
"""harness.py - start the real daemon, talk to it from outside, and always end it.

Everything is bounded in time; what is started is ended by its own process id. Standard library only.
"""
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid

import contract
from tap import check

BUILD = os.path.abspath(os.environ.get("top_builddir", "build"))
SOURCE = os.path.abspath(os.environ.get("top_srcdir", "."))
DAEMON = os.path.join(BUILD, "palaverd")
TOOL = os.path.join(BUILD, "palaverctl")
MESSAGE = "/api/v2/chat/message"
SECRET = "0123456789abcdef0123456789abcdef-jwt"
PATIENCE_S = 60     # for what must come at all; nothing here asserts how fast


class Daemon:
    """One palaverd under `folder`. Use as a context; leaving it ends the process, by SIGKILL if need be."""

    def __init__(self, folder, *options, dev=True, config=None, env=None, store="sqlite"):
        self.folder = folder
        self.state = os.path.join(folder, "state")
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        self.argv = [DAEMON]
        if dev:
            self.argv += ["--dev", "-D", "http.listen=127.0.0.1:0", "-D", f"state_dir={self.state}",
                          "-D", f"store.kind={store}", "-D", "limits.enabled=false"]
        if config:
            self.argv += ["-c", config]
        self.argv += [*options]
        self.env = {**os.environ, **(env or {})}
        self.process = None
        self.port = None
        self.log_path = os.path.join(folder, "stderr.log")

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.end()
            raise

    def __exit__(self, kind, *_):
        self.end()
        if kind is None:
            complaints = [line for line in self.log().splitlines()
                          if "Sanitizer" in line or "runtime error:" in line]
            check(not complaints, "\n".join(complaints))

    def start(self):
        """Start it and wait for its ready line."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, env=self.env,
                                            stdout=subprocess.PIPE, stderr=log)
        line = read_line(self.process.stdout, PATIENCE_S)
        check(line.startswith("ready http://"), f"no ready line but {line!r}; {self.log_tail()}")
        self.port = int(line.strip().rsplit(":", 1)[1])
        return self

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def log_tail(self):
        return "log: " + " / ".join(self.log().splitlines()[-8:])

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_path(self):
        return os.path.join(self.state, "palaverd.sock")

    @property
    def key_file(self):
        return os.path.join(self.state, "dev.key")

    @property
    def key(self):
        with open(self.key_file, encoding="ascii") as file:
            return file.read().strip()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=PATIENCE_S):
        """Its exit code; the case fails when it does not end."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            check(False, f"it did not end in {seconds} s; {self.log_tail()}")

    def stop(self):
        """End it as an operator would and return the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process:
            self.process.stdout.close()

    def client(self, key=None):
        return Client(self.port, self.key if key is None else key)

    def tool(self, *argv, timeout=PATIENCE_S, text=None):
        """Run palaverctl against this daemon; return (code, out, err)."""
        argv = [TOOL, *argv]
        if argv[1] in ("chat", "send", "replay"):
            argv += ["--url", self.url, "--key-file", self.key_file]
        else:
            argv += ["--socket", self.socket_path]
        return run(argv, timeout, text)


def run(argv, timeout=PATIENCE_S, text=None, env=None):
    """Run a program to its end; return (code, out, err)."""
    done = subprocess.run(argv, input=text, stdin=None if text is not None else subprocess.DEVNULL,
                          capture_output=True, timeout=timeout, text=True, check=False,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def read_line(pipe, seconds):
    """A line from a pipe, or what there was when it ended or time was up."""
    got, until = b"", time.monotonic() + seconds
    while not got.endswith(b"\n"):
        left = until - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            break
        byte = os.read(pipe.fileno(), 1)
        if not byte:
            break
        got += byte
    return got.decode("utf-8", "replace")


def wait_for(predicate, what, seconds=PATIENCE_S):
    """Look until `predicate()` is true; fail with `what` when time is up."""
    until = time.monotonic() + seconds
    while True:
        found = predicate()
        if found:
            return found
        check(time.monotonic() < until, f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


_contract = []


def the_contract():
    """The contract of this build, asked once from a daemon of its own."""
    if not _contract:
        with tempfile.TemporaryDirectory(prefix="palaver-test-") as folder:
            with Daemon(folder, store="memory") as daemon:
                with contextlib.closing(http.client.HTTPConnection("127.0.0.1", daemon.port,
                                                                   timeout=PATIENCE_S)) as connection:
                    connection.request("GET", "/openapi.json")
                    _contract.append(contract.Contract(json.loads(connection.getresponse().read())))
    return _contract[0]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The error object of the envelope; the case fails when it is none."""
        body = self.json
        check(body.get("status") == "error" and "data" not in body, f"no error envelope: {body}")
        check({"code", "message", "trace_id", "timestamp"} <= set(body["error"]),
              f"an incomplete error: {body['error']}")
        return body["error"]


class Client:
    """One keep-alive connection. Not for several threads. Each answer is held against the contract."""

    def __init__(self, port, key, timeout=PATIENCE_S):
        self.contract = the_contract()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.key = key

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def request(self, method, path, body=None, headers=None):
        sent = {"Authorization": f"ApiKey {self.key}"} if self.key else {}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        if body is not None:
            sent["Content-Type"] = "application/json"
        for name, value in (headers or {}).items():
            sent.pop(name, None)
            if value is not None:
                sent[name] = value
        self.connection.request(method, path, body, sent)
        got = self.connection.getresponse()
        answer = Answer(got.status, got.headers, got.read())
        self.contract.judge(method, path, answer)
        return answer

    def get(self, path, headers=None):
        return self.request("GET", path, None, headers)

    def post(self, body, headers=None, path=MESSAGE):
        return self.request("POST", path, body, headers)

    def say(self, text, conversation=None, **fields):
        """Send a text; the answer must be 200 and is returned as JSON."""
        answer = self.post(message(text, conversation, **fields))
        check(answer.status == 200, f"{answer.status} {answer.body!r}")
        return answer.json

    def history(self, conversation):
        """All messages of a conversation, over all pages."""
        messages, page = [], 1
        while True:
            answer = self.get(f"/api/v2/chat/conversations/{conversation}/history"
                              f"?page={page}&page_size=100")
            check(answer.status == 200, f"{answer.status} {answer.body!r}")
            data = answer.json["data"]
            messages += data["messages"]
            if not data["has_next"]:
                check(data["total_messages"] == len(messages),
                      f"total_messages {data['total_messages']}, read {len(messages)}")
                return messages
            page += 1


def message(text, conversation=None, **fields):
    body = {"message_id": str(uuid.uuid4()), "user_id": "tester", "channel": "web",
            "content": {"type": "text", "text": text}}
    if conversation:
        body["conversation_id"] = conversation
    body.update(fields)
    return body


def token(claims=None, header=None, secret=SECRET):
    """A bearer token of user-1 in tenant demo; a claim given as None is left out."""
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    body = {"sub": "user-1", "tenant_id": "demo", "exp": int(time.time()) + 600,
            "iss": "chatbot-platform", "aud": "chatbot-api", "role": "admin",
            "permissions": ["conversations:*"], **(claims or {})}
    body = {k: v for k, v in body.items() if v is not None}
    signed = part(json.dumps(header or {"alg": "HS256", "typ": "JWT"}).encode()) + b"." + \
        part(json.dumps(body).encode())
    mac = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + part(mac)).decode()


def check_numbering(messages):
    """1..n, question and answer in turn."""
    numbers = [m["sequence_number"] for m in messages]
    check(numbers == list(range(1, len(messages) + 1)), f"numbers {numbers[:20]}...")
    directions = [m["direction"] for m in messages]
    check(directions == ["inbound", "outbound"] * (len(messages) // 2),
          f"directions {directions[:10]}...")


def raw(port, data, seconds=PATIENCE_S, half_close=False):
    """Send bytes as they are and return all that comes until the daemon closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(data)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        got = b""
        while True:
            try:
                piece = connection.recv(65536)
            except ConnectionResetError:
                return got
            except TimeoutError:
                check(False, f"the connection stayed open after {got!r}")
            if not piece:
                return got
            got += piece


def in_threads(count, work):
    """Run work(0..count-1) at once; results in order, the first exception raised."""
    results, errors = [None] * count, []

    def one(index):
        try:
            results[index] = work(index)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=one, args=(i,), daemon=True) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S * 4)
        check(not thread.is_alive(), "a thread is stuck")
    if errors:
        raise errors[0]
    return results


class Load:
    """Writers that talk, each in its own conversation, until stopped; they keep what was acknowledged.

    `acknowledged[i]` lists (message_id, conversation_id, response_id, text); `refused` counts 503s,
    `cut` what broke off after an answer had begun, `lost` what found no answer.
    """

    def __init__(self, daemon, writers=4, key=None):
        self.daemon, self.key = daemon, key or daemon.key
        self.acknowledged = [[] for _ in range(writers)]
        self.refused, self.cut, self.lost, self.other = [0] * writers, [], [], []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(i,), daemon=True)
                        for i in range(writers)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(PATIENCE_S)
            check(not thread.is_alive(), "a writer is stuck")

    def count(self):
        return sum(len(a) for a in self.acknowledged)

    def wait_for(self, count):
        """Until so many more messages were acknowledged."""
        want = self.count() + count
        wait_for(lambda: self.count() >= want, f"{count} more acknowledged messages; "
                 f"other answers {self.other[:2]}, lost {self.lost[:2]}")

    def work(self, index):
        conversation, number = None, 0
        while not self.stopping.is_set():
            try:
                with Client(self.daemon.port, self.key) as client:
                    while not self.stopping.is_set():
                        number += 1
                        text = f"order {index}-{number}"
                        body = message(text, conversation, user_id=f"writer-{index}")
                        answer = client.post(body)
                        if answer.status == 200:
                            conversation = answer.json["conversation_id"]
                            self.acknowledged[index].append((body["message_id"], conversation,
                                                             answer.json["response_id"], text))
                        elif answer.status == 503:
                            self.refused[index] += 1
                        else:
                            self.other.append((answer.status, answer.body[:200]))
                            return
            except http.client.IncompleteRead as error:
                self.cut.append(repr(error))
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(repr(error))
                self.stopping.wait(0.02)

    def verify(self, client):
        """Everything acknowledged is there, in order, numbered without a gap."""
        for acknowledged in self.acknowledged:
            for conversation in {a[1] for a in acknowledged}:
                messages = client.history(conversation)
                check_numbering(messages)
                position = {m["message_id"]: m for m in messages}
                last = 0
                for message_id, of, response_id, text in acknowledged:
                    if of != conversation:
                        continue
                    check(message_id in position, f"acknowledged {message_id} is lost")
                    found = position[message_id]
                    check(found["content"]["text"] == text, f"{message_id} has another text")
                    check(found["sequence_number"] > last, f"{message_id} is out of order")
                    last = found["sequence_number"]
                    reply = messages[last]
                    check(reply["message_id"] == response_id, f"{message_id} has another reply")


@contextlib.contextmanager
def datagram_socket(path):
    """A NOTIFY_SOCKET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(path)
        receiver.settimeout(PATIENCE_S)
        yield receiver


def write(path, text, mode=0o600):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    return path
