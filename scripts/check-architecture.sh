#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What ARCHITECTURE.md names is there: TAP. A name in backquotes with an underscore is somewhere in the
# sources, one followed by (`file.c` is in that file, and every path exists.
# shellcheck disable=SC2016 # the backquotes are text
cd "${top_srcdir:?}" || exit 1
page=ARCHITECTURE.md
number=0
failed=0
report() {	# report DESCRIPTION WHAT_IS_MISSING
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number - $1"
	else
		failed=1
		echo "not ok $number - $1"
		echo "$2" | sed 's/^/# /'
	fi
}

names() {	# names PAGE
	grep -oE '`[a-z][a-z0-9]*(_[a-z0-9]+)+`' "$1" | tr -d '`' | LC_ALL=C sort -u
}

unknown_names() {
	for name in $(names "$1"); do
		grep -rqw "$name" src include || echo "$name"
	done
}

# "name path" for each function with its file.
places() {
	tr '\n' ' ' <"$1" | grep -oE '`[a-z0-9_]+` +\(`[a-z0-9_/]+\.c`' | tr -d '`(' | tr -s ' '
}

misplaced() {
	places "$1" | while read -r name path; do
		# shellcheck disable=SC2046 # no source has a space in its path
		set -- $(find src -path "*/$path")
		[ $# -gt 0 ] && grep -qw "$name" "$@" || echo "$name in $path"
	done
}

missing_paths() {
	grep -oE '`(src|include|tests|scripts|etc|man|bench|examples)/[A-Za-z0-9_./-]+`' "$1" | tr -d '`' |
		LC_ALL=C sort -u | while read -r path; do
		[ -e "$path" ] || echo "$path"
	done
}

scratch=$(mktemp) || exit 1
trap 'rm -f "$scratch"' EXIT
printf '%s\n' '`pal_no_such_function`, `main` (`store/front.c`), `src/base/absent.c`' >"$scratch"

echo 1..4
planted=$(unknown_names "$scratch"; misplaced "$scratch"; missing_paths "$scratch")
[ "$(echo "$planted" | wc -l)" = 3 ] && planted=
report "planted mistakes are found" "$planted"
report "every function and field named in $page is in the sources" "$(unknown_names $page)"
report "every function stands in the file that $page says" "$(misplaced $page)"
report "every path in $page exists" "$(missing_paths $page)"
exit $failed
