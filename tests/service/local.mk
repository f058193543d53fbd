# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-service
TESTS += tests/test-service
tests_test_service_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_srcdir)/tests/service
tests_test_service_LDADD = $(TEST_LDADD)
tests_test_service_LDFLAGS = $(SCARCE_WRAP)
tests_test_service_SOURCES = $(TEST_SUPPORT) $(SCARCE) \
	tests/service/order.c tests/service/order.h \
	tests/service/hooks.c tests/service/hooks.h \
	tests/service/desk.c tests/service/desk.h \
	tests/service/rig.c tests/service/rig.h \
	tests/service/script.c tests/service/script.h \
	tests/service/test_access.c \
	tests/service/test_admin.c \
	tests/service/test_audit.c \
	tests/service/test_answer.c \
	tests/service/test_caller.c \
	tests/service/test_channel_health.c \
	tests/service/test_content.c \
	tests/service/test_conversation.c \
	tests/service/test_conversations.c \
	tests/service/test_export.c \
	tests/service/test_deliveries.c \
	tests/service/dispatch_stage.c tests/service/dispatch_stage.h \
	tests/service/test_dispatch.c \
	tests/service/test_dispatch_ahead.c \
	tests/service/test_dispatch_pace.c \
	tests/service/test_dispatch_parts.c \
	tests/service/test_dispatch_look.c \
	tests/service/test_dispatch_kept.c \
	tests/service/test_erasure.c \
	tests/service/test_idle.c \
	tests/service/test_jwt.c \
	tests/service/test_jwt_key.c \
	tests/service/test_limits.c \
	tests/service/test_limits_ways.c \
	tests/service/test_listing.c \
	tests/service/test_memory.c \
	tests/service/test_memory_delivery.c \
	tests/service/test_memory_audit.c \
	tests/service/test_memory_channel.c \
	tests/service/test_memory_webhook.c \
	tests/service/test_message.c \
	tests/service/test_operation.c \
	tests/service/test_pace.c \
	tests/service/test_random.c \
	tests/service/test_refusal.c \
	tests/service/test_replay.c \
	tests/service/test_selection.c \
	tests/service/test_session_change.c \
	tests/service/test_session_gate.c \
	tests/service/test_session_list.c \
	tests/service/test_session_threads.c \
	tests/service/test_sessions.c \
	tests/service/test_tenant_settings.c \
	tests/service/test_stored_message.c \
	tests/service/test_threads.c \
	tests/service/test_usage.c \
	tests/service/test_webhook_hostile.c \
	tests/service/test_webhook_receipts.c \
	tests/service/test_user_erasure.c \
	tests/service/test_webhooks.c \
	tests/service/token.c tests/service/token.h
