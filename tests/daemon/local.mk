# SPDX-License-Identifier: Apache-2.0
# The real programs, driven from outside. One case: tests/daemon/test_start.py \
	tests/daemon/test_tour.py \
	tests/daemon/test_traps.py 'WORDS OF ITS NAME'.
DAEMON_TESTS = \
	tests/daemon/test_access.py \
	tests/daemon/test_audit.py \
	tests/daemon/test_bad_input.py \
	tests/daemon/test_content.py \
	tests/daemon/test_contract.py \
	tests/daemon/test_conversation_ops.py \
	tests/daemon/test_conversation_reads.py \
	tests/daemon/test_durability.py \
	tests/daemon/test_erasure.py \
	tests/daemon/test_health.py \
	tests/daemon/test_hostile.py \
	tests/daemon/test_isolation.py \
	tests/daemon/test_limits.py \
	tests/daemon/test_palaverctl.py \
	tests/daemon/test_reload.py \
	tests/daemon/test_replay.py \
	tests/daemon/test_schemathesis.py \
	tests/daemon/test_sessions.py \
	tests/daemon/test_start.py \
	tests/daemon/test_delivery.py tests/daemon/test_webhooks.py \
	tests/daemon/test_delivery_limits.py \
	tests/daemon/test_delivery_tool.py \
	tests/daemon/test_tour.py \
	tests/daemon/test_traps.py
AM_PY_LOG_FLAGS = -B
TESTS += $(DAEMON_TESTS)
EXTRA_DIST += $(DAEMON_TESTS) \
	tests/daemon/README.md \
	tests/daemon/contract.py \
	tests/daemon/fake_api.py \
	tests/daemon/harness.py \
	tests/daemon/receiver.py \
	tests/daemon/tap.py
# What time does to sessions, for test_sessions.py.
check_PROGRAMS += tests/daemon/expire
tests_daemon_expire_SOURCES = tests/daemon/expire.c
