/* SPDX-License-Identifier: Apache-2.0 */
/* claims.h - what a verified token says of its bearer (domain.md section 6.1). */
#ifndef PALAVER_SERVICE_ACCESS_CLAIMS_H
#define PALAVER_SERVICE_ACCESS_CLAIMS_H

#include <stdint.h>

#include "base/str.h"

struct pal_claims {
	struct pal_str subject, tenant_id;	/* never absent in a valid token */
	struct pal_str role, permissions;	/* permissions blank-separated; may be absent */
	struct pal_str jti, tier;		/* may be absent */
	int64_t expires_s;	/* rounded up: the first whole second at which it has expired */
};

#endif
