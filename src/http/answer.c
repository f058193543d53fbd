/* SPDX-License-Identifier: Apache-2.0 */
#include "http/answer.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#include "http/status.h"

#define NS_PER_MS 1000000

/* RFC 9110 section 5.6.7; strftime would ask the locale for the names. */
static void format_date(int64_t wall_ms, char out[PAL_HTTP_DATE_SIZE + 1])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	int n = snprintf(out, PAL_HTTP_DATE_SIZE + 1,
			 "Date: %.3s, %02u %.3s %04u %02u:%02u:%02u GMT\r\n", days + 3 * tm.tm_wday,
			 (unsigned)tm.tm_mday % 100, months + 3 * tm.tm_mon,
			 (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
			 (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
	assert(n == PAL_HTTP_DATE_SIZE);
	(void)n;
}

/* The line is made anew when the wall clock has reached its next second. */
static const char *date_line(struct pal_http_home *home)
{
	if (home->now_ns >= home->date_until_ns) {
		int64_t wall_ms = pal_clock_wall_ms(pal_http_home_options(home)->clock);
		format_date(wall_ms, home->date);
		home->date_until_ns = home->now_ns + (1000 - wall_ms % 1000) * NS_PER_MS;
	}
	return home->date;
}

static void add_connection(struct pal_buf *out, const struct pal_http_exchange *exchange,
			   bool keep_alive)
{
	if (!keep_alive)
		pal_buf_add_lit(out, "Connection: close\r\n");
	else if (exchange->parser.version_minor == 0)
		pal_buf_add_lit(out, "Connection: keep-alive\r\n");
}

void pal_http_answer_write_head(struct pal_buf *out, const struct pal_http_exchange *exchange,
				const struct pal_http_answer *answer)
{
	pal_buf_add_str(out, pal_http_status_line(answer->status));
	pal_buf_add(out, date_line(exchange->home), PAL_HTTP_DATE_SIZE);
	if (answer->content_type) {
		pal_buf_add_lit(out, "Content-Type: ");
		pal_buf_add_str(out, pal_str(answer->content_type));
		pal_buf_add_lit(out, "\r\n");
	}
	bool has_length = answer->status != 204 && answer->status != 304;	/* RFC 9110, 8.6 */
	if (answer->is_chunked) {
		pal_buf_add_lit(out, "Transfer-Encoding: chunked\r\n");
	} else if (!answer->is_flow && has_length) {
		pal_buf_add_lit(out, "Content-Length: ");
		pal_buf_add_u64(out, answer->body_len);
		pal_buf_add_lit(out, "\r\n");
	}
	pal_buf_add_lit(out, "X-Request-ID: ");
	pal_buf_add_str(out, exchange->request.id);
	pal_buf_add_lit(out, "\r\nX-Processing-Time: ");
	pal_buf_add_u64(out, (uint64_t)(answer->elapsed_ns / NS_PER_MS));
	pal_buf_add_lit(out, "\r\n");
	add_connection(out, exchange, answer->keep_alive);
	pal_buf_add_str(out, pal_buf_str(&exchange->extra));
	pal_buf_add_lit(out, "\r\n");
}
