/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/outcome.h"

#include <stdio.h>
#include <string.h>

static enum pal_channel_outcome outcome_of_status(int status)
{
	if (status >= 200 && status < 300)
		return PAL_OUTCOME_OK;
	if (status == 429)
		return PAL_OUTCOME_RATE;
	return status >= 500 ? PAL_OUTCOME_RETRY : PAL_OUTCOME_PERMANENT;
}

static enum pal_channel_outcome outcome_of_transport(enum pal_transport transport)
{
	static const bool may_have_it[] = {
#define X(id, name, may) [id] = may,
		PAL_TRANSPORTS(X)
#undef X
	};

	if (transport == PAL_TRANSPORT_INVALID || transport == PAL_TRANSPORT_REFUSED)
		return PAL_OUTCOME_PERMANENT;
	return may_have_it[transport] ? PAL_OUTCOME_UNKNOWN : PAL_OUTCOME_RETRY;
}

void pal_channel_classify(const struct pal_answer *answer, struct pal_channel_result *ret)
{
	static const char *const names[] = {
#define X(id, name, may) [id] = name,
		PAL_TRANSPORTS(X)
#undef X
	};

	memset(ret, 0, sizeof(*ret));
	if (answer->retry_after[0])
		ret->retry_after = pal_str(answer->retry_after);
	if (answer->status >= 200) {
		ret->outcome = outcome_of_status(answer->status);
		snprintf(ret->code, sizeof(ret->code), "http_%d", answer->status);
		return;
	}
	ret->outcome = outcome_of_transport(answer->transport);
	snprintf(ret->code, sizeof(ret->code), "%s",
		 answer->refused_by ? answer->refused_by : names[answer->transport]);
}

const char *pal_channel_outcome_name(enum pal_channel_outcome outcome)
{
	static const char *const names[] = {
#define X(id, name) [id] = name,
		PAL_CHANNEL_OUTCOMES(X)
#undef X
	};

	return names[outcome];
}

const char *pal_channel_verdict_name(enum pal_channel_verdict verdict)
{
	static const char *const names[] = {
#define X(id, name) [id] = name,
		PAL_CHANNEL_VERDICTS(X)
#undef X
	};

	return names[verdict];
}
