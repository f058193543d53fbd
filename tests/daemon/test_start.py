#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starting, talking, stopping and starting again."""
import json
import os
import re
import signal
import socket
import stat
import time
import uuid

from harness import (BUILD, DAEMON, PATIENCE_S, Daemon, check_numbering, datagram_socket, message,
                     run as run_program, wait_for, write)
from tap import case, check, equal, run


@case("--version names the libraries, libcurl included, and goes without a configuration")
def _(folder):
    code, out, err = run_program([DAEMON, "--version"])
    equal((code, err), (0, ""))
    for name in ("palaverd", "libevent", "SQLite", "libcurl"):
        check(re.search(rf"{name} \d+\.\d+", out), f"no version of {name}: {out}")


@case("a message is answered, numbered and found in the history")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        body = message("Hello, where is my order ORD123456?")
        answer = client.post(body)
        equal(answer.status, 200, answer.body)
        first = answer.json
        equal(first["message_id"], body["message_id"])
        equal(first["response"]["type"], "text")
        check(first["response"]["text"] and first["response"]["language"] == "en", first)
        equal(first["conversation_state"]["current_intent"], "order_inquiry")
        check(first["processing_metadata"]["conversation_created"], first)
        equal(first["processing_metadata"]["delivery_status"] in
              ("pending", "sent", "delivered"), True, "delivery_status")
        check(answer.headers["X-Request-ID"], "no X-Request-ID")
        second = client.say("thank you, bye", first["conversation_id"])
        equal(second["conversation_id"], first["conversation_id"])
        check(not second["processing_metadata"].get("conversation_created"), second)
        messages = client.history(first["conversation_id"])
    equal(len(messages), 4)
    check_numbering(messages)
    equal(messages[0]["content"]["text"], body["content"]["text"])
    equal(messages[1]["message_id"], first["response_id"])
    equal(messages[1]["content"]["text"], first["response"]["text"])
    equal([m["message_type"] for m in messages], ["text"] * 4)


@case("a conversation shows its summary, and its history comes in pages")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("hello")["conversation_id"]
        client.say("my order is late", conversation)
        answer = client.get(f"/api/v2/chat/conversations/{conversation}")
        equal(answer.status, 200, answer.body)
        equal(answer.json["status"], "success")
        check(conversation in json.dumps(answer.json["data"]), answer.body)
        answer = client.get(f"/api/v2/chat/conversations/{conversation}/history?page=2&page_size=3")
        data = answer.json["data"]
        equal([m["sequence_number"] for m in data["messages"]], [4])
        equal((data["page"], data["page_size"], data["total_messages"], data["has_next"],
               data["has_previous"]), (2, 3, 4, False, True))
        equal((data["summary"]["message_count"], data["summary"]["user_id"],
               data["summary"]["channel"], data["summary"]["status"]), (4, "tester", "web", "active"))
        answer = client.get(f"/api/v2/chat/conversations/{conversation}/history?page=9")
        equal((answer.status, answer.json["data"]["messages"]), (200, []))


@case("the key file is for its owner alone and holds the key alone")
def _(folder):
    with Daemon(folder) as daemon:
        mode = stat.S_IMODE(os.stat(daemon.key_file).st_mode)
        equal(oct(mode), "0o600", "mode of dev.key")
        with open(daemon.key_file, encoding="ascii") as file:
            lines = file.read().splitlines()
        check(len(lines) == 1 and lines[0].startswith("cb_") and " " not in lines[0], lines)
        equal(oct(stat.S_IMODE(os.stat(daemon.socket_path).st_mode)), "0o660", "mode of the socket")


@case("started again on the same folder it has the same key and data")
def _(folder):
    with Daemon(folder) as daemon:
        key = daemon.key
        with daemon.client() as client:
            body = message("hello")
            first = client.post(body).json
        equal(daemon.stop(), 0, "exit code")
    check(not os.path.exists(daemon.socket_path), "the control socket is left behind")
    with Daemon(folder) as daemon, daemon.client() as client:
        equal(daemon.key, key, "key")
        check_numbering(client.history(first["conversation_id"]))
        second = client.say("and again", first["conversation_id"])
        equal(second["conversation_id"], first["conversation_id"])
        equal(len(client.history(first["conversation_id"])), 4)
        again = client.post(body)
        equal((again.status, again.json["response_id"]), (200, first["response_id"]))
        check(again.json["processing_metadata"]["duplicate"], again.body)


@case("the memory store serves too, and says in its status what it is")
def _(folder):
    with Daemon(folder, store="memory") as daemon, daemon.client() as client:
        conversation = client.say("hello")["conversation_id"]
        check_numbering(client.history(conversation))
        code, out, err = daemon.tool("status", "--json")
        equal(code, 0, err)
        data = json.loads(out)
        equal((data["store"]["kind"], data["store"]["healthy"]), ("memory", True))
        equal((data["store"]["conversations"], data["store"]["messages"]), (1, 2))
        equal(data["pid"], daemon.process.pid)


@case("two daemons on one state folder: the second is refused")
def _(folder):
    with Daemon(folder) as first:
        code, _, err = run_program(first.argv)
        check(code not in (0, None) and err, f"exit {code} {err}")
        with first.client() as client:
            client.say("still here")


@case("message where shows the whole life of a message")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        answer = client.say("I need help, the app is broken")
        code, out, err = daemon.tool("message", "where", answer["message_id"], "--json")
        equal(code, 0, err)
        data = json.loads(out)
        equal((data["message_id"], data["tenant"], data["conversation_id"], data["sequence_number"],
               data["direction"], data["committed"], data["response_id"]),
              (answer["message_id"], "demo", answer["conversation_id"], 1, "inbound", True,
               answer["response_id"]))
        equal((data["intent"]["name"], data["processing"]["processors"]), ("support", ["text"]))
        check(data["received_at"] and data["delivery"]["status"] and data["processing"], data)
        code, out, _ = daemon.tool("message", "where", answer["message_id"])
        for word in (answer["conversation_id"], "support", answer["response_id"], "demo"):
            check(word in out, f"{word} is not in {out}")
        code, out, _ = daemon.tool("message", "where", answer["response_id"], "--json")
        reply = json.loads(out)
        equal((code, reply["direction"], reply["sequence_number"]), (0, "outbound", 2))
        code, _, err = daemon.tool("message", "where", str(uuid.uuid4()))
        equal(code, 1, "exit code for an unknown id")


@case("tail shows messages as they happen")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client, \
            socket.socket(socket.AF_UNIX) as control:
        control.settimeout(PATIENCE_S)
        control.connect(daemon.socket_path)
        lines = control.makefile("rwb")
        lines.write(b'{"command":"tail","args":{"tenant":"demo"}}\n')
        lines.flush()
        check(json.loads(lines.readline())["ok"], "tail is refused")
        answer = client.say("hello there")
        events = [json.loads(lines.readline())["event"] for _ in range(2)]
        equal([e["type"] for e in events], ["message.received", "message.sent"])
        equal([e["sequence_number"] for e in events], [1, 2])
        equal(events[0]["text"], "hello there")
        equal({e["conversation_id"] for e in events}, {answer["conversation_id"]})


@case("send and chat work against the daemon")
def _(folder):
    with Daemon(folder) as daemon:
        code, out, err = daemon.tool("send", "good morning", "--json")
        equal(code, 0, err)
        check(json.loads(out)["response"]["text"], out)
        code, out, err = daemon.tool("chat", text="hello\nmy order is late\n/quit\n")
        equal((code, len(out.splitlines()) >= 2), (0, True), err)


@case("it tells the service manager that it is ready, and that it stops")
def _(folder):
    path = os.path.join(folder, "notify")
    with datagram_socket(path) as receiver:
        with Daemon(folder, env={"NOTIFY_SOCKET": path}) as daemon:
            seen = receiver.recv(4096).decode()
            while "READY=1" not in seen:
                seen += "\n" + receiver.recv(4096).decode()
            daemon.signal(signal.SIGTERM)
            while "STOPPING=1" not in seen:
                seen += "\n" + receiver.recv(4096).decode()
            equal(daemon.wait(), 0)


@case("SIGUSR1 opens the log file again")
def _(folder):
    path = os.path.join(folder, "palaver.log")
    with Daemon(folder, "-D", f"log.file={path}", "-D", "log.level=debug") as daemon, \
            daemon.client() as client:
        wait_for(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "a log file with lines")
        os.rename(path, path + ".1")
        daemon.signal(signal.SIGUSR1)
        wait_for(lambda: os.path.exists(path), "a new log file")
        client.say("hello")
        daemon.stop()
        check(os.path.getsize(path) > 0, "the new log file is empty")


@case("-d goes to the background with a pid file, and SIGTERM ends it")
def _(folder):
    state = os.path.join(folder, "state")
    os.mkdir(state, 0o700)
    pid_file = os.path.join(folder, "palaverd.pid")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [DAEMON, "-d", "-p", pid_file, "--dev", "-D", f"http.listen=127.0.0.1:{port}",
            "-D", f"state_dir={state}", "-D", f"log.file={folder}/palaver.log"]
    try:
        code, out, err = run_program(argv)
        equal(code, 0, err)
        pid = pid_in(pid_file)
        check(os.path.exists(os.path.join(state, "palaverd.sock")), "it said it serves too early")
        code, out, err = run_program([os.path.join(BUILD, "palaverctl"), "status", "--json",
                                      "--socket", os.path.join(state, "palaverd.sock")])
        equal((code, json.loads(out)["pid"] if out else err), (0, pid))
        code, _, err = run_program(argv)
        check(code != 0, "a second daemon takes the same pid file")
        equal(pid_in(pid_file), pid, "the pid file after the second try")
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not alive(pid), "the process to end")
        check(not os.path.exists(pid_file), "the pid file is left behind")
    finally:
        if os.path.exists(pid_file) and alive(pid_in(pid_file)):
            os.kill(pid_in(pid_file), signal.SIGKILL)


def pid_in(path):
    with open(path, encoding="ascii") as file:
        return int(file.read())


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@case("a wrong configuration exits 78 and shows every mistake with a caret")
def _(folder):
    path = write(os.path.join(folder, "palaver.yaml"),
                 f"state_dir: {folder}\nhttp:\n  lisen: 127.0.0.1:8001\nworkers:\n  threads: many\n")
    for argv in ([DAEMON, "-t", "-c", path], [DAEMON, "-c", path]):
        code, out, err = run_program(argv)
        equal(code, 78, err)
        text = out + err
        for want in ("palaver.yaml:3:3", "http.listen", "^", "palaver.yaml:5:"):
            check(want in text, f"{argv}: {want} is not in {text}")


@case("-t passes a good file, -T shows every value with its origin and no secret")
def _(folder):
    canary = "a-secret-that-must-not-be-seen-anywhere"
    path = write(os.path.join(folder, "palaver.yaml"),
                 f"state_dir: {folder}\nauth:\n  jwt:\n    algorithm: HS256\n    secret: {canary}\n")
    code, _, err = run_program([DAEMON, "-t", "-c", path])
    equal(code, 0, err)
    code, out, err = run_program([DAEMON, "-T", "-c", path, "-D", "http.loops=1"],
                                 env={"PALAVER_WORKERS_BATCH": "7"})
    equal(code, 0, err)
    check(canary not in out + err, "the secret is shown")
    for want in ("palaver.yaml:1", "-D", "PALAVER_WORKERS_BATCH", "default"):
        check(want in out, f"{want} is not in -T")


@case("wrong use of the command line exits 2")
def _(folder):
    for argv in (["--nonsense"], ["-D"], ["operand"]):
        code, out, err = run_program([DAEMON, *argv])
        check(code == 2 and err, f"{argv}: {code} {out} {err}")
    for argv in (["-V"], ["-h"]):
        code, out, _ = run_program([DAEMON, *argv])
        check(code == 0 and "palaver" in out, f"{argv}: {code} {out}")


@case("an address in use is a clear error")
def _(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        state = os.path.join(folder, "state")
        os.mkdir(state)
        code, out, err = run_program([DAEMON, "--dev", "-D", f"http.listen=127.0.0.1:{port}",
                                      "-D", f"state_dir={state}"])
    check(code == 1 and str(port) in err and "ready" not in out, f"{code} {out} {err}")


@case("a state folder that others could rewrite is refused")
def _(folder):
    state = os.path.join(folder, "state")
    os.mkdir(state)
    os.chmod(state, 0o777)
    code, out, err = run_program([DAEMON, "--dev", "-D", "http.listen=127.0.0.1:0",
                                  "-D", f"state_dir={state}"])
    check(code == 78 and state in err and "ready" not in out, f"{code} {out} {err}")
    check(not os.listdir(state), "something was written into it")


@case("after a kill it serves again, and says how long that took")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = client.say("hello")["conversation_id"]
        for i in range(50):
            client.say(f"more {i}", conversation)
        daemon.kill()
        began = time.monotonic()
        daemon.start()
        with daemon.client() as again:
            again.say("hello again", conversation)
            print(f"# first answer {time.monotonic() - began:.2f} s after the start")
            equal(len(again.history(conversation)), 104)


if __name__ == "__main__":
    run()
