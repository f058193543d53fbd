# SPDX-License-Identifier: Apache-2.0
"""The programs under load: palaverd in its settings, and the kit's ceilings."""
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time

from driver import machine

START_S = 30


class Server:
    """One running server in a folder of its own; a context manager."""

    path = "/api/v2/chat/message"

    def __init__(self, bench, command, name):
        self.bench, self.name = bench, name
        self.folder = tempfile.mkdtemp(prefix="bench-", dir=bench.folder)
        self.port = machine.free_port()
        self.command = [a.format(port=self.port, folder=self.folder) for a in command]
        self.key_file = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=log)
        self.pid = self.process.pid
        self.wait_until_ready()

    def wait_until_ready(self):
        end = time.monotonic() + START_S
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.3).close()
                return
            except OSError:
                time.sleep(0.02)
        self.fail()

    def fail(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as log:
            raise SystemExit(f"bench: {self.name} did not start: {log.read()[-1000:]}")

    def stop(self):
        process = getattr(self, "process", None)
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process:
            process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"


class Palaver(Server):
    """palaverd --dev, told by its own `ready` line."""

    def __init__(self, bench, name, *settings):
        command = [os.path.join(bench.build, "palaverd"), "--dev",
                   "-D", "http.listen=127.0.0.1:{port}", "-D", "state_dir={folder}",
                   "-D", "limits.enabled=false"]
        for setting in settings:
            command += ["-D", setting]
        super().__init__(bench, command, name)

    def wait_until_ready(self):
        stdout = self.process.stdout
        if not select.select([stdout], [], [], START_S)[0] or not stdout.readline().startswith(b"ready"):
            self.fail()
        self.key_file = os.path.join(self.folder, "dev.key")
        with open(self.key_file) as f:
            self.key = f.read().strip()


class Makers:
    """Each target by name: a call of makers[name]() makes a server that is not started yet."""

    def __init__(self, bench):
        def palaver(name, *settings):
            return lambda: Palaver(bench, name, *settings)

        def kit(name, *command):
            program = os.path.join(bench.kit_build or "", command[0])
            return lambda: Server(bench, [program, *command[1:]], name)

        composite = ["composite", "-p", "{port}", "-x", "hp", "-j", "arena"]
        durable = ["-d", "{folder}/c.db", "-S", "int", "-K", "1000"]
        self.by_name = {
            "memory": palaver("memory", "store.kind=memory"),
            "memory-1-loop": palaver("memory-1-loop", "store.kind=memory", "http.loops=1"),
            "memory-2-loops": palaver("memory-2-loops", "store.kind=memory", "http.loops=2"),
            "durable": palaver("durable"),
            "durable-normal": palaver("durable-normal", "store.sqlite.synchronous=normal"),
            "durable-small-cache": palaver("durable-small-cache", "store.sqlite.cache_size=1MiB"),
            "deliveries": palaver("deliveries", "courier.allow_http=true",
                                  "courier.allow_networks=127.0.0.0/8"),
            "kit-memory": kit("kit-memory", *composite, "-w", "mem"),
            "kit-durable": kit("kit-durable", *composite, "-w", "full", *durable),
            "kit-evhttp": kit("kit-evhttp", "echo_evhttp", "-p", "{port}", "-m", "echo", "-t", "1"),
        }

    def __call__(self, name):
        return self.by_name[name]()
