#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The list of routes in palaver-api(7) is made of src/api/routes.c, and a test compares the two: TAP.
# usage: api-manual.sh [update]
cd "${top_srcdir:?}" || exit 1
page=man/palaver-api.7
table=src/api/routes.c

# One mdoc item for each row {PAL_HTTP_GET, "PATH", "operation", "SUMMARY", "permission" or NULL, ...
items() {
	tr '\n\t' '  ' | sed 's|/\*[^*]*\*/||g; s/{PAL_HTTP_/\n&/g' | awk '
	function text(   found) {
		if (match(rest, /^ *(NULL|"[^"]*"( *"[^"]*")*) *, */) == 0)
			return "?"
		found = substr(rest, 1, RLENGTH)
		rest = substr(rest, RLENGTH + 1)
		sub(/ *, *$/, "", found)
		gsub(/" *"/, "", found)
		gsub(/^ *"|"$/, "", found)
		return found
	}
	sub(/^{PAL_HTTP_/, "") {
		method = $0
		sub(/,.*/, "", method)
		rest = substr($0, length(method) + 2)
		path = text()
		text()
		summary = text()
		permission = text()
		print ".It Ic " method " Pa " path
		print summary (permission == "NULL" ? "." : ":")
		if (permission != "NULL")
			print ".Li " permission "."
	}' | sed 's/^\(\.Li .*\)\.$/\1 ./'
}

listed() {	# what stands between the marks of the page
	sed -n '/BEGIN ROUTES/,/END ROUTES/{/ ROUTES/d;p;}' "$page"
}

update() {
	new=$(mktemp) || exit 1
	{
		sed '/BEGIN ROUTES/q' "$page"
		items <"$table"
		sed -n '/END ROUTES/,$p' "$page"
	} >"$new" && cat "$new" >"$page"
	rm -f "$new"
}

[ "${1:-}" = update ] && { update; exit; }

number=0
failed=0
report() {	# report DESCRIPTION WHAT_IS_WRONG
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number - $1"
	else
		failed=1
		echo "not ok $number - $1"
		echo "$2" | sed 's/^/# /'
	fi
}

echo 1..3
made=$(printf '%s\n' '	{PAL_HTTP_GET, "/a/{id}", "getA", "Get an A "' '	 "by its id", "a:read", P, 0, f,' \
	'	 &d},' '	{PAL_HTTP_PUT, "/b", "putB", "Put it", NULL, 0, 0, f, &d},' | items)
want=$(printf '%s\n' '.It Ic GET Pa /a/{id}' 'Get an A by its id:' '.Li a:read .' '.It Ic PUT Pa /b' 'Put it.')
report "rows become items" "$([ "$made" = "$want" ] || echo "$made")"
rows=$(grep -c '{PAL_HTTP_' "$table")
report "every row of $table becomes one" \
	"$([ "$rows" -gt 0 ] && [ "$(items <"$table" | grep -c '^.It ')" = "$rows" ] || echo "$rows rows")"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
items <"$table" >"$scratch/table"
listed >"$scratch/page"
report "$page lists them (else: make update-api-manual)" "$(diff "$scratch/page" "$scratch/table")"
exit $failed
