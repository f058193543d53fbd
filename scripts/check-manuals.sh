#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every manual page passes mandoc's lint, and mandoc finds a planted mistake: TAP, one line a page.
pages=$(cd "${top_srcdir:?}" && ls man/*.[1-9])
command -v mandoc >/dev/null || {
	echo "1..0 # SKIP there is no mandoc here"
	exit 0
}
lint() {
	mandoc -Tlint -Wwarning "$@" 2>&1
}
echo "1..$(($(echo "$pages" | wc -l) + 1))"
failed=0
number=1
if printf '.Dd November 23, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n.Nd y\n.Bl -tag\n' |
	lint >/dev/null; then
	failed=1
	echo "not ok 1 - a planted mistake is found"
else
	echo "ok 1 - a planted mistake is found"
fi
for page in $pages; do
	number=$((number + 1))
	if found=$(lint "$top_srcdir/$page"); then
		echo "ok $number - $page is clean"
	else
		failed=1
		echo "not ok $number - $page is clean"
		echo "$found" | sed 's/^/# /'
	fi
done
exit $failed
