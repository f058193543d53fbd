#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles each header alone, and twice over, under the strict flags, and compares its guard with
# its path: TAP, one line a header. PAL_HEADER_CC is the compiler with its flags.
cd "${top_srcdir:?}" || exit 1
# shellcheck disable=SC2046 # no header has a space in its path
set -- $(find include src tests -name '*.h' | LC_ALL=C sort)
echo "1..$(($# + 1))"

guard_of() {
	name=${1#src/}
	name=${name#include/palaver/}
	echo "PALAVER_$(echo "$name" | tr 'a-z/.-' 'A-Z___')"
}

compile() {	# compile TEXT
	printf '%s\nextern int pal_header_stands_alone;\n' "$1" |
		$PAL_HEADER_CC -Isrc -Iinclude -Itests -Itests/support -x c -fsyntax-only - 2>&1
}

number=1
failed=0
if compile '#include "no/such/header.h"' >/dev/null || compile 'int f(n) int n; { return n; }' >/dev/null; then
	echo "not ok 1 - what must not compile does not compile"
	failed=1
else
	echo "ok 1 - what must not compile does not compile"
fi
for header; do
	number=$((number + 1))
	path=${header#src/}
	path=${path#include/}
	path=${path#tests/}
	guard=$(guard_of "$header")
	log=$(compile "#include \"$path\"
#include \"$path\"")
	status=$?
	if [ $status = 0 ] && ! grep -q "^#ifndef $guard\$" "$header"; then
		status=1
		log="the guard is not $guard"
	fi
	if [ $status = 0 ]; then
		echo "ok $number - $header stands alone"
	else
		failed=1
		echo "not ok $number - $header stands alone"
		echo "$log" | sed 's/^/# /'
	fi
done
exit $failed
