#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every fuzz target on its seeds and a bounded number of mutants: TAP, one line a target.
corpus=${top_srcdir:?}/tests/fuzz/corpus
targets=
count=0
for dir in "$corpus"/*/; do
	name=$(basename "$dir")
	targets="$targets $name"
	count=$((count + 1))
done
echo "1..$count"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failed=0
number=0
for name in $targets; do
	number=$((number + 1))
	program=${top_builddir:?}/tests/fuzz/fuzz_$name
	if grep -q LLVMFuzzerRunDriver "$program" 2>/dev/null; then
		# libFuzzer writes what it finds into the first folder: give it an empty one
		set -- -runs=20000 -seed=1 -verbosity=0 -artifact_prefix="$scratch/" "$scratch" "$corpus/$name"
	else
		set -- 500 "$corpus/$name"/*
	fi
	if "$program" "$@" >"$scratch/log" 2>&1; then
		echo "ok $number - fuzz_$name survives its seeds and mutants of them"
	else
		failed=1
		echo "not ok $number - fuzz_$name survives its seeds and mutants of them"
		tail -n 40 "$scratch/log" | sed 's/^/# /'
	fi
done
exit $failed
