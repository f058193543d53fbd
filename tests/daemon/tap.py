# SPDX-License-Identifier: Apache-2.0
"""tap.py - cases as functions, results as TAP on standard output.

    @case("what must hold")
    def _(t): ...

    run()       at the end of the file; `FILE [WORD]` runs only the cases whose name holds WORD
"""
import os
import sys
import tempfile
import traceback

_cases = []


class Skip(Exception):
    """Raised by a case that cannot run here; the text says why."""


class Failed(Exception):
    pass


def case(name):
    def keep(function):
        _cases.append((name, function))
        return function
    return keep


def check(truth, message):
    """Fail the case with `message` unless `truth`."""
    if not truth:
        raise Failed(message)


def equal(got, want, what=""):
    check(got == want, f"{what}: got {got!r}, want {want!r}")


def _run_one(number, name, function):
    with tempfile.TemporaryDirectory(prefix="palaver-test-") as folder:
        try:
            function(folder)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}", flush=True)
            return True
        except Exception as error:                      # a broken case must not hide the next
            print(f"not ok {number} - {name}")
            lines = str(error) if isinstance(error, Failed) else traceback.format_exc()
            if isinstance(error, Failed):
                where = traceback.extract_tb(error.__traceback__)
                lines += "".join(f"\n  at {os.path.basename(f.filename)}:{f.lineno}" for f in where[1:])
            print("\n".join("# " + line for line in lines.splitlines()), flush=True)
            return False
    print(f"ok {number} - {name}", flush=True)
    return True


def run():
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    wanted = [c for c in _cases if word in c[0]]
    print(f"1..{len(wanted)}", flush=True)
    good = [_run_one(i + 1, name, function) for i, (name, function) in enumerate(wanted)]
    sys.exit(0 if wanted and all(good) else 1)
