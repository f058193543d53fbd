/* SPDX-License-Identifier: Apache-2.0 */
/* Channels with each allocation of ours made to fail in turn. */
#include "hooks.h"
#include "scarce.h"
#include "service/access/live.h"
#include "suite.h"

#define OTHER_URL "https://other.example/"
#define OTHER                                                                                      \
	"{\"url\":\"" OTHER_URL "\",\"integration_id\":\"other\",\"features\":{\"a\":1},"          \
	"\"webhook_secret\":\"whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=\"}"

static bool is_at(const char *url)
{
	struct pal_channel_config *config =
		pal_channels_get(hooks.channels, hooks.rig.backend.tenant, PAL_CHANNEL_WEBHOOK);
	bool is_it = config && pal_str_equal(config->url, pal_str(url));

	pal_channel_config_unref(config);
	return is_it;
}

static void restart(void)
{
	hooks_end();
	hooks_begin();
}

/* One change; what is in force is what is stored, and with memory again it can be made. */
static bool live_put(long n)
{
	enum pal_code code;

	hooks_open();
	scarce_begin(n);
	size_t wrong = hooks_set(OTHER, &code);
	bool is_hit = scarce_end() < 0;
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT(code == PAL_OK || (is_hit && code == PAL_E_SERVICE));
	bool is_changed = is_at(OTHER_URL);
	CU_ASSERT(is_changed || code != PAL_OK);
	restart();
	CU_ASSERT_EQUAL(is_at(OTHER_URL), is_changed);
	CU_ASSERT_EQUAL(hooks_put(OTHER), 0);
	CU_ASSERT(is_at(OTHER_URL));
	hooks_close();
	return is_hit;
}

TEST(a_change_without_memory_is_not_half_made)
{
	long n = 0;

	while (live_put(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 20 && n < SCARCE_MAX);
}

/* --- The other operations --------------------------------------------------------------------- */

static bool is_done;

static void done(struct pal_channel_call *call)
{
	(void)call;
	CU_ASSERT_FALSE(is_done);
	is_done = true;
}

static enum pal_code run(enum pal_channel_op op, const char *type)
{
	struct pal_channel_call call = {
		.op = op, .caller = &hooks.rig.backend, .type = pal_str(type), .done = done};

	is_done = false;
	pal_channels_run(hooks.channels, &call);
	rig_settle(&hooks.rig);
	CU_ASSERT_TRUE(is_done);
	CU_ASSERT_EQUAL(call.data.len > 0, call.code == PAL_OK);
	pal_buf_deinit(&call.data);
	return call.code;
}

/* Until nothing fails any more: how many runs that took. */
static long wear_out(enum pal_channel_op op, const char *type)
{
	bool is_hit = true;
	long n = 0;

	for (; is_hit && n < SCARCE_MAX; n++) {
		scarce_begin(n);
		enum pal_code code = run(op, type);
		is_hit = scarce_end() < 0;
		CU_ASSERT(code == PAL_OK || (is_hit && code == PAL_E_SERVICE));
	}
	CU_ASSERT(n < SCARCE_MAX);
	return n;
}

TEST(what_is_asked_of_channels_is_answered_whole_or_fails)
{
	hooks_open();
	CU_ASSERT(wear_out(PAL_CHANNEL_LIST, NULL) > 2);
	CU_ASSERT(wear_out(PAL_CHANNEL_GET, "webhook") > 2);
	CU_ASSERT(wear_out(PAL_CHANNEL_GET, "web") > 2);	/* it needs no settings */
	CU_ASSERT(wear_out(PAL_CHANNEL_HEALTH, "webhook") > 2);
	CU_ASSERT(wear_out(PAL_CHANNEL_DISABLE, "webhook") > 5);
	CU_ASSERT(wear_out(PAL_CHANNEL_ENABLE, "webhook") > 5);
	hooks_close();
}

static bool live_delete(long n)
{
	hooks_open();
	scarce_begin(n);
	enum pal_code code = run(PAL_CHANNEL_DELETE, "webhook");
	bool is_hit = scarce_end() < 0;
	CU_ASSERT(code == PAL_OK || (is_hit && code == PAL_E_SERVICE));
	bool is_there = is_at("https://shop.example/");
	CU_ASSERT(!is_there || code != PAL_OK);
	restart();
	CU_ASSERT_EQUAL(is_at("https://shop.example/"), is_there);
	hooks_close();
	return is_hit;
}

TEST(a_removal_without_memory_is_not_half_made)
{
	long n = 0;

	while (live_delete(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 5 && n < SCARCE_MAX);
}

/* Set up for the first time under a quota of one; what fails leaves the one to the next try. */
static bool live_first(struct pal_live_tenant *tenant, long n)
{
	enum pal_code code;

	hooks_open();
	CU_ASSERT_EQUAL(run(PAL_CHANNEL_DELETE, "webhook"), PAL_OK);
	hooks.rig.backend.live = tenant;
	scarce_begin(n);
	hooks_set(OTHER, &code);
	bool is_hit = scarce_end() < 0;
	CU_ASSERT(code == PAL_OK || (is_hit && code == PAL_E_SERVICE));
	CU_ASSERT_EQUAL(hooks_put(OTHER), 0);
	CU_ASSERT(is_at(OTHER_URL));
	CU_ASSERT_EQUAL(run(PAL_CHANNEL_DELETE, "webhook"), PAL_OK);
	atomic_store(&tenant->quota[PAL_QUOTA_INTEGRATIONS], 0);
	CU_ASSERT_EQUAL(hooks_set(OTHER, &code), 0);
	CU_ASSERT_EQUAL(code, PAL_E_QUOTA);
	atomic_store(&tenant->quota[PAL_QUOTA_INTEGRATIONS], 1);
	hooks_close();
	return is_hit;
}

TEST(what_could_not_be_set_up_takes_nothing_of_the_quota)
{
	static struct pal_live_tenant tenant = {.quota[PAL_QUOTA_INTEGRATIONS] = 1};
	long n = 0;

	while (live_first(&tenant, n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 20 && n < SCARCE_MAX);
}

/* Without memory nothing starts, rather than with a channel that is off. */
TEST(a_start_without_memory_knows_all_channels_or_fails)
{
	bool is_hit = true;
	long n = 0;

	hooks_open();
	hooks_end();
	const struct pal_channels_options options = {.front = hooks.rig.front,
						     .access = hooks.access,
						     .clock = &hooks.rig.clock.clock,
						     .guard = &hooks.guard,
						     .key = {7}};
	for (; is_hit && n < SCARCE_MAX; n++) {
		struct pal_error err;
		hooks.channels = NULL;
		scarce_begin(n);
		enum pal_code code = pal_channels_create(&options, &hooks.rig.script.base,
							 &hooks.channels, &err);
		is_hit = scarce_end() < 0;
		CU_ASSERT(code == PAL_OK || (is_hit && code == PAL_E_SERVICE));
		CU_ASSERT_EQUAL(hooks.channels != NULL, code == PAL_OK);
		if (code == PAL_OK)
			CU_ASSERT(is_at("https://shop.example/"));
		pal_channels_destroy(hooks.channels);
	}
	CU_ASSERT(n > 5 && n < SCARCE_MAX);
	hooks_begin();
	hooks_close();
}

/* --- What others call ------------------------------------------------------------------------- */

static bool live_stop(long n)
{
	hooks_open();
	scarce_begin(n);
	pal_channels_note(hooks.channels, hooks.rig.backend.tenant, PAL_CHANNEL_WEB,
			  PAL_OUTCOME_RETRY, "http_503", 10);
	pal_channels_stop(hooks.channels, hooks.rig.backend.tenant, PAL_CHANNEL_WEBHOOK, "gone");
	rig_settle(&hooks.rig);
	bool is_hit = scarce_end() < 0;
	pal_channels_stop(hooks.channels, hooks.rig.backend.tenant, PAL_CHANNEL_WEBHOOK, "gone");
	rig_settle(&hooks.rig);
	struct pal_channel_config *config =
		pal_channels_get(hooks.channels, hooks.rig.backend.tenant, PAL_CHANNEL_WEBHOOK);
	CU_ASSERT(config && !config->enabled);
	pal_channel_config_unref(config);
	hooks_close();
	return is_hit;
}

TEST(a_stop_without_memory_is_left_to_the_next_answer)
{
	long n = 0;

	while (live_stop(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 5 && n < SCARCE_MAX);
}

SUITE(memory_channel, CASE(a_change_without_memory_is_not_half_made),
      CASE(what_is_asked_of_channels_is_answered_whole_or_fails),
      CASE(a_removal_without_memory_is_not_half_made),
      CASE(what_could_not_be_set_up_takes_nothing_of_the_quota),
      CASE(a_start_without_memory_knows_all_channels_or_fails),
      CASE(a_stop_without_memory_is_left_to_the_next_answer))
