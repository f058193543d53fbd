/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail: prove that nobody changed it, and look at it. */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "palaverctl/ask.h"
#include "palaverctl/out.h"
#include "store/sqlite/sqlite.h"

/* --- verify ----------------------------------------------------------------------------------- */

/* Say what was found of one tenant; what is broken goes to standard output, too: it is the answer. */
static void print_chain(const char *tenant, long long records, long long pruned, long long seq,
			const char *hash, long long broken, const char *what)
{
	if (broken) {
		printf("%s: %sbroken at record %lld%s: %s\n", tenant, pal_out_on(PAL_OUT_BAD),
		       broken, pal_out_off(), what);
		return;
	}
	printf("%s: %swhole%s, %lld records", tenant, pal_out_on(PAL_OUT_GOOD), pal_out_off(),
	       records);
	if (pruned)
		printf(" after the %lld that were pruned", pruned);
	printf(", the last %lld %s\n", seq, hash);
}

static long long number_of(struct json_object *object, const char *name)
{
	return json_object_get_int64(pal_cli_member(object, name));
}

static int print_chains(const struct pal_cli *cli, struct json_object *data)
{
	struct json_object *chains = pal_cli_member(data, "chains");
	bool whole = json_object_get_boolean(pal_cli_member(data, "whole"));

	if (cli->json)
		pal_cli_print_json(data);
	for (size_t i = 0; !cli->json && i < json_object_array_length(chains); i++) {
		struct json_object *c = json_object_array_get_idx(chains, i);
		print_chain(pal_cli_text(c, "tenant"), number_of(c, "records"),
			    number_of(c, "pruned"), number_of(c, "seq"), pal_cli_text(c, "hash"),
			    number_of(c, "broken"), pal_cli_text(c, "what"));
	}
	return whole ? PAL_EXIT_OK : PAL_EXIT_FAILURE;
}

struct file_proof {
	struct pal_buf chains;	/* JSON */
	size_t broken;
};

static void note_chain(void *arg, struct pal_str tenant, const struct pal_audit_proof *proof)
{
	struct file_proof *f = arg;
	struct pal_buf *out = &f->chains;

	f->broken += proof->broken != 0;
	pal_buf_add_str(out, out->len ? PAL_STR(",{\"tenant\":") : PAL_STR("{\"tenant\":"));
	pal_json_put_string(out, tenant);
	pal_buf_addf(out, ",\"records\":%lld,\"pruned\":%lld,\"seq\":%lld,\"hash\":\"",
		     (long long)(proof->seq - proof->cut), (long long)proof->cut,
		     (long long)proof->seq);
	pal_hex_encode(out, proof->hash, sizeof(proof->hash));
	pal_buf_addf(out, "\",\"broken\":%lld,\"what\":", (long long)proof->broken);
	if (proof->what)
		pal_json_put_string(out, pal_str(proof->what));
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_char(out, '}');
}

static int verify_file(const struct pal_cli *cli)
{
	struct file_proof f = {.broken = 0};
	struct pal_buf text = pal_buf_of(0);
	struct pal_error err;
	enum pal_code code =
		pal_sqlite_prove_file(cli->file, pal_str(cli->tenant), note_chain, &f, &err);

	pal_buf_addf(&text, "{\"whole\":%s,\"chains\":[", f.broken ? "false" : "true");
	pal_buf_add_str(&text, pal_buf_str(&f.chains));
	pal_buf_add_lit(&text, "]}");
	struct json_object *data =
		code == PAL_OK && !text.failed ? pal_cli_parse(pal_buf_str(&text)) : NULL;
	if (code == PAL_OK && !data)
		code = pal_fail_memory(&err, "audit");
	int rc = code == PAL_OK ? print_chains(cli, data)
				: pal_cli_fail(cli, &err, (struct pal_str){0});
	json_object_put(data);
	pal_buf_deinit(&text);
	pal_buf_deinit(&f.chains);
	return rc;
}

/* Ask the daemon, and have `print` say what to exit with. */
static int ask(const struct pal_cli *cli, const char *command, const char *limit,
	       int (*print)(const struct pal_cli *cli, struct json_object *data))
{
	struct pal_buf args = pal_buf_of(0);
	struct json_object *answer;

	pal_buf_add_char(&args, '{');
	if (cli->tenant)
		pal_cli_put_arg(&args, "tenant", pal_str(cli->tenant));
	if (limit)
		pal_cli_put_arg(&args, "limit", pal_str(limit));
	pal_buf_add_char(&args, '}');
	int rc = pal_cli_ask(cli, command, pal_buf_str(&args), &answer);
	pal_buf_deinit(&args);
	if (rc != PAL_EXIT_OK)
		return rc;
	rc = print(cli, pal_cli_member(answer, "data"));
	json_object_put(answer);
	return rc;
}

int pal_cli_audit_verify(const struct pal_cli *cli)
{
	return cli->file ? verify_file(cli) : ask(cli, "audit.verify", NULL, print_chains);
}

/* --- list ------------------------------------------------------------------------------------- */

static int print_logs(const struct pal_cli *cli, struct json_object *data)
{
	struct json_object *logs = pal_cli_member(data, "logs");

	if (cli->json)
		pal_cli_print_json(data);
	for (size_t i = 0; !cli->json && i < json_object_array_length(logs); i++) {
		struct json_object *e = json_object_array_get_idx(logs, i);
		printf("%s  %s  %s  ", pal_cli_text(e, "seq"), pal_cli_text(e, "created_at"),
		       pal_cli_text(e, "event_type"));
		pal_out_foreign(pal_cli_text(e, "description"));
		putchar('\n');
	}
	return PAL_EXIT_OK;
}

int pal_cli_audit_list(const struct pal_cli *cli)
{
	char limit[24];

	if (!cli->tenant)
		return pal_cli_usage_error("audit list needs --tenant");
	snprintf(limit, sizeof(limit), "%zu", cli->limit ? cli->limit : 20);
	return ask(cli, "audit.list", limit, print_logs);
}
