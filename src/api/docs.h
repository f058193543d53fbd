/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs.h - the descriptions that the rows of routes.c point to; those of a resource stand in
 * docs_<resource>.c.
 */
#ifndef PALAVER_API_DOCS_H
#define PALAVER_API_DOCS_H

#include <stddef.h>

#include "api/doc.h"

/* The groups, in the order in which they are shown. Runs on: any. */
const struct pal_api_tag *pal_api_tags(size_t *ret_count);

/* Parameters that many routes take. */
extern const struct pal_api_param pal_doc_conversation_id[], pal_doc_if_match[], pal_doc_message_id[];

/* docs_deliveries.c */
extern const struct pal_api_doc pal_doc_list_deliveries, pal_doc_get_delivery_metrics,
	pal_doc_retry_deliveries, pal_doc_get_delivery;

/* docs_channels.c */
extern const struct pal_api_doc pal_doc_receive_webhook, pal_doc_get_webhook_status,
	pal_doc_test_webhook, pal_doc_list_channels, pal_doc_get_channel, pal_doc_configure_channel,
	pal_doc_delete_channel, pal_doc_get_channel_health, pal_doc_test_channel,
	pal_doc_enable_channel, pal_doc_disable_channel;
/* docs_audit.c */
extern const struct pal_api_doc pal_doc_list_audit, pal_doc_search_audit, pal_doc_report_audit,
	pal_doc_export_audit;

/* docs_chat.c */
extern const struct pal_api_doc pal_doc_send_message;

/* docs_conversations.c */
extern const struct pal_api_doc pal_doc_get_conversation, pal_doc_get_conversation_history;

/* docs_conversation_reads.c */
extern const struct pal_api_doc pal_doc_list_own_conversations, pal_doc_list_conversations,
	pal_doc_search_conversations, pal_doc_analyse_conversations,
	pal_doc_get_conversation_summary, pal_doc_export_conversation,
	pal_doc_export_conversation_by_body;
/* docs_sessions.c */
extern const struct pal_api_doc pal_doc_create_session, pal_doc_list_sessions, pal_doc_get_session,
	pal_doc_update_session, pal_doc_delete_session, pal_doc_get_session_context,
	pal_doc_update_session_context, pal_doc_extend_session, pal_doc_transfer_session,
	pal_doc_list_user_sessions, pal_doc_cleanup_sessions;

/* docs_operations.c */
extern const struct pal_api_doc pal_doc_send_bulk, pal_doc_get_message, pal_doc_retry_message,
	pal_doc_update_message_status, pal_doc_give_feedback, pal_doc_get_message_analytics,
	pal_doc_show_typing, pal_doc_create_conversation, pal_doc_update_conversation,
	pal_doc_update_context, pal_doc_close_conversation, pal_doc_close_chat,
	pal_doc_escalate_conversation, pal_doc_transfer_conversation, pal_doc_reopen_conversation,
	pal_doc_restore_conversation, pal_doc_delete_conversation, pal_doc_erase_user;

/* docs_access.c */
extern const struct pal_api_doc pal_doc_list_api_keys, pal_doc_create_api_key, pal_doc_get_api_key,
	pal_doc_revoke_api_key, pal_doc_rotate_api_key, pal_doc_revoke_token, pal_doc_get_tenant,
	pal_doc_patch_tenant_settings;

/* docs_service.c */
extern const struct pal_api_doc pal_doc_health, pal_doc_liveness, pal_doc_readiness, pal_doc_info,
	pal_doc_metrics, pal_doc_openapi, pal_doc_docs;

#endif
