/* SPDX-License-Identifier: Apache-2.0 */
/* api.h - the HTTP API as a client sees it: calls by libcurl, answers as bytes and a verdict. */
#ifndef PALAVER_PALAVERCTL_API_H
#define PALAVER_PALAVERCTL_API_H

#include <curl/curl.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

/* Where and as whom. Fixed after open; calls borrow it. */
struct pal_api {
	char *url;			/* without a slash at the end */
	struct curl_slist *headers;
};

/*
 * Keep `url` and the key alone in the file `key_file` (NULL: no key is sent). PAL_E_CONFIG when the
 * file cannot be read or holds no key, PAL_E_SERVICE out of memory; `api` is then empty.
 */
enum pal_code pal_api_open(struct pal_api *api, const char *url, const char *key_file,
			   struct pal_error *err) PAL_MUST_CHECK;
void pal_api_close(struct pal_api *api);

/* One call at a time; reusable. Zeroed storage is a valid empty one. */
struct pal_api_call {
	CURL *easy;
	const struct pal_api *api;
	struct pal_buf url, body, answer;
	long status;			/* 0: there was no answer */
	curl_off_t retry_after_s;	/* 0: not said */
	char error[CURL_ERROR_SIZE];
};

/* PAL_E_SERVICE out of memory. `api` must outlive the call. */
enum pal_code pal_api_call_init(struct pal_api_call *call, const struct pal_api *api,
				struct pal_error *err) PAL_MUST_CHECK;
void pal_api_call_deinit(struct pal_api_call *call);

/* Aim at `path` (with its query): POST what stands in `body`, or GET. */
void pal_api_call_post(struct pal_api_call *call, const char *path);
void pal_api_call_get(struct pal_api_call *call, const char *path);

/* After libcurl's verdict `rc` on the transfer: take status and headers. */
void pal_api_call_finish(struct pal_api_call *call, CURLcode rc);

/* Do it now and wait, then finish. */
void pal_api_call_run(struct pal_api_call *call);

/* What a finished call means for its sender. */
enum pal_api_verdict {
	PAL_API_DONE,		/* 200 */
	PAL_API_REFUSED,	/* any other answer that is final */
	PAL_API_LATER,		/* 429 or 503: the same call again, after retry_after_s */
	PAL_API_LOST,		/* no answer: whether it was done is unknown */
};
enum pal_api_verdict pal_api_call_verdict(const struct pal_api_call *call);

/* Why it was not done, in words: the envelope's error message, or libcurl's. */
void pal_api_call_explain(const struct pal_api_call *call, struct pal_error *err);

/* The body of POST /api/v2/chat/message for a text; absent views are left out. */
struct pal_api_message {
	struct pal_str message_id, conversation_id, user_id, text;
};
void pal_api_put_message(struct pal_buf *out, const struct pal_api_message *message);

#define PAL_API_MESSAGE_PATH "/api/v2/chat/message"

#endif
