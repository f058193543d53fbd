/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Callers pack a line in memory of their own and copy it into the queue under a short lock; the
 * writer swaps the queue with an empty one, formats and writes. After a batch it rests for some
 * milliseconds, so that a busy daemon pays no wake-up per line; only a line of level error or a
 * half-full queue shortens the rest.
 */
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_line.h"
#include "base/metrics.h"

#define QUEUE_BYTES (1u << 20)
#define REST_NS 5000000L
#define OUT_FLUSH_BYTES 65536u
#define STUCK_WAIT_MS 1000	/* for a reader that does not read, then its lines are lost */
#define FORMATTED_MAX 1100u	/* beyond PAL_LOG_TEXT_MAX, so that the cut is marked */

struct queue {
	char *bytes;
	size_t used;
};

static struct {
	pthread_mutex_t lock;		/* guards down to `waits` */
	pthread_cond_t wake;
	struct queue filling;
	uint64_t dropped;		/* since the writer last looked */
	bool is_running, is_stopping, wants_reopen;
	bool waits;			/* the writer sleeps until the next line */
	pthread_t thread;		/* fixed at start */
	const char *path;		/* fixed at start; NULL: standard error */
	pal_metric lines_lost;		/* fixed at start */
	struct queue draining;		/* the writer's */
	struct pal_buf out;		/* the writer's */
	int fd;				/* the writer's */
} logger = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = STDERR_FILENO};

_Atomic int pal_log_threshold = PAL_LOG_INFO;
static _Atomic int chosen_format = PAL_LOG_AUTO;
static _Thread_local struct pal_log_context context;

/* --- Writing ---------------------------------------------------------------------------------- */

/* Whether all was written; a descriptor that stays stuck or fails loses the rest. */
static bool write_all(int fd, struct pal_str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);
		if (n > 0) {
			s.p += n;
			s.n -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd ready = {.fd = fd, .events = POLLOUT};
			if (poll(&ready, 1, STUCK_WAIT_MS) == 0)
				return false;
		} else if (n == 0 || errno != EINTR) {
			return false;
		}
	}
	return true;
}

static void write_now(const struct pal_log_line *line)
{
	enum pal_log_format format = (enum pal_log_format)atomic_load(&chosen_format);
	struct pal_buf out = pal_buf_of(8 * PAL_LOG_RECORD_MAX);

	pal_log_format_line(&out, line, pal_log_style_of(format, STDERR_FILENO, false));
	if (!out.failed)
		(void)write_all(STDERR_FILENO, pal_buf_str(&out));	/* nowhere to report it */
	pal_buf_deinit(&out);
}

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

/* --- The writer thread ------------------------------------------------------------------------ */

struct batch {
	uint64_t lines, dropped;
	bool wants_reopen, is_last;
};

static struct pal_log_style current_style(void)
{
	enum pal_log_format format = (enum pal_log_format)atomic_load(&chosen_format);

	return pal_log_style_of(format, logger.fd, logger.path != NULL);
}

static void flush(uint64_t *lines)
{
	if (logger.out.failed || !write_all(logger.fd, pal_buf_str(&logger.out)))
		pal_metric_add(logger.lines_lost, *lines);
	*lines = 0;
	pal_buf_clear(&logger.out);
}

/* A line of the log about itself. */
static void put_own(const char *message, const char *key, int64_t value)
{
	const struct pal_log_field field = PAL_F_I64(key, value);
	const struct pal_log_line line = {
		.wall_ms = pal_clock_wall_ms(pal_clock_system()),
		.level = PAL_LOG_WARNING,
		.subject = PAL_STR("log"),
		.message = pal_str(message),
		.fields = &field,
		.count = 1,
	};

	pal_log_format_line(&logger.out, &line, current_style());
}

static void reopen_file(void)
{
	if (!logger.path)
		return;
	int fd = open_file(logger.path);
	if (fd < 0) {
		put_own("cannot open the log file again; the old one goes on", "errno", errno);
		return;
	}
	close(logger.fd);
	logger.fd = fd;
}

static void drain(struct batch *batch)
{
	struct pal_log_field fields[PAL_LOG_FIELDS_MAX];
	struct pal_log_style style = current_style();
	struct pal_log_line line;

	for (size_t at = 0; at < logger.draining.used; batch->lines++) {
		at += pal_log_unpack(logger.draining.bytes + at, &line, fields);
		pal_log_format_line(&logger.out, &line, style);
		if (logger.out.len >= OUT_FLUSH_BYTES)
			flush(&batch->lines);
	}
	logger.draining.used = 0;
	if (batch->dropped)
		put_own("queue was full; lines were dropped", "dropped", (int64_t)batch->dropped);
	pal_metric_add(logger.lines_lost, batch->dropped);
	flush(&batch->lines);
}

static struct batch wait_for_batch(void)
{
	struct queue empty = logger.draining;

	pthread_mutex_lock(&logger.lock);
	while (logger.filling.used == 0 && !logger.is_stopping && !logger.wants_reopen) {
		logger.waits = true;
		pthread_cond_wait(&logger.wake, &logger.lock);
	}
	logger.waits = false;
	struct batch batch = {
		.dropped = logger.dropped,
		.wants_reopen = logger.wants_reopen,
		.is_last = logger.is_stopping,
	};
	logger.draining = logger.filling;
	logger.filling = empty;
	logger.dropped = 0;
	logger.wants_reopen = false;
	pthread_mutex_unlock(&logger.lock);
	return batch;
}

static void rest(void)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += REST_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&logger.lock);
	if (!logger.is_stopping && !logger.wants_reopen)
		(void)pthread_cond_timedwait(&logger.wake, &logger.lock, &until);
	pthread_mutex_unlock(&logger.lock);
}

static void *run_writer(void *unused)
{
	(void)unused;
	for (;;) {
		struct batch batch = wait_for_batch();
		if (batch.wants_reopen)
			reopen_file();
		drain(&batch);
		if (batch.is_last)
			return NULL;
		rest();
	}
}

/* --- Start and stop --------------------------------------------------------------------------- */

static pal_metric register_metric(void)
{
	static const struct pal_metric_desc lost = {
		.name = "palaver_log_lines_lost_total",
		.help = "Log lines that found the queue full or could not be written.",
		.kind = PAL_METRIC_COUNTER,
	};

	return pal_metric_register(&lost);
}

static void free_memory(void)
{
	free(logger.filling.bytes);
	free(logger.draining.bytes);
	logger.filling = logger.draining = (struct queue){0};
	pal_buf_deinit(&logger.out);
}

static enum pal_code start_thread(struct pal_error *err)
{
	pthread_condattr_t attr;
	sigset_t all, old;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&logger.wake, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);	/* signals are main's */
	errno = pthread_create(&logger.thread, NULL, run_writer, NULL);
	int failed = errno;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed)
		return pal_fail_errno(err, PAL_E_SERVICE, "log", "cannot start the writer");
	pthread_setname_np(logger.thread, "log");
	return PAL_OK;
}

enum pal_code pal_log_start(const struct pal_log_options *options, struct pal_error *err)
{
	bool has_file = options->file && options->file[0];
	int fd = has_file ? open_file(options->file) : STDERR_FILENO;

	assert(!logger.is_running);
	if (fd < 0)
		return pal_fail_errno(err, PAL_E_CONFIG, "log.file", "cannot open %s",
				      options->file);
	logger.fd = fd;
	logger.path = has_file ? options->file : NULL;
	logger.filling.bytes = malloc(QUEUE_BYTES);
	logger.draining.bytes = malloc(QUEUE_BYTES);
	logger.is_stopping = logger.wants_reopen = false;
	logger.lines_lost = register_metric();
	pal_log_configure(options->level, options->format);
	enum pal_code code = logger.filling.bytes && logger.draining.bytes
				     ? start_thread(err)
				     : pal_fail_memory(err, "log");
	if (code != PAL_OK) {
		free_memory();
		if (has_file)
			close(fd);
		return code;
	}
	pthread_mutex_lock(&logger.lock);
	logger.is_running = true;
	pthread_mutex_unlock(&logger.lock);
	return PAL_OK;
}

void pal_log_stop(void)
{
	pthread_mutex_lock(&logger.lock);
	bool was_running = logger.is_running;
	logger.is_running = false;
	logger.is_stopping = true;
	pthread_mutex_unlock(&logger.lock);
	if (!was_running)
		return;
	pthread_cond_signal(&logger.wake);
	pthread_join(logger.thread, NULL);
	pthread_cond_destroy(&logger.wake);
	if (logger.path)
		close(logger.fd);
	logger.fd = STDERR_FILENO;
	logger.path = NULL;
	free_memory();
}

void pal_log_reopen(void)
{
	pthread_mutex_lock(&logger.lock);
	bool is_running = logger.is_running;
	logger.wants_reopen = is_running;
	pthread_mutex_unlock(&logger.lock);
	if (is_running)
		pthread_cond_signal(&logger.wake);
}

void pal_log_configure(enum pal_log_level level, enum pal_log_format format)
{
	atomic_store(&pal_log_threshold, (int)level);
	atomic_store(&chosen_format, (int)format);
}

/* --- Callers ---------------------------------------------------------------------------------- */

void pal_log_set_context(const struct pal_log_context *now)
{
	context = now ? *now : (struct pal_log_context){0};
}

enum queued { QUEUED, QUEUED_WAKE, QUEUE_FULL, QUEUE_CLOSED };

static enum queued put_locked(const char *record, size_t size, enum pal_log_level level)
{
	struct queue *queue = &logger.filling;
	size_t before = queue->used;

	if (!logger.is_running)
		return QUEUE_CLOSED;
	if (QUEUE_BYTES - before < size) {
		logger.dropped++;
		return QUEUE_FULL;
	}
	memcpy(queue->bytes + before, record, size);
	queue->used += size;
	bool is_half_full = before < QUEUE_BYTES / 2 && queue->used >= QUEUE_BYTES / 2;
	if (!logger.waits && !is_half_full && level < PAL_LOG_ERROR)
		return QUEUED;
	logger.waits = false;
	return QUEUED_WAKE;
}

void pal_log_write(enum pal_log_level level, struct pal_str subject, const char *message,
		   const struct pal_log_field *fields, size_t count)
{
	/* Not on the stack: the hardening flags would zero all of it for each line. */
	static _Thread_local char record[PAL_LOG_RECORD_MAX];

	if (!pal_log_enabled(level))
		return;
	const struct pal_log_line line = {
		.wall_ms = pal_clock_wall_ms(pal_clock_system()),
		.level = level,
		.subject = subject,
		.message = pal_str(message),
		.context = context,
		.fields = fields,
		.count = count,
	};
	size_t size = pal_log_pack(&line, record);
	pthread_mutex_lock(&logger.lock);
	enum queued queued = put_locked(record, size, level);
	pthread_mutex_unlock(&logger.lock);
	if (queued == QUEUED_WAKE)
		pthread_cond_signal(&logger.wake);
	else if (queued == QUEUE_CLOSED)
		write_now(&line);
}

void pal_logf(enum pal_log_level level, const char *subject, const char *fmt, ...)
{
	char message[FORMATTED_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	pal_log_write(level, pal_str(subject), message, NULL, 0);
}
