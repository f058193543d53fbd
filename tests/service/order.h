/* SPDX-License-Identifier: Apache-2.0 */
/* order.h - operations on conversations for a rig: sent, and what became of them. */
#ifndef PALAVER_TESTS_SERVICE_ORDER_H
#define PALAVER_TESTS_SERVICE_ORDER_H

#include "rig.h"
#include "service/conversation/operation.h"

/* An operation under way. The rig's backend orders it, unless told otherwise. */
struct order {
	struct pal_operation op;	/* first member */
	struct rig *rig;
	struct order *next;
	struct pal_arena arena;		/* holds the order too */
	unsigned done;			/* how often it was answered */
	unsigned rank;			/* among all outcomes of the rig, letters included */
};

/* Read it as the ones below, and keep it back: it is to be given to pal_operate. */
struct order *order_write(struct rig *rig, enum pal_verb verb, const char *id, const char *body);

/*
 * Read `body` (NULL: {}) as the API does, without an error, and send it to conversation `id` (NULL:
 * CREATE takes it from the body). ABANDON: idle for an hour.
 */
struct order *order_send(struct rig *rig, enum pal_verb verb, const char *id, const char *body);
/* The same for `caller`, who outlives it. */
struct order *order_send_as(struct rig *rig, const struct pal_caller *caller, enum pal_verb verb,
			    const char *id, const char *body);
/* Send and settle; it must be answered once. */
struct order *order_ask(struct rig *rig, enum pal_verb verb, const char *id, const char *body);
struct order *order_ask_as(struct rig *rig, const struct pal_caller *caller, enum pal_verb verb,
			   const char *id, const char *body);

/* The value at `pointer` (RFC 6901) of the answer; "" when absent. */
const char *order_at(struct order *order, const char *pointer);

/* Check that each was answered exactly once, and free all. Call it before rig_close. */
void orders_end(void);

/* The audit trail of tenant 1: the types of its events, with a blank behind each. */
const char *rig_trail(struct rig *rig);

#endif
