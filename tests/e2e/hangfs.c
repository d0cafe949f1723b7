/*
 * hangfs.c - a file system that hangs on command, for test_isolation.py.
 *
 *     hangfs SOURCE GATE MOUNTPOINT [FUSE OPTIONS...]
 *
 * Passes everything through to SOURCE. While the file GATE (which lies
 * elsewhere) exists, every operation waits, as on a dead NFS server.
 */
#define FUSE_USE_VERSION 31
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int root;
static const char *gate;

static void
wait_gate(void)
{
	const struct timespec tick = { .tv_nsec = 5000000 };

	while (access(gate, F_OK) == 0)
		nanosleep(&tick, NULL);
}

/* A path of the mount, relative to the source. */
static const char *
at(const char *path)
{
	wait_gate();
	return path[1] == '\0' ? "." : path + 1;
}

static int
result(int value)
{
	return value == -1 ? -errno : value;
}

static int
fs_getattr(const char *path, struct stat *st, struct fuse_file_info *file)
{
	path = at(path);
	return result(file == NULL
		? fstatat(root, path, st, AT_SYMLINK_NOFOLLOW)
		: fstat((int)file->fh, st));
}

static int
fs_mknod(const char *path, mode_t mode, dev_t device)
{
	return result(mknodat(root, at(path), mode, device));
}

static int
fs_mkdir(const char *path, mode_t mode)
{
	return result(mkdirat(root, at(path), mode));
}

static int
fs_unlink(const char *path)
{
	return result(unlinkat(root, at(path), 0));
}

static int
fs_rmdir(const char *path)
{
	return result(unlinkat(root, at(path), AT_REMOVEDIR));
}

static int
fs_rename(const char *from, const char *to, unsigned flags)
{
	return result(renameat2(root, at(from), root, at(to), flags));
}

static int
fs_link(const char *from, const char *to)
{
	return result(linkat(root, at(from), root, at(to), 0));
}

static int
fs_symlink(const char *target, const char *path)
{
	return result(symlinkat(target, root, at(path)));
}

static int
fs_readlink(const char *path, char *buf, size_t size)
{
	ssize_t n = readlinkat(root, at(path), buf, size - 1);

	if (n == -1)
		return -errno;
	buf[n] = '\0';
	return 0;
}

static int
fs_chmod(const char *path, mode_t mode, struct fuse_file_info *file)
{
	(void)file;
	return result(fchmodat(root, at(path), mode, 0));
}

static int
fs_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *file)
{
	(void)file;
	return result(fchownat(root, at(path), uid, gid, AT_SYMLINK_NOFOLLOW));
}

static int
fs_utimens(const char *path, const struct timespec times[2],
    struct fuse_file_info *file)
{
	(void)file;
	return result(utimensat(root, at(path), times, AT_SYMLINK_NOFOLLOW));
}

static int
fs_truncate(const char *path, off_t size, struct fuse_file_info *file)
{
	int fd, error;

	path = at(path);
	if (file != NULL)
		return result(ftruncate((int)file->fh, size));
	fd = openat(root, path, O_WRONLY);
	if (fd == -1)
		return -errno;
	error = result(ftruncate(fd, size));
	close(fd);
	return error;
}

static int
fs_open_as(const char *path, struct fuse_file_info *file, int flags,
    mode_t mode)
{
	/* The kernel has seen to O_APPEND: writes come with their offset. */
	int fd = openat(root, at(path), flags & ~O_APPEND, mode);

	if (fd == -1)
		return -errno;
	file->fh = (uint64_t)fd;
	return 0;
}

static int
fs_open(const char *path, struct fuse_file_info *file)
{
	return fs_open_as(path, file, file->flags, 0);
}

static int
fs_create(const char *path, mode_t mode, struct fuse_file_info *file)
{
	return fs_open_as(path, file, file->flags | O_CREAT, mode);
}

static int
fs_read(const char *path, char *buf, size_t size, off_t offset,
    struct fuse_file_info *file)
{
	(void)path;
	wait_gate();
	return result((int)pread((int)file->fh, buf, size, offset));
}

static int
fs_write(const char *path, const char *buf, size_t size, off_t offset,
    struct fuse_file_info *file)
{
	(void)path;
	wait_gate();
	return result((int)pwrite((int)file->fh, buf, size, offset));
}

static int
fs_flush(const char *path, struct fuse_file_info *file)
{
	(void)path;
	(void)file;
	wait_gate();
	return 0;
}

static int
fs_fsync(const char *path, int data_only, struct fuse_file_info *file)
{
	(void)path;
	(void)data_only;
	wait_gate();
	return result(fsync((int)file->fh));
}

static int
fs_release(const char *path, struct fuse_file_info *file)
{
	(void)path;
	return result(close((int)file->fh));
}

static int
fs_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t offset,
    struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
	int fd = openat(root, at(path), O_RDONLY | O_DIRECTORY);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;

	(void)offset;
	(void)file;
	(void)flags;
	if (dir == NULL)
		return -errno;
	while ((entry = readdir(dir)) != NULL)
		fill(buf, entry->d_name, NULL, 0, 0);
	closedir(dir);
	return 0;
}

static int
fs_statfs(const char *path, struct statvfs *st)
{
	(void)path;
	wait_gate();
	return result(fstatvfs(root, st));
}

/* Nothing is remembered for us: each look-up comes here, and hangs. */
static void *
fs_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
	(void)connection;
	config->entry_timeout = 0;
	config->attr_timeout = 0;
	config->negative_timeout = 0;
	config->use_ino = 1;
	config->nullpath_ok = 0;
	return NULL;
}

static const struct fuse_operations operations = {
	.init = fs_init,
	.getattr = fs_getattr,
	.mknod = fs_mknod,
	.mkdir = fs_mkdir,
	.unlink = fs_unlink,
	.rmdir = fs_rmdir,
	.rename = fs_rename,
	.link = fs_link,
	.symlink = fs_symlink,
	.readlink = fs_readlink,
	.chmod = fs_chmod,
	.chown = fs_chown,
	.utimens = fs_utimens,
	.truncate = fs_truncate,
	.open = fs_open,
	.create = fs_create,
	.read = fs_read,
	.write = fs_write,
	.flush = fs_flush,
	.fsync = fs_fsync,
	.release = fs_release,
	.readdir = fs_readdir,
	.statfs = fs_statfs,
};

int
main(int argc, char **argv)
{
	if (argc < 4) {
		fputs("hangfs SOURCE GATE MOUNTPOINT [OPTIONS...]\n", stderr);
		return 2;
	}
	umask(0);
	root = open(argv[1], O_RDONLY | O_DIRECTORY);
	gate = argv[2];
	if (root == -1) {
		perror(argv[1]);
		return 1;
	}
	argv[2] = argv[0];
	return fuse_main(argc - 2, argv + 2, &operations, NULL);
}
