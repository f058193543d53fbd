#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Reports the sizes of files and functions, and names what has grown beyond the habit: files over 400
# lines, functions over 70, lines over 100 columns. It tells and never fails: a clear page may be longer.
# usage: check-shape.sh [FOLDER...]; default src
cd "${top_srcdir:-.}" || exit 1
[ $# -gt 0 ] || set -- src
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# "lines file:line name" of each function: from the line of its name to the brace in column one that
# ends it. Tables and structs end in "};" and are passed over.
functions() {
	find "$@" -name '*.c' -exec awk '
FNR == 1 { name = "" }
/^[a-z_].*[a-z0-9_]\(/ && !/;[ \t]*$/ && !/^(struct|union|enum)[^(]*\{/ {
	start = FNR
	name = $0
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
}
/^}/ && name != "" {
	if ($0 == "}")
		print FNR - start + 1, FILENAME ":" start, name
	name = ""
}' {} +
}

# The row of a table: count, median, 90th percentile and largest of the first column.
spread() {	# spread TITLE FILE
	sort -n "$2" | awk -v title="$1" '{ v[NR] = $1 }
END {
	if (NR)
		printf "%-10s %7d %7d %7d %7d\n", title, NR, v[int((NR + 1) / 2)], v[int((9 * NR + 9) / 10)], v[NR]
}'
}

beyond() {	# beyond LIMIT FILE WHAT
	awk -v limit="$1" '$1 > limit' "$2" | sort -rn >"$scratch/beyond"
	[ -s "$scratch/beyond" ] || return
	printf '\n%s over %s: %d' "$3" "$1" "$(wc -l <"$scratch/beyond")"
	echo ', the greatest:'
	sed 's/^/  /;20q' "$scratch/beyond"
}

functions "$@" >"$scratch/functions"
find "$@" -name '*.[ch]' -exec wc -l {} + | awk '$2 != "total"' >"$scratch/files"
find "$@" -name '*.[ch]' -exec awk '{
	n = 0
	for (i = 1; i <= length($0); i++)
		n += substr($0, i, 1) == "\t" ? 8 - n % 8 : 1
	if (n > 100)
		print n, FILENAME ":" FNR
}' {} + >"$scratch/columns"

printf '%-10s %7s %7s %7s %7s\n' lines count median p90 most
spread files "$scratch/files"
spread functions "$scratch/functions"
beyond 400 "$scratch/files" "files, lines"
beyond 70 "$scratch/functions" "functions, lines"
beyond 100 "$scratch/columns" "lines, columns"
exit 0
