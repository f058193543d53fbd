/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/check.h"

#include <ctype.h>
#include <string.h>

#include "conf/address.h"

#define SECRET_DISTINCT_MIN 10u	/* different bytes; a random key of 32 characters has far more */

/* What a rule reads and writes. */
struct check {
	const struct pal_conf *conf;
	const struct pal_conf_spot *spots;
	struct pal_conf_report *report;
};

#define fail(c, option, ...)                                                                       \
	pal_conf_report_error((c)->report, (c)->spots[option], excerpt_for(option), __VA_ARGS__)
#define warn(c, option, ...)                                                                       \
	pal_conf_report_warn((c)->report, (c)->spots[option], excerpt_for(option), __VA_ARGS__)

static enum pal_conf_excerpt excerpt_for(enum pal_option option)
{
	return pal_option_get(option)->secret ? PAL_CONF_EXCERPT_SECRET : PAL_CONF_EXCERPT_PLAIN;
}

static bool is_set(const struct check *c, enum pal_option option)
{
	return *pal_conf_str(c->conf, option) != '\0';
}

static void check_tls(const struct check *c)
{
	bool has_certificate = is_set(c, PAL_OPT_TLS_CERTIFICATE_FILE);
	bool has_key = is_set(c, PAL_OPT_TLS_KEY_FILE);

	if (pal_conf_list_count(c->conf, PAL_OPT_TLS_LISTEN) && !has_certificate)
		fail(c, PAL_OPT_TLS_LISTEN, "`tls.listen` needs `tls.certificate_file`");
	if (has_certificate && !has_key)
		fail(c, PAL_OPT_TLS_CERTIFICATE_FILE,
		     "`tls.certificate_file` needs `tls.key_file`");
	if (has_key && !has_certificate)
		fail(c, PAL_OPT_TLS_KEY_FILE, "`tls.key_file` needs `tls.certificate_file`");
}

static void check_listen(const struct check *c)
{
	if (!pal_conf_list_count(c->conf, PAL_OPT_HTTP_LISTEN) &&
	    !pal_conf_list_count(c->conf, PAL_OPT_TLS_LISTEN))
		fail(c, PAL_OPT_HTTP_LISTEN,
		     "nothing to listen on: `http.listen` and `tls.listen` are both empty");
}

/* The key of HS256 is all that stands between a stranger and every tenant. */
bool pal_secret_is_weak(const char *secret)
{
	static const char *const samples[] = {"secret", "change", "example", "default", "password"};
	bool seen[256] = {false};
	unsigned distinct = 0;

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		if (strcasestr(secret, samples[i]))
			return true;
	}
	for (const unsigned char *p = (const unsigned char *)secret; *p; p++) {
		distinct += !seen[*p];
		seen[*p] = true;
	}
	return distinct < SECRET_DISTINCT_MIN;
}

bool pal_conf_is_serious(const struct pal_conf *conf)
{
	int64_t environment = pal_conf_int(conf, PAL_OPT_ENVIRONMENT);

	return environment == PAL_CONF_STAGING || environment == PAL_CONF_PRODUCTION;
}

static bool is_serious(const struct check *c)
{
	return pal_conf_is_serious(c->conf);
}

static void check_public_key(const struct check *c)
{
	int64_t algorithm = pal_conf_int(c->conf, PAL_OPT_AUTH_JWT_ALGORITHM);
	bool is_public = algorithm > PAL_CONF_JWT_HS256;

	if (is_public && !is_set(c, PAL_OPT_AUTH_JWT_PUBLIC_KEY_FILE))
		fail(c, PAL_OPT_AUTH_JWT_ALGORITHM,
		     "`auth.jwt.algorithm` %s needs `auth.jwt.public_key_file`",
		     algorithm == PAL_CONF_JWT_RS256   ? "RS256"
		     : algorithm == PAL_CONF_JWT_ES256 ? "ES256"
						       : "EdDSA");
	if (!is_public && is_set(c, PAL_OPT_AUTH_JWT_PUBLIC_KEY_FILE))
		warn(c, PAL_OPT_AUTH_JWT_PUBLIC_KEY_FILE,
		     "`auth.jwt.public_key_file` is not used: `auth.jwt.algorithm` is %s",
		     algorithm == PAL_CONF_JWT_NONE ? "none" : "HS256");
}

static void check_jwt(const struct check *c)
{
	bool is_on = pal_conf_int(c->conf, PAL_OPT_AUTH_JWT_ALGORITHM) == PAL_CONF_JWT_HS256;

	check_public_key(c);
	if (is_on && !is_set(c, PAL_OPT_AUTH_JWT_SECRET))
		fail(c, PAL_OPT_AUTH_JWT_ALGORITHM,
		     "`auth.jwt.algorithm` HS256 needs `auth.jwt.secret_file` or "
		     "`auth.jwt.secret`");
	if (!is_set(c, PAL_OPT_AUTH_JWT_SECRET))
		return;
	if (!is_on)
		warn(c, PAL_OPT_AUTH_JWT_SECRET,
		     "`auth.jwt.secret` is not used: `auth.jwt.algorithm` is %s",
		     pal_conf_int(c->conf, PAL_OPT_AUTH_JWT_ALGORITHM) == PAL_CONF_JWT_NONE
			     ? "none"
			     : "of a public key");
	if (!pal_secret_is_weak(pal_conf_str(c->conf, PAL_OPT_AUTH_JWT_SECRET)))
		return;
	if (is_serious(c))
		fail(c, PAL_OPT_AUTH_JWT_SECRET,
		     "`auth.jwt.secret` can be guessed; make one with `openssl rand -hex 32`");
	else
		warn(c, PAL_OPT_AUTH_JWT_SECRET,
		     "`auth.jwt.secret` can be guessed; staging and production refuse it");
}

/* A wildcard beside credentials would let every page act as whoever looks at it. */
static void check_cors(const struct check *c)
{
	bool is_any = false;

	for (size_t i = 0; i < pal_conf_list_count(c->conf, PAL_OPT_CORS_ALLOWED_ORIGINS); i++)
		is_any |= strcmp(pal_conf_list_item(c->conf, PAL_OPT_CORS_ALLOWED_ORIGINS, i),
				 "*") == 0;
	if (!is_any)
		return;
	if (is_serious(c))
		fail(c, PAL_OPT_CORS_ALLOWED_ORIGINS,
		     "`cors.allowed_origins` is *: staging and production need the origins by name");
	else if (pal_conf_bool(c->conf, PAL_OPT_CORS_ALLOW_CREDENTIALS))
		fail(c, PAL_OPT_CORS_ALLOWED_ORIGINS,
		     "`cors.allowed_origins` is *, which does not go with "
		     "`cors.allow_credentials`");
}

static void check_debug(const struct check *c)
{
	if (pal_conf_int(c->conf, PAL_OPT_ENVIRONMENT) == PAL_CONF_PRODUCTION &&
	    pal_conf_bool(c->conf, PAL_OPT_DEBUG))
		fail(c, PAL_OPT_DEBUG, "`debug` is not for production");
}

/*
 * `shorter` must not be more than `longer`. One that nobody set gives way instead: the longer
 * deadline or wider window then simply never comes to act.
 */
static void check_order(const struct check *c, enum pal_option shorter, enum pal_option longer)
{
	if (c->spots[shorter].line &&
	    pal_conf_int(c->conf, shorter) > pal_conf_int(c->conf, longer))
		fail(c, shorter, "`%s` must not be more than `%s`, set at %s",
		     pal_option_get(shorter)->key, pal_option_get(longer)->key,
		     pal_conf_origin(c->conf, longer));
}

static void check_orders(const struct check *c)
{
	check_order(c, PAL_OPT_HTTP_HEADER_TIMEOUT, PAL_OPT_HTTP_REQUEST_TIMEOUT);
	check_order(c, PAL_OPT_HTTP_MAX_CONNECTIONS_PER_ADDRESS, PAL_OPT_HTTP_MAX_CONNECTIONS);
	check_order(c, PAL_OPT_SESSION_DEFAULT_HOURS, PAL_OPT_SESSION_MAX_HOURS);
	for (int o = PAL_OPT_LIMITS_TIERS_BASIC_PER_MINUTE; o <= PAL_OPT_LIMITS_API_KEY_PER_DAY;
	     o += 3) {
		check_order(c, (enum pal_option)o, (enum pal_option)(o + 1));
		check_order(c, (enum pal_option)(o + 1), (enum pal_option)(o + 2));
	}
}

static void warn_of_loss(const struct check *c)
{
	bool is_sqlite = pal_conf_int(c->conf, PAL_OPT_STORE_KIND) == PAL_CONF_STORE_SQLITE;

	if (is_sqlite && pal_conf_int(c->conf, PAL_OPT_STORE_SQLITE_SYNCHRONOUS) ==
				 PAL_CONF_SYNCHRONOUS_NORMAL)
		warn(c, PAL_OPT_STORE_SQLITE_SYNCHRONOUS,
		     "a power cut may lose accepted messages with `store.sqlite.synchronous` "
		     "normal");
	if (!is_sqlite && is_serious(c))
		warn(c, PAL_OPT_STORE_KIND,
		     "`store.kind` memory forgets every message when the daemon stops");
	if (pal_conf_int(c->conf, PAL_OPT_SHUTDOWN_DRAIN_TIMEOUT) <
	    pal_conf_int(c->conf, PAL_OPT_HTTP_REQUEST_TIMEOUT) &&
	    is_serious(c))
		warn(c, PAL_OPT_SHUTDOWN_DRAIN_TIMEOUT,
		     "`shutdown.drain_timeout` is less than `http.request_timeout`: "
		     "a stop may cut off requests");
}

static void check_dev(const struct check *c)
{
	if (!c->conf->is_dev)
		return;
	if (is_serious(c))
		fail(c, PAL_OPT_ENVIRONMENT, "--dev is not for staging or production");
	for (size_t i = 0; i < pal_conf_list_count(c->conf, PAL_OPT_HTTP_LISTEN); i++) {
		struct sockaddr_storage endpoint;
		socklen_t size;
		struct pal_str text = pal_str(pal_conf_list_item(c->conf, PAL_OPT_HTTP_LISTEN, i));
		if (pal_endpoint_read(text, &endpoint, &size, NULL) == PAL_OK &&
		    !pal_endpoint_is_loopback(&endpoint))
			warn(c, PAL_OPT_HTTP_LISTEN, "--dev listens on %s, which others can reach",
			     text.p);
	}
}

void pal_conf_check(const struct pal_conf *conf, const struct pal_conf_spot spots[PAL_OPT_COUNT],
		    struct pal_conf_report *report)
{
	const struct check c = {.conf = conf, .spots = spots, .report = report};

	check_listen(&c);
	check_tls(&c);
	check_jwt(&c);
	check_cors(&c);
	check_debug(&c);
	check_orders(&c);
	check_dev(&c);
	warn_of_loss(&c);
}
