# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/api/README.md
libpalaver_a_SOURCES += \
	src/api/access.c \
	src/api/api.c src/api/api.h \
	src/api/channels.c \
	src/api/audit.c \
	src/api/audited.c src/api/audited.h \
	src/api/chat_bulk.c \
	src/api/chat_message.c \
	src/api/client.c src/api/client.h \
	src/api/contract.c src/api/contract.h \
	src/api/conversation_analytics.c \
	src/api/conversation_export.c \
	src/api/conversation_list.c \
	src/api/conversations.c \
	src/api/cors.c src/api/cors.h \
	src/api/doc.h \
	src/api/docs.c src/api/docs.h \
	src/api/docs_access.c \
	src/api/deliveries.c \
	src/api/docs_channels.c \
	src/api/docs_audit.c \
	src/api/docs_deliveries.c \
	src/api/docs_chat.c \
	src/api/docs_conversation_lists.c \
	src/api/docs_conversation_reads.c \
	src/api/docs_conversations.c \
	src/api/docs_operations.c \
	src/api/docs_page.h \
	src/api/docs_service.c \
	src/api/docs_sessions.c \
	src/api/endpoint.c src/api/endpoint.h \
	src/api/etag.c src/api/etag.h \
	src/api/health.c \
	src/api/limit.c src/api/limit.h \
	src/api/openapi.c src/api/openapi.h \
	src/api/openapi_parts.c src/api/openapi_parts.h \
	src/api/operations.c \
	src/api/page.c src/api/page.h \
	src/api/quota.c src/api/quota.h \
	src/api/request_state.h \
	src/api/routes.c \
	src/api/schemas.c src/api/schemas.h \
	src/api/schemas_access.c \
	src/api/schemas_channels.c \
	src/api/schemas_audit.c \
	src/api/schemas_deliveries.c \
	src/api/schemas_chat.c \
	src/api/schemas_conversation_reads.c \
	src/api/schemas_conversations.c \
	src/api/schemas_operations.c \
	src/api/schemas_service.c \
	src/api/schemas_sessions.c \
	src/api/sessions.c \
	src/api/stored_messages.c \
	src/api/users.c \
	src/api/webhooks.c

# The page is compiled in.
EXTRA_DIST += src/api/page/docs.html
nodist_libpalaver_a_SOURCES = src/api/docs_page.c
CLEANFILES += src/api/docs_page.c
src/api/docs_page.c: $(top_srcdir)/src/api/page/docs.html $(top_srcdir)/scripts/embed.sh
	$(AM_V_GEN)$(MKDIR_P) src/api && \
	$(SHELL) $(top_srcdir)/scripts/embed.sh $(top_srcdir)/src/api/page/docs.html pal_page_docs api/docs_page.h >$@.tmp && mv $@.tmp $@
