/* SPDX-License-Identifier: Apache-2.0 */
/*
 * disk.h - a disk that can fill up and fail to sync: the test program's own pwrite64 and fdatasync,
 * which the dynamic linker prefers to those of the C library, SQLite's calls included.
 */
#ifndef PALAVER_TESTS_STORE_DISK_H
#define PALAVER_TESTS_STORE_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct disk {
	bool is_limited;
	int64_t room_bytes;	/* left to write when limited; then ENOSPC */
	bool fails_to_sync;	/* EIO */
	int syncs;		/* that were asked for */
};

/* Zeroed, it is a good disk. */
extern struct disk disk;

#endif
