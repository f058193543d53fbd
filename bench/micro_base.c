/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nanoseconds of CPU per call of what the hot path takes from base: the quickest of several
 * rounds, for on a busy machine the others measure the neighbours. Figures, not a test:
 * `bench/micro_base [NAME]`.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"

#define ROUNDS 9
#define ROUND_NS 20000000

static const char message[] =
	"{\"message_id\":\"0192f3c1-7c1e-7000-8000-1d5a6a7b8c9d\",\"user_id\":\"user-4217\","
	"\"conversation_id\":\"0192f3c1-7c1e-7000-8000-1d5a6a7b8c9e\",\"channel\":\"web\","
	"\"content\":{\"type\":\"text\",\"text\":\"Hello, where is my order 12345? It should "
	"have been here on Monday.\",\"language\":\"en\"},\"metadata\":{\"source\":\"widget\","
	"\"page\":\"/orders\"},\"timestamp\":\"2026-11-23T05:40:57Z\"}";

static struct pal_json json;
static struct pal_buf out;
static struct pal_str text;
static pal_metric counter, histogram;
static volatile uint64_t sink;

static void scan(void)
{
	struct pal_json_fault fault;

	sink += pal_json_scan(&json, text, &fault);
}

static void member(void)
{
	sink += pal_json_member(&json, 0, PAL_STR("content"));
}

static void put_string(void)
{
	pal_buf_clear(&out);
	pal_json_put_string(&out, PAL_STR("Hello, where is my order 12345? It should have been "
					  "here on Monday."));
}

static void utf8_count(void)
{
	size_t points = 0;

	sink += pal_utf8_count(text, &points) + points;
}

static void sha256(void)
{
	uint8_t digest[PAL_SHA256_SIZE];

	pal_sha256(PAL_STR("palk_demo_0123456789abcdef0123456789abcdef"), digest);
	sink += digest[0];
}

static void hmac(void)
{
	uint8_t digest[PAL_SHA256_SIZE];

	pal_hmac_sha256(PAL_STR("0123456789abcdef0123456789abcdef"),
			PAL_STR("palk_demo_0123456789abcdef0123456789abcdef"), digest);
	sink += digest[0];
}

static void hash(void)
{
	sink += pal_hash("0192f3c1-7c1e-7000-8000-1d5a6a7b8c9d", 36);
}

static void uuid_v7(void)
{
	struct pal_uuid id = pal_uuid_v7(1795412457123);

	sink += id.b[15];
}

static void uuid_format(void)
{
	static const struct pal_uuid id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
	char uuid[PAL_UUID_TEXT_SIZE];

	sink += (unsigned char)pal_uuid_format(&id, uuid)[35];
}

static void time_format(void)
{
	char time[PAL_TIME_TEXT_SIZE];

	sink += (unsigned char)pal_time_format(1795412457123, time)[22];
}

static void time_parse(void)
{
	int64_t ms = 0;

	sink += pal_time_parse(PAL_STR("2026-11-23T05:40:57.123Z"), &ms) + (uint64_t)ms;
}

static void wall(void)
{
	sink += (uint64_t)pal_clock_wall_ms(pal_clock_system());
}

static void metric_add(void)
{
	pal_metric_add(counter, 1);
}

static void metric_observe(void)
{
	pal_metric_observe(histogram, 0.004);
}

static void log_filtered(void)
{
	PAL_LOG(PAL_LOG_DEBUG, PAL_STR("conv"), "message stored", PAL_F_I64("sequence", 1));
}

static void log_queued(void)
{
	PAL_LOG(PAL_LOG_INFO, PAL_STR("0192f3c1-7c1e-7000-8000-1d5a6a7b8c9d"), "message stored",
		PAL_F_I64("sequence", 17), PAL_F_TEXT("service", "message"),
		PAL_F_TEXT("operation", "send_message"), PAL_F_TEXT("channel", "web"));
}

static void redact(void)
{
	pal_buf_clear(&out);
	pal_redact_json(&out, text);
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double measure(void (*run)(void), long calls_max)
{
	double best = 1e9;
	long calls = 64;

	for (;;) {	/* until one round takes long enough to be timed */
		double start = now_ns();
		for (long i = 0; i < calls; i++)
			run();
		if (now_ns() - start >= ROUND_NS || calls >= calls_max)
			break;
		calls *= 2;
	}
	for (int r = 0; r < ROUNDS; r++) {
		struct timespec pause = {.tv_nsec = 30000000};	/* lets the log drain */
		nanosleep(&pause, NULL);
		double start = now_ns();
		for (long i = 0; i < calls; i++)
			run();
		double ns = (now_ns() - start) / (double)calls;
		if (ns < best)
			best = ns;
	}
	return best;
}

static const struct {
	const char *name;
	void (*run)(void);
	long calls_max;
} cases[] = {
	{"json_scan", scan, 1L << 30},
	{"json_member", member, 1L << 30},
	{"json_put_string", put_string, 1L << 30},
	{"utf8_count", utf8_count, 1L << 30},
	{"sha256", sha256, 1L << 30},
	{"hmac_sha256", hmac, 1L << 30},
	{"hash_36_bytes", hash, 1L << 30},
	{"uuid_v7", uuid_v7, 1L << 30},
	{"uuid_format", uuid_format, 1L << 30},
	{"time_format", time_format, 1L << 30},
	{"time_parse", time_parse, 1L << 30},
	{"clock_wall", wall, 1L << 30},
	{"metric_add", metric_add, 1L << 30},
	{"metric_observe", metric_observe, 1L << 30},
	{"log_filtered", log_filtered, 1L << 30},
	{"log_queued", log_queued, 2000},	/* fewer than fill the queue */
	{"redact_json", redact, 1L << 30},
};

int main(int argc, char **argv)
{
	static const double bounds[] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1};
	const struct pal_log_options options = {.level = PAL_LOG_INFO, .file = "/dev/null"};
	const struct pal_metric_desc descs[] = {
		{.name = "micro_total", .help = "Counts.", .kind = PAL_METRIC_COUNTER},
		{.name = "micro_seconds", .help = "Times.", .kind = PAL_METRIC_HISTOGRAM,
		 .bounds = bounds, .bounds_count = sizeof(bounds) / sizeof(bounds[0])},
	};
	struct pal_error err;

	counter = pal_metric_register(&descs[0]);
	histogram = pal_metric_register(&descs[1]);
	if (pal_log_start(&options, &err) != PAL_OK) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	text = pal_str(message);
	scan();
	printf("message: %zu bytes, %u nodes\n", text.n, json.count);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (argc < 2 || strcmp(argv[1], cases[i].name) == 0)
			printf("%-16s %8.1f ns\n", cases[i].name,
			       measure(cases[i].run, cases[i].calls_max));
	}
	pal_log_stop();
	pal_buf_deinit(&out);
	return 0;
}
