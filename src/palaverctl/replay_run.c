/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass sends, the next reads back; both move slots, each with a dialog and at most one call
 * under way, through one libcurl multi handle. A call that found no answer is made again with the
 * same message id, so a lost answer never makes a second message.
 */
#include "palaverctl/replay_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "palaverctl/ask.h"
#include "palaverctl/replay_check.h"

#define PAGE_SIZE 100
#define LATER_S_DEFAULT 1
#define LATER_S_MAX 120
#define LOST_MS_FIRST 100
#define LOST_MS_MAX 2000
#define PROGRESS_MS 200

struct slot {
	struct pal_api_call call;	/* first member: libcurl gives back a pointer to it */
	bool is_used, is_flying;
	size_t dialog, turn;
	unsigned page;
	struct pal_replay_cursor cursor;
	unsigned tries;
	int64_t first_ns;	/* of this call's first try */
	int64_t resume_ns;	/* not before */
};

struct run {
	struct pal_replay_plan *plan;
	struct pal_replay_tally *tally;
	pal_replay_progress_fn *progress;
	const struct pass *pass;
	CURLM *multi;
	struct slot *slots;
	unsigned count, used;
	size_t next, done;		/* dialogs of this pass: to begin, ended */
	int64_t start_ns, shown_ns;
	struct pal_error *err;
	enum pal_code code;		/* the run ends when it is not PAL_OK */
};

/* What differs between sending and reading back. */
struct pass {
	const char *what;
	bool (*aim)(struct run *run, struct slot *slot); /* the next call; false: none is left */
	void (*done)(struct run *run, struct slot *slot);	/* 200 */
	void (*refused)(struct run *run, struct slot *slot);	/* final, or tried often enough */
};

static int64_t now_ns(void)
{
	return pal_clock_mono_ns(pal_clock_system());
}

static struct pal_replay_dialog *dialog_of(const struct run *run, const struct slot *slot)
{
	return &run->plan->dialogs[slot->dialog];
}

/* --- the sending pass ------------------------------------------------------------------------- */

static bool aim_message(struct run *run, struct slot *slot)
{
	struct pal_replay_dialog *dialog = dialog_of(run, slot);
	char id[PAL_REPLAY_ID_SIZE], user[PAL_REPLAY_ID_SIZE];

	while (slot->turn < dialog->count && dialog->turns[slot->turn].skipped)
		slot->turn++;
	if (slot->turn == dialog->count)
		return false;
	snprintf(user, sizeof(user), "%s-%zu", run->plan->run, slot->dialog);
	pal_buf_clear(&slot->call.body);
	pal_api_put_message(&slot->call.body,
			    &(struct pal_api_message){
				    .message_id = pal_str(pal_replay_message_id(
					    run->plan, slot->dialog, slot->turn, id)),
				    .conversation_id = pal_str(dialog->conversation_id),
				    .user_id = pal_str(user),
				    .text = dialog->turns[slot->turn].text,
			    });
	pal_api_call_post(&slot->call, PAL_API_MESSAGE_PATH);
	return true;
}

static char *copy_member(struct json_object *object, const char *path)
{
	struct json_object *value = pal_cli_member(object, path);

	return value ? strdup(json_object_get_string(value)) : NULL;
}

static void take_answer(struct run *run, struct slot *slot)
{
	struct pal_replay_dialog *dialog = dialog_of(run, slot);
	struct pal_replay_turn *turn = &dialog->turns[slot->turn];
	struct json_object *answer = pal_cli_parse(pal_buf_str(&slot->call.answer));
	char *conversation = copy_member(answer, "conversation_id"), id[PAL_REPLAY_ID_SIZE];

	turn->latency_ms = (double)(now_ns() - slot->first_ns) / 1e6;
	turn->is_answered = true;
	turn->reply = copy_member(answer, "response.text");
	turn->response_id = copy_member(answer, "response_id");
	pal_replay_message_id(run->plan, slot->dialog, slot->turn, id);
	if (strcmp(pal_cli_text(answer, "message_id"), id) != 0)
		pal_replay_note(dialog, "the answer to %s names another message", id);
	if (!conversation)
		pal_replay_note(dialog, "the answer to %s names no conversation", id);
	else if (dialog->conversation_id && strcmp(dialog->conversation_id, conversation) != 0)
		pal_replay_note(dialog, "the answer to %s names another conversation", id);
	run->tally->replies += turn->reply != NULL;
	if (!dialog->conversation_id)
		dialog->conversation_id = conversation;
	else
		free(conversation);
	json_object_put(answer);
	slot->turn++;
}

static void count_error(struct run *run, struct slot *slot)
{
	struct pal_error why;
	char id[PAL_REPLAY_ID_SIZE];

	pal_api_call_explain(&slot->call, &why);
	pal_replay_note(dialog_of(run, slot), "%s: %s",
			pal_replay_message_id(run->plan, slot->dialog, slot->turn, id),
			why.message);
	run->tally->errors++;
	slot->turn++;
}

/* --- the reading pass ------------------------------------------------------------------------- */

static bool aim_page(struct run *run, struct slot *slot)
{
	const char *conversation = dialog_of(run, slot)->conversation_id;

	if (!conversation || slot->page == 0)
		return false;
	char *id = curl_easy_escape(slot->call.easy, conversation, 0);
	if (!id)
		return false;
	struct pal_buf path = pal_buf_of(0);
	pal_buf_addf(&path, "/api/v2/chat/conversations/%s/history?page=%u&page_size=%d", id,
		     slot->page, PAGE_SIZE);
	pal_buf_add_char(&path, '\0');
	if (!path.failed)
		pal_api_call_get(&slot->call, path.data);
	pal_buf_deinit(&path);
	curl_free(id);
	return true;
}

static void check_page(struct run *run, struct slot *slot)
{
	struct json_object *page = pal_cli_parse(pal_buf_str(&slot->call.answer));
	bool has_next = pal_replay_check_page(run->plan, slot->dialog, &slot->cursor, page);

	json_object_put(page);
	slot->page = has_next ? slot->page + 1 : 0;
	run->tally->checked += !has_next;
}

static void note_unread(struct run *run, struct slot *slot)
{
	struct pal_error why;

	pal_api_call_explain(&slot->call, &why);
	pal_replay_note(dialog_of(run, slot), "the history cannot be read: %s", why.message);
	slot->page = 0;
}

static const struct pass send_pass = {"messages", aim_message, take_answer, count_error};
static const struct pass read_pass = {"conversations checked", aim_page, check_page, note_unread};

/* --- moving slots ----------------------------------------------------------------------------- */

static void launch(struct run *run, struct slot *slot)
{
	if (slot->tries++ == 0)
		slot->first_ns = now_ns();
	slot->is_flying = curl_multi_add_handle(run->multi, slot->call.easy) == CURLM_OK;
	if (!slot->is_flying)
		run->code = pal_fail_memory(run->err, "libcurl");
}

/* Give the slot its next call, of its dialog or of the next; false: nothing is left to do. */
static bool feed(struct run *run, struct slot *slot)
{
	slot->tries = 0;
	slot->resume_ns = 0;
	if (slot->is_used && run->pass->aim(run, slot))
		return true;
	run->done += slot->is_used;
	slot->is_used = false;
	while (run->next < run->plan->count) {
		slot->dialog = run->next++;
		slot->turn = 0;
		slot->page = 1;
		slot->cursor = (struct pal_replay_cursor){0};
		slot->is_used = run->pass->aim(run, slot);
		if (slot->is_used)
			return true;
		run->done++;
	}
	return false;
}

/* Whether to try the same call again, and when. */
static bool wants_retry(struct run *run, struct slot *slot, enum pal_api_verdict verdict)
{
	int64_t ms;

	if (slot->tries >= PAL_REPLAY_TRIES_MAX)
		return false;
	if (verdict == PAL_API_LATER) {
		ms = slot->call.retry_after_s > 0 ? slot->call.retry_after_s : LATER_S_DEFAULT;
		ms = (ms < LATER_S_MAX ? ms : LATER_S_MAX) * 1000;
	} else if (verdict == PAL_API_LOST) {
		ms = (int64_t)LOST_MS_FIRST << (slot->tries - 1);
		ms = ms < LOST_MS_MAX ? ms : LOST_MS_MAX;
	} else {
		return false;
	}
	slot->resume_ns = now_ns() + ms * 1000000;
	run->tally->retries++;
	return true;
}

static void aim_again(struct run *run, struct slot *slot)
{
	if (run->pass->aim(run, slot))
		launch(run, slot);
}

static void land(struct run *run, struct slot *slot, CURLcode rc)
{
	curl_multi_remove_handle(run->multi, slot->call.easy);
	slot->is_flying = false;
	pal_api_call_finish(&slot->call, rc);
	enum pal_api_verdict verdict = pal_api_call_verdict(&slot->call);
	if (verdict != PAL_API_DONE && wants_retry(run, slot, verdict))
		return;
	if (verdict == PAL_API_DONE)
		run->pass->done(run, slot);
	else
		run->pass->refused(run, slot);
	if (verdict == PAL_API_LOST) {
		pal_api_call_explain(&slot->call, run->err);
		run->code = run->err->code;
		return;
	}
	if (feed(run, slot))
		launch(run, slot);
}

static int64_t resume_due(struct run *run)
{
	int64_t now = now_ns(), wait_ns = (int64_t)PROGRESS_MS * 1000000;

	for (unsigned i = 0; i < run->used; i++) {
		struct slot *slot = &run->slots[i];
		if (!slot->is_used || slot->is_flying)
			continue;
		if (slot->resume_ns <= now)
			aim_again(run, slot);
		else if (slot->resume_ns - now < wait_ns)
			wait_ns = slot->resume_ns - now;
	}
	return wait_ns / 1000000 + 1;
}

static void show(struct run *run, bool is_last)
{
	int64_t now = now_ns();

	if (!run->progress || (!is_last && now - run->shown_ns < (int64_t)PROGRESS_MS * 1000000))
		return;
	run->shown_ns = now;
	bool sends = run->pass == &send_pass;
	size_t sent = run->tally->replies + run->tally->errors;
	run->progress(run->pass->what, sends ? sent : run->done,
		      sends ? run->tally->messages : run->plan->count,
		      (double)(now - run->start_ns) / 1e9);
}

static bool is_under_way(const struct run *run)
{
	for (unsigned i = 0; i < run->used; i++) {
		if (run->slots[i].is_used)
			return true;
	}
	return false;
}

static void do_pass(struct run *run, const struct pass *pass)
{
	int running, left;

	run->pass = pass;
	run->next = run->done = 0;
	run->start_ns = now_ns();
	for (unsigned i = 0; i < run->used; i++) {
		run->slots[i].is_used = false;
		if (feed(run, &run->slots[i]))
			launch(run, &run->slots[i]);
	}
	while (run->code == PAL_OK && is_under_way(run)) {
		curl_multi_perform(run->multi, &running);
		for (CURLMsg *msg; (msg = curl_multi_info_read(run->multi, &left)) != NULL; ) {
			struct pal_api_call *call;
			curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&call);
			land(run, (struct slot *)call, msg->data.result);
		}
		curl_multi_poll(run->multi, NULL, 0, (int)resume_due(run), NULL);
		show(run, false);
	}
	show(run, true);
}

static void count_plan(const struct pal_replay_plan *plan, struct pal_replay_tally *tally)
{
	for (size_t i = 0; i < plan->count; i++) {
		for (size_t k = 0; k < plan->dialogs[i].count; k++) {
			bool is_skipped = plan->dialogs[i].turns[k].skipped != NULL;
			tally->skipped += is_skipped;
			tally->messages += !is_skipped;
		}
	}
}

static void release(struct run *run)
{
	for (unsigned i = 0; i < run->used; i++) {
		if (run->slots[i].is_flying)
			curl_multi_remove_handle(run->multi, run->slots[i].call.easy);
		pal_api_call_deinit(&run->slots[i].call);
	}
	if (run->multi)
		curl_multi_cleanup(run->multi);
	free(run->slots);
}

enum pal_code pal_replay_run(struct pal_replay_plan *plan, const struct pal_api *api,
			     unsigned parallel, pal_replay_progress_fn *progress,
			     struct pal_replay_tally *tally, struct pal_error *err)
{
	struct run run = {
		.plan = plan,
		.tally = tally,
		.progress = progress,
		.err = err,
		.multi = curl_multi_init(),
		.slots = calloc(parallel, sizeof(*run.slots)),
		.count = parallel,
	};

	*tally = (struct pal_replay_tally){0};
	count_plan(plan, tally);
	if (!run.multi || !run.slots)
		run.code = pal_fail_memory(err, "replay");
	else
		curl_multi_setopt(run.multi, CURLMOPT_MAXCONNECTS, (long)parallel);
	while (run.code == PAL_OK && run.used < run.count)
		run.code = pal_api_call_init(&run.slots[run.used++].call, api, err);
	if (run.code == PAL_OK) {
		do_pass(&run, &send_pass);
		tally->send_s = (double)(now_ns() - run.start_ns) / 1e9;
	}
	if (run.code == PAL_OK)
		do_pass(&run, &read_pass);
	release(&run);
	return run.code;
}
