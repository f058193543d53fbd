# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/http/README.md
libpalaver_a_SOURCES += \
	src/http/address.c src/http/address.h \
	src/http/answer.c src/http/answer.h \
	src/http/chars.c src/http/chars.h \
	src/http/conn.c src/http/conn.h \
	src/http/conn_request.c src/http/conn_write.c \
	src/http/dispatch.c \
	src/http/envelope.c src/http/envelope.h \
	src/http/exchange.c src/http/exchange.h \
	src/http/flow.c src/http/flow.h \
	src/http/home.h \
	src/http/listener.c \
	src/http/parser.c src/http/parser.h \
	src/http/parser_body.c src/http/parser_state.h \
	src/http/query.c src/http/query.h \
	src/http/router.c src/http/router.h \
	src/http/server.c src/http/server.h \
	src/http/status.c src/http/status.h \
	src/http/stream.c src/http/stream.h \
	src/http/tls.c src/http/tls.h src/http/tls_context.h
