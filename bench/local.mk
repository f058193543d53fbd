# SPDX-License-Identifier: Apache-2.0
noinst_PROGRAMS += bench/micro_store
bench_micro_store_SOURCES = bench/micro_store.c
noinst_PROGRAMS += bench/micro_sqlite
bench_micro_sqlite_SOURCES = bench/micro_sqlite.c
noinst_PROGRAMS += bench/micro-process
bench_micro_process_SOURCES = bench/micro_process.c
noinst_PROGRAMS += bench/corpus
bench_corpus_SOURCES = bench/corpus.c
noinst_PROGRAMS += bench/echo_http
bench_echo_http_SOURCES = bench/echo_http.c
noinst_PROGRAMS += bench/micro_base
bench_micro_base_SOURCES = bench/micro_base.c
noinst_PROGRAMS += bench/micro_actor
bench_micro_actor_SOURCES = bench/micro_actor.c
noinst_PROGRAMS += bench/micro_courier
bench_micro_courier_SOURCES = bench/micro_courier.c bench/plain.c bench/plain.h

# `make bench [KIT=FOLDER] [BENCH_FLAGS="--quick --only LINE,LINE"]`: see bench/README.md.
noinst_PROGRAMS += bench/load bench/sqlite_loop bench/receiver bench/plain_post
bench_load_SOURCES = bench/load.c
bench_load_LDADD = -lm
bench_sqlite_loop_SOURCES = bench/sqlite_loop.c
bench_sqlite_loop_LDADD = $(SQLITE_LIBS) -lpthread
bench_receiver_SOURCES = bench/receiver.c
bench_receiver_LDADD =
bench_plain_post_SOURCES = bench/plain_post.c bench/plain.c bench/plain.h
bench_plain_post_LDADD = $(CURL_LIBS)
EXTRA_DIST += bench/README.md bench/bench.py bench/common.lua bench/message.lua bench/session.lua bench/goals.svg bench/profile.svg \
	bench/driver/__init__.py \
	bench/driver/deliveries.py \
	bench/driver/lines.py \
	bench/driver/loads.py \
	bench/driver/machine.py \
	bench/driver/plot.py \
	bench/driver/profile.py \
	bench/driver/report.py \
	bench/driver/servers.py
bench: palaverd palaverctl bench/load bench/sqlite_loop bench/receiver bench/plain_post
	/usr/bin/python3 $(srcdir)/bench/bench.py --build . --out bench-results \
		$(if $(KIT),--kit '$(KIT)') $(BENCH_FLAGS)
.PHONY: bench
