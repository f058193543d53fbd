#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proves the order of the rooms (ARCHITECTURE.md) from the #include lines: TAP, one line a rule.
# Before it judges the sources it must find each planted breach in a tree of its own making.
# usage: check-include-order.sh [ROOT]
root=${1:-${top_srcdir:?}}

# Prints "rule file: reason" for each breach in the tree $1.
breaches() {
	(cd "$1" && find src include -name '*.[ch]' -exec grep -Hn '^[ 	]*#[ 	]*include' {} +) |
		LC_ALL=C sort -t: -k1,1 -k2,2n |
		awk -v root="$1" '
BEGIN {
	# A folder uses itself and what stands before it. The contracts of include/palaver speak in
	# the types of base and model, which in turn must not know them.
	count = split("base model palaver conf loop actor http courier store process respond " \
		      "channel service api ctl server palaverd palaverctl", order)
	for (i = 1; i <= count; i++)
		rank[order[i]] = i
	# The same among the rooms of service.
	count = split("view access limits audit session delivery conversation history " \
		      "channel webhook erasure", order)
	for (i = 1; i <= count; i++)
		rank["service/" order[i]] = i
	split("store process respond channel", list)
	for (i in list)
		has_kinds[list[i]] = 1
	# What the order alone would allow.
	banned["service", "http"] = banned["api", "store"] = 1
	# The main of the daemon may ask every library for its version.
	owner["event2/"] = owner["event.h"] = "src/(loop/|http/tls|palaverd/main)"
	owner["sqlite3.h"] = "src/(store/sqlite/|palaverd/main)"
	owner["curl/"] = "src/(courier|palaverctl)/"
}
function breach(rule, reason) {
	print rule " " file ":" line ": " reason
}
function room_of(path,   parts) {
	sub(/^(src|include)\//, "", path)
	split(path, parts, "/")
	return parts[1]
}
# The kind a path belongs to: the folder below a room that has kinds, or "".
function kind_of(path,   parts, n) {
	sub(/^(src|include)\//, "", path)
	n = split(path, parts, "/")
	return n > 2 && (parts[1] in has_kinds) ? parts[1] "/" parts[2] : ""
}
# The room of service a path belongs to, as in rank.
function service_room_of(path,   parts) {
	sub(/^src\//, "", path)
	split(path, parts, "/")
	return "service/" parts[2]
}
function own_header(path) {
	sub(/^(src|include)\//, "", path)
	sub(/\.c$/, ".h", path)
	return path
}
function exists(path,   status, ignored) {
	status = (getline ignored < path)
	close(path)
	return status >= 0
}
{
	file = $0
	sub(/:.*/, "", file)
	line = $0
	sub(/^[^:]*:/, "", line)
	sub(/:.*/, "", line)
	name = $0
	sub(/^[^#]*#[ \t]*include[ \t]*/, "", name)
	is_quoted = name ~ /^"/
	sub(/^["<]/, "", name)
	sub(/[">].*$/, "", name)
	if (name == "config.h")
		next	# of the build, and before all others
	is_first = file != previous
	previous = file
	from = room_of(file)

	if (is_first && file ~ /\.c$/ && exists(root "/src/" own_header(file)) &&
	    name != own_header(file))
		breach("own", "the first include must be " own_header(file))
	for (prefix in owner) {
		if (!is_quoted && index(name, prefix) == 1 && file !~ "^" owner[prefix])
			breach("library", name " belongs to " owner[prefix])
	}
	to = room_of(name)
	if (!is_quoted) {
		if (to in rank && exists(root "/src/" name))
			breach("known", "write \"" name "\", not <" name ">")
		next
	}
	if (!(from in rank) || !(to in rank)) {
		breach("known", (from in rank ? to : from) " is no room of the architecture")
		next
	}
	if (!exists(root "/src/" name) && !exists(root "/include/" name))
		breach("known", "there is no " name)
	if (rank[to] > rank[from])
		breach("order", from " must not use " to)
	if (from == "service" && !(service_room_of(file) in rank))
		breach("known", service_room_of(file) " is no room of service")
	else if (from == "service" && to == "service" &&
		 rank[service_room_of(name)] > rank[service_room_of(file)])
		breach("service", service_room_of(file) " must not use " service_room_of(name))
	if ((from, to) in banned || (from == "api" && name == "palaver/store.h"))
		breach("banned", from " must not use " name)
	if (kind_of(file) != "" && kind_of(name) != "" && room_of(kind_of(file)) == to &&
	    kind_of(file) != kind_of(name))
		breach("kind", kind_of(file) " must not use " kind_of(name))
}'
}

# A tree with a breach of each rule, two of "known", and much that is allowed.
plant() {
	mkdir -p "$1/include/palaver" "$1/src/base" "$1/src/store/a" "$1/src/store/b" \
		"$1/src/loop" "$1/src/http" "$1/src/model" "$1/src/actor" \
		"$1/src/service/view" "$1/src/service/access" "$1/src/service/attic"
	for header in base/x model/x loop/x http/x store/registry store/a/a store/b/b \
		service/view/x service/access/x; do
		: >"$1/src/$header.h"
	done
	printf '#include "base/x.h"\n#include <stddef.h>\n' >"$1/include/palaver/store.h"
	printf '#include "store/registry.h"\n#include "store/a/a.h"\n' >"$1/src/store/registry.c"
	printf '#include "store/b/b.h"\n#include "palaver/store.h"\n' >"$1/src/store/b/b.c"
	printf '#include <event2/event.h>\n' >"$1/src/loop/loop.c"
	printf '#include "store/a/a.h"\n#include "store/b/b.h"\n' >"$1/src/store/a/a.c"	# kind
	printf '#include <config.h>\n#include "base/x.h"\n#include "model/x.h"\n' \
		>"$1/src/base/x.c"							# order
	printf '#include <stddef.h>\n#include "model/x.h"\n' >"$1/src/model/x.c"	# own
	printf '#include "service/view/x.h"\n' >"$1/src/service/access/y.c"
	printf '#include "http/x.h"\n' >"$1/src/service/view/y.c"			# banned
	printf '#include "service/access/x.h"\n' >"$1/src/service/view/z.c"		# service
	printf '#include "base/x.h"\n' >"$1/src/service/attic/x.c"			# known
	printf '#include <event2/event.h>\n' >"$1/src/actor/x.c"			# library
	printf '#include "loop/absent.h"\n' >"$1/src/http/y.c"				# known
}

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
plant "$scratch/tree"
breaches "$scratch/tree" >"$scratch/planted"
breaches "$root" >"$scratch/found"

number=0
failed=0
report() {	# report PASSED DESCRIPTION
	number=$((number + 1))
	[ "$1" = 0 ] || failed=1
	[ "$1" = 0 ] && echo "ok $number - $2" || echo "not ok $number - $2"
}

echo "1..8"
[ "$(cut -d' ' -f1 "$scratch/planted" | sort | tr '\n' ' ')" = "banned kind known known library order own service " ]
report $? "each planted breach is found, and nothing else"
[ $failed = 0 ] || sed 's/^/# /' "$scratch/planted"

judge() {	# judge RULE DESCRIPTION
	grep "^$1 " "$scratch/found" >"$scratch/of_rule"
	[ ! -s "$scratch/of_rule" ]
	report $? "$2"
	sed 's/^[a-z]* /# /' "$scratch/of_rule"
}
judge order "a folder uses only folders that stand above it"
judge service "a room of service uses only rooms that stand above it"
judge kind "a kind includes no other kind of its room"
judge banned "service knows no HTTP, and api no store"
judge library "libevent, SQLite and libcurl are included by their owners only"
judge own "a source includes its own header first"
judge known "every quoted include names a header of a known folder"
exit $failed
