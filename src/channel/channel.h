/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.h - the registry of kinds, one line each, and the only callers of their slots: what a
 * kind may rely on is checked here, once for all.
 */
#ifndef PALAVER_CHANNEL_CHANNEL_H
#define PALAVER_CHANNEL_CHANNEL_H

#include "palaver/channel.h"

/* The kind called `name`; NULL when there is none. Runs on: any. */
const struct pal_channel_ops *pal_channel_find(struct pal_str name);

/* Kind number `i` from 0, NULL behind the last. Runs on: any. */
const struct pal_channel_ops *pal_channel_at(size_t i);

/* What a table lacks of the contract, NULL when nothing: tests hold every kind against it. Runs on:
 * any. */
const char *pal_channel_ops_fault(const struct pal_channel_ops *ops);

/* Value number `nth` (from 0) of setting `name`; absent when there is none. Runs on: any. */
struct pal_str pal_channel_setting(const struct pal_channel_account *account, const char *name,
				   size_t nth);

/*
 * Judge settings by the kind's table, then by its own check. PAL_E_VALIDATION names the setting.
 * URLs are still to be held against the courier's guard. Runs on: any.
 */
enum pal_code pal_channel_check_account(const struct pal_channel_ops *ops,
					const struct pal_channel_account *account,
					struct pal_error *err) PAL_MUST_CHECK;

/* As the slots of the same names (palaver/channel.h). Runs on: any. */
enum pal_code pal_channel_check_recipient(const struct pal_channel_ops *ops,
					  struct pal_str recipient, struct pal_arena *arena,
					  struct pal_str *ret, struct pal_error *err)
	PAL_MUST_CHECK;

/* PAL_E_CONFIG when the kind pushes nothing. */
enum pal_code pal_channel_format(const struct pal_channel_ops *ops,
				 const struct pal_channel_send *send, struct pal_arena *arena,
				 struct pal_outgoing *ret, struct pal_error *err) PAL_MUST_CHECK;

/* PAL_VERDICT_UNCONFIGURED when the kind has no signed webhooks. */
enum pal_channel_verdict pal_channel_verify(const struct pal_channel_ops *ops,
					    const struct pal_channel_account *account,
					    const struct pal_channel_hook *hook);

/* PAL_E_CONFIG when the kind has no webhooks. */
enum pal_code pal_channel_parse_hook(const struct pal_channel_ops *ops,
				     const struct pal_channel_hook *hook, struct pal_json *json,
				     struct pal_arena *arena, struct pal_channel_events *ret,
				     struct pal_error *err) PAL_MUST_CHECK;

/* How many headers of `hook` are called `name`, in any case; the first one's value goes to
 * *ret_value. Runs on: any. */
size_t pal_channel_hook_header(const struct pal_channel_hook *hook, const char *name,
			       struct pal_str *ret_value);

#endif
