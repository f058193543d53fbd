/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idle.h - the sweep that finds what nobody comes back to: active conversations in which nothing
 * was said for too long are abandoned (domain.md section 2.4), live or not, whatever daemon they
 * began under; and what was to be erased when a daemon died is erased.
 *
 * A pass looks through the store's conversations on a read lane, tenant by tenant, until it has
 * found a batch; the batch goes through the conversations' actors, which decide. When a pass found
 * a whole batch the next one follows at once, else a tenth of the idle time later.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_IDLE_H
#define PALAVER_SERVICE_CONVERSATION_IDLE_H

#include <stdbool.h>
#include <stdint.h>

struct pal_idle;
struct pal_message_service;

/* One that has done nothing yet. The caller owns it. NULL when out of memory. Runs on: main. */
struct pal_idle *pal_idle_create(struct pal_message_service *service);

/* NULL is fine; no lane and no worker runs any more. Runs on: main. */
void pal_idle_destroy(struct pal_idle *idle);

/* Abandon what is idle for `idle_ms`; 0: nothing. Runs on: any. */
void pal_idle_set(struct pal_idle *idle, int64_t idle_ms);

/* Do what is due, without waiting. About once a second. Runs on: one thread at a time. */
void pal_idle_sweep(struct pal_idle *idle);

/* Begin nothing any more. Runs on: as the sweep. */
void pal_idle_stop(struct pal_idle *idle);

#endif
