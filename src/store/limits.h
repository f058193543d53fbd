/* SPDX-License-Identifier: Apache-2.0 */
/* limits.h - whether what is to be stored keeps the limits of palaver/store.h. */
#ifndef PALAVER_STORE_LIMITS_H
#define PALAVER_STORE_LIMITS_H

#include <stdbool.h>

#include "palaver/store.h"

/* Whether `id` is 1..PAL_ID_POINTS_MAX code points of what is taken to be UTF-8. Runs on: any. */
bool pal_store_is_id(struct pal_str id);

/* Whether `id` may be that of a record: 1..PAL_RECORD_ID_BYTES_MAX bytes. Runs on: any. */
bool pal_store_is_record_id(struct pal_str id);

/* Whether `reader` is a number that the store's readers have. Runs on: any. */
bool pal_store_is_reader(const struct pal_store *store, unsigned reader);

/* PAL_E_VALIDATION without a tenant. Runs on: any. */
PAL_MUST_CHECK enum pal_code pal_store_check_tenant_key(struct pal_tenant_key tenant,
							struct pal_error *err);

/* Each: PAL_E_VALIDATION naming the first field that breaks a limit. Runs on: any. */
PAL_MUST_CHECK enum pal_code pal_store_check_unit(const struct pal_unit *unit,
						  struct pal_error *err);
PAL_MUST_CHECK enum pal_code
pal_store_check_conversation(const struct pal_conversation *conversation, struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_check_tenant(const struct pal_tenant *tenant,
						    struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_check_api_key(const struct pal_api_key *key,
						     struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_check_audit_event(const struct pal_audit_event *event,
							 struct pal_error *err);
PAL_MUST_CHECK enum pal_code pal_store_check_record_write(const struct pal_record_write *write,
							  struct pal_error *err);

#endif
