/*
 * io.h - whole reads and writes, and files replaced in one step.
 */
#ifndef JOBS_CORE_IO_H
#define JOBS_CORE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* True for the errors that mean "try again later" on a non-blocking fd. */
bool io_again(int error);
/* All n bytes, through short writes and EINTR. 0, or -1 with errno. */
int io_write_all(int fd, const void *bytes, size_t n);
int io_pwrite_all(int fd, const void *bytes, size_t n, off_t offset);
/* Up to n bytes, less only at end of file. Bytes read, or -1. */
ssize_t io_read_full(int fd, void *bytes, size_t n);
ssize_t io_pread_full(int fd, void *bytes, size_t n, off_t offset);

/*
 * The whole file as a NUL-terminated string that the caller frees; *len (may
 * be NULL) leaves the NUL out. Files over max bytes are refused with EFBIG.
 * NULL: errno says why.
 */
char *io_load(int dirfd, const char *name, size_t max, size_t *len);
/*
 * Writes name.tmp in dirfd, syncs it when asked, renames it over name and
 * syncs the directory when asked. Mode 0600. 0, or -1 with errno, and then
 * the old file is as it was.
 */
int io_replace(int dirfd, const char *name, const void *bytes, size_t n,
    bool sync);
/* mkdir -p with mode 0700. 0, or -1 with errno. */
int io_mkdirs(const char *path);
int io_nonblock(int fd, bool on);
int io_cloexec(int fd, bool on);

#endif
