/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "courier/drive.h"
#include "courier/header.h"

#define HEAD_BYTES_MAX (64u << 10)	/* of an answer, 1xx heads included */
#define NAME_CACHE_S 30L

/* --- What libcurl calls ----------------------------------------------------------------------- */

/*
 * Whether libcurl is about to write the request a second time, as it does by itself when a reused
 * connection ends before any answer. The first may have arrived: that is not for us to decide.
 */
static bool would_repeat(struct pal_transfer *transfer)
{
	long written = 0;

	if (transfer->begun)
		curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &written);
	if (written > 0)
		transfer->was_repeated = true;
	return transfer->was_repeated;
}

/* The guard's second look: the address that the name led to. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct pal_transfer *transfer = arg;
	enum pal_guard_rule rule =
		purpose == CURLSOCKTYPE_IPCXN && address->socktype == SOCK_STREAM
			? pal_guard_judge_address(transfer->guard, &address->addr,
						  (socklen_t)address->addrlen)
			: PAL_GUARD_FAMILY;

	if (would_repeat(transfer))
		return CURL_SOCKET_BAD;
	if (rule != PAL_GUARD_PASS) {
		transfer->refused = rule;
		return CURL_SOCKET_BAD;
	}
	transfer->answer->new_connection = true;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd < 0)
		return CURL_SOCKET_BAD;
	pal_drive_opened(transfer->drive, fd);
	return fd;
}

/* A connection outlives the transfer that opened it, so it knows the drive alone. */
static int close_socket(void *arg, curl_socket_t fd)
{
	pal_drive_close(arg, fd);
	return 0;
}

/* "name: value" of `line` if it has that name: the value without blanks at its ends. */
static bool is_header(struct pal_str line, struct pal_str name, struct pal_str *ret_value)
{
	if (line.n <= name.n || line.p[name.n] != ':' || strncasecmp(line.p, name.p, name.n) != 0)
		return false;
	const char *p = line.p + name.n + 1, *end = line.p + line.n;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (unsigned char)end[-1] <= ' ')
		end--;
	*ret_value = (struct pal_str){p, (size_t)(end - p)};
	return true;
}

/* Keep the first of a name; what does not fit is cut. */
static void keep(char *out, size_t size, struct pal_str value)
{
	if (*out)
		return;
	size_t n = value.n < size ? value.n : size - 1;
	memcpy(out, value.p, n);
	out[n] = '\0';
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct pal_transfer *transfer = arg;
	struct pal_answer *answer = transfer->answer;
	struct pal_str line = {data, size * count}, value;

	transfer->head_bytes += line.n;
	if (transfer->head_bytes > HEAD_BYTES_MAX) {
		transfer->is_too_large = true;
		return 0;
	}
	if (line.n > 5 && memcmp(line.p, "HTTP/", 5) == 0)	/* the head of another answer */
		answer->content_type[0] = answer->retry_after[0] = '\0';
	else if (is_header(line, PAL_STR("content-type"), &value))
		keep(answer->content_type, sizeof(answer->content_type), value);
	else if (is_header(line, PAL_STR("retry-after"), &value))
		keep(answer->retry_after, sizeof(answer->retry_after), value);
	return line.n;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct pal_transfer *transfer = arg;
	struct pal_buf *body = &transfer->answer->body;
	size_t n = size * count, room = body->max - body->len;

	pal_buf_add(body, data, n < room ? n : room);
	transfer->is_too_large = n > room;
	return transfer->is_too_large || body->failed ? 0 : n;
}

/* Called each time a request is about to be written. */
static int on_begin(void *arg, char *peer, char *local, int peer_port, int local_port)
{
	struct pal_transfer *transfer = arg;

	(void)peer, (void)local, (void)peer_port, (void)local_port;
	if (would_repeat(transfer))
		return CURL_PREREQFUNC_ABORT;
	transfer->begun = true;
	return CURL_PREREQFUNC_OK;
}

/* --- Setting up ------------------------------------------------------------------------------- */

#define SET(transfer, option, value)                                                               \
	(curl_easy_setopt((transfer)->easy, CURLOPT_##option, (value)) == CURLE_OK)

static bool set_rules(struct pal_transfer *transfer, const struct pal_transfer_options *options)
{
	return SET(transfer, NOSIGNAL, 1L) && SET(transfer, PROXY, "") &&
	       SET(transfer, PROTOCOLS_STR, options->guard->allow_http ? "http,https" : "https") &&
	       SET(transfer, REDIR_PROTOCOLS_STR, "https") && SET(transfer, FOLLOWLOCATION, 0L) &&
	       SET(transfer, SSL_VERIFYPEER, 1L) && SET(transfer, SSL_VERIFYHOST, 2L) &&
	       SET(transfer, SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
	       (!options->ca_file || SET(transfer, CAINFO, options->ca_file)) &&
	       (!options->ca_file || SET(transfer, CAPATH, NULL)) &&
	       SET(transfer, DISALLOW_USERNAME_IN_URL, 1L) &&
	       SET(transfer, HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
	       SET(transfer, HTTP09_ALLOWED, 0L) && SET(transfer, PATH_AS_IS, 1L);
}

static bool set_ways(struct pal_transfer *transfer, const struct pal_transfer_options *options,
		     CURLSH *share)
{
	return SET(transfer, SHARE, share) && SET(transfer, PRIVATE, transfer) &&
	       SET(transfer, OPENSOCKETFUNCTION, open_socket) &&
	       SET(transfer, OPENSOCKETDATA, transfer) &&
	       SET(transfer, CLOSESOCKETFUNCTION, close_socket) &&
	       SET(transfer, CLOSESOCKETDATA, options->drive) &&
	       SET(transfer, HEADERFUNCTION, on_header) && SET(transfer, HEADERDATA, transfer) &&
	       SET(transfer, WRITEFUNCTION, on_body) && SET(transfer, WRITEDATA, transfer) &&
	       SET(transfer, PREREQFUNCTION, on_begin) && SET(transfer, PREREQDATA, transfer) &&
	       SET(transfer, USERAGENT, options->user_agent) && SET(transfer, TCP_NODELAY, 1L) &&
	       SET(transfer, MAXAGE_CONN, (long)(options->idle_ms / 1000)) &&
	       SET(transfer, DNS_CACHE_TIMEOUT, NAME_CACHE_S) &&
	       SET(transfer, QUICK_EXIT, 1L);	/* never wait for a resolver's thread */
}

struct pal_transfer *pal_transfer_create(const struct pal_transfer_options *options, CURLSH *share)
{
	struct pal_transfer *transfer = calloc(1, sizeof(*transfer));

	if (!transfer)
		return NULL;
	transfer->guard = options->guard;
	transfer->drive = options->drive;
	transfer->easy = curl_easy_init();
	if (!transfer->easy || !set_rules(transfer, options) ||
	    !set_ways(transfer, options, share)) {
		pal_transfer_destroy(transfer);
		return NULL;
	}
	return transfer;
}

void pal_transfer_destroy(struct pal_transfer *transfer)
{
	if (!transfer)
		return;
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	free(transfer);
}

static bool set_method(struct pal_transfer *transfer, const struct pal_outgoing *outgoing)
{
	static const char *const names[] = {
#define X(id, name) [id] = name,
		PAL_OUTGOING_METHODS(X)
#undef X
	};
	bool has_body = outgoing->method == PAL_OUTGOING_POST ||
			outgoing->method == PAL_OUTGOING_PUT;

	if (!has_body)
		return SET(transfer, HTTPGET, 1L) &&
		       SET(transfer, CUSTOMREQUEST, names[outgoing->method]);
	return SET(transfer, POST, 1L) && SET(transfer, CUSTOMREQUEST, names[outgoing->method]) &&
	       SET(transfer, POSTFIELDSIZE_LARGE, (curl_off_t)outgoing->body.n) &&
	       SET(transfer, POSTFIELDS, outgoing->body.n ? outgoing->body.p : "");
}

/* PAL_TRANSPORT_INVALID also without memory: the sender cannot tell, and neither can libcurl. */
static bool set_headers(struct pal_transfer *transfer, const struct pal_outgoing *outgoing)
{
	if (!pal_header_append(&transfer->headers, "Expect:"))	/* no waiting for 100 Continue */
		return false;
	for (size_t i = 0; i < outgoing->header_count; i++) {
		if (!pal_header_add(&transfer->headers, outgoing->headers[i].name,
					     outgoing->headers[i].value))
			return false;
	}
	return SET(transfer, HTTPHEADER, transfer->headers);
}

static void forget(struct pal_transfer *transfer)
{
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(transfer->headers);
	transfer->headers = NULL;
	transfer->outgoing = NULL;
	transfer->answer = NULL;
	transfer->refused = PAL_GUARD_PASS;
	transfer->begun = false;
	transfer->head_bytes = 0;
	transfer->was_repeated = transfer->is_too_large = false;
}

static bool is_sendable(const struct pal_outgoing *outgoing)
{
	return outgoing->url.n <= PAL_OUTGOING_URL_MAX &&
	       outgoing->header_count <= PAL_OUTGOING_HEADERS_MAX &&
	       outgoing->body.n <= PAL_OUTGOING_BODY_MAX &&
	       outgoing->method < PAL_OUTGOING_METHOD_COUNT;
}

enum pal_transport pal_transfer_begin(struct pal_transfer *transfer,
				      const struct pal_transfer_options *options,
				      const struct pal_outgoing *outgoing,
				      struct pal_answer *answer)
{
	size_t answer_max = outgoing->answer_max ? outgoing->answer_max : PAL_ANSWER_BODY_DEFAULT;
	uint32_t connect_ms = outgoing->connect_ms ? outgoing->connect_ms : options->connect_ms;
	uint32_t total_ms = outgoing->total_ms ? outgoing->total_ms : options->total_ms;

	transfer->outgoing = outgoing;
	transfer->answer = answer;
	answer->body = pal_buf_of(answer_max < PAL_ANSWER_BODY_MAX ? answer_max
								   : PAL_ANSWER_BODY_MAX);
	if (!is_sendable(outgoing) || !set_headers(transfer, outgoing)) {
		forget(transfer);
		return PAL_TRANSPORT_INVALID;
	}
	memcpy(transfer->url, outgoing->url.p, outgoing->url.n);
	transfer->url[outgoing->url.n] = '\0';
	if (!set_method(transfer, outgoing) || !SET(transfer, URL, transfer->url) ||
	    !SET(transfer, CONNECTTIMEOUT_MS, (long)connect_ms) ||
	    !SET(transfer, TIMEOUT_MS, (long)total_ms)) {
		forget(transfer);
		return PAL_TRANSPORT_FAILED;
	}
	return PAL_TRANSPORT_ANSWERED;
}

/* --- The end ---------------------------------------------------------------------------------- */

static uint32_t info_ms(CURL *easy, CURLINFO info)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, info, &us);
	return (uint32_t)(us / 1000);
}

static void read_infos(struct pal_transfer *transfer)
{
	struct pal_answer *answer = transfer->answer;
	long status = 0, request = 0, head = 0;
	curl_off_t up = 0, down = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &request);
	curl_easy_getinfo(transfer->easy, CURLINFO_HEADER_SIZE, &head);
	curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
	answer->status = (int)status;
	answer->any_written = request > 0 || transfer->was_repeated;
	answer->all_written = transfer->was_repeated || status > 0 ||
			      (request > 0 && (size_t)up >= transfer->outgoing->body.n);
	answer->bytes_out = (uint64_t)request + (uint64_t)up;
	answer->bytes_in = (uint64_t)head + (uint64_t)down;
	answer->connect_ms = info_ms(transfer->easy, CURLINFO_APPCONNECT_TIME_T);
	if (answer->connect_ms == 0)
		answer->connect_ms = info_ms(transfer->easy, CURLINFO_CONNECT_TIME_T);
	answer->first_byte_ms = info_ms(transfer->easy, CURLINFO_STARTTRANSFER_TIME_T);
	answer->total_ms = info_ms(transfer->easy, CURLINFO_TOTAL_TIME_T);
}

static enum pal_transport transport_of(const struct pal_transfer *transfer, CURLcode result)
{
	bool all_written = transfer->answer->all_written;

	if (transfer->was_repeated)
		return PAL_TRANSPORT_RESET_AFTER;
	switch (result) {
	case CURLE_OK:
		return PAL_TRANSPORT_ANSWERED;
	case CURLE_COULDNT_RESOLVE_HOST:
		return PAL_TRANSPORT_RESOLVE;
	case CURLE_COULDNT_CONNECT:
		return transfer->refused != PAL_GUARD_PASS ? PAL_TRANSPORT_REFUSED
							   : PAL_TRANSPORT_CONNECT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return PAL_TRANSPORT_TLS;
	case CURLE_OPERATION_TIMEDOUT:
		return all_written ? PAL_TRANSPORT_TIMEOUT_AFTER : PAL_TRANSPORT_TIMEOUT_BEFORE;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_ABORTED_BY_CALLBACK:
		return all_written ? PAL_TRANSPORT_RESET_AFTER : PAL_TRANSPORT_RESET_BEFORE;
	case CURLE_WRITE_ERROR:
		return transfer->is_too_large ? PAL_TRANSPORT_TOO_LARGE : PAL_TRANSPORT_FAILED;
	case CURLE_URL_MALFORMAT:
		return PAL_TRANSPORT_INVALID;
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT:
		return PAL_TRANSPORT_FAILED;
	default:
		return all_written ? PAL_TRANSPORT_BAD_ANSWER : PAL_TRANSPORT_CONNECT;
	}
}

void pal_transfer_end(struct pal_transfer *transfer, CURLcode result)
{
	struct pal_answer *answer = transfer->answer;

	if (result == CURLE_COULDNT_RESOLVE_HOST)
		would_repeat(transfer);
	read_infos(transfer);
	answer->transport = transport_of(transfer, result);
	if (answer->transport == PAL_TRANSPORT_REFUSED)
		answer->refused_by = pal_guard_rule_name(transfer->refused);
	forget(transfer);
}

void pal_transfer_cancel(struct pal_transfer *transfer)
{
	struct pal_answer *answer = transfer->answer;

	read_infos(transfer);
	answer->transport = answer->all_written ? PAL_TRANSPORT_CANCELLED_AFTER
						: PAL_TRANSPORT_CANCELLED_BEFORE;
	forget(transfer);
}

const char *pal_transport_name(enum pal_transport transport)
{
	static const char *const names[] = {
#define X(id, name, may_have_it) [id] = name,
		PAL_TRANSPORTS(X)
#undef X
	};

	return names[transport];
}
