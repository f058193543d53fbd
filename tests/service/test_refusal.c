/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/refusal.h"

#include <stdio.h>
#include <string.h>

#include "rig.h"
#include "store/store.h"
#include "suite.h"

static struct rig rig;

static bool print(void *arg, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *e = &entry->event;
	char *out = arg;
	size_t n = strlen(out);

	snprintf(out + n, 512 - n, "%.*s %.*s:%.*s %.*s %.*s %.*s %.*s\n", (int)e->event_type.n,
		 e->event_type.p, (int)e->resource_type.n, e->resource_type.p, (int)e->resource_id.n,
		 e->resource_id.p, (int)e->result.n, e->result.p, (int)e->ip_address.n,
		 e->ip_address.p, (int)e->request_id.n, e->request_id.p, (int)e->data.n, e->data.p);
	return true;
}

/* The tenant's trail, a line a record. */
static const char *trail(int64_t tenant)
{
	static char text[512];

	text[0] = '\0';
	CU_ASSERT_EQUAL(pal_store_walk_audit(rig.script.memory, 0, (struct pal_tenant_key){tenant},
					     0, 100, print, text, NULL),
			PAL_OK);
	return text;
}

static void refuse_webhook(enum pal_channel_type channel, enum pal_channel_verdict verdict)
{
	pal_refusal_audit_webhook(rig.front, RIG_START_MS,
				  &(struct pal_refused_webhook){.tenant = {1},
								.channel = channel,
								.verdict = verdict,
								.request_id = PAL_STR("r-1"),
								.ip_address = PAL_STR("192.0.2.7")});
	while (rig_store(&rig)) {
	}
}

TEST(b55_a_refused_signature_is_told_with_its_channel_and_address)
{
	rig_open(&rig, &(struct rig_spec){0});
	refuse_webhook(PAL_CHANNEL_WEBHOOK, PAL_VERDICT_WRONG);
	refuse_webhook(PAL_CHANNEL_WHATSAPP, PAL_VERDICT_MISSING);
	CHECK_STR(trail(1),
		  "webhook.signature_refused channel:webhook failure 192.0.2.7 r-1 "
		  "{\"reason\":\"signature_wrong\"}\n"
		  "webhook.signature_refused channel:whatsapp failure 192.0.2.7 r-1 "
		  "{\"reason\":\"signature_missing\"}\n");
	CHECK_STR(trail(2), "");
	rig_close(&rig);
}

TEST(a_store_that_takes_nothing_fails_nobody)
{
	rig_open(&rig, &(struct rig_spec){.queue_max = 1});
	for (int i = 0; i < 3; i++)
		pal_refusal_audit(rig.front, RIG_START_MS, &rig.backend, PAL_STR("TOKEN_EXPIRED"),
				  PAL_STR("r-1"), PAL_STR("192.0.2.7"));
	while (rig_store(&rig)) {
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(trail(1), "auth.refused api_key:"));
	CU_ASSERT_PTR_NULL(strchr(strchr(trail(1), '\n') + 1, '\n'));	/* one, of three */
	rig_close(&rig);
}

SUITE(refusal, CASE(b55_a_refused_signature_is_told_with_its_channel_and_address),
      CASE(a_store_that_takes_nothing_fails_nobody))
