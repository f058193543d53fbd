/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/message.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "service/conversation/behind.h"
#include "service/conversation/conversation.h"
#include "service/conversation/counters.h"
#include "service/conversation/idle.h"
#include "service/conversation/inbound.h"
#include "service/conversation/life.h"
#include "service/conversation/session_gate.h"

#define SWEEP_VISITS_MAX 20000u	/* live conversations looked at in one sweep */

enum pal_code pal_message_service_create(const struct pal_message_options *options,
					 struct pal_message_service **ret, struct pal_error *err)
{
	struct pal_message_service *service = calloc(1, sizeof(*service));

	if (!service)
		return pal_fail_memory(err, "message");
	service->options = *options;
	service->idle = pal_idle_create(service);
	if (!service->idle) {
		pal_message_service_destroy(service);
		return pal_fail_memory(err, "message");
	}
	pal_message_set_limits(service, &options->limits);
	service->behind = pal_behind_create(options->front);
	service->directory = pal_directory_create(&pal_conversation_class, service, &options->live);
	if (!service->behind || !service->directory) {
		pal_message_service_destroy(service);
		return pal_fail_memory(err, "message");
	}
	pal_counters_register();
	*ret = service;
	return PAL_OK;
}

void pal_message_service_destroy(struct pal_message_service *service)
{
	if (!service)
		return;
	pal_directory_destroy(service->directory);
	pal_behind_destroy(service->behind);
	pal_idle_destroy(service->idle);
	free(service);
}

void pal_message_set_limits(struct pal_message_service *service,
			    const struct pal_message_limits *limits)
{
	atomic_store(&service->batch_max, limits->batch_max);
	atomic_store(&service->strict_conversation_id, limits->strict_conversation_id);
	atomic_store(&service->language_mode, (int)limits->language_mode);
	atomic_store(&service->blocking_flags, limits->blocking_flags);
	atomic_store(&service->accept_executables, limits->accept_executables);
	pal_idle_set(service->idle, limits->abandon_after_ms);
}

void pal_message_set_live_limits(struct pal_message_service *service,
				 struct pal_directory_limits limits)
{
	pal_directory_set_limits(service->directory, &limits);
}

static void give_id(struct pal_inbound *inbound)
{
	struct pal_uuid id = pal_uuid_v7(inbound->received_ms);

	inbound->request.message_id = pal_str(pal_uuid_format(&id, inbound->own_id));
}

/* A person speaks for itself only; a backend's key and staff speak for others (domain.md B48). */
static enum pal_code check_speaker(const struct pal_inbound *inbound, struct pal_error *err)
{
	const struct pal_caller *caller = inbound->caller;

	if (caller->key_id.p || pal_str_equal(caller->user_id, inbound->request.user_id) ||
	    pal_caller_is_staff(caller))
		return PAL_OK;
	return pal_fail(err, PAL_E_UNAUTHORIZED, "user_id", "user_id must be the caller's own");
}

static void refuse(struct pal_inbound *inbound, enum pal_put why)
{
	struct pal_error err;

	pal_inbound_refusal(&err, why);
	pal_inbound_fail(inbound, &err);
}

/* Whether a session has a say: one is named, or is made for those who begin to talk. */
static bool needs_session(const struct pal_sessions *sessions, const struct pal_send_request *r)
{
	if (!sessions)
		return false;
	return r->session_id.p ||
	       (!r->conversation_id.p &&
		atomic_load_explicit(&sessions->auto_create, memory_order_relaxed));
}

static void enter(struct pal_message_service *service, struct pal_inbound *inbound)
{
	const struct pal_send_request *r = &inbound->request;

	if (!r->conversation_id.p) {
		pal_conversation_start(service, inbound, (struct pal_str){NULL, 0});
		return;
	}
	struct pal_key key = {.tenant = inbound->caller->tenant.n, .id = r->conversation_id};
	enum pal_put put = pal_directory_send(service->directory, &key, &inbound->note.msg,
					      pal_conversation_make);
	if (put != PAL_PUT_QUEUED)
		refuse(inbound, put);
}

void pal_message_submit(struct pal_message_service *service, struct pal_inbound *inbound)
{
	const struct pal_send_request *r = &inbound->request;
	struct pal_error err;

	inbound->note.kind = PAL_NOTE_INBOUND;
	pal_count_received();
	if (check_speaker(inbound, &err) != PAL_OK) {
		pal_inbound_fail(inbound, &err);
		return;
	}
	if (!r->message_id.p)
		give_id(inbound);
	PAL_LOG(PAL_LOG_DEBUG, PAL_STR("message"), "process_message_start",
		PAL_F_STR("request_id", inbound->request_id),
		PAL_F_STR("tenant_id", inbound->caller->tenant_id),
		PAL_F_STR("user_id", r->user_id), PAL_F_STR("message_id", r->message_id));
	if (needs_session(service->options.sessions, r))
		pal_session_gate(service->options.sessions, inbound, service, enter);
	else
		enter(service, inbound);
}

void pal_message_sweep(struct pal_message_service *service)
{
	pal_directory_sweep(service->directory, pal_clock_mono_ms(service->options.clock),
			    SWEEP_VISITS_MAX);
	pal_behind_flush(service->behind);
	pal_idle_sweep(service->idle);
}

size_t pal_message_drain(struct pal_message_service *service)
{
	size_t left = pal_directory_drain(service->directory);

	pal_idle_stop(service->idle);
	return pal_behind_flush(service->behind) ? left : left + 1;
}

struct pal_directory_counts pal_message_live(const struct pal_message_service *service)
{
	return pal_directory_counts(service->directory);
}
