# SPDX-License-Identifier: Apache-2.0
noinst_PROGRAMS += bench/micro-process
bench_micro_process_SOURCES = bench/micro_process.c
noinst_PROGRAMS += bench/echo_http
bench_echo_http_SOURCES = bench/echo_http.c
noinst_PROGRAMS += bench/micro_base
bench_micro_base_SOURCES = bench/micro_base.c
