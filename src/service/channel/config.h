/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - how a tenant has set up one channel: read from a request, kept as a record of
 * kind "channel" with its secrets sealed, shown without them.
 */
#ifndef PALAVER_SERVICE_CHANNEL_CONFIG_H
#define PALAVER_SERVICE_CHANNEL_CONFIG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/seal.h"
#include "courier/guard.h"
#include "model/fields.h"
#include "model/message.h"
#include "model/record.h"
#include "model/tenant.h"
#include "palaver/channel.h"

#define PAL_CHANNEL_KIND PAL_STR("channel")
#define PAL_CHANNEL_SECRETS_LIVE 2u	/* the new one, and the one before it for a while */
#define PAL_CHANNEL_SECRET_ID_SIZE 9
#define PAL_CHANNEL_INTEGRATION_MAX 64u	/* characters of an integration id */
#define PAL_CHANNEL_FEATURES_BYTES_MAX 4096u

/* Identifier, wire name, least, most, default (domain.md section 1.6, ChannelConfig). */
#define PAL_CHANNEL_NUMBERS(X)                                                                     \
	X(PAL_CHANNEL_PER_MINUTE, "requests_per_minute", 1, 100000, 60)                            \
	X(PAL_CHANNEL_PER_DAY, "requests_per_day", 1, 100000000, 10000)                            \
	X(PAL_CHANNEL_LENGTH_MAX, "max_message_length", 1, 100000, 4096)                           \
	X(PAL_CHANNEL_RETRIES, "retry_attempts", 0, 20, 3)                                         \
	X(PAL_CHANNEL_RETRY_DELAY_S, "retry_delay_seconds", 1, 3600, 5)                            \
	X(PAL_CHANNEL_TIMEOUT_S, "timeout_seconds", 1, 60, 30)

enum pal_channel_number {
#define X(id, name, min, max, usual) id,
	PAL_CHANNEL_NUMBERS(X)
#undef X
	PAL_CHANNEL_NUMBER_COUNT
};

struct pal_channel_secret {
	struct pal_str text;		/* absent: there is none */
	char id[PAL_CHANNEL_SECRET_ID_SIZE];	/* what it may be told by: part of its hash */
	int64_t created_ms, ends_ms;	/* ends_ms 0: it is good until it is replaced */
};

/* Never changes once it is made; a change makes another. Shared by reference. */
struct pal_channel_config {
	_Atomic unsigned refs;
	struct pal_arena arena;		/* holds the texts */
	struct pal_tenant_key tenant;
	enum pal_channel_type type;
	const struct pal_channel_ops *ops;
	int64_t version;		/* of the record; 0: as it is without one */
	int64_t created_ms, updated_ms;
	bool enabled;
	int64_t number[PAL_CHANNEL_NUMBER_COUNT];
	uint32_t types;			/* bits 1 << enum pal_content_type: taken from outside */
	struct pal_str integration_id, url, features;
	struct pal_channel_secret secrets[PAL_CHANNEL_SECRETS_LIVE];	/* the new one first */
};

/* One with what holds when nothing is said, of one reference. NULL without memory. Runs on: any. */
struct pal_channel_config *pal_channel_config_create(struct pal_tenant_key tenant,
						     enum pal_channel_type type,
						     const struct pal_channel_ops *ops);
struct pal_channel_config *pal_channel_config_ref(struct pal_channel_config *config);
void pal_channel_config_unref(struct pal_channel_config *config);	/* NULL is fine */

/* Another with all that `from` says, of one reference. NULL without memory. Runs on: any. */
struct pal_channel_config *pal_channel_config_copy(const struct pal_channel_config *from);

/*
 * Read the body of a PUT into `config`, fresh; `old` is what held before and may be NULL: a secret
 * that is not given stays, one that is replaced stays for a while. What is wrong is in
 * fields->errors then. Runs on: any.
 */
void pal_channel_config_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     const struct pal_channel_config *old, const struct pal_guard *guard,
			     int64_t now_ms, struct pal_channel_config *config);

/* The settings that are live at `now_ms`, for the contract's functions. Runs on: any. */
void pal_channel_config_account(const struct pal_channel_config *config, int64_t now_ms,
				struct pal_channel_account *ret);

/* Append the record's body, secrets sealed under `key`. Failure shows in out->failed. */
void pal_channel_config_write(const struct pal_channel_config *config,
			      const uint8_t key[PAL_SEAL_KEY_SIZE], struct pal_buf *out);

/*
 * Read what was written; the caller owns a reference. PAL_E_CONFIG when it is damaged or was sealed
 * under another key, PAL_E_SERVICE. Uses the thread's JSON scratch. Runs on: any.
 */
enum pal_code pal_channel_config_load(struct pal_tenant_key tenant, const struct pal_record *record,
				      const uint8_t key[PAL_SEAL_KEY_SIZE],
				      struct pal_channel_config **ret, struct pal_error *err)
	PAL_MUST_CHECK;

/* Append the members that clients see, each with a comma behind it; no secret is among them. */
void pal_channel_config_view(const struct pal_channel_config *config, int64_t now_ms,
			     struct pal_buf *out);

#endif
