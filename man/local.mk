# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += man/README.md
dist_man_MANS += man/palaver.yaml.5 man/palaverctl.1 man/palaverd.8
