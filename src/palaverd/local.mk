# SPDX-License-Identifier: Apache-2.0
sbin_PROGRAMS += palaverd
palaverd_SOURCES = src/palaverd/main.c
