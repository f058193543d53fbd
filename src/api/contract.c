/* SPDX-License-Identifier: Apache-2.0 */
#include "api/contract.h"

#include <stdlib.h>

#include "api/api.h"
#include "api/docs_page.h"
#include "api/etag.h"
#include "api/openapi.h"
#include "base/buf.h"
#include "base/crypto.h"

#define ETAG_BYTES 16u		/* of the hash: plenty to tell two versions apart */
#define CACHE_CONTROL "no-cache"	/* keep it, but ask whether it is still so */

/* One thing to serve. */
struct shelf {
	struct pal_str body;
	struct pal_buf etag;	/* without its quotes */
};

struct pal_contract {
	struct pal_buf document, policy;
	struct shelf openapi, docs;
};

static void put_on(struct shelf *shelf, struct pal_str body)
{
	uint8_t hash[PAL_SHA256_SIZE];

	shelf->body = body;
	pal_sha256(body, hash);
	pal_hex_encode(&shelf->etag, hash, ETAG_BYTES);
}

/* Append ` 'sha256-...'` for what stands between `open` and `close` in the page. */
static void add_hash(struct pal_buf *out, struct pal_str page, const char *open, const char *close)
{
	uint8_t hash[PAL_SHA256_SIZE];
	const char *from = memmem(page.p, page.n, open, strlen(open));
	const char *to = from ? memmem(from, (size_t)(page.p + page.n - from), close, strlen(close))
			      : NULL;

	if (!to) {
		pal_buf_add_lit(out, " 'none'");
		return;
	}
	from += strlen(open);
	pal_sha256((struct pal_str){from, (size_t)(to - from)}, hash);
	pal_buf_add_lit(out, " 'sha256-");
	pal_base64_encode(out, hash, sizeof(hash));
	pal_buf_add_char(out, '\'');
}

void pal_contract_policy(struct pal_buf *out, struct pal_str page)
{
	pal_buf_add_lit(out, "default-src 'none'; connect-src 'self'; img-src data:; style-src");
	add_hash(out, page, "<style>", "</style>");
	pal_buf_add_lit(out, "; script-src");
	add_hash(out, page, "<script>", "</script>");
	pal_buf_add_lit(out, "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
			     "require-trusted-types-for 'script'");
}

struct pal_contract *pal_contract_create(const struct pal_http_route *routes, size_t count)
{
	const struct pal_str page = {(const char *)pal_page_docs, pal_page_docs_size};
	struct pal_contract *contract = calloc(1, sizeof(*contract));

	if (!contract)
		return NULL;
	pal_openapi_write(&contract->document, routes, count);
	if (!contract->document.failed)
		put_on(&contract->openapi, pal_buf_str(&contract->document));
	put_on(&contract->docs, page);
	pal_contract_policy(&contract->policy, page);
	if (!contract->document.failed && !contract->policy.failed &&
	    !contract->openapi.etag.failed && !contract->docs.etag.failed)
		return contract;
	pal_contract_destroy(contract);
	return NULL;
}

void pal_contract_destroy(struct pal_contract *contract)
{
	if (!contract)
		return;
	pal_buf_deinit(&contract->document);
	pal_buf_deinit(&contract->policy);
	pal_buf_deinit(&contract->openapi.etag);
	pal_buf_deinit(&contract->docs.etag);
	free(contract);
}

/* --- Serving ---------------------------------------------------------------------------------- */

static void serve(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		  const struct shelf *shelf, const char *type)
{
	struct pal_str etag = pal_buf_str(&shelf->etag);

	pal_etag_put(exchange, etag);
	pal_http_header(exchange, PAL_STR("Cache-Control"), PAL_STR(CACHE_CONTROL));
	pal_http_header(exchange, PAL_STR("X-Content-Type-Options"), PAL_STR("nosniff"));
	if (pal_etag_is_known(request, etag))
		pal_http_respond(exchange, 304, NULL, (struct pal_str){NULL, 0});
	else
		pal_http_respond(exchange, 200, type, shelf->body);
}

void pal_api_openapi(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		     void *app)
{
	const struct pal_api *api = app;

	serve(exchange, request, &api->contract->openapi, "application/json");
}

void pal_api_docs(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		  void *app)
{
	const struct pal_api *api = app;

	pal_http_header(exchange, PAL_STR("Content-Security-Policy"),
			pal_buf_str(&api->contract->policy));
	pal_http_header(exchange, PAL_STR("Referrer-Policy"), PAL_STR("no-referrer"));
	serve(exchange, request, &api->contract->docs, "text/html; charset=utf-8");
}
