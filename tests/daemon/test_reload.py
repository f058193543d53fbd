#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changing the configuration of a running daemon, and stopping it under load."""
import json
import os
import re
import signal
import socket

from harness import Daemon, Load, message, wait_for, write
from tap import case, check, equal, run

MARK = "palaver_config_last_reload_successful"


def configure(folder, extra="", http=""):
    """A configuration on the state folder that `prepared` has made."""
    return write(os.path.join(folder, "palaver.yaml"),
                 f"state_dir: {folder}/state\nlimits:\n  enabled: false\n"
                 f"http:\n  listen: [\"127.0.0.1:0\"]\n{http}{extra}")


def prepared(folder, **more):
    """A daemon with a configuration file; its tenant and key come from a first life under --dev."""
    with Daemon(folder) as first:
        first.stop()
    return Daemon(folder, dev=False, config=configure(folder, **more))


def refuses_2k(client):
    answer = client.post(message("x" * 2000))
    client.connection.close()
    check(answer.status in (200, 413), answer.body)
    return answer.status == 413


def metric(client, name):
    text = client.get("/metrics").body.decode()
    found = re.search(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.M)
    check(found, f"no metric {name}")
    return float(found.group(1))


@case("SIGHUP takes a good file over")
def _(folder):
    with prepared(folder) as daemon, daemon.client() as client:
        check(not refuses_2k(client), "2 KB are refused at first")
        configure(folder, http="  body_max: 1KiB\n")
        daemon.signal(signal.SIGHUP)
        wait_for(lambda: refuses_2k(client), "the smaller body_max in effect")
        equal(metric(client, MARK), 1)
        wait_for(lambda: "http.body_max" in daemon.log(), "the change in the log")


@case("SIGHUP with a bad file changes nothing and says why")
def _(folder):
    with prepared(folder) as daemon, daemon.client() as client:
        configure(folder, http="  body_max: 1KiB\n  lisen: nowhere\n")
        daemon.signal(signal.SIGHUP)
        wait_for(lambda: metric(client, MARK) == 0, "the gauge to say that the reload failed")
        check(not refuses_2k(client), "half of a bad file is in effect")
        wait_for(lambda: "lisen" in daemon.log(), "the reason in the log")
        configure(folder, http="  body_max: 1KiB\n")
        daemon.signal(signal.SIGHUP)
        wait_for(lambda: metric(client, MARK) == 1, "the gauge to say that a later reload went well")
        wait_for(lambda: refuses_2k(client), "the mended file in effect")


@case("palaverctl reload prints what changed and what needs a restart")
def _(folder):
    with prepared(folder) as daemon, daemon.client() as client:
        code, out, err = daemon.tool("reload")
        equal((code, out), (0, "nothing changed\n"), err)
        configure(folder, http="  body_max: 1KiB\n", extra="store:\n  kind: memory\n")
        code, out, err = daemon.tool("reload", "--json")
        equal(code, 0, err)
        changed = {row["key"]: row for row in json.loads(out)["changed"]}
        equal({key: row["effect"] for key, row in changed.items()},
              {"http.body_max": "applied", "store.kind": "restart"})
        equal((changed["http.body_max"]["old"], changed["http.body_max"]["new"]), ("256KiB", "1KiB"))
        wait_for(lambda: refuses_2k(client), "the change in effect")


@case("palaverctl reload of a bad file exits 78 with the caret, and the old one stays")
def _(folder):
    with prepared(folder) as daemon, daemon.client() as client:
        configure(folder, http="  body_max: enormous\n")
        code, out, err = daemon.tool("reload")
        equal(code, 78, out + err)
        check("palaver.yaml:" in err and "^" in err and "body_max" in err, err)
        check(not refuses_2k(client), "the old configuration is gone")
        os.unlink(os.path.join(folder, "palaver.yaml"))
        code, out, err = daemon.tool("reload")
        equal(code, 78, f"without a file: {out}{err}")
        client.say("still here")


@case("config show prints the values in effect and masks secrets")
def _(folder):
    canary = "a-secret-that-must-not-be-seen-anywhere"
    with prepared(folder, extra=f"auth:\n  jwt:\n    algorithm: HS256\n    secret: {canary}\n",
                  http="  body_max: 99KiB\n") as daemon:
        code, out, err = daemon.tool("config", "show")
        equal(code, 0, err)
        check("99" in out and "palaver.yaml:" in out and canary not in out, out)
        code, out, _ = daemon.tool("config", "show", "--json")
        check("body_max" in json.loads(out)["text"] and canary not in out, out)
        check(canary not in daemon.log(), "the secret is in the log")


@case("twenty reloads under load, good and bad, fail no request")
def _(folder):
    with prepared(folder) as daemon, Load(daemon, 4) as load:
        load.wait_for(20)
        for i in range(20):
            configure(folder, http=f"  body_max: {100 + i}KiB\n" if i % 3 else "  body_max: bad\n")
            code, out, err = daemon.tool("reload")
            equal(code, 0 if i % 3 else 78, f"reload {i}: {out}{err}")
            load.wait_for(5)
        load.stop()
        equal((load.other, load.cut, load.lost, sum(load.refused)), ([], [], [], 0))
        with daemon.client() as client:
            load.verify(client)


@case("SIGTERM under load cuts no answer, loses nothing acknowledged and exits 0")
def _(folder):
    for _ in range(3):
        with Daemon(folder) as daemon, Load(daemon, 8) as load:
            load.wait_for(40)
            equal(daemon.stop(), 0, "exit code")
            load.stop()
            equal((load.cut, load.other), ([], []))
            port = daemon.port
        with socket.socket() as probe:
            check(probe.connect_ex(("127.0.0.1", port)) != 0, "it still listens")
        with Daemon(folder) as daemon, daemon.client() as client:
            load.verify(client)


@case("SIGTERM does not wait for idle connections, and not for ever for slow ones")
def _(folder):
    with Daemon(folder, "-D", "shutdown.drain_timeout=1s") as daemon, daemon.client() as idle, \
            socket.create_connection(("127.0.0.1", daemon.port)) as slow:
        idle.say("hello")
        slow.sendall(b"POST /api/v2/chat/message HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        idle.say("the daemon has certainly read what came before")
        equal(daemon.stop(), 0, "exit code")


@case("a second SIGTERM ends it at once")
def _(folder):
    with Daemon(folder, "-D", "shutdown.drain_timeout=10m", "-D", "http.request_timeout=5m",
                "-D", "http.min_body_rate=0") as daemon, \
            socket.create_connection(("127.0.0.1", daemon.port)) as slow, daemon.client() as client:
        slow.sendall(b"POST /api/v2/chat/message HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        client.say("hello")
        daemon.signal(signal.SIGTERM)
        wait_for(lambda: daemon.process.poll() is not None or not accepts(daemon.port),
                 "it to stop accepting")
        if daemon.process.poll() is None:
            daemon.signal(signal.SIGTERM)
        daemon.wait()


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    run()
