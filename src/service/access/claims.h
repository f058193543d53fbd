/* SPDX-License-Identifier: Apache-2.0 */
/* claims.h - what a verified token says of its bearer (domain.md section 6.1). */
#ifndef PALAVER_SERVICE_ACCESS_CLAIMS_H
#define PALAVER_SERVICE_ACCESS_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct pal_claims {
	struct pal_str subject, tenant_id;	/* never absent in a valid token */
	struct pal_str role, permissions;	/* permissions blank-separated; may be absent */
	struct pal_str jti, tier;		/* may be absent */
	int64_t expires_s;	/* rounded up: the first whole second at which it has expired */
};

/* What the configuration asks of them. */
struct pal_claims_rules {
	char *issuer, *audience;	/* checked when not empty */
	int64_t leeway_s;
};

struct pal_jwt_part;

/*
 * Read what `part`, whose signature is good, claims at Unix time `now_s`; texts in its arena. False
 * when a claim is missing, of the wrong type, not for us or of the future, or without memory
 * (part->no_memory). Whether it has expired is for the caller. Runs on: any.
 */
bool pal_claims_read(struct pal_jwt_part *part, const struct pal_claims_rules *rules,
		     int64_t now_s, struct pal_claims *ret);

#endif
