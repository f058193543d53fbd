#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a channel's settings say of what it can carry, from outside: how long, how often, to whom."""
from harness import Daemon, wait_for
from receiver import OPTIONS, Receiver, delivery, reply_of, say, set_up, tell, wait_status
from tap import case, check, equal, run


@case("a reply longer than the channel takes leaves in parts, each under its key, also over a kill; receipts join it")
def _(folder):
    script = [200, 503, "hang"]
    daemon = Daemon(folder, *OPTIONS).start()
    with Receiver(lambda n, key: script[n] if n < len(script) else 200) as receiver:
        try:
            with daemon.client() as client:
                set_up(client, receiver.url, max_message_length=20)
                data = say(client, "hello")
                message = reply_of(data)
                wait_for(lambda: len(receiver.got) == 3, "the second part to be under way again")
                answer = client.request("PATCH", f"/api/v2/chat/messages/{message}/status", {"status": "delivered"})
                equal((answer.status, answer.error["code"]), (409, "RESOURCE_CONFLICT"), "parts have not left")
                tell(daemon, "message.status", message_id=f"msg_{message}_1", status="delivered")
                half = delivery(client, message)
                equal(half["parts_done"], 1)
                check(half["status"] in ("pending", "retrying"), half["status"])
                set_up(client, receiver.url, max_message_length=4096)
            daemon.kill()
            daemon = Daemon(folder, *OPTIONS).start()
            with daemon.client() as client:
                done = wait_status(client, message, "delivered")
                shown = daemon.tool("delivery", "show", message)[1]
        finally:
            daemon.end()
    parts = {key: got for key, _, _, good, _, got in receiver.got if good}
    equal(list(parts), [f"msg_{message}_{i + 1}" for i in range(len(parts))])
    check(len(parts) > 2, "it fitted")
    equal((done["parts"], done["parts_done"], done["possible_duplicate"]), (len(parts), len(parts), True))
    check(f"parts: {len(parts)} of {len(parts)} have arrived\n" in shown and ", part 2, retry, http_503\n" in shown, shown)
    for i, got in enumerate(parts.values()):
        equal((got["id"], got["part"], got["parts"]), (message, i + 1, len(parts)))
        check(len(got["content"]["text"]) <= 20, got["content"])
    equal(" ".join(got["content"]["text"] for got in parts.values()), data["response"]["text"])
    equal(receiver.bad, 0)


def waiting(client):
    """How many conversations wait for their channel's pace."""
    text = client.get("/metrics").body.decode()
    return next(int(float(line.split()[1])) for line in text.splitlines() if line.startswith("palaver_delivery_paced "))


@case("a channel is sent on only so often a minute; what waits is no attempt, and leaves when more is allowed")
def _(folder):
    with Receiver() as receiver, Daemon(folder, *OPTIONS) as daemon, daemon.client() as client:
        set_up(client, receiver.url, requests_per_minute=3)
        messages = [reply_of(say(client, f"hello {i}")) for i in range(8)]
        wait_for(lambda: len(receiver.got) == 3 and waiting(client) == 5, "three to arrive and five to wait")
        late = [m for m in messages if delivery(client, m)["status"] != "sent"]
        equal([(d["status"], d["attempt_count"]) for d in (delivery(client, m) for m in late)], [("pending", 0)] * 5)
        set_up(client, receiver.url, requests_per_minute=100)
        for message in messages:
            equal(wait_status(client, message, "sent")["attempt_count"], 1)
        wait_for(lambda: waiting(client) == 0, "none to wait")
        equal(len(receiver.got), 8)


@case("a day's requests are counted over restarts and kills")
def _(folder):
    daemon = Daemon(folder, *OPTIONS).start()
    with Receiver() as receiver:
        try:
            with daemon.client() as client:
                set_up(client, receiver.url, requests_per_day=3)
                for i in range(2):
                    wait_status(client, reply_of(say(client, f"hello {i}")), "sent")
            daemon.kill()
            daemon = Daemon(folder, *OPTIONS).start()
            with daemon.client() as client:
                third = reply_of(say(client, "hello"))
                wait_status(client, third, "sent")
            daemon.end()
            daemon = Daemon(folder, *OPTIONS).start()
            with daemon.client() as client:
                last = reply_of(say(client, "hello"))
                wait_for(lambda: waiting(client) == 1, "the last to wait")
                equal(delivery(client, last)["status"], "pending")
                equal(len(receiver.got), 3)
                set_up(client, receiver.url, requests_per_day=4)
                wait_status(client, last, "sent")
        finally:
            daemon.end()


@case("b8 a recipient that the channel refuses fails at once, names the field, and is never tried")
def _(folder):
    with Receiver() as receiver, Daemon(folder, *OPTIONS) as daemon, daemon.client() as client:
        set_up(client, receiver.url)
        data = say(client, "hello", channel_metadata={"platform_user_id": "shop\u00077"})
        equal(data["processing_metadata"]["delivery_status"], "failed")
        message = reply_of(data)
        wait_status(client, reply_of(say(client, "hello", user_id="ben")), "sent")
        failed = delivery(client, message)
        equal((failed["status"], failed["attempt_count"], failed["next_attempt_at"]), ("failed", 0, None))
        equal((failed["error_code"], failed["error_field"]), ("INVALID_RECIPIENT", "channel_metadata.platform_user_id"))
        check("control characters" in failed["error_message"], failed["error_message"])
        shown = daemon.tool("delivery", "show", message)[1]
        check(f"wrong field: {failed['error_field']}: {failed['error_message']}\n" in shown, shown)
        dead = client.get("/api/v2/deliveries?status=failed").json["data"]["deliveries"]
        equal([d["message_id"] for d in dead], [message])
        answer = client.post({"message_ids": [message]}, path="/api/v2/deliveries/retry")
        equal(answer.json["data"]["retried"], 1)
        wait_for(lambda: delivery(client, message)["attempt_count"] == 1, "it to be looked at again")
        again = wait_status(client, message, "failed")
        equal((again["error_code"], again["error_field"], again["attempts"][0]["outcome"]),
              ("INVALID_RECIPIENT", "channel_metadata.platform_user_id", "permanent"))
        equal(len(receiver.got), 1)


run()
