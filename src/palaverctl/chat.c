/* SPDX-License-Identifier: Apache-2.0 */
/* Talking over HTTP: send says one thing, chat goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "palaverctl/api.h"
#include "palaverctl/ask.h"
#include "palaverctl/out.h"

/* One talk of one user. */
struct talk {
	const struct pal_cli *cli;
	struct pal_api api;
	struct pal_api_call call;
	char *conversation;		/* owned; NULL: the next message begins one */
	bool is_raw;			/* show the whole answer */
};

static int talk_open(struct talk *talk, const struct pal_cli *cli)
{
	struct pal_error err;

	*talk = (struct talk){.cli = cli, .is_raw = cli->json};
	if (pal_api_open(&talk->api, cli->url, cli->key_file, &err) != PAL_OK)
		return pal_cli_fail(cli, &err, (struct pal_str){0});
	if (pal_api_call_init(&talk->call, &talk->api, &err) != PAL_OK) {
		pal_api_close(&talk->api);
		return pal_cli_fail(cli, &err, (struct pal_str){0});
	}
	if (cli->conversation)
		talk->conversation = strdup(cli->conversation);
	return PAL_EXIT_OK;
}

static void talk_close(struct talk *talk)
{
	pal_api_call_deinit(&talk->call);
	pal_api_close(&talk->api);
	free(talk->conversation);
}

static void show_answer(struct talk *talk)
{
	struct json_object *answer = pal_cli_parse(pal_buf_str(&talk->call.answer));
	struct json_object *conversation = pal_cli_member(answer, "conversation_id");

	if (talk->is_raw) {
		printf("%.*s\n", (int)talk->call.answer.len, talk->call.answer.data);
	} else if (pal_cli_member(answer, "response")) {
		pal_out_foreign(pal_cli_text(answer, "response.text"));
		puts("");
	} else {
		puts("(the reply was held back)");
	}
	if (conversation) {
		free(talk->conversation);
		talk->conversation = strdup(json_object_get_string(conversation));
	}
	json_object_put(answer);
	fflush(stdout);
}

/* PAL_EXIT_OK: the answer was shown, otherwise the refusal. */
static int say(struct talk *talk, struct pal_str text)
{
	char message_id[PAL_UUID_TEXT_SIZE];
	struct pal_uuid id = pal_uuid_v4();
	struct pal_error err;

	pal_buf_clear(&talk->call.body);
	pal_api_put_message(&talk->call.body, &(struct pal_api_message){
		.message_id = pal_str(pal_uuid_format(&id, message_id)),
		.conversation_id = pal_str(talk->conversation),
		.user_id = pal_str(talk->cli->user ? talk->cli->user : "palaverctl"),
		.text = text,
	});
	pal_api_call_post(&talk->call, PAL_API_MESSAGE_PATH);
	pal_api_call_run(&talk->call);
	if (pal_api_call_verdict(&talk->call) == PAL_API_DONE) {
		show_answer(talk);
		return PAL_EXIT_OK;
	}
	pal_api_call_explain(&talk->call, &err);
	return pal_cli_fail(talk->cli, &err, (struct pal_str){0});
}

int pal_cli_send(const struct pal_cli *cli)
{
	struct talk talk;
	int rc = talk_open(&talk, cli);

	if (rc != PAL_EXIT_OK)
		return rc;
	rc = say(&talk, pal_str(cli->args[0]));
	talk_close(&talk);
	return rc;
}

/* --- chat ------------------------------------------------------------------------------------- */

static void start_anew(struct talk *talk)
{
	free(talk->conversation);
	talk->conversation = NULL;
	puts("the next message begins a new conversation");
}

static void toggle_raw(struct talk *talk)
{
	talk->is_raw = !talk->is_raw;
	printf("answers are shown %s\n", talk->is_raw ? "as JSON" : "as text");
}

static void show_where(struct talk *talk)
{
	printf("conversation %s at %s\n", talk->conversation ? talk->conversation : "(none yet)",
	       talk->api.url);
}

static void show_slash(struct talk *talk);

static const struct {
	const char *name, *help;
	void (*run)(struct talk *talk);	/* NULL: ends the talk */
} slash[] = {
	{"/new", "begin a new conversation", start_anew},
	{"/raw", "show answers as JSON, or as text again", toggle_raw},
	{"/where", "which conversation this is", show_where},
	{"/help", "print this", show_slash},
	{"/quit", "leave (so does the end of the input)", NULL},
};

#define SLASHES (sizeof(slash) / sizeof(slash[0]))

static void show_slash(struct talk *talk)
{
	(void)talk;
	for (size_t i = 0; i < SLASHES; i++)
		printf("%-8s %s\n", slash[i].name, slash[i].help);
}

/* False: the talk ends. */
static bool obey(struct talk *talk, const char *word)
{
	for (size_t i = 0; i < SLASHES; i++) {
		if (strcmp(word, slash[i].name) != 0)
			continue;
		if (slash[i].run)
			slash[i].run(talk);
		return slash[i].run != NULL;
	}
	printf("there is no %s; /help lists what there is\n", word);
	return true;
}

/* Return the exit code of the last message. */
static int converse(struct talk *talk)
{
	bool is_person = isatty(STDIN_FILENO) && pal_out_is_terminal();
	char *line = NULL;
	size_t size = 0;
	int rc = PAL_EXIT_OK;

	if (is_person)
		puts("Say something; /help lists what else there is.");
	for (;;) {
		if (is_person)
			fputs("> ", stdout), fflush(stdout);
		ssize_t n = getline(&line, &size, stdin);
		if (n < 0)
			break;
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '/' ? !obey(talk, line) : false)
			break;
		if (line[0] != '/' && line[0] != '\0')
			rc = say(talk, pal_str(line));
	}
	free(line);
	return rc;
}

int pal_cli_chat(const struct pal_cli *cli)
{
	struct talk talk;
	int rc = talk_open(&talk, cli);

	if (rc != PAL_EXIT_OK)
		return rc;
	rc = converse(&talk);
	talk_close(&talk);
	return rc;
}
