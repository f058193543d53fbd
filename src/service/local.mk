# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/README.md
libpalaver_a_SOURCES += \
	src/service/access.c src/service/access.h \
	src/service/access_parts.h \
	src/service/admin.c src/service/admin.h \
	src/service/analytics.c src/service/analytics.h \
	src/service/answer.c src/service/answer.h \
	src/service/audit.c src/service/audit.h \
	src/service/audit_log.c src/service/audit_log.h \
	src/service/audit_report.c src/service/audit_report.h \
	src/service/audit_retention.c src/service/audit_retention.h \
	src/service/audit_view.c src/service/audit_view.h \
	src/service/behind.c src/service/behind.h \
	src/service/caller.c src/service/caller.h \
	src/service/channel_config.c src/service/channel_config.h \
	src/service/channel_health.c src/service/channel_health.h \
	src/service/channel_parts.h \
	src/service/channel_record.c \
	src/service/channel_sending.c src/service/channel_sending.h \
	src/service/channels.c src/service/channels.h \
	src/service/claims.h \
	src/service/command.c src/service/command.h \
	src/service/conversation.c src/service/conversation.h \
	src/service/conversation_life.c src/service/conversation_life.h \
	src/service/conversation_load.c src/service/conversation_load.h \
	src/service/conversation_view.c src/service/conversation_view.h \
	src/service/conversations.c src/service/conversations.h \
	src/service/counters.c src/service/counters.h \
	src/service/creation.c src/service/creation.h \
	src/service/deliveries.c src/service/deliveries.h \
	src/service/deliveries_read.c \
	src/service/delivery.c src/service/delivery.h \
	src/service/delivery_judge.c src/service/delivery_judge.h \
	src/service/dispatch.c src/service/dispatch.h \
	src/service/dispatch_counts.c \
	src/service/dispatch_flight.c \
	src/service/dispatch_look.c \
	src/service/dispatch_parts.h \
	src/service/dispatch_track.c \
	src/service/erasure.c src/service/erasure.h \
	src/service/export.c src/service/export.h \
	src/service/export_write.c src/service/export_write.h \
	src/service/health.c src/service/health.h \
	src/service/idle.c src/service/idle.h \
	src/service/inbound.c src/service/inbound.h \
	src/service/jwt.c src/service/jwt.h \
	src/service/jwt_cache.c src/service/jwt_cache.h \
	src/service/jwt_key.c src/service/jwt_key.h \
	src/service/key_rules.c src/service/key_rules.h \
	src/service/key_text.c src/service/key_text.h \
	src/service/keyring.c src/service/keyring.h \
	src/service/keys.c \
	src/service/limits.c src/service/limits.h \
	src/service/limits_count.c src/service/limits_count.h \
	src/service/live.h \
	src/service/listing.c src/service/listing.h \
	src/service/message.c src/service/message.h \
	src/service/operation.c src/service/operation.h \
	src/service/operation_verbs.c \
	src/service/outbox.c src/service/outbox.h \
	src/service/refusal.c src/service/refusal.h \
	src/service/replay.c src/service/replay.h \
	src/service/revoked.c src/service/revoked.h \
	src/service/selection.c src/service/selection.h \
	src/service/tally.c src/service/tally.h \
	src/service/session_change.c src/service/session_change.h \
	src/service/session_cleanup.c src/service/session_cleanup.h \
	src/service/session_decide.c src/service/session_decide.h \
	src/service/session_derive.c src/service/session_derive.h \
	src/service/session_gate.c src/service/session_gate.h \
	src/service/session_list.c src/service/session_list.h \
	src/service/session_parts.h \
	src/service/session_removal.c src/service/session_removal.h \
	src/service/session_touch.c src/service/session_touch.h \
	src/service/sessions.c src/service/sessions.h \
	src/service/stored_message.c src/service/stored_message.h \
	src/service/stored_verbs.c \
	src/service/tenant_settings.c src/service/tenant_settings.h \
	src/service/tenants.c \
	src/service/turn.c src/service/turn.h \
	src/service/upkeep.c src/service/upkeep.h \
	src/service/usage.c src/service/usage.h \
	src/service/user_erasure.c src/service/user_erasure.h \
	src/service/view.c src/service/view.h \
	src/service/webhook_count.c \
	src/service/webhook_events.c \
	src/service/webhook_jobs.c src/service/webhook_jobs.h \
	src/service/webhook_parts.h \
	src/service/webhook_report.c \
	src/service/webhook_sweep.c \
	src/service/webhooks.c src/service/webhooks.h
