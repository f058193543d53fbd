# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/model/README.md
libpalaver_a_SOURCES += \
	src/model/audit.c src/model/audit.h \
	src/model/canonical.c src/model/canonical.h \
	src/model/content.c src/model/content.h \
	src/model/content_choices.c src/model/content_choices.h \
	src/model/content_media.c src/model/content_media.h \
	src/model/content_parts.h \
	src/model/content_read.c src/model/content_read.h \
	src/model/fields.c src/model/fields.h \
	src/model/formats.c src/model/formats.h \
	src/model/media_type.c src/model/media_type.h \
	src/model/send_request.c src/model/send_request.h \
	src/model/conversation.c src/model/conversation.h \
	src/model/conversation_request.c src/model/conversation_request.h \
	src/model/details.c src/model/details.h \
	src/model/message.c src/model/message.h \
	src/model/message_request.c src/model/message_request.h \
	src/model/names.h \
	src/model/patch.c src/model/patch.h \
	src/model/record.h \
	src/model/session.c src/model/session.h \
	src/model/session_request.c src/model/session_request.h \
	src/model/state.c src/model/state.h \
	src/model/tenant.c src/model/tenant.h \
	src/model/tenant_profile.c src/model/tenant_profile.h
