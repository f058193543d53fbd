/* SPDX-License-Identifier: Apache-2.0 */
#include "palaverctl/api.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "palaverctl/ask.h"

#define ANSWER_BYTES_MAX (16u << 20)
#define KEY_BYTES_MAX 512
#define CONNECT_TIMEOUT_MS 5000L
#define CALL_TIMEOUT_MS 60000L

/* --- where and as whom ------------------------------------------------------------------------ */

static enum pal_code read_key(const char *path, char key[KEY_BYTES_MAX], struct pal_error *err)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return pal_fail_errno(err, PAL_E_CONFIG, "key-file", "cannot open %s", path);
	bool has_line = fgets(key, KEY_BYTES_MAX, file) != NULL;
	fclose(file);
	size_t n = has_line ? strlen(key) : 0;
	while (n > 0 && isspace((unsigned char)key[n - 1]))
		key[--n] = '\0';
	if (n == 0 || n + 1 >= KEY_BYTES_MAX)
		return pal_fail(err, PAL_E_CONFIG, "key-file", "%s holds no key", path);
	return PAL_OK;
}

static bool add_header(struct pal_api *api, const char *line)
{
	struct curl_slist *more = curl_slist_append(api->headers, line);

	if (more)
		api->headers = more;
	return more != NULL;
}

static enum pal_code fill(struct pal_api *api, const char *url, const char *key_file,
			  struct pal_error *err)
{
	char key[KEY_BYTES_MAX] = "", line[KEY_BYTES_MAX + 32];
	bool is_whole = (api->url = strdup(url)) != NULL;

	for (size_t n = strlen(url); is_whole && n > 0 && api->url[n - 1] == '/'; )
		api->url[--n] = '\0';
	/* Without "Expect:" libcurl would ask before sending a long body and lose a round trip. */
	is_whole = is_whole && add_header(api, "Content-Type: application/json") &&
		   add_header(api, "Expect:");
	if (is_whole && key_file) {
		enum pal_code code = read_key(key_file, key, err);
		if (code != PAL_OK)
			return code;
		snprintf(line, sizeof(line), "Authorization: ApiKey %s", key);
		is_whole = add_header(api, line);
		explicit_bzero(key, sizeof(key));
		explicit_bzero(line, sizeof(line));
	}
	return is_whole ? PAL_OK : pal_fail_memory(err, "api");
}

enum pal_code pal_api_open(struct pal_api *api, const char *url, const char *key_file,
			   struct pal_error *err)
{
	*api = (struct pal_api){0};
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return pal_fail_memory(err, "libcurl");
	enum pal_code code = fill(api, url, key_file, err);
	if (code != PAL_OK)
		pal_api_close(api);
	return code;
}

void pal_api_close(struct pal_api *api)
{
	curl_slist_free_all(api->headers);
	free(api->url);
	*api = (struct pal_api){0};
	curl_global_cleanup();
}

/* --- one call --------------------------------------------------------------------------------- */

static size_t on_bytes(char *bytes, size_t size, size_t count, void *arg)
{
	struct pal_api_call *call = arg;

	pal_buf_add(&call->answer, bytes, size * count);
	return call->answer.failed ? 0 : size * count;
}

enum pal_code pal_api_call_init(struct pal_api_call *call, const struct pal_api *api,
				struct pal_error *err)
{
	*call = (struct pal_api_call){
		.easy = curl_easy_init(),
		.api = api,
		.answer = pal_buf_of(ANSWER_BYTES_MAX),
	};
	if (!call->easy)
		return pal_fail_memory(err, "libcurl");
	curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, api->headers);
	curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->error);
	curl_easy_setopt(call->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(call->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(call->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(call->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(call->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, CALL_TIMEOUT_MS);
	return PAL_OK;
}

void pal_api_call_deinit(struct pal_api_call *call)
{
	if (call->easy)
		curl_easy_cleanup(call->easy);
	pal_buf_deinit(&call->url);
	pal_buf_deinit(&call->body);
	pal_buf_deinit(&call->answer);
}

static void aim(struct pal_api_call *call, const char *path)
{
	pal_buf_clear(&call->answer);
	pal_buf_clear(&call->url);
	pal_buf_addf(&call->url, "%s%s", call->api->url, path);
	pal_buf_add_char(&call->url, '\0');
	call->status = 0;
	call->retry_after_s = 0;
	call->error[0] = '\0';
	if (!call->url.failed)
		curl_easy_setopt(call->easy, CURLOPT_URL, call->url.data);
}

void pal_api_call_post(struct pal_api_call *call, const char *path)
{
	aim(call, path);
	curl_easy_setopt(call->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE, (long)call->body.len);
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->body.data);
}

void pal_api_call_get(struct pal_api_call *call, const char *path)
{
	aim(call, path);
	curl_easy_setopt(call->easy, CURLOPT_HTTPGET, 1L);
}

void pal_api_call_finish(struct pal_api_call *call, CURLcode rc)
{
	if (rc != CURLE_OK) {
		call->status = 0;
		if (call->error[0] == '\0')
			snprintf(call->error, sizeof(call->error), "%s", curl_easy_strerror(rc));
		return;
	}
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &call->status);
	curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &call->retry_after_s);
}

void pal_api_call_run(struct pal_api_call *call)
{
	pal_api_call_finish(call, curl_easy_perform(call->easy));
}

enum pal_api_verdict pal_api_call_verdict(const struct pal_api_call *call)
{
	switch (call->status) {
	case 0: return PAL_API_LOST;
	case 200: return PAL_API_DONE;
	case 429:
	case 503: return PAL_API_LATER;
	default: return PAL_API_REFUSED;
	}
}

void pal_api_call_explain(const struct pal_api_call *call, struct pal_error *err)
{
	if (call->status == 0) {
		pal_fail(err, PAL_E_EXTERNAL, call->api->url, "%s", call->error);
		return;
	}
	struct json_object *answer = pal_cli_parse(pal_buf_str(&call->answer));
	struct json_object *message = pal_cli_member(answer, "error.message");
	pal_fail(err, PAL_E_EXTERNAL, call->api->url, "answered %ld%s%s", call->status,
		 message ? ": " : "", message ? json_object_get_string(message) : "");
	json_object_put(answer);
}

static void put_member(struct pal_buf *out, const char *name, struct pal_str value)
{
	if (!value.p)
		return;
	pal_buf_addf(out, "\"%s\":", name);
	pal_json_put_string(out, value);
	pal_buf_add_char(out, ',');
}

void pal_api_put_message(struct pal_buf *out, const struct pal_api_message *message)
{
	pal_buf_add_char(out, '{');
	put_member(out, "message_id", message->message_id);
	put_member(out, "conversation_id", message->conversation_id);
	put_member(out, "user_id", message->user_id);
	pal_buf_add_lit(out, "\"channel\":\"web\",\"content\":{\"type\":\"text\",\"text\":");
	pal_json_put_string(out, message->text);
	pal_buf_add_lit(out, "}}");
}
