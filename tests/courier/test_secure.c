/* SPDX-License-Identifier: Apache-2.0 */
/* TLS, against the HTTP server of this house under a certificate of the test's own making. */
#include "courier/courier.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "courier/post.h"
#include "courier/transfer.h"
#include "http/harness.h"
#include "http/tls.h"
#include "suite.h"

static struct office office;
static struct post last;
static struct harness server;
static char dir[64], certificate[96], key_file[96];

/* Self-signed, for the address 127.0.0.1 and no name, until `days` from now. */
static X509 *new_certificate(EVP_PKEY *key, long days)
{
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);
	X509_EXTENSION *names =
		X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -10L * 86400);
	X509_gmtime_adj(X509_getm_notAfter(cert), days * 86400);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)"receiver",
				   -1, -1, 0);
	X509_set_issuer_name(cert, subject);
	X509_set_pubkey(cert, key);
	X509_add_ext(cert, names, -1);
	X509_EXTENSION_free(names);
	CU_ASSERT_FATAL(X509_sign(cert, key, EVP_sha256()) > 0);
	return cert;
}

static void start_server(long days)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = new_certificate(key, days);
	FILE *out;

	strcpy(dir, "/tmp/palaver-courier-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	snprintf(certificate, sizeof(certificate), "%s/cert.pem", dir);
	snprintf(key_file, sizeof(key_file), "%s/key.pem", dir);
	CU_ASSERT_PTR_NOT_NULL_FATAL((out = fopen(certificate, "w")));
	PEM_write_X509(out, cert);
	fclose(out);
	CU_ASSERT_PTR_NOT_NULL_FATAL((out = fopen(key_file, "w")));
	PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	fclose(out);
	X509_free(cert);
	EVP_PKEY_free(key);
	harness_init(&server);
	CU_ASSERT_EQUAL_FATAL(pal_http_tls_create(certificate, key_file, &server.tls, NULL), PAL_OK);
	harness_start(&server);
}

static void stop_server(void)
{
	harness_stop(&server);
	pal_http_tls_destroy(server.tls);
	unlink(certificate);
	unlink(key_file);
	rmdir(dir);
}

/* Post to `host` with or without the server's certificate among the authorities. */
static void expect(const char *host, bool knows_it, enum pal_transport transport)
{
	char url[96];

	office_init(&office);
	office.options.guard.allow_http = false;
	office.options.ca_file = knows_it ? certificate : NULL;
	office.options.total_ms = 10000;
	office_open(&office);
	snprintf(url, sizeof(url), "https://%s:%u/echo", host, server.port);
	for (int i = 0; i < 2; i++) {
		enum pal_transport got = post_once(&last, &office, url, "hello");
		if (got != transport)
			printf("# %s: %s\n", host, pal_transport_name(got));
		CU_ASSERT_EQUAL(got, transport);
		bool is_answered = transport == PAL_TRANSPORT_ANSWERED;
		CU_ASSERT_EQUAL(last.request.answer.any_written, is_answered);
		CU_ASSERT_EQUAL(pal_str_equal(pal_buf_str(&last.request.answer.body),
					      PAL_STR("hello")), is_answered);
		CU_ASSERT_EQUAL(last.request.answer.new_connection, !is_answered || i == 0);
		post_free(&last);
	}
	office_close(&office, 1000);
}

TEST(a_receiver_is_believed_only_under_a_known_certificate_with_its_name)
{
	start_server(1);
	expect("127.0.0.1", true, PAL_TRANSPORT_ANSWERED);
	expect("127.0.0.1", false, PAL_TRANSPORT_TLS);
	expect("127.0.0.2", true, PAL_TRANSPORT_CONNECT);	/* it listens elsewhere */
	expect("localhost", true, PAL_TRANSPORT_TLS);
	stop_server();
}

TEST(an_expired_certificate_is_refused)
{
	start_server(-1);
	expect("127.0.0.1", true, PAL_TRANSPORT_TLS);
	stop_server();
}

TEST(https_to_a_port_that_speaks_http_is_refused)
{
	char url[64];

	office_init(&office);
	office_open(&office);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/ok", receiver_port(office.receiver));
	office.options.total_ms = 1000;
	enum pal_transport got = post_once(&last, &office, url, "x");
	CU_ASSERT(got == PAL_TRANSPORT_TLS || got == PAL_TRANSPORT_TIMEOUT_BEFORE);
	CU_ASSERT_EQUAL(receiver_requests(office.receiver), 0);
	office_close(&office, 1000);
}

SUITE(secure, CASE(a_receiver_is_believed_only_under_a_known_certificate_with_its_name),
      CASE(an_expired_certificate_is_refused), CASE(https_to_a_port_that_speaks_http_is_refused))
