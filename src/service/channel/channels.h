/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channels.h - the channel service (domain.md section 2.5): which channels a tenant has, how they
 * are set up and how they do. All configurations are in memory, as tenants and keys are: a change is
 * written first and then takes the place of the old one at once, for every request (B21).
 */
#ifndef PALAVER_SERVICE_CHANNEL_CHANNELS_H
#define PALAVER_SERVICE_CHANNEL_CHANNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "courier/courier.h"
#include "service/access/access.h"
#include "service/access/caller.h"
#include "service/channel/config.h"
#include "service/channel/health.h"
#include "store/front.h"

struct pal_channels;

enum pal_channel_op {
	PAL_CHANNEL_LIST,
	PAL_CHANNEL_GET,
	PAL_CHANNEL_PUT,
	PAL_CHANNEL_DELETE,	/* as it is without a configuration */
	PAL_CHANNEL_HEALTH,
	PAL_CHANNEL_TEST,	/* send one message to where it goes, now */
	PAL_CHANNEL_ENABLE,
	PAL_CHANNEL_DISABLE,
};

struct pal_channel_sending;

/*
 * One request and its answer. The caller fills the first part, keeps it and what it points to until
 * `done`, and then frees `data`.
 */
struct pal_channel_call {
	enum pal_channel_op op;
	const struct pal_caller *caller;
	struct pal_str request_id, ip_address;
	struct pal_str type;			/* the channel's name; not of LIST */
	struct pal_channel_config *config;	/* PUT: by pal_channels_read; the service's from run on */
	struct pal_str recipient;		/* TEST: whom the message is for; may be absent */
	/* Called exactly once, maybe before run returns. Runs on: lane, courier, or the caller. */
	void (*done)(struct pal_channel_call *call);

	/* out */
	/*
	 * PAL_E_NOT_FOUND: no such channel, none that this version has, or DELETE, TEST and others
	 * of one that is not set up; PAL_E_VALIDATION: PUT of such; PAL_E_CONFLICT: somebody else
	 * changed it meanwhile, or TEST of one that sends nothing; PAL_E_QUOTA: PUT of one more than
	 * the tenant's integrations; PAL_E_SERVICE.
	 */
	enum pal_code code;
	struct pal_error err;
	struct pal_buf data;			/* PAL_OK: a JSON object */
	int64_t integrations;			/* PAL_E_QUOTA: how many there are */

	/* the service's */
	struct pal_channels *channels;
	bool is_first;		/* PUT: it was not set up before, and takes of the quota */
	struct pal_record_commit commit;
	struct pal_audit_event audit;
	struct pal_buf body, told;
	struct pal_channel_sending *sending;
};

struct pal_channels_options {
	struct pal_store_front *front;
	struct pal_access *access;
	const struct pal_clock *clock;
	const struct pal_guard *guard;
	struct pal_courier *courier;	/* NULL: nothing can be tested */
	uint8_t key[PAL_SEAL_KEY_SIZE];	/* what secrets are sealed under: of this installation */
};

/*
 * Load all configurations from `store`; what `options` points to must outlive it. A configuration
 * that cannot be read is passed over with an error in the log: its channel is as if not set up. The
 * caller owns *ret. PAL_E_SERVICE. Runs on: main, before the store's lanes start.
 */
enum pal_code pal_channels_create(const struct pal_channels_options *options,
				  struct pal_store *store, struct pal_channels **ret,
				  struct pal_error *err) PAL_MUST_CHECK;
void pal_channels_destroy(struct pal_channels *channels);	/* NULL is fine. Runs on: main. */

/*
 * How `type` is set up now: a reference for the caller to unref, NULL when it is not. A channel that
 * needs no settings is always set up. It may be disabled. Runs on: any.
 */
struct pal_channel_config *pal_channels_get(struct pal_channels *channels,
					    struct pal_tenant_key tenant,
					    enum pal_channel_type type);

/*
 * The channel that a call is about, built into this version. PAL_E_NOT_FOUND, or of a PUT
 * PAL_E_VALIDATION, says when it is not. Runs on: any.
 */
enum pal_code pal_channels_find(enum pal_channel_op op, struct pal_str name,
				enum pal_channel_type *ret, struct pal_error *err) PAL_MUST_CHECK;

/* Read the body of a PUT of `type`; NULL without memory. See pal_channel_config_read. Runs on: any. */
struct pal_channel_config *pal_channels_read(struct pal_channels *channels,
					     struct pal_tenant_key tenant,
					     enum pal_channel_type type, struct pal_fields *fields,
					     const struct pal_fields_at *root);

/* Do what `call` asks for. Runs on: any. */
void pal_channels_run(struct pal_channels *channels, struct pal_channel_call *call);

/* --- For those who send and receive ----------------------------------------------------------- */

/* Note the outcome of one attempt to send, see pal_channel_health_note. Runs on: any. */
void pal_channels_note(struct pal_channels *channels, struct pal_tenant_key tenant,
		       enum pal_channel_type type, enum pal_channel_outcome outcome,
		       const char *code, int64_t took_ms);

/* How it does. Runs on: any. */
enum pal_channel_state pal_channels_state(struct pal_channels *channels,
					  struct pal_tenant_key tenant, enum pal_channel_type type);

/* What became of a webhook that came in. */
enum pal_channel_came {
	PAL_CAME_NEW,
	PAL_CAME_AGAIN,
	PAL_CAME_REFUSED,	/* its signature was */
	PAL_CAME_FAULTY,	/* signed, and nothing that can be read */
};
void pal_channels_note_webhook(struct pal_channels *channels, struct pal_tenant_key tenant,
			       enum pal_channel_type type, enum pal_channel_came what);

/* Append the members of a channel's health, each with a comma behind it. Runs on: any. */
void pal_channels_put_health(struct pal_channels *channels, struct pal_tenant_key tenant,
			     enum pal_channel_type type, struct pal_buf *out);

/* Disable a channel for good because of what its receiver said; audited. Runs on: any. */
void pal_channels_stop(struct pal_channels *channels, struct pal_tenant_key tenant,
		       enum pal_channel_type type, const char *why);

#endif
