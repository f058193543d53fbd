#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""palaverctl alone: its command line, and whether replay notices what it must notice."""
import json
import os
import re

from fake_api import FakeApi
from harness import SOURCE, TOOL, run as run_program, write
from tap import case, check, equal, run


def replay(api, path, *more):
    """Replay and return (exit code, JSON report)."""
    code, out, err = run_program([TOOL, "replay", path, "--url", api.url, "--json", *more])
    check(out, f"no report; {err}")
    return code, json.loads(out)


def dialogs(folder, *talks):
    lines = [json.dumps({"dialog": f"d{i}", "turns": turns}) for i, turns in enumerate(talks)]
    return write(os.path.join(folder, "dialogs.jsonl"), "\n".join(lines) + "\n")


def talk(*texts):
    return [turn for text in texts for turn in (["user", text], ["assistant", "as you like"])]


@case("replay plays the dialogs of the examples and finds them in order")
def _(folder):
    with FakeApi() as api:
        code, report = replay(api, os.path.join(SOURCE, "examples", "dialogs.jsonl"))
    equal(code, 0, "exit code")
    equal(report["check"], {"passed": True, "conversations": report["dialogs"], "trouble": []})
    equal(report["replies"], report["messages"])
    check(report["dialogs"] >= 10 and report["errors"] == 0, report)


@case("replay reads a conversation back over several pages")
def _(folder):
    path = dialogs(folder, talk(*[f"number {i}" for i in range(130)]))
    with FakeApi() as api:
        code, report = replay(api, path)
    equal((code, report["check"]["passed"], report["messages"]), (0, True, 130))


@case("replay sends the same message again after 429 and 503, as late as Retry-After says")
def _(folder):
    asked = []

    def fault(kind, number, body):
        if kind == "post":
            asked.append(body["message_id"])
            return {1: (429, [("Retry-After", "1")]), 2: (503, [])}.get(number)

    with FakeApi(fault) as api:
        code, report = replay(api, dialogs(folder, talk("hello", "bye")))
    equal((code, report["retries"], report["errors"]), (0, 2, 0))
    equal(asked[0], asked[1], "the id of the second try")
    equal(asked[0], asked[2], "the id of the third try")
    check(report["latency_ms"]["max"] >= 1000, "it did not wait as long as Retry-After says")


@case("replay makes no second message when an answer is lost")
def _(folder):
    def fault(kind, number, body):
        return "cut" if kind == "post" and number in (2, 3) else None

    with FakeApi(fault) as api:
        code, report = replay(api, dialogs(folder, talk("one", "two", "three")))
        equal(len(api.conversations["c0"]), 6, "stored messages")
        equal(api.posts, 5, "tries, those of libcurl itself on a reused connection included")
    equal((code, report["check"]["passed"], report["errors"]), (0, True, 0))


@case("replay gives up when nobody answers any more")
def _(folder):
    code, out, err = run_program([TOOL, "replay", dialogs(folder, talk("hello")),
                                  "--url", "http://127.0.0.1:1"])
    equal(code, 1, "exit code")
    check("not done" in out and "127.0.0.1:1" in err, out + err)


@case("replay counts a final refusal as an error and goes on")
def _(folder):
    def fault(kind, number, body):
        return (422, []) if kind == "post" and body["content"]["text"] == "bad" else None

    with FakeApi(fault) as api:
        code, report = replay(api, dialogs(folder, talk("good", "bad", "better"), talk("fine")))
    equal((code, report["errors"], report["replies"]), (1, 1, 3))
    check("by order" in report["check"]["trouble"][0]["what"], report["check"])


def spoil(change):
    def fault(kind, number, messages):
        if kind == "history":
            change(messages)
    return fault


def swap(messages):
    messages[0], messages[2] = messages[2], messages[0]


WRONG = {
    "a gap in the numbers": lambda m: m[2].update(sequence_number=4),
    "numbers that do not begin at 1": lambda m: [x.update(sequence_number=i) for i, x in enumerate(m)],
    "two numbers alike": lambda m: m[1].update(sequence_number=1),
    "a changed text": lambda m: m[2]["content"].update(text="something else"),
    "a changed answer": lambda m: m[3]["content"].update(text="something else"),
    "an answer of another question": lambda m: m[1].update(message_id=m[3]["message_id"]),
    "questions in another order": swap,
    "a missing answer": lambda m: m.pop(1),
    "a missing end": lambda m: [m.pop(), m.pop()],
    "a message too many": lambda m: m.append({**m[-1], "sequence_number": len(m) + 1}),
    "directions the wrong way round": lambda m: m[0].update(direction="outbound"),
}

for name, change in WRONG.items():
    @case(f"replay notices {name}")
    def _(folder, change=change):
        with FakeApi(spoil(change)) as api:
            code, report = replay(api, dialogs(folder, talk("one", "two")))
        equal((code, report["check"]["passed"]), (1, False))
        equal(len(report["check"]["trouble"]), 1, "dialogs with trouble")


@case("replay says which messages it does not send, and why")
def _(folder):
    path = dialogs(folder, talk("  \n", "hello", "x" * 4097), talk("\u00e4" * 4096))
    with FakeApi() as api:
        code, report = replay(api, path)
    equal(code, 0, "exit code")
    equal(report["skipped"], [{"dialog": "d0", "message": 1, "reason": "empty"},
                              {"dialog": "d0", "message": 3, "reason": "too long"}])
    equal((report["messages"], report["replies"]), (2, 2))


@case("replay plays only the first --limit dialogs")
def _(folder):
    with FakeApi() as api:
        code, report = replay(api, dialogs(folder, talk("a"), talk("b"), talk("c")), "--limit", "2")
    equal((code, report["dialogs"]), (0, 2))


@case("replay keeps 64 dialogs apart that run at once")
def _(folder):
    path = dialogs(folder, *[talk(*[f"{d} says {i}" for i in range(4)]) for d in range(100)])
    with FakeApi() as api:
        code, report = replay(api, path, "--parallel", "64")
    equal((code, report["check"]["conversations"], report["messages"]), (0, 100, 400))


BAD_LINES = {
    '{"dialog":"a","turns":[["user","x"]]}\n{"dialog":': "this is no JSON",
    '[1]\n': '"dialog" must be a string',
    '{"dialog":"a"}\n': '"turns" must be an array',
    '{"dialog":"a","turns":["user","x"]}\n': "a turn is [speaker, text]",
    '{"dialog":"a","turns":[["user",1]]}\n': "speaker and text of a turn are strings",
    '{"dialog":"a","turns":[["robot","x"]]}\n': 'a speaker is "user" or "assistant"',
    "\n\n": "there is no dialog in it",
}


@case("replay refuses a file it cannot read, with the line")
def _(folder):
    for text, want in BAD_LINES.items():
        path = write(os.path.join(folder, "bad.jsonl"), text)
        code, _, err = run_program([TOOL, "replay", path, "--url", "http://127.0.0.1:1"])
        check(code == 1 and want in err, f"{text!r}: {code} {err}")
    path = write(os.path.join(folder, "2.jsonl"), '{"dialog":"a","turns":[]}\n\n{}\n')
    _, _, err = run_program([TOOL, "replay", path])
    check("2.jsonl:3:" in err, err)
    code, _, err = run_program([TOOL, "replay", os.path.join(folder, "absent")])
    check(code == 1 and "No such file" in err, f"{code} {err}")


USAGE = [
    ([], "a command is missing"),
    (["relaod"], 'did you mean "reload"?'),
    (["config", "chek"], 'did you mean "config check"?'),
    (["elephant"], "--help lists them"),
    (["status", "--jsn"], "did you mean --json?"),
    (["status", "--limit", "3"], "status takes no --limit"),
    (["replay"], "replay needs FILE"),
    (["replay", "a", "b"], "an operand too many: b"),
    (["replay", "a", "--parallel", "0"], "--parallel takes a number"),
    (["replay", "a", "--parallel"], "needs a value"),
    (["replay", "a", "--limit", "1x"], "--limit takes a number"),
    (["config", "explain", "http.lisen"], "did you mean http.listen?"),
]


@case("wrong use exits 2 and says what was meant")
def _(folder):
    for argv, want in USAGE:
        code, out, err = run_program([TOOL, *argv])
        check(code == 2 and want in err and not out, f"{argv}: {code} {out} {err}")


@case("every command has help, found with -h")
def _(folder):
    code, out, _ = run_program([TOOL, "--help"])
    equal(code, 0)
    names = ["status", "reload", "config check", "config explain", "config show", "chat", "send",
             "replay", "message where", "tail", "tenant add", "tenant list", "tenant show", "tenant set",
             "tenant suspend", "tenant activate", "key create", "key list", "key revoke", "key rotate",
             "limits show", "limits reset", "audit verify", "audit list", "delivery list", "delivery show",
             "delivery retry", "delivery redrive"]
    for name in names:
        check(name in out, f"{name} is not in --help")
        code, text, _ = run_program([TOOL, *name.split(), "-h"])
        check(code == 0 and f"palaverctl {name}" in text and "--json" in text, f"{name}: {text}")


@case("the manual page has every command and every option")
def _(folder):
    with open(os.path.join(SOURCE, "man", "palaverctl.1"), encoding="utf-8") as file:
        manual = file.read()
    _, out, _ = run_program([TOOL, "--help"])
    options = re.findall(r"^  -(\w), --([\w-]+)", out, re.M)
    commands = re.findall(r"^  ([a-z]+(?: [a-z]+)?) ", out, re.M)
    check(len(options) > 8 and len(commands) > 8, out)
    for letter, name in options:
        check(f".It Fl {letter} , Fl -{name}" in manual, f"--{name} is not in the manual")
    for name in commands:
        check(f".It Cm {name}" in manual, f"{name} is not in the manual")


@case("without a daemon a command exits 1, as JSON when asked")
def _(folder):
    for name in ("status", "reload", "config show", "tail", "message where x", "delivery list",
                 "delivery show x", "delivery retry x"):
        argv = [TOOL, *name.split(), "--socket", os.path.join(folder, "none.sock")]
        code, out, err = run_program(argv)
        check(code == 1 and "no daemon answers" in err and not out, f"{name}: {code} {err}")
        code, out, _ = run_program([*argv, "--json"])
        equal((code, json.loads(out)["error"]["code"]), (1, "EXTERNAL_SERVICE_ERROR"), name)


@case("config check shows every mistake with a caret and exits 78")
def _(folder):
    path = write(os.path.join(folder, "palaver.yaml"),
                 "http:\n  lisen: 127.0.0.1:8001\nworkers:\n  threads: many\n")
    code, out, err = run_program([TOOL, "config", "check", path])
    equal(code, 78, "exit code")
    check("palaver.yaml:2:3" in err and "http.listen" in err and "^" in err and
          "palaver.yaml:4:" in err, err)
    code, out, err = run_program([TOOL, "config", "check", path, "--json"])
    equal((code, json.loads(out)["errors_count"]), (78, 2))


@case("config check is silent about nothing and exits 0 for a good file")
def _(folder):
    path = write(os.path.join(folder, "palaver.yaml"), f"state_dir: {folder}\n")
    code, out, err = run_program([TOOL, "config", "check", path])
    check(code == 0 and "fine" in out, f"{code} {out} {err}")


@case("config explain says type, range, default and environment name")
def _(folder):
    code, out, _ = run_program([TOOL, "config", "explain", "http.body_max"])
    equal(code, 0)
    for want in ("http.body_max", "256KiB", "PALAVER_HTTP_BODY_MAX", "range: 1024 to"):
        check(want in out, f"{want} is not in {out}")
    code, out, _ = run_program([TOOL, "config", "explain", "http.body_max", "--json"])
    equal(json.loads(out)["default"], "256KiB")


@case("a key file that is not there is a configuration error")
def _(folder):
    code, _, err = run_program([TOOL, "send", "hello", "--url", "http://127.0.0.1:1",
                                "--key-file", os.path.join(folder, "none")])
    check(code == 78 and "key-file" in err, f"{code} {err}")


@case("send and chat show the reply, and a message cannot drive the terminal")
def _(folder):
    with FakeApi() as api:
        code, out, _ = run_program([TOOL, "send", "hi \u001b[31mthere", "--url", api.url])
        equal((code, out), (0, "You said: hi ?[31mthere\n"))
        code, out, _ = run_program([TOOL, "chat", "--url", api.url],
                                   text="one\ntwo\n/new\nthree\n/nonsense\n/quit\nfour\n")
        equal(code, 0)
        check("You said: two" in out and "there is no /nonsense" in out and "four" not in out, out)
        equal([len(c) for c in api.conversations.values()], [2, 4, 2], "messages")
        code, out, _ = run_program([TOOL, "send", "x", "--json", "--url", api.url])
        equal(json.loads(out)["response"]["text"], "You said: x")


if __name__ == "__main__":
    run()
