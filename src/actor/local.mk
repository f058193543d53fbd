# SPDX-License-Identifier: Apache-2.0
libpalaver_a_SOURCES += \
	src/actor/actor.c src/actor/actor.h \
	src/actor/directory.c src/actor/directory.h \
	src/actor/lane.c src/actor/lane.h \
	src/actor/mailbox.c src/actor/mailbox.h \
	src/actor/msg.h \
	src/actor/pool.c src/actor/pool.h \
	src/actor/shard.c src/actor/shard.h
EXTRA_DIST += src/actor/README.md
