/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sqlite_loop - the least a durable store can do: clients in closed loop, one writer that commits all
 * that waits as one transaction (WAL, synchronous=FULL), one row of an exchange and one index of two
 * integers. No HTTP, no JSON: the ceiling for palaver on SQLite on this machine.
 * Usage: sqlite_loop FILE [SECONDS [CLIENTS [CONVERSATIONS [ROW_BYTES]]]]. Prints one JSON line.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 4096

struct plan {
	const char *path;
	double seconds;
	unsigned clients, conversations;
	size_t row_bytes;
};

/* Clients are numbers; each is either waiting for the writer or answered. */
struct desk {
	pthread_mutex_t lock;		/* guards all below */
	pthread_cond_t asked, answered;
	unsigned waiting, served;
	bool closed;
};

struct tally {
	uint64_t rows, commits;
	double seconds, cpu_s;
};

static void die(sqlite3 *db, const char *what)
{
	fprintf(stderr, "sqlite_loop: %s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

static void run_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
		die(db, sql);
	return stmt;
}

static void step(sqlite3 *db, sqlite3_stmt *stmt)
{
	if (sqlite3_step(stmt) != SQLITE_DONE)
		die(db, sqlite3_sql(stmt));
	sqlite3_reset(stmt);
}

static double clock_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* All clients at once: who was answered asks again. */
static void *run_clients(void *arg)
{
	struct desk *desk = arg;

	pthread_mutex_lock(&desk->lock);
	while (!desk->closed) {
		while (desk->served == 0 && !desk->closed)
			pthread_cond_wait(&desk->answered, &desk->lock);
		desk->waiting += desk->served;
		desk->served = 0;
		pthread_cond_signal(&desk->asked);
	}
	pthread_mutex_unlock(&desk->lock);
	return NULL;
}

static unsigned take_all(struct desk *desk)
{
	pthread_mutex_lock(&desk->lock);
	while (desk->waiting == 0)
		pthread_cond_wait(&desk->asked, &desk->lock);
	unsigned n = desk->waiting;
	desk->waiting = 0;
	pthread_mutex_unlock(&desk->lock);
	return n;
}

static void answer_all(struct desk *desk, unsigned n, bool last)
{
	pthread_mutex_lock(&desk->lock);
	desk->served += n;
	desk->closed = last;
	pthread_cond_signal(&desk->answered);
	pthread_mutex_unlock(&desk->lock);
}

static sqlite3 *open_database(const char *path)
{
	sqlite3 *db;

	unlink(path);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		die(db, path);
	run_sql(db, "PRAGMA journal_mode=WAL");
	run_sql(db, "PRAGMA synchronous=FULL");
	run_sql(db, "PRAGMA cache_size=-65536");
	run_sql(db, "PRAGMA wal_autocheckpoint=10000");
	run_sql(db, "CREATE TABLE exchange(conversation INTEGER NOT NULL, number INTEGER NOT NULL, "
		    "body BLOB NOT NULL)");
	run_sql(db, "CREATE UNIQUE INDEX exchange_number ON exchange(conversation, number)");
	return db;
}

static void write_rows(const struct plan *plan, struct desk *desk, sqlite3 *db, struct tally *tally)
{
	sqlite3_stmt *begin = prepare(db, "BEGIN IMMEDIATE"), *commit = prepare(db, "COMMIT");
	sqlite3_stmt *insert = prepare(db, "INSERT INTO exchange VALUES(?1, ?2, ?3)");
	char *body = calloc(1, plan->row_bytes);
	double start = clock_s();

	if (!body)
		exit(1);
	memset(body, 'x', plan->row_bytes);
	for (bool last = false; !last; tally->commits++) {
		unsigned n = take_all(desk);

		step(db, begin);
		for (unsigned i = 0; i < n; i++, tally->rows++) {
			sqlite3_bind_int64(insert, 1, (int64_t)(tally->rows % plan->conversations));
			sqlite3_bind_int64(insert, 2, (int64_t)(tally->rows / plan->conversations));
			sqlite3_bind_blob(insert, 3, body, (int)plan->row_bytes, SQLITE_STATIC);
			step(db, insert);
		}
		step(db, commit);
		last = clock_s() - start >= plan->seconds;
		answer_all(desk, n, last);
	}
	tally->seconds = clock_s() - start;
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	sqlite3_finalize(insert);
	free(body);
}

int main(int argc, char **argv)
{
	struct plan plan = {argv[argc > 1], 5, 64, 1000, 1100};
	struct desk desk = {.lock = PTHREAD_MUTEX_INITIALIZER,
			    .asked = PTHREAD_COND_INITIALIZER,
			    .answered = PTHREAD_COND_INITIALIZER};
	struct tally tally = {0};
	pthread_t clients;

	if (argc > 2)
		plan.seconds = strtod(argv[2], NULL);
	if (argc > 3)
		plan.clients = (unsigned)strtoul(argv[3], NULL, 10);
	if (argc > 4)
		plan.conversations = (unsigned)strtoul(argv[4], NULL, 10);
	if (argc > 5)
		plan.row_bytes = strtoul(argv[5], NULL, 10);
	if (argc < 2 || plan.clients == 0 || plan.clients > CLIENTS_MAX || plan.conversations == 0) {
		fprintf(stderr, "usage: sqlite_loop FILE [SECONDS [CLIENTS [CONVERSATIONS "
				"[ROW_BYTES]]]]\n");
		return 2;
	}
	sqlite3 *db = open_database(plan.path);
	desk.waiting = plan.clients;
	if (pthread_create(&clients, NULL, run_clients, &desk) != 0)
		return 1;
	write_rows(&plan, &desk, db, &tally);
	pthread_join(clients, NULL);
	tally.cpu_s = cpu_s();
	sqlite3_close(db);
	printf("{\"rows\":%llu,\"commits\":%llu,\"rate\":%.1f,\"batch\":%.1f,\"us_per_row\":%.2f}\n",
	       (unsigned long long)tally.rows, (unsigned long long)tally.commits,
	       (double)tally.rows / tally.seconds, (double)tally.rows / (double)tally.commits,
	       1e6 * tally.cpu_s / (double)tally.rows);
	return 0;
}
