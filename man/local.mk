# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += man/README.md
dist_man_MANS += man/palaver-api.7 man/palaver.yaml.5 man/palaverctl.1 man/palaverd.8

update-api-manual:
	top_srcdir='$(top_srcdir)' $(SHELL) $(top_srcdir)/scripts/check-api-manual.sh update
.PHONY: update-api-manual
