# SPDX-License-Identifier: Apache-2.0
# The contracts, and the headers of base and model in whose types they speak; all below one folder,
# so that an author's -I finds them as the sources do: "palaver/store.h", "base/str.h".
EXTRA_DIST += include/palaver/README.md
pal_contractdir = $(pkgincludedir)/palaver
pal_contract_HEADERS = \
	include/palaver/channel.h \
	include/palaver/outgoing.h \
	include/palaver/processor.h \
	include/palaver/responder.h \
	include/palaver/store.h
pal_contractbasedir = $(pkgincludedir)/base
pal_contractbase_HEADERS = src/base/arena.h src/base/buf.h src/base/error.h \
	src/base/json.h src/base/str.h
pal_contractmodeldir = $(pkgincludedir)/model
pal_contractmodel_HEADERS = \
	src/model/audit.h src/model/content.h src/model/content_parts.h src/model/conversation.h \
	src/model/media_type.h src/model/message.h src/model/record.h src/model/tenant.h
