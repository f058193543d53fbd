/* SPDX-License-Identifier: Apache-2.0 */
/* replay: play a file of dialogs against a running daemon and report. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "palaverctl/cli.h"
#include "palaverctl/out.h"
#include "palaverctl/replay_run.h"

#define TROUBLE_SHOWN_MAX 10

struct percentiles {
	size_t count;
	double p50, p90, p99, max;	/* ms */
};

struct report {
	const struct pal_replay_plan *plan;
	const struct pal_replay_tally *tally;
	struct percentiles latency;
	size_t troubled;		/* dialogs */
	bool is_complete;		/* every conversation was read back */
};

static void show_progress(const char *what, size_t done, size_t total, double elapsed_s)
{
	fprintf(stderr, "\r%zu of %zu %s, %.0f a second \033[K", done, total, what,
		elapsed_s > 0 ? (double)done / elapsed_s : 0.0);
	if (done == total)
		fputs("\n", stderr);
}

/* --- figures ---------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Nearest rank. */
static double at_rank(const double *sorted, size_t count, unsigned percent)
{
	return count > 0 ? sorted[(count * percent + 99) / 100 - 1] : 0;
}

static struct percentiles measure(const struct pal_replay_plan *plan, size_t messages)
{
	struct percentiles p = {0};
	double *all = calloc(messages + 1, sizeof(*all));

	for (size_t i = 0; all && i < plan->count; i++) {
		for (size_t k = 0; k < plan->dialogs[i].count; k++) {
			if (plan->dialogs[i].turns[k].is_answered)
				all[p.count++] = plan->dialogs[i].turns[k].latency_ms;
		}
	}
	if (p.count > 0) {
		qsort(all, p.count, sizeof(*all), by_size);
		p.p50 = at_rank(all, p.count, 50);
		p.p90 = at_rank(all, p.count, 90);
		p.p99 = at_rank(all, p.count, 99);
		p.max = all[p.count - 1];
	}
	free(all);
	return p;
}

static double rate_of(const struct pal_replay_tally *tally, const struct percentiles *latency)
{
	return tally->send_s > 0 ? (double)latency->count / tally->send_s : 0;
}

/* --- for a person ----------------------------------------------------------------------------- */

static void print_skipped(const struct report *report)
{
	for (size_t i = 0; i < report->plan->count; i++) {
		const struct pal_replay_dialog *dialog = &report->plan->dialogs[i];
		for (size_t k = 0; k < dialog->count; k++) {
			if (dialog->turns[k].skipped)
				printf("skipped: dialog %s, message %zu: %s\n", dialog->id, k + 1,
				       dialog->turns[k].skipped);
		}
	}
}

static void print_trouble(const struct report *report)
{
	size_t shown = 0;

	for (size_t i = 0; i < report->plan->count && shown < TROUBLE_SHOWN_MAX; i++) {
		const struct pal_replay_dialog *dialog = &report->plan->dialogs[i];
		if (!dialog->trouble[0])
			continue;
		printf("%strouble%s: dialog %s: %s\n", pal_out_on(PAL_OUT_BAD), pal_out_off(),
		       dialog->id, dialog->trouble);
		shown++;
	}
	if (report->troubled > shown)
		printf("... and %zu more dialogs with trouble\n", report->troubled - shown);
}

static void print_check(const struct report *report)
{
	if (!report->is_complete)
		pal_out_row("check", "%snot done%s: the run was broken off",
			    pal_out_on(PAL_OUT_BAD), pal_out_off());
	else if (report->troubled > 0)
		pal_out_row("check", "%sfailed%s: %zu of %zu dialogs have trouble",
			    pal_out_on(PAL_OUT_BAD), pal_out_off(), report->troubled,
			    report->plan->count);
	else
		pal_out_row("check", "%spassed%s: %zu conversations read back, each numbered 1..n, "
			    "each question followed by its answer, in the order sent",
			    pal_out_on(PAL_OUT_GOOD), pal_out_off(), report->tally->checked);
}

static void print_table(const struct report *report)
{
	const struct pal_replay_tally *tally = report->tally;

	print_skipped(report);
	print_trouble(report);
	pal_out_row("dialogs", "%zu", report->plan->count);
	pal_out_row("messages", "%zu", tally->messages);
	pal_out_row("replies", "%zu", tally->replies);
	pal_out_row("errors", "%zu", tally->errors);
	pal_out_row("skipped", "%zu", tally->skipped);
	pal_out_row("retries", "%zu", tally->retries);
	pal_out_row("rate", "%.0f messages a second, %.2f s in all",
		    rate_of(tally, &report->latency), tally->send_s);
	pal_out_row("latency", "p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms",
		    report->latency.p50, report->latency.p90, report->latency.p99,
		    report->latency.max);
	print_check(report);
}

/* --- for a program ---------------------------------------------------------------------------- */

static void put_skipped(struct pal_buf *out, const struct pal_replay_plan *plan)
{
	const char *comma = "";

	for (size_t i = 0; i < plan->count; i++) {
		for (size_t k = 0; k < plan->dialogs[i].count; k++) {
			if (!plan->dialogs[i].turns[k].skipped)
				continue;
			pal_buf_addf(out, "%s{\"dialog\":", comma);
			pal_json_put_string(out, pal_str(plan->dialogs[i].id));
			pal_buf_addf(out, ",\"message\":%zu,\"reason\":\"%s\"}", k + 1,
				     plan->dialogs[i].turns[k].skipped);
			comma = ",";
		}
	}
}

static void put_trouble(struct pal_buf *out, const struct pal_replay_plan *plan)
{
	const char *comma = "";

	for (size_t i = 0; i < plan->count; i++) {
		if (!plan->dialogs[i].trouble[0])
			continue;
		pal_buf_addf(out, "%s{\"dialog\":", comma);
		pal_json_put_string(out, pal_str(plan->dialogs[i].id));
		pal_buf_add_lit(out, ",\"what\":");
		pal_json_put_string(out, pal_str(plan->dialogs[i].trouble));
		pal_buf_add_char(out, '}');
		comma = ",";
	}
}

static void print_json(const struct report *report)
{
	const struct pal_replay_tally *tally = report->tally;
	struct pal_buf out = pal_buf_of(0);

	pal_buf_addf(&out, "{\"dialogs\":%zu,\"messages\":%zu,\"replies\":%zu,\"errors\":%zu,",
		     report->plan->count, tally->messages, tally->replies, tally->errors);
	pal_buf_addf(&out, "\"retries\":%zu,\"send_s\":%.3f,\"messages_per_s\":%.1f,",
		     tally->retries, tally->send_s, rate_of(tally, &report->latency));
	pal_buf_addf(&out, "\"latency_ms\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"max\":%.3f},",
		     report->latency.p50, report->latency.p90, report->latency.p99,
		     report->latency.max);
	pal_buf_addf(&out, "\"check\":{\"passed\":%s,\"conversations\":%zu,\"trouble\":[",
		     report->is_complete && report->troubled == 0 ? "true" : "false",
		     tally->checked);
	put_trouble(&out, report->plan);
	pal_buf_add_lit(&out, "]},\"skipped\":[");
	put_skipped(&out, report->plan);
	pal_buf_add_lit(&out, "]}\n");
	fwrite(out.data, 1, out.len, stdout);
	pal_buf_deinit(&out);
}

/* --- the command ------------------------------------------------------------------------------ */

static size_t count_trouble(const struct pal_replay_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->count; i++)
		n += plan->dialogs[i].trouble[0] != '\0';
	return n;
}

static int play(const struct pal_cli *cli, struct pal_replay_plan *plan, const struct pal_api *api)
{
	bool has_progress = isatty(STDERR_FILENO) && !cli->json;
	struct pal_replay_tally tally;
	struct pal_error err;
	enum pal_code code = pal_replay_run(plan, api, cli->parallel,
					    has_progress ? show_progress : NULL, &tally, &err);
	struct report report = {
		.plan = plan,
		.tally = &tally,
		.latency = measure(plan, tally.messages),
		.troubled = count_trouble(plan),
		.is_complete = code == PAL_OK,
	};

	if (cli->json)
		print_json(&report);
	else
		print_table(&report);
	fflush(stdout);
	if (code != PAL_OK && !cli->json)
		return pal_cli_fail(cli, &err, (struct pal_str){0});
	return code == PAL_OK && report.troubled == 0 && tally.errors == 0 ? PAL_EXIT_OK :
									      PAL_EXIT_FAILURE;
}

int pal_cli_replay(const struct pal_cli *cli)
{
	struct pal_replay_plan plan;
	struct pal_api api;
	struct pal_error err;

	enum pal_code code = pal_replay_plan_read(&plan, cli->args[0], cli->limit, &err);
	if (code == PAL_OK)
		code = pal_api_open(&api, cli->url, cli->key_file, &err);
	if (code != PAL_OK) {
		pal_replay_plan_deinit(&plan);
		return pal_cli_fail(cli, &err, (struct pal_str){0});
	}
	int rc = play(cli, &plan, &api);
	pal_api_close(&api);
	pal_replay_plan_deinit(&plan);
	return rc;
}
