/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/docs.h"

#define PROTECTED (PAL_ROUTE_AUTH | PAL_ROUTE_TENANT)

static const struct pal_http_route routes[] = {
	{PAL_HTTP_POST, "/api/v2/chat/message", "sendMessage", "Send a message and get the reply",
	 "conversations:write", PROTECTED, 0, pal_api_chat_message, &pal_doc_send_message},
	{PAL_HTTP_GET, "/api/v2/chat/conversations/{id}", "getConversation",
	 "Get a conversation with its newest messages", "conversations:read", PROTECTED, 0,
	 pal_api_conversation_get, &pal_doc_get_conversation},
	{PAL_HTTP_GET, "/api/v2/chat/conversations/{id}/history", "getConversationHistory",
	 "Get one page of a conversation's messages", "conversations:read", PROTECTED, 0,
	 pal_api_conversation_history, &pal_doc_get_conversation_history},
	{PAL_HTTP_GET, "/api/v2/chat/conversations/{id}/export", "exportChatConversation",
	 "Take a conversation out as a file", "conversations:export", PROTECTED, 0,
	 pal_api_conversation_export_get, &pal_doc_export_conversation},
	{PAL_HTTP_POST, "/api/v2/chat/conversations/{id}/export", "exportChatConversationByBody",
	 "Take a conversation out as a file, the wishes in a body", "conversations:export",
	 PROTECTED, 0, pal_api_conversation_export_post, &pal_doc_export_conversation_by_body},
	{PAL_HTTP_GET, "/api/v2/conversations/{id}", "getConversationRecord",
	 "Get a conversation with its newest messages", "conversations:read", PROTECTED, 0,
	 pal_api_conversation_get, &pal_doc_get_conversation},
	{PAL_HTTP_GET, "/api/v2/conversations/{id}/export", "exportConversation",
	 "Take a conversation out as a file", "conversations:export", PROTECTED, 0,
	 pal_api_conversation_export_get, &pal_doc_export_conversation},
	{PAL_HTTP_POST, "/api/v2/conversations/{id}/export", "exportConversationByBody",
	 "Take a conversation out as a file, the wishes in a body", "conversations:export",
	 PROTECTED, 0, pal_api_conversation_export_post, &pal_doc_export_conversation_by_body},
	{PAL_HTTP_GET, "/api/v2/conversations/{id}/summary", "getConversationSummary",
	 "Get how a conversation went", "conversations:read", PROTECTED, 0,
	 pal_api_conversation_summary, &pal_doc_get_conversation_summary},
	{PAL_HTTP_GET, "/health", "getHealth", "Get the state of the service", NULL,
	 PAL_ROUTE_RATE_EXEMPT, 0, pal_api_health, &pal_doc_health},
	{PAL_HTTP_GET, "/health/live", "getLiveness", "Whether the process runs", NULL,
	 PAL_ROUTE_RATE_EXEMPT, 0, pal_api_health_live, &pal_doc_liveness},
	{PAL_HTTP_GET, "/health/ready", "getReadiness", "Whether messages are accepted", NULL,
	 PAL_ROUTE_RATE_EXEMPT, 0, pal_api_health_ready, &pal_doc_readiness},
	{PAL_HTTP_GET, "/livez", "getLivez", "As /health/live", NULL, PAL_ROUTE_RATE_EXEMPT, 0,
	 pal_api_health_live, &pal_doc_liveness},
	{PAL_HTTP_GET, "/readyz", "getReadyz", "As /health/ready", NULL, PAL_ROUTE_RATE_EXEMPT, 0,
	 pal_api_health_ready, &pal_doc_readiness},
	{PAL_HTTP_GET, "/info", "getInfo", "Name and version of the service", NULL,
	 PAL_ROUTE_RATE_EXEMPT, 0, pal_api_info, &pal_doc_info},
	{PAL_HTTP_GET, "/metrics", "getMetrics", "Metrics in the Prometheus text format", NULL,
	 PAL_ROUTE_RATE_EXEMPT, 0, pal_api_metrics, &pal_doc_metrics},
	{PAL_HTTP_GET, "/openapi.json", "getContract", "This contract, as OpenAPI 3.1", NULL,
	 PAL_ROUTE_RATE_EXEMPT, 0, pal_api_openapi, &pal_doc_openapi},
	{PAL_HTTP_GET, "/docs", "getDocs", "This contract, as a page to read and try", NULL,
	 PAL_ROUTE_RATE_EXEMPT, 0, pal_api_docs, &pal_doc_docs},
};

const struct pal_http_route *pal_api_routes(size_t *ret_count)
{
	*ret_count = sizeof(routes) / sizeof(routes[0]);
	return routes;
}
