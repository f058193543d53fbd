#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Write a C file with the bytes of a file. usage: embed.sh FILE NAME HEADER
# NAME is declared by HEADER as `extern const unsigned char NAME[]`, NAME_size as `extern const size_t`.
set -eu
echo "/* Made by scripts/embed.sh from $(basename "$1"). */"
echo "#include \"$3\""
echo
echo "const unsigned char $2[] = {"
od -An -v -tu1 "$1" | sed 's/\([0-9][0-9]*\)/\1,/g'
echo "};"
echo "const size_t $2_size = sizeof($2);"
