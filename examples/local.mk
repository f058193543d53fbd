# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += examples/README.md
pal_exampledir = $(docdir)/examples
dist_pal_example_DATA = examples/dialogs.jsonl examples/receiver.pl
