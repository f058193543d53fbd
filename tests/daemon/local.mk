# SPDX-License-Identifier: Apache-2.0
DAEMON_TESTS = \
	tests/daemon/test_palaverctl.py
AM_PY_LOG_FLAGS = -B
TESTS += $(DAEMON_TESTS)
EXTRA_DIST += $(DAEMON_TESTS) \
	tests/daemon/fake_api.py \
	tests/daemon/harness.py \
	tests/daemon/tap.py
