# SPDX-License-Identifier: Apache-2.0
libpalaver_a_SOURCES += \
	src/palaverctl/admin.c \
	src/palaverctl/api.c src/palaverctl/api.h \
	src/palaverctl/ask.c src/palaverctl/ask.h \
	src/palaverctl/audit.c \
	src/palaverctl/chat.c \
	src/palaverctl/cli.c src/palaverctl/cli.h \
	src/palaverctl/commands.c \
	src/palaverctl/config.c \
	src/palaverctl/daemon.c \
	src/palaverctl/delivery.c \
	src/palaverctl/message.c \
	src/palaverctl/out.c src/palaverctl/out.h \
	src/palaverctl/replay.c \
	src/palaverctl/replay_check.c src/palaverctl/replay_check.h \
	src/palaverctl/replay_plan.c src/palaverctl/replay_plan.h \
	src/palaverctl/replay_run.c src/palaverctl/replay_run.h \
	src/palaverctl/tail.c
bin_PROGRAMS += palaverctl
palaverctl_SOURCES = src/palaverctl/main.c
palaverctl_LDADD = $(LDADD) $(CURL_LIBS)
EXTRA_DIST += src/palaverctl/README.md
