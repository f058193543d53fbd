/* SPDX-License-Identifier: Apache-2.0 */
/* config: check a file, explain an option, show what the daemon works with. */
#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "conf/conf.h"
#include "palaverctl/ask.h"
#include "palaverctl/out.h"

#define DEFAULT_FILE PAL_SYSCONFDIR "/palaver/palaver.yaml"

/* --- check ------------------------------------------------------------------------------------ */

static void put_problems(struct pal_buf *out, const struct pal_conf_problem *problems, size_t count)
{
	pal_buf_add_char(out, '[');
	for (size_t i = 0; i < count && i < PAL_CONF_PROBLEMS_MAX; i++) {
		pal_buf_addf(out, "%s{\"where\":", i > 0 ? "," : "");
		pal_json_put_string(out, pal_str(problems[i].where));
		pal_buf_add_lit(out, ",\"message\":");
		pal_json_put_string(out, pal_str(problems[i].message));
		pal_buf_add_lit(out, ",\"excerpt\":");
		pal_json_put_string(out, pal_str(problems[i].excerpt));
		pal_buf_add_char(out, '}');
	}
	pal_buf_add_char(out, ']');
}

static void print_report(const struct pal_cli *cli, const char *file,
			 const struct pal_conf_report *report)
{
	struct pal_buf out = pal_buf_of(0);

	if (cli->json) {
		pal_buf_add_lit(&out, "{\"file\":");
		pal_json_put_string(&out, pal_str(file));
		pal_buf_addf(&out, ",\"errors_count\":%zu,\"warnings_count\":%zu,\"errors\":",
			     report->errors_count, report->warnings_count);
		put_problems(&out, report->errors, report->errors_count);
		pal_buf_add_lit(&out, ",\"warnings\":");
		put_problems(&out, report->warnings, report->warnings_count);
		pal_buf_add_lit(&out, "}\n");
	} else {
		pal_conf_report_write(report, &out);
	}
	if (out.len > 0)
		fwrite(out.data, 1, out.len, cli->json ? stdout : stderr);
	if (!cli->json && report->errors_count == 0)
		printf("%s: fine\n", file);
	pal_buf_deinit(&out);
}

/* Only the file is judged: the environment of this shell is not the daemon's. */
int pal_cli_config_check(const struct pal_cli *cli)
{
	const char *file = cli->count > 0 ? cli->args[0] : DEFAULT_FILE;
	struct pal_conf_sources sources = {.file = file};
	struct pal_conf_report report = {0};
	struct pal_conf *conf = NULL;
	enum pal_code code = pal_conf_load(&sources, &conf, &report);

	print_report(cli, file, &report);
	pal_conf_report_deinit(&report);
	pal_conf_unref(conf);
	return code == PAL_OK ? PAL_EXIT_OK :
	       code == PAL_E_CONFIG ? PAL_EXIT_CONFIG : PAL_EXIT_FAILURE;
}

/* --- explain ---------------------------------------------------------------------------------- */

static bool has_range(const struct pal_option_desc *desc)
{
	return desc->type == PAL_OPTION_INT || desc->type == PAL_OPTION_SIZE ||
	       desc->type == PAL_OPTION_DURATION;
}

static void explain(const struct pal_option_desc *desc)
{
	const char *unit = desc->type == PAL_OPTION_SIZE ? " bytes" :
			   desc->type == PAL_OPTION_DURATION ? " ms" : "";
	char env[PAL_OPTION_ENV_MAX];

	pal_option_env_name(desc->key, env);
	printf("%s\n%s\n", desc->key, desc->help);
	pal_out_row("type", "%s%s", pal_option_type_name(desc), desc->secret ? ", secret" : "");
	if (desc->choices)
		pal_out_row("one of", "%s", desc->choices);
	if (has_range(desc))
		pal_out_row("range", "%" PRId64 " to %" PRId64 "%s", desc->min, desc->max, unit);
	pal_out_row("default", "%s", desc->default_text[0] ? desc->default_text : "(empty)");
	pal_out_row("environment", "%s", env);
	if (desc->secret)
		pal_out_row("from a file", "%s_file", desc->key);
	pal_out_row("takes effect", "%s",
		    desc->reload == PAL_RELOAD_RESTART ? "at the next start" : "on reload");
}

static void explain_json(const struct pal_option_desc *desc)
{
	struct pal_buf out = pal_buf_of(0);
	char env[PAL_OPTION_ENV_MAX];

	pal_option_env_name(desc->key, env);
	pal_buf_addf(&out, "{\"key\":\"%s\",\"type\":\"%s\",\"min\":%" PRId64 ",\"max\":%" PRId64
		     ",\"secret\":%s,\"reload\":\"%s\",\"environment\":\"%s\",\"choices\":",
		     desc->key, pal_option_type_name(desc), desc->min, desc->max,
		     desc->secret ? "true" : "false", pal_reload_name(desc->reload), env);
	pal_json_put_string(&out, pal_str(desc->choices ? desc->choices : ""));
	pal_buf_add_lit(&out, ",\"default\":");
	pal_json_put_string(&out, pal_str(desc->default_text));
	pal_buf_add_lit(&out, ",\"help\":");
	pal_json_put_string(&out, pal_str(desc->help));
	pal_buf_add_lit(&out, "}\n");
	fwrite(out.data, 1, out.len, stdout);
	pal_buf_deinit(&out);
}

int pal_cli_config_explain(const struct pal_cli *cli)
{
	char near[PAL_OPTION_KEY_MAX];
	bool is_file = false;
	enum pal_option option = pal_option_find(pal_str(cli->args[0]), &is_file);

	if (option == PAL_OPT_COUNT) {
		if (pal_option_suggest(pal_str(cli->args[0]), near))
			return pal_cli_usage_error("there is no option %s; did you mean %s?",
						   cli->args[0], near);
		return pal_cli_usage_error("there is no option %s", cli->args[0]);
	}
	if (cli->json)
		explain_json(pal_option_get(option));
	else
		explain(pal_option_get(option));
	return PAL_EXIT_OK;
}

/* --- show ------------------------------------------------------------------------------------- */

static void print_text(struct json_object *data)
{
	fputs(pal_cli_text(data, "text"), stdout);
}

int pal_cli_config_show(const struct pal_cli *cli)
{
	return pal_cli_ask_and_print(cli, "config.show", (struct pal_str){0}, print_text);
}
