/* SPDX-License-Identifier: Apache-2.0 */
/* search.c - the callers of the slots that index texts and search them. */
#include <assert.h>

#include "store/count.h"
#include "store/limits.h"
#include "store/store.h"
#include "store/words.h"

enum pal_code pal_store_index_text(struct pal_store *store, bool *ret_more, struct pal_error *err)
{
	int64_t start_ns = pal_store_now_ns();

	return pal_store_timed(PAL_OP_INDEX_TEXT, start_ns,
			       store->ops->index_text(store, ret_more, err));
}

enum pal_code pal_store_search_text(struct pal_store *store, unsigned reader,
				    struct pal_tenant_key tenant, struct pal_str query, size_t limit,
				    pal_conversation_key_visit_fn *visit, void *arg,
				    struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);
	struct pal_query_words words;

	assert(pal_store_is_reader(store, reader) && visit);
	if (code != PAL_OK)
		return code;
	if (query.n > PAL_QUERY_BYTES_MAX)
		return pal_fail(err, PAL_E_VALIDATION, "query", "is longer than %u bytes",
				PAL_QUERY_BYTES_MAX);
	if (!pal_words_split(query, &words))
		return pal_fail(err, PAL_E_VALIDATION, "query", "has more than %u words",
				PAL_QUERY_WORDS_MAX);
	if (words.count == 0 || limit == 0)
		return PAL_OK;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_SEARCH_TEXT, start_ns,
			       store->ops->search_text(store, reader, tenant, query, limit, visit,
						       arg, err));
}
