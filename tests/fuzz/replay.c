/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives a fuzz target without libFuzzer: `fuzz_NAME MUTANTS FILE...` runs each file, then that
 * many mutants of each. The generator is seeded by a constant, so a failure comes back.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES_MAX 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state = 0x9E3779B97F4A7C15u;

static uint32_t next_random(uint32_t bound)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % bound;
}

static size_t read_file(const char *path, uint8_t *out)
{
	FILE *file = fopen(path, "rb");

	if (!file) {
		perror(path);
		exit(1);
	}
	size_t size = fread(out, 1, INPUT_BYTES_MAX, file);
	fclose(file);
	return size;
}

/* Change a byte, drop a run, or repeat a run; return the new size. */
static size_t mutate(uint8_t *data, size_t size)
{
	if (size == 0) {
		data[0] = (uint8_t)next_random(256);
		return 1;
	}
	size_t at = next_random((uint32_t)size);
	size_t run = 1 + next_random((uint32_t)(size - at < 16 ? size - at : 16));
	switch (next_random(4)) {
	case 0:
		data[at] = (uint8_t)next_random(256);
		return size;
	case 1:
		data[at] ^= (uint8_t)(1u << next_random(8));
		return size;
	case 2:
		memmove(data + at, data + at + run, size - at - run);
		return size - run;
	default:
		if (size + run > INPUT_BYTES_MAX)
			return size;
		memmove(data + at + run, data + at, size - at);
		return size + run;
	}
}

/* In memory of exactly `size` bytes, so that the address sanitizer sees a read behind the end. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		exit(1);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

int main(int argc, char **argv)
{
	static uint8_t seed[INPUT_BYTES_MAX], mutant[INPUT_BYTES_MAX];

	if (argc < 3) {
		fprintf(stderr, "usage: %s MUTANTS FILE...\n", argv[0]);
		return 2;
	}
	long mutants = strtol(argv[1], NULL, 10);
	for (int i = 2; i < argc; i++) {
		size_t size = read_file(argv[i], seed);
		run(seed, size);
		for (long k = 0; k < mutants; k++) {
			memcpy(mutant, seed, size);
			size_t now = size;
			for (uint32_t n = 1 + next_random(4); n > 0; n--)
				now = mutate(mutant, now);
			run(mutant, now);
		}
	}
	return 0;
}
