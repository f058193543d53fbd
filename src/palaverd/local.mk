# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/palaverd/README.md
sbin_PROGRAMS += palaverd
palaverd_SOURCES = src/palaverd/main.c
