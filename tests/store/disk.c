/* SPDX-License-Identifier: Apache-2.0 */
#include "store/disk.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

struct disk disk;

static int sync_file(long number, int fd)
{
	__atomic_fetch_add(&disk.syncs, 1, __ATOMIC_RELAXED);
	if (disk.fails_to_sync) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(number, fd);
}

int fdatasync(int fd)
{
	return sync_file(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return sync_file(SYS_fsync, fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	if (disk.is_limited && disk.room_bytes < (int64_t)n) {
		errno = ENOSPC;
		return -1;
	}
	if (disk.is_limited)
		disk.room_bytes -= (int64_t)n;
	return syscall(SYS_pwrite64, fd, bytes, n, at);
}
