/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "http/tls_context.h"

struct pal_http_tls {
	pthread_mutex_t lock;	/* guards what follows */
	SSL_CTX *context;
};

/* Only HTTP/1.1 is spoken; a client that lists other protocols only is told so (RFC 7301). */
static int select_protocol(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
			   const unsigned char *offered, unsigned offered_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *selected;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&selected, ret_len, ours, sizeof(ours) - 1, offered,
				  offered_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret = selected;
	return SSL_TLSEXT_ERR_OK;
}

static enum pal_code fail_tls(struct pal_error *err, const char *subject, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return pal_fail(err, PAL_E_CONFIG, subject, "%s: %s", what,
			reason ? reason : "unknown error");
}

static enum pal_code load(SSL_CTX *context, const char *certificate, const char *key,
			  struct pal_error *err)
{
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		return fail_tls(err, certificate, "cannot use it as a certificate");
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		return fail_tls(err, key, "cannot use it as a private key");
	if (SSL_CTX_check_private_key(context) != 1)
		return fail_tls(err, key, "it does not belong to the certificate");
	return PAL_OK;
}

static enum pal_code create_context(const char *certificate, const char *key, SSL_CTX **ret,
				    struct pal_error *err)
{
	SSL_CTX *context;

	ERR_clear_error();
	context = SSL_CTX_new(TLS_server_method());
	if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
		SSL_CTX_free(context);
		return pal_fail_memory(err, "tls");
	}
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					     SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(context, select_protocol, NULL);
	enum pal_code code = load(context, certificate, key, err);
	if (code != PAL_OK) {
		SSL_CTX_free(context);
		return code;
	}
	*ret = context;
	return PAL_OK;
}

enum pal_code pal_http_tls_create(const char *certificate, const char *key,
				  struct pal_http_tls **ret_tls, struct pal_error *err)
{
	struct pal_http_tls *tls = calloc(1, sizeof(*tls));

	if (!tls || pthread_mutex_init(&tls->lock, NULL) != 0) {
		free(tls);
		return pal_fail_memory(err, "tls");
	}
	enum pal_code code = create_context(certificate, key, &tls->context, err);
	if (code != PAL_OK) {
		pal_http_tls_destroy(tls);
		return code;
	}
	*ret_tls = tls;
	return PAL_OK;
}

enum pal_code pal_http_tls_reload(struct pal_http_tls *tls, const char *certificate,
				  const char *key, struct pal_error *err)
{
	SSL_CTX *context = NULL;
	enum pal_code code = create_context(certificate, key, &context, err);

	if (code != PAL_OK)
		return code;
	pthread_mutex_lock(&tls->lock);
	SSL_CTX *old = tls->context;
	tls->context = context;
	pthread_mutex_unlock(&tls->lock);
	SSL_CTX_free(old);	/* lives on in the connections that began with it */
	return PAL_OK;
}

void pal_http_tls_destroy(struct pal_http_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	pthread_mutex_destroy(&tls->lock);
	free(tls);
}

SSL *pal_http_tls_open(struct pal_http_tls *tls, int fd)
{
	pthread_mutex_lock(&tls->lock);
	SSL *ssl = SSL_new(tls->context);
	pthread_mutex_unlock(&tls->lock);
	if (!ssl || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_accept_state(ssl);
	return ssl;
}
