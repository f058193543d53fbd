/* SPDX-License-Identifier: Apache-2.0 */
#include "http/status.h"

#include <assert.h>
#include <stddef.h>

#define STATUS_MIN 100
#define STATUS_MAX 599
#define START_LEN (sizeof("HTTP/1.1 200 ") - 1)

#define STATUSES(X)                                                                                \
	X(100, "Continue")                                                                         \
	X(101, "Switching Protocols")                                                              \
	X(200, "OK")                                                                               \
	X(201, "Created")                                                                          \
	X(202, "Accepted")                                                                         \
	X(204, "No Content")                                                                       \
	X(206, "Partial Content")                                                                  \
	X(207, "Multi-Status")                                                                     \
	X(301, "Moved Permanently")                                                                \
	X(302, "Found")                                                                            \
	X(303, "See Other")                                                                        \
	X(304, "Not Modified")                                                                     \
	X(307, "Temporary Redirect")                                                               \
	X(308, "Permanent Redirect")                                                               \
	X(400, "Bad Request")                                                                      \
	X(401, "Unauthorized")                                                                     \
	X(402, "Payment Required")                                                                 \
	X(403, "Forbidden")                                                                        \
	X(404, "Not Found")                                                                        \
	X(405, "Method Not Allowed")                                                               \
	X(406, "Not Acceptable")                                                                   \
	X(408, "Request Timeout")                                                                  \
	X(409, "Conflict")                                                                         \
	X(410, "Gone")                                                                             \
	X(411, "Length Required")                                                                  \
	X(412, "Precondition Failed")                                                              \
	X(413, "Content Too Large")                                                                \
	X(414, "URI Too Long")                                                                     \
	X(415, "Unsupported Media Type")                                                           \
	X(417, "Expectation Failed")                                                               \
	X(421, "Misdirected Request")                                                              \
	X(422, "Unprocessable Content")                                                            \
	X(423, "Locked")                                                                           \
	X(425, "Too Early")                                                                        \
	X(426, "Upgrade Required")                                                                 \
	X(428, "Precondition Required")                                                            \
	X(429, "Too Many Requests")                                                                \
	X(431, "Request Header Fields Too Large")                                                  \
	X(451, "Unavailable For Legal Reasons")                                                    \
	X(500, "Internal Server Error")                                                            \
	X(501, "Not Implemented")                                                                  \
	X(502, "Bad Gateway")                                                                      \
	X(503, "Service Unavailable")                                                              \
	X(504, "Gateway Timeout")                                                                  \
	X(505, "HTTP Version Not Supported")                                                       \
	X(507, "Insufficient Storage")

static const struct pal_str lines[STATUS_MAX - STATUS_MIN + 1] = {
#define X(status, phrase)                                                                          \
	[status - STATUS_MIN] = {"HTTP/1.1 " #status " " phrase "\r\n",                            \
				 sizeof("HTTP/1.1 " #status " " phrase "\r\n") - 1},
	STATUSES(X)
#undef X
};

/* A client takes a status it does not know for the x00 of its class (RFC 9110 section 15); we may
 * as well say so. 300 means something else, hence 302. */
static const int generic[] = {100, 200, 302, 400, 500};

struct pal_str pal_http_status_line(int status)
{
	assert(status >= STATUS_MIN && status <= STATUS_MAX);
	struct pal_str line = lines[status - STATUS_MIN];
	return line.p ? line : lines[generic[status / 100 - 1] - STATUS_MIN];
}

struct pal_str pal_http_status_phrase(int status)
{
	struct pal_str line = pal_http_status_line(status);

	return (struct pal_str){line.p + START_LEN, line.n - START_LEN - 2};
}
