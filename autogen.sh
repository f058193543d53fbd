#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Make configure and Makefile.in from their sources.
set -e
cd "$(dirname "$0")"
mkdir -p m4 build-aux
exec autoreconf --install --force
