/* SPDX-License-Identifier: Apache-2.0 */
#include "api/docs.h"

const struct pal_api_doc pal_doc_health = {
	.tag = "Service",
	.response = "Health",
	.shape = PAL_API_BARE,
	.when_sick = "Health",
};

const struct pal_api_doc pal_doc_liveness = {
	.tag = "Service",
	.about = "Touches nothing else.",
	.response = "Liveness",
	.shape = PAL_API_BARE,
};

const struct pal_api_doc pal_doc_readiness = {
	.tag = "Service",
	.about = "Asks the store; says no also while the service stops.",
	.response = "Health",
	.shape = PAL_API_BARE,
	.when_sick = "Health",
};

const struct pal_api_doc pal_doc_info = {
	.tag = "Service",
	.response = "Info",
	.shape = PAL_API_BARE,
};

const struct pal_api_doc pal_doc_metrics = {
	.tag = "Service",
	.about = "For this machine only, and not through a proxy; 404 from elsewhere and when "
		 "switched off.",
	.shape = PAL_API_BARE,
	.media = "text/plain",
	.failures = "404",
};

const struct pal_api_doc pal_doc_openapi = {
	.tag = "Service",
	.response = "OpenApi",
	.shape = PAL_API_BARE,
	.is_cached = true,
};

const struct pal_api_doc pal_doc_docs = {
	.tag = "Service",
	.about = "One page without anything from elsewhere.",
	.shape = PAL_API_BARE,
	.media = "text/html",
	.is_cached = true,
};
