/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "http/harness.h"
#include "suite.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

struct files {
	char dir[64], certificate[96], key[96];
};

/* Write a self-signed certificate for `name` and its key over the files. */
static void write_pair(const struct files *files, const char *name)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);
	FILE *out;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, subject);
	X509_set_pubkey(cert, key);
	CU_ASSERT_FATAL(X509_sign(cert, key, EVP_sha256()) > 0);
	CU_ASSERT_FATAL((out = fopen(files->certificate, "w")) != NULL);
	PEM_write_X509(out, cert);
	fclose(out);
	CU_ASSERT_FATAL((out = fopen(files->key, "w")) != NULL);
	PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	fclose(out);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void write_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	CU_ASSERT_FATAL(out != NULL);
	fputs(text, out);
	fclose(out);
}

static struct files new_files(const char *name)
{
	struct files files;

	strcpy(files.dir, "/tmp/palaver-tls-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(files.dir));
	snprintf(files.certificate, sizeof(files.certificate), "%s/cert.pem", files.dir);
	snprintf(files.key, sizeof(files.key), "%s/key.pem", files.dir);
	write_pair(&files, name);
	return files;
}

static void remove_files(const struct files *files)
{
	unlink(files->certificate);
	unlink(files->key);
	rmdir(files->dir);
}

static void start(struct harness *h, const struct files *files)
{
	struct pal_error err;

	harness_init(h);
	CU_ASSERT_EQUAL_FATAL(pal_http_tls_create(files->certificate, files->key, &h->tls, &err),
			      PAL_OK);
	harness_start(h);
}

static void stop(struct harness *h, struct files *files)
{
	harness_stop(h);
	pal_http_tls_destroy(h->tls);
	remove_files(files);
}

struct client {
	SSL_CTX *context;
	SSL *ssl;
	int fd;
};

/* Connect with at most TLS `version` (0: any) and the ALPN list `alpn` (NULL: none). */
static bool client_open(struct client *c, uint16_t port, int version, const char *alpn)
{
	c->fd = client_connect(port);
	c->context = SSL_CTX_new(TLS_client_method());
	if (version) {
		SSL_CTX_set_security_level(c->context, 0);
		SSL_CTX_set_min_proto_version(c->context, 0);
		SSL_CTX_set_max_proto_version(c->context, version);
	}
	if (alpn)
		SSL_CTX_set_alpn_protos(c->context, (const unsigned char *)alpn, (unsigned)strlen(alpn));
	c->ssl = SSL_new(c->context);
	SSL_set_fd(c->ssl, c->fd);
	return SSL_connect(c->ssl) == 1;
}

static void client_shut(struct client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->context);
	close(c->fd);
}

/* Send `request` and read until `until` has come. */
static bool client_ask(struct client *c, const char *request, const char *until)
{
	char got[2048] = "";
	size_t n = 0;
	int r;

	if (SSL_write(c->ssl, request, (int)strlen(request)) <= 0)
		return false;
	while (!strstr(got, until)) {
		r = SSL_read(c->ssl, got + n, (int)(sizeof(got) - 1 - n));
		if (r <= 0)
			return false;
		n += (size_t)r;
		got[n] = '\0';
	}
	return true;
}

static const char *peer_name(struct client *c)
{
	static char name[64];
	X509 *cert = SSL_get1_peer_certificate(c->ssl);

	X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof(name));
	X509_free(cert);
	return name;
}

TEST(requests_are_served_over_tls_1_3_and_1_2)
{
	struct files files = new_files("one");
	struct harness h;
	struct client c;
	start(&h, &files);

	CU_ASSERT(client_open(&c, h.port, 0, "\x08http/1.1"));
	CHECK_STR(SSL_get_version(c.ssl), "TLSv1.3");
	for (int i = 0; i < 10; i++)
		CU_ASSERT(client_ask(&c, GET("/text/hello"), "\r\n\r\nhello"));
	CU_ASSERT(client_ask(&c, GET("/text/a") GET("/text/b"), "\r\n\r\nb"));
	client_shut(&c);
	CU_ASSERT(client_open(&c, h.port, TLS1_2_VERSION, NULL));
	CHECK_STR(SSL_get_version(c.ssl), "TLSv1.2");
	CU_ASSERT(client_ask(&c, GET("/text/hello"), "\r\n\r\nhello"));
	client_shut(&c);
	stop(&h, &files);
}

TEST(older_versions_and_other_protocols_are_refused)
{
	struct files files = new_files("one");
	struct harness h;
	struct client c;
	start(&h, &files);

	CU_ASSERT_FALSE(client_open(&c, h.port, TLS1_1_VERSION, NULL));
	client_shut(&c);
	CU_ASSERT_FALSE(client_open(&c, h.port, 0, "\x02h2"));
	client_shut(&c);
	CU_ASSERT(client_open(&c, h.port, 0, "\x02h2\x08http/1.1"));
	client_shut(&c);
	int plain = client_connect(h.port);
	char bytes[64];
	client_send(plain, GET("/text/x"));
	ssize_t n;
	while ((n = recv(plain, bytes, sizeof(bytes), 0)) > 0)	/* an alert, then the end */
		CU_ASSERT_NOT_EQUAL(memcmp(bytes, "HTTP", 4), 0);
	close(plain);
	stop(&h, &files);
}

TEST(a_large_answer_and_a_large_body_pass_through_tls)
{
	struct files files = new_files("one");
	struct harness h;
	struct client c;
	size_t sum = 0, n = PAL_HTTP_LIMITS_DEFAULT.body_bytes;
	char *bytes = malloc(n), head[128];
	int r;
	start(&h, &files);

	CU_ASSERT(client_open(&c, h.port, 0, NULL));
	memset(bytes, 'b', n);
	snprintf(head, sizeof(head), "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", n);
	CU_ASSERT(SSL_write(c.ssl, head, (int)strlen(head)) > 0);
	CU_ASSERT_EQUAL(SSL_write(c.ssl, bytes, (int)n), (int)n);
	while (sum < n && (r = SSL_read(c.ssl, bytes, (int)n)) > 0)
		sum += (size_t)r;
	CU_ASSERT(sum >= n);
	client_shut(&c);

	sum = 0;
	CU_ASSERT(client_open(&c, h.port, 0, NULL));
	CU_ASSERT(SSL_write(c.ssl, GET("/big"), (int)strlen(GET("/big"))) > 0);
	while (sum < HARNESS_BIG && (r = SSL_read(c.ssl, bytes, (int)n)) > 0)
		sum += (size_t)r;
	CU_ASSERT(sum >= HARNESS_BIG);
	client_shut(&c);
	free(bytes);
	stop(&h, &files);
}

TEST(a_flow_passes_through_tls_and_ends)
{
	struct files files = new_files("one");
	struct harness h;
	struct client c;
	char bytes[16384], last[8] = "";
	size_t letters = 0;
	int r;
	start(&h, &files);

	CU_ASSERT(client_open(&c, h.port, 0, NULL));
	CU_ASSERT(SSL_write(c.ssl, GET("/flow"), (int)strlen(GET("/flow"))) > 0);
	while (strcmp(last, "\r\n0\r\n\r\n") != 0 &&
	       (r = SSL_read(c.ssl, bytes, sizeof(bytes))) > 0) {
		for (int i = 0; i < r; i++) {
			letters += bytes[i] == 'f';
			memmove(last, last + 1, sizeof(last) - 2);
			last[sizeof(last) - 2] = bytes[i];
		}
	}
	CU_ASSERT(letters >= HARNESS_BIG);
	CU_ASSERT(client_ask(&c, GET("/text/hello"), "hello"));
	client_shut(&c);
	stop(&h, &files);
}

TEST(a_handshake_that_takes_too_long_is_cut)
{
	struct files files = new_files("one");
	struct harness h;
	start(&h, &files);
	int fd = client_connect(h.port);

	client_send(fd, "\x16\x03\x01");	/* the first bytes of a ClientHello */
	CU_ASSERT(harness_await_connections(&h, 1));
	harness_let_read(&h);	/* counted is not yet opened, and its time begins there */
	pal_clock_fake_advance_ms(&h.clock, 10000);
	CU_ASSERT(client_sees_end(fd));
	CU_ASSERT(harness_await_connections(&h, 0));
	close(fd);
	stop(&h, &files);
}

TEST(a_reload_changes_the_certificate_of_new_connections_only)
{
	struct files files = new_files("one");
	struct harness h;
	struct client before, after;
	struct pal_error err;
	start(&h, &files);

	CU_ASSERT(client_open(&before, h.port, 0, NULL));
	CHECK_STR(peer_name(&before), "one");
	write_pair(&files, "two");
	CU_ASSERT_EQUAL(pal_http_tls_reload(h.tls, files.certificate, files.key, &err), PAL_OK);
	CU_ASSERT(client_open(&after, h.port, 0, NULL));
	CHECK_STR(peer_name(&after), "two");
	CU_ASSERT(client_ask(&before, GET("/text/old"), "old"));
	CU_ASSERT(client_ask(&after, GET("/text/new"), "new"));
	client_shut(&before);
	client_shut(&after);
	stop(&h, &files);
}

TEST(a_reload_that_fails_keeps_the_old_certificate_and_names_the_file)
{
	struct files files = new_files("one"), others = new_files("other");
	struct harness h;
	struct client c;
	struct pal_error err;
	start(&h, &files);

	CU_ASSERT_EQUAL(pal_http_tls_reload(h.tls, "/nowhere/cert.pem", files.key, &err), PAL_E_CONFIG);
	CHECK_STR(err.subject, "/nowhere/cert.pem");
	CU_ASSERT_EQUAL(pal_http_tls_reload(h.tls, files.certificate, others.key, &err), PAL_E_CONFIG);
	CHECK_STR(err.subject, others.key);
	write_text(files.certificate, "-----BEGIN CERTIFICATE-----\nhalf");
	CU_ASSERT_EQUAL(pal_http_tls_reload(h.tls, files.certificate, files.key, &err), PAL_E_CONFIG);
	CHECK_STR(err.subject, files.certificate);
	CU_ASSERT(client_open(&c, h.port, 0, NULL));
	CHECK_STR(peer_name(&c), "one");
	client_shut(&c);
	remove_files(&others);
	stop(&h, &files);
}

TEST(a_bad_pair_is_refused_at_create)
{
	struct pal_http_tls *tls = NULL;
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_http_tls_create("/nowhere/cert.pem", "/nowhere/key.pem", &tls, &err),
			PAL_E_CONFIG);
	CU_ASSERT_PTR_NULL(tls);
}

SUITE(tls, CASE(requests_are_served_over_tls_1_3_and_1_2),
      CASE(older_versions_and_other_protocols_are_refused),
      CASE(a_large_answer_and_a_large_body_pass_through_tls),
      CASE(a_flow_passes_through_tls_and_ends), CASE(a_handshake_that_takes_too_long_is_cut),
      CASE(a_reload_changes_the_certificate_of_new_connections_only),
      CASE(a_reload_that_fails_keeps_the_old_certificate_and_names_the_file),
      CASE(a_bad_pair_is_refused_at_create))
