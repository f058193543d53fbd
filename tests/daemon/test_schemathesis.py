# SPDX-License-Identifier: Apache-2.0
"""schemathesis makes requests out of /openapi.json, right ones and wrong ones, and judges the answers.

Left out of its checks: positive_data_acceptance, for no schema can say which channels a tenant has or
what hangs on what is stored; and of its unexpected methods TRACE, which is no method here: 501.
PALAVER_TEST_SEED (1) and PALAVER_TEST_EXAMPLES (12, for each operation) steer it.
"""
import json
import os
import subprocess

from contract import use_packages, venv
from harness import Client, Daemon, write
from tap import Skip, case, check, equal, run

CONFIG = """
[phases.coverage]
unexpected-methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""
BOUND_S = 500       # it is done long before; a stuck one shall not stay


def program():
    use_packages()
    path = os.path.join(venv(), "bin/schemathesis")
    if not os.path.exists(path):
        raise Skip("schemathesis is not installed; ./quickstart check does it")
    return path


def explore(folder, daemon, *options, known=""):
    config = write(os.path.join(folder, "schemathesis.toml"), CONFIG + known)
    argv = [program(), "--config-file", config, "run", f"{daemon.url}/openapi.json",
            "-H", f"X-API-Key: {daemon.key}", "--seed", os.environ.get("PALAVER_TEST_SEED", "1"),
            "-n", os.environ.get("PALAVER_TEST_EXAMPLES", "12"), "--generation-database", "none",
            "--exclude-checks", "positive_data_acceptance", "--continue-on-failure", "--no-color", *options]
    done = subprocess.run(argv, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=BOUND_S, check=False)
    check(done.returncode == 0, f"schemathesis says {done.returncode}:\n{done.stdout[-12000:]}{done.stderr[-2000:]}")
    return done.stdout


def still_well(daemon):
    check(daemon.process.poll() is None, f"the daemon ended; {daemon.log_tail()}")
    with daemon.client() as client:
        client.say("hello")
        equal(client.get("/health/ready").status, 200, "ready")
    equal(daemon.stop(), 0, "exit code")


@case("no request made of the contract crashes, fails inside, or gets an answer that is not in it")
def _(folder):
    program()
    with Daemon(folder, store="memory") as daemon:
        explore(folder, daemon, "--phases", "examples,coverage,fuzzing")
        still_well(daemon)


@case("nor does one about what is there")
def _(folder):
    program()
    with Daemon(folder, store="memory") as daemon, daemon.client() as client:
        said = client.say("my order ORD123456", user_id="user-1")
        for _ in range(3):
            client.say("and another one", said["conversation_id"], user_id="user-1")
        session = client.post({"user_id": "user-1", "channel": "web"}, path="/api/v2/sessions").json["data"]
        explore(folder, daemon, "--phases", "coverage,fuzzing", "--include-path-regex", "[{]",
                "--exclude-method", "DELETE", known=f"""
[[operations]]
include-path-regex = "/conversations/"
parameters = {{ "path.id" = "{said['conversation_id']}" }}

[[operations]]
include-path-regex = "/sessions/"
parameters = {{ "path.id" = "{session['session_id']}", "path.user_id" = "user-1" }}

[[operations]]
include-path-regex = "/messages?/"
parameters = {{ "path.id" = "{said['message_id']}" }}
""")
        still_well(daemon)


@case("it notices an answer that is not in the contract")
def _(folder):
    program()
    with Daemon(folder, store="memory") as daemon, Client(daemon.port, None) as client:
        document = client.get("/openapi.json").json
        document["paths"] = {"/health/live": document["paths"]["/health/live"]}
        document["components"]["schemas"]["Liveness"]["properties"]["uptime_seconds"] = {"type": "string"}

        path = write(os.path.join(folder, "lie.json"), json.dumps(document))
        done = subprocess.run([program(), "run", path, "--url", daemon.url, "-n", "1"], cwd=folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BOUND_S, check=False)
        equal(done.returncode, 1, f"its exit code: {done.stdout[-3000:]}")
        check("uptime_seconds" in done.stdout or "Response violates schema" in done.stdout, done.stdout[-3000:])


run()
