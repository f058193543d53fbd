# SPDX-License-Identifier: Apache-2.0
"""CPU and memory of processes, and of everything else on the machine."""
import os
import socket
import time

HZ = os.sysconf("SC_CLK_TCK")


def cpu_s(pid):
    """CPU seconds a process has used."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / HZ


def busy_s():
    """CPU seconds all processors together have worked, interrupts and steal included."""
    with open("/proc/stat") as f:
        v = [int(x) for x in f.readline().split()[1:]]
    return (sum(v[:3]) + sum(v[5:8])) / HZ


def rss_bytes(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def pss_bytes(pid):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        for line in f:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Budget:
    """Seconds that may be spent on waiting for others to be quiet, in the whole run."""

    def __init__(self, seconds):
        self.left_s = seconds

    def wait_for_quiet(self, limit=0.10):
        """Return once others use less than `limit` of a core for half a second, or nothing is left."""
        while self.left_s > 0:
            busy, began = busy_s(), time.monotonic()
            time.sleep(0.5)
            spent = time.monotonic() - began
            self.left_s -= spent
            if (busy_s() - busy) / spent < limit:
                return


class Watch:
    """What a piece of time cost a server, its load (what ended, and those of `helpers`), and (the rest) others."""

    def __init__(self, pid, helpers=()):
        self.pid, self.helpers, self.began = pid, helpers, time.monotonic()
        self.busy, self.server, self.load = busy_s(), cpu_s(pid) if pid else 0, self._load()

    def _load(self):
        return self._children() + sum(cpu_s(pid) for pid in self.helpers)

    @staticmethod
    def _children():
        t = os.times()
        return t.children_user + t.children_system

    def stop(self):
        wall = time.monotonic() - self.began
        server = cpu_s(self.pid) - self.server if self.pid else 0
        load = self._load() - self.load
        other = max(0, busy_s() - self.busy - server - load)
        return {"wall_s": wall, "server_cpu_s": server, "load_cpu_s": load,
                "other_percent": 100 * other / wall}
