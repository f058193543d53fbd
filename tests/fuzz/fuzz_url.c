/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge of URLs against libcurl's parser: what passes is read by both in one way. A URL that
 * passes has no address in it that may not be connected to.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "courier/guard.h"
#include "palaver/outgoing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
	if (!what)
		abort();
}

static bool is_part(CURLU *parsed, CURLUPart part, struct pal_str expected)
{
	char *text = NULL;

	require(curl_url_get(parsed, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK);
	bool same = strlen(text) == expected.n && strncasecmp(text, expected.p, expected.n) == 0;
	curl_free(text);
	return same;
}

/* An address may be spelled in several ways; libcurl writes it in its own. */
static bool is_same_v6(CURLU *parsed, struct pal_str host)
{
	char *text = NULL, ours[64] = "";
	struct in6_addr a, b;

	require(curl_url_get(parsed, CURLUPART_HOST, &text, 0) == CURLUE_OK);
	size_t n = strlen(text);
	require(n > 2 && host.n > 2 && host.n < sizeof(ours));
	text[n - 1] = '\0';
	memcpy(ours, host.p + 1, host.n - 2);
	require(inet_pton(AF_INET6, text + 1, &a) == 1 && inet_pton(AF_INET6, ours, &b) == 1);
	curl_free(text);
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static void compare(const char *url, const struct pal_guard_target *target)
{
	CURLU *parsed = curl_url();
	char *text = NULL;

	require(parsed && curl_url_set(parsed, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK);
	require(is_part(parsed, CURLUPART_SCHEME,
			target->https ? PAL_STR("https") : PAL_STR("http")));
	require(target->host.p[0] == '[' ? is_same_v6(parsed, target->host)
					 : is_part(parsed, CURLUPART_HOST, target->host));
	require(curl_url_get(parsed, CURLUPART_PORT, &text, CURLU_DEFAULT_PORT) == CURLUE_OK);
	require(atoi(text) == target->port);
	curl_free(text);
	require(curl_url_get(parsed, CURLUPART_USER, &text, 0) == CURLUE_NO_USER);
	curl_url_cleanup(parsed);
}

static void judge(const struct pal_guard *guard, struct pal_str url)
{
	static char copy[PAL_OUTGOING_URL_MAX + 1];
	struct pal_guard_target target;
	enum pal_guard_rule rule = pal_guard_judge_url(guard, url, &target);

	require(rule < PAL_GUARD_RULE_COUNT && pal_guard_rule_name(rule));
	if (rule != PAL_GUARD_PASS)
		return;
	memcpy(copy, url.p, url.n);
	copy[url.n] = '\0';
	compare(copy, &target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pal_str url = {(const char *)data, size};

	judge(&(struct pal_guard){0}, url);
	judge(&(struct pal_guard){.allow_http = true}, url);
	return 0;
}
