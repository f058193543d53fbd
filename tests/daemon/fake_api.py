# SPDX-License-Identifier: Apache-2.0
"""fake_api.py - the two routes that `palaverctl replay` needs, in memory, with faults to order.

A real daemon cannot be made to misnumber a conversation; this one can, to prove that replay notices.
"""
import http.server
import json
import re
import threading
import urllib.parse


class FakeApi:
    """Serve on a free port while used as a context. `fault(kind, number, body)` may return an answer.

    kind "post": None to go on, (status, headers) to refuse, "cut" to store and then break off.
    kind "history": may change the list of messages in place.
    """

    def __init__(self, fault=lambda kind, number, body: None):
        self.fault = fault
        self.conversations, self.by_id, self.posts = {}, {}, 0
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True      # head and body are two writes

            def log_message(self, *_):
                pass

            def answer(self, status, body, headers=()):
                data = json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.post(self, body)

            def do_GET(self):
                outer.get(self)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def store(self, body):
        if body["message_id"] in self.by_id:
            return self.by_id[body["message_id"]]
        name = body.get("conversation_id") or f"c{len(self.conversations)}"
        messages = self.conversations.setdefault(name, [])
        reply = "You said: " + body["content"]["text"]
        for message_id, direction, text in ((body["message_id"], "inbound", body["content"]["text"]),
                                            ("r-" + body["message_id"], "outbound", reply)):
            messages.append({"message_id": message_id, "direction": direction,
                             "sequence_number": len(messages) + 1,
                             "content": {"type": "text", "text": text}})
        answer = {"message_id": body["message_id"], "conversation_id": name,
                  "response_id": "r-" + body["message_id"],
                  "response": {"type": "text", "text": reply}}
        self.by_id[body["message_id"]] = answer
        return answer

    def post(self, handler, body):
        with self.lock:
            self.posts += 1
            fault = self.fault("post", self.posts, body)
            if isinstance(fault, tuple):
                handler.answer(fault[0], {"status": "error", "error": {"message": "by order"}},
                               fault[1])
                return
            answer = self.store(body)
        if fault == "cut":
            handler.close_connection = True
            return
        handler.answer(200, answer)

    def get(self, handler):
        url = urllib.parse.urlsplit(handler.path)
        query = urllib.parse.parse_qs(url.query)
        name = re.fullmatch(r"/api/v2/chat/conversations/([^/]+)/history", url.path).group(1)
        page, size = int(query["page"][0]), int(query["page_size"][0])
        with self.lock:
            messages = json.loads(json.dumps(self.conversations[name]))
        self.fault("history", page, messages)
        part = messages[(page - 1) * size:page * size]
        handler.answer(200, {"status": "success", "data": {
            "conversation_id": name, "messages": part, "page": page, "page_size": size,
            "total_messages": len(messages), "has_next": page * size < len(messages)}})
