#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every type of content through the daemon and back out of the history, and what is refused of each."""
import json
import os
import signal
import subprocess
import time

from harness import DAEMON, Daemon, message, read_line, run as run_program, wait_for, write, TOOL
from tap import case, check, equal, run


def media(mime, **more):
    return {"url": "https://cdn.example.com/a/file", "type": mime, "size_bytes": 1234, **more}


CONTENTS = {
    "text": {"type": "text", "text": "Grüße 語 😀 \"quoted\" \\ \n two lines", "language": "de",
             "quick_replies": [{"title": "Yes", "payload": "Y", "content_type": "text",
                                "image_url": "http://i.example/y.png"}],
             "buttons": [{"type": "url", "title": "Go", "url": "https://a.example/?x=1#y",
                          "webview_height_ratio": "tall"}],
             "contact": {"name": "Ann", "phone_number": "+4930123456", "email": "ann@example.org",
                         "organization": "O", "formatted_address": "A 1"},
             "form_fields": [{"field_id": "f", "field_type": "select", "label": "l", "required": True,
                              "options": ["a", "b"], "min_length": 1, "max_length": 2,
                              "min_value": -1.5, "max_value": 2}],
             "form_data": {"f": ["a", None, {"deep": 1}]}, "metadata": {"k": "v"}},
    "image": {"type": "image", "text": "my cup", "media": media(
        "image/webp", alt_text="a cup", thumbnail_url="http://t.example/t", filename="my cup.webp",
        file_extension="webp", dimensions={"width": 640, "height": 480})},
    "file": {"type": "file", "media": media("application/pdf", filename="invoice.pdf")},
    "audio": {"type": "audio", "media": media("audio/ogg", duration_ms=61000)},
    "video": {"type": "video", "media": media("video/quicktime", duration_ms=0)},
    "location": {"type": "location", "location": {
        "latitude": 48.137154, "longitude": -0.5, "accuracy_meters": 8, "address": "Marienplatz 1",
        "place_name": "Rathaus", "place_id": "p", "country": "Germany", "city": "München",
        "postal_code": "80331"}},
    "quick_reply": {"type": "quick_reply", "text": "Track my order",
                    "quick_replies": [{"title": "Track my order", "payload": "TRACK"},
                                      {"title": "Other", "payload": "OTHER"}]},
    "carousel": {"type": "carousel", "carousel": [
        {"title": "Latte", "subtitle": "for $4.50", "image_url": "https://i.example/l.png",
         "default_action": {"type": "web_url"},
         "buttons": [{"type": "postback", "title": "Buy", "payload": "BUY_1"}]},
        {"title": "Mocha"}]},
}


def send(client, content, conversation=None, **fields):
    return client.post({**message("x", conversation), "content": content, **fields})


def refused(client, content, *fields, **more):
    """It must be 422 and name exactly these fields of the content."""
    answer = send(client, content, **more)
    equal((answer.status, answer.error["code"]), (422, "VALIDATION_ERROR"), answer.body)
    named = [f["field"] for f in answer.error["details"]["fields"]]
    equal(named, list(fields), f"{content}")


@case("f45 every type is taken, answered and read back as it was sent")
def _(folder):
    for store in ("sqlite", "memory"):
        with Daemon(os.path.join(folder, store), store=store) as daemon, daemon.client() as client:
            conversation = None
            for kind, content in CONTENTS.items():
                answer = send(client, content, conversation)
                equal(answer.status, 200, f"{kind}: {answer.body}")
                data = answer.json
                conversation = data["conversation_id"]
                check(data["response"]["text"], f"{kind} has no answer")
                equal(data["processing_metadata"]["warnings"], [], kind)
            inbound = [m for m in client.history(conversation) if m["direction"] == "inbound"]
            equal([m["message_type"] for m in inbound], list(CONTENTS))
            for kind, found in zip(CONTENTS, inbound):
                equal(found["content"], CONTENTS[kind], kind)


@case("f45 what was sent is there after a restart")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        conversation = send(client, CONTENTS["image"]).json["conversation_id"]
        send(client, CONTENTS["carousel"], conversation)
        equal(daemon.stop(), 0)
    with Daemon(folder) as daemon, daemon.client() as client:
        found = client.history(conversation)
        equal([m["content"] for m in found[::2]], [CONTENTS["image"], CONTENTS["carousel"]])


@case("f43 the same content again is the same message, another spelling of it too")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        body = {**message("x"), "content": CONTENTS["image"]}
        first = client.post(body).json
        spelled = json.dumps(body, indent=3).replace("image/webp", "IMAGE/WEBP")
        again = client.post(spelled.encode())
        equal(again.status, 200, again.body)
        equal((again.json["response_id"], again.json["processing_metadata"]["duplicate"]),
              (first["response_id"], True))
        other = json.loads(json.dumps(body))
        other["content"]["media"]["size_bytes"] += 1
        answer = client.post(other)
        equal((answer.status, answer.error["code"]), (409, "RESOURCE_CONFLICT"), answer.body)


@case("f42 each type names what it lacks, and all that is wrong at once")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        refused(client, {"type": "text"}, "content.text")
        for kind in ("image", "file", "audio", "video"):
            refused(client, {"type": kind}, "content.media")
        refused(client, {"type": "location"}, "content.location")
        refused(client, {"type": "quick_reply"}, "content.quick_replies")
        refused(client, {"type": "carousel", "carousel": []}, "content.carousel")
        refused(client, {"type": "image", "media": {}}, "content.media.url", "content.media.type",
                "content.media.size_bytes")
        refused(client, {"type": "image", "media": media("image/svg+xml")}, "content.media.type")
        refused(client, {"type": "image", "media": media("video/mp4")}, "content.media.type")
        refused(client, {"type": "image", "media": media("image/png", size_bytes=52428801)},
                "content.media.size_bytes")
        refused(client, {"type": "location", "location": {"latitude": 90.01, "longitude": "0"}},
                "content.location.latitude", "content.location.longitude")
        refused(client, {"type": "carousel", "carousel": [{"title": "t"}, {"buttons": [
            {"type": "url", "title": "x" * 21}]}]}, "content.carousel[1].title",
                "content.carousel[1].buttons[0].title", "content.carousel[1].buttons[0].url")
        refused(client, {"type": "carousel", "carousel": [{"title": "t"}] * 11}, "content.carousel")
        refused(client, {"type": "text", "text": "x", "contact": {"name": "n", "email": "x",
                                                                  "phone_number": "030"}},
                "content.contact.phone_number", "content.contact.email")
        for kind in ("contact", "form", "system", "typing", "read_receipt", "TEXT", "poem"):
            refused(client, {"type": kind, "text": "x"}, "content.type")


@case("content at fault is 422 PROCESSING_ERROR and starts no conversation")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        body = {**message("x", "mine"), "content": {"type": "file", "media": media(
            "application/pdf", filename="setup.exe")}}
        answer = client.post(body)
        equal((answer.status, answer.error["code"]), (422, "PROCESSING_ERROR"), answer.body)
        equal(client.get("/api/v2/chat/conversations/mine").status, 404)
        body["content"]["media"]["filename"] = "setup.pdf"
        equal(client.post(body).status, 200, "the message id is still free")


@case("f55 moderation.block holds the reply back, and a reload lets it go again")
def _(folder):
    config = os.path.join(folder, "palaver.yaml")
    write(config, "moderation: {block: [potential_spam, private_address]}\n")
    with Daemon(folder, config=config) as daemon, daemon.client() as client:
        for content in ({"type": "text", "text": "spam"},
                        {"type": "file", "media": {**media("application/pdf"),
                                                   "url": "http://169.254.169.254/x"}}):
            answer = send(client, content)
            equal(answer.status, 200, answer.body)
            equal((answer.json["response"], answer.json["processing_metadata"]["delivery_status"]),
                  (None, None))
            check("held for a person to review" in answer.json["processing_metadata"]["warnings"],
                  answer.body)
        check(client.say("hello!!!")["response"], "a flag that does not block")
        write(config, "moderation: {block: []}\n")
        equal(daemon.tool("reload")[0], 0)
        check(send(client, {"type": "text", "text": "spam"}).json["response"], "still held back")


@case("f55 require_human_review and bypass_automation keep the bot quiet")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        for hint in ("require_human_review", "bypass_automation"):
            answer = client.say("hello", processing_hints={hint: True})
            equal((answer["response"], answer["response_id"]), (None, None))
            equal(len(client.history(answer["conversation_id"])), 1)


@case("b30 a client's clock: kept with a warning, or refused where the operator says so")
def _(folder):
    with Daemon(folder) as daemon, daemon.client() as client:
        answer = client.say("hello", timestamp="2025-01-01T00:00:00Z")
        equal(len(answer["processing_metadata"]["warnings"]), 1)
        equal(client.history(answer["conversation_id"])[0]["timestamp"], "2025-01-01T00:00:00.000Z")
    with Daemon(folder, "-D", "messages.reject_skewed_timestamps=true") as daemon, \
            daemon.client() as client:
        answer = client.post(message("hello", timestamp="2025-01-01T00:00:00Z"))
        equal((answer.status, answer.error["details"]["fields"]),
              (422, [{"field": "timestamp",
                      "message": "must be within 24 hours of the server's clock"}]), answer.body)
        client.say("hello", timestamp=int(time.time()) - 3600)


@case("media.types and media.size_max are the operator's, and SVG is nobody's")
def _(folder):
    with Daemon(folder, "-D", "media.types=standard,video/webm", "-D", "media.size_max=1MiB") \
            as daemon, daemon.client() as client:
        equal(send(client, {"type": "video", "media": media("video/webm")}).status, 200)
        equal(send(client, CONTENTS["image"]).status, 200)
        refused(client, {"type": "video", "media": media("video/avi")}, "content.media.type")
        refused(client, {"type": "file", "media": media("pdf", size_bytes=1048577)},
                "content.media.size_bytes")
    code, _, err = run_program([DAEMON, "-t", "--dev", "-D", "media.types=image/svg+xml"])
    check(code != 0 and "`media.types` cannot hold `image/svg+xml`" in err, err)


@case("f49 no text of a user is logged, and the live feed masks what is personal")
def _(folder):
    secret = "4111 1111 1111 1111"
    with Daemon(folder) as daemon, daemon.client() as client:
        feed = subprocess.Popen([TOOL, "tail", "--json", "--socket", daemon.socket_path],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            def feeds():
                client.say("are you there?")
                return read_line(feed.stdout, 0.2)
            wait_for(feeds, "the feed's first event")
            client.say(f"my card is {secret}, mail ann@example.com")
            send(client, {**CONTENTS["image"], "text": f"card {secret}"})
            seen = ""
            while "card [CARD]\"" not in seen:
                line = read_line(feed.stdout, 30)
                check(line, f"the feed ended: {seen}")
                seen += line
            check("my card is [CARD], mail [EMAIL]" in seen, seen)
            check(secret not in seen and "ann@example.com" not in seen, seen)
        finally:
            feed.send_signal(signal.SIGTERM)
            feed.wait()
            feed.stdout.close()
        equal(daemon.stop(), 0)
        log = daemon.log()
        check("process_message_complete" in log, "no line of a message")
        for word in (secret, "ann@example.com", "are you there"):
            check(word not in log, f"{word} is in the log")


run()
