/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hooks.h - channels and webhooks of a rig's tenant, and one who sets the channel `webhook` up and
 * sends signed webhooks to it, one after the other.
 */
#ifndef PALAVER_TESTS_SERVICE_HOOKS_H
#define PALAVER_TESTS_SERVICE_HOOKS_H

#include "rig.h"
#include "service/channel/channels.h"
#include "service/webhook/webhooks.h"

#define HOOKS_SECRET "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
#define HOOKS_SETTINGS                                                                             \
	"{\"url\":\"https://shop.example/\",\"webhook_secret\":\"" HOOKS_SECRET "\"}"

/* A service on a rig, and the last webhook sent to it. */
struct hooks {
	struct rig rig;
	struct pal_access *access;
	struct pal_guard guard;
	struct pal_channels *channels;
	struct pal_webhooks *webhooks;
	struct pal_webhook_call call;
	struct pal_channel_hook hook;
	char timestamp[32], id[64];
	struct pal_buf signature;
	bool is_done;
};

extern struct hooks hooks;

/* The channel is set up by HOOKS_SETTINGS. */
void hooks_open(void);
void hooks_close(void);
/* Stop both services, and start them again on what is stored. */
void hooks_end(void);
void hooks_begin(void);

/* PUT `body` for the channel; how many fields were wrong, and how it ended if none was. */
size_t hooks_set(const char *body, enum pal_code *ret);
/* The same, which must go well if no field is wrong. */
size_t hooks_put(const char *body);

/* Make ready to post `body` under `id`, signed; `hooks.call` is to be received. */
void hooks_write(const char *id, const char *body);
/* Post it; nothing is cranked yet. */
void hooks_post(const char *id, const char *body);
/* Post and have it acted on. */
enum pal_webhook_verdict hooks_take(const char *id, const char *body);
void hooks_sweep(void);

/* A message of ann. */
#define HOOKS_SAID(id, text)                                                                       \
	"{\"type\":\"message.created\",\"data\":{\"id\":\"" id                                     \
	"\",\"user_id\":\"ann\",\"content\":{\"type\":\"text\",\"text\":\"" text "\"}}}"

#endif
