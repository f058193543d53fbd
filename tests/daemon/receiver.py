# SPDX-License-Identifier: Apache-2.0
"""receiver.py - an endpoint for webhooks that does as told, and a channel set up towards it."""
import base64
import hashlib
import hmac
import json
import socket
import threading
import time
import uuid

from harness import wait_for
from tap import equal

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OPTIONS = [word for option in ("courier.allow_http=true", "courier.allow_networks=127.0.0.0/8",
                               "delivery.breaker_open=200ms", "delivery.backoff_max=1s")
           for word in ("-D", option)]


class Receiver:
    """An endpoint that does what `script(number of the attempt, webhook-id)` says; keeps what it got."""

    def __init__(self, script=None):
        self.script = script or (lambda n, key: 200)
        self.lock = threading.Lock()
        self.got = []           # (webhook-id, sequence, conversation, answered well, when, data)
        self.bad = 0            # signatures that are wrong
        self.open = True
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/in"
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open = False
        self.listener.close()

    def accept(self):
        while self.open:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer, peer.makefile("rb") as stream:
            try:
                while self.one(peer, stream):
                    pass
            except OSError:
                pass

    def one(self, peer, stream):
        line = stream.readline()
        if not line:
            return False
        headers = {}
        while (row := stream.readline().strip()):
            name, _, value = row.partition(b":")
            headers[name.decode().lower()] = value.strip().decode()
        body = stream.read(int(headers.get("content-length", 0)))
        key, when = headers["webhook-id"], headers["webhook-timestamp"]
        mac = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), f"{key}.{when}.".encode() + body,
                       hashlib.sha256).digest()
        data = json.loads(body)["data"]
        with self.lock:
            self.bad += "v1," + base64.b64encode(mac).decode() not in headers["webhook-signature"].split(" ")
            number = len(self.got)
            what = self.script(number, key)
            self.got.append((key, data["sequence"], data["conversation_id"], what in (200, "slow") or isinstance(what, dict), time.time(),
                             data))
        return self.answer(peer, what)

    def answer(self, peer, what):
        if what == "reset":
            return False
        if what == "garbage":
            peer.sendall(b"\x00\xff nonsense\r\n\r\n")
            return False
        if what == "hang":
            time.sleep(2.5)
            return False
        if what == "slow":
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok":
                peer.sendall(bytes([byte]))
                time.sleep(0.005)
            return True
        if isinstance(what, dict):
            body = json.dumps(what).encode()
            peer.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            return True
        status, more = what if isinstance(what, tuple) else (what, "")
        peer.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{more}\r\n".encode())
        return True

    def well(self):
        with self.lock:
            return [g for g in self.got if g[3]]


def set_up(client, url, **fields):
    answer = client.request("PUT", "/api/v2/channels/webhook",
                            {"url": url, "webhook_secret": SECRET, "retry_attempts": 20, "retry_delay_seconds": 1,
                             "timeout_seconds": 2, "requests_per_minute": 100000, "requests_per_day": 100000000,
                             **fields})
    equal(answer.status, 200, answer.body)


def say(client, text, conversation=None, **fields):
    answer = client.post({"user_id": "ann", "channel": "webhook", "content": {"type": "text", "text": text},
                          **({"conversation_id": conversation} if conversation else {}), **fields})
    equal(answer.status, 200, answer.body)
    return answer.json


def tell(daemon, kind, **data):
    """Post what a receiver has to tell, signed."""
    body, key, when = json.dumps({"type": kind, "data": data}).encode(), "hook_" + uuid.uuid4().hex, str(int(time.time()))
    mac = hmac.new(base64.b64decode(SECRET.removeprefix("whsec_")), f"{key}.{when}.".encode() + body, hashlib.sha256)
    with daemon.client(key="") as client:
        answer = client.request("POST", "/api/v2/webhooks/generic/demo?integration_id=default", body,
                                {"webhook-id": key, "webhook-timestamp": when,
                                 "webhook-signature": "v1," + base64.b64encode(mac.digest()).decode()})
        equal(answer.status, 200, answer.body)


def delivery(client, message):
    answer = client.get(f"/api/v2/deliveries/{message}")
    equal(answer.status, 200, answer.body)
    return answer.json["data"]


def reply_of(data):
    return data["processing_metadata"]["channel_response"]["message_id"]


def wait_status(client, message, status):
    wait_for(lambda: delivery(client, message)["status"] == status, f"{message} to be {status}")
    return delivery(client, message)
