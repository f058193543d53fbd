#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tour in README.md, pasted from top to bottom as a new user would: it stays true.

A ```sh block is what the reader pastes; the ```text block behind it is what is to be seen in its output, line
by line in this order, where … stands for anything. Only port, folder and programs are put in our own place.
"""
import os
import re
import socket
import subprocess

from harness import BUILD, SOURCE
from tap import case, check, run

HEADING = "## A tour in five minutes"
END = "palaver-tour-block-is-over"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def steps():
    """(commands, lines that its output must have) of each block, in order."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        text = file.read().split(HEADING, 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)
    found = []
    for kind, body in blocks:
        if kind == "sh":
            found.append((body, []))
        else:
            found[-1][1].extend(body.splitlines())
    return found


def paste(shell, commands):
    """What the shell prints for these commands."""
    shell.stdin.write(f"{commands}\necho; echo {END}\n")
    shell.stdin.flush()
    lines = []
    for line in shell.stdout:
        if line.rstrip("\n") == END:
            return "".join(lines)
        lines.append(line)
    check(False, "the shell ended: " + "".join(lines)[-2000:])


def is_seen(wanted, output):
    """Whether the lines stand in the output in this order."""
    at = 0
    for line in wanted:
        pattern = ".*?".join(re.escape(part) for part in line.strip().split("…"))
        match = re.compile(pattern).search(output, at)
        if not match:
            return line
        at = match.end()
    return None


@case("every step of the tour in README.md prints what it says there")
def _(folder):
    tour = steps()
    check(len(tour) >= 8 and all(lines for _, lines in tour), "the tour has steps without output")
    first = tour[0][0].replace("port=8001", f"port={free_port()}").replace("/tmp/palaver-tour", folder)
    check(folder in first and "port=8001" not in first, "the tour begins with port and folder")
    os.symlink(BUILD, os.path.join(folder, "build"))
    os.symlink(os.path.join(SOURCE, "examples"), os.path.join(folder, "examples"))
    with subprocess.Popen(["timeout", "120", "bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, cwd=folder) as shell:
        try:
            for number, (commands, lines) in enumerate([(first, tour[0][1])] + tour[1:]):
                output = paste(shell, commands)
                missing = is_seen(lines, output)
                check(missing is None, f"step {number + 1} does not show {missing!r} but:\n{output[-3000:]}")
        finally:
            shell.stdin.write("\nkill $daemon $receiver 2>/dev/null; exit\n")
            shell.stdin.close()
            shell.wait(60)


run()
