/*
 * idmap SOURCE TARGET UID-MAP GID-MAP [ro]
 *
 * Mounts the folder SOURCE at the empty folder TARGET so that one user's files look like another's: each map is
 * `disk:seen`, and everybody else stays who they are. It follows no symbolic link in SOURCE, mounts without set-user-id
 * programs and devices, and must never leave a mount behind when it fails. Run by root on the host, never inside a sandbox.
 *
 * Exit status: 0 mounted; 2 wrong use; 3 the kernel or the file system cannot map ids; 1 anything else.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { cannot_map = 3 };

static _Noreturn void die(int status, const char *what) {
  fprintf(stderr, "idmap: %s: %s\n", what, strerror(errno));
  exit(status);
}

static void write_file(pid_t pid, const char *name, const char *text) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text)) die(1, path);
  close(file);
}

/* One line of a map: `count` ids from `disk` on are seen as those from `seen` on. */
static size_t line(char *into, size_t size, unsigned long disk, unsigned long seen, unsigned long count) {
  return count == 0 ? 0 : (size_t)snprintf(into, size, "%lu %lu %lu\n", disk, seen, count);
}

/* Swaps two ids and leaves every other as it is. */
static void swap_map(char *into, size_t size, unsigned long disk, unsigned long seen) {
  unsigned long low = disk < seen ? disk : seen, high = disk < seen ? seen : disk;
  const unsigned long end = 4294967295UL;
  size_t used = 0;
  if (low == high) {
    line(into, size, 0, 0, end);
    return;
  }
  used += line(into + used, size - used, 0, 0, low);
  used += line(into + used, size - used, low, high, 1);
  used += line(into + used, size - used, low + 1, low + 1, high - low - 1);
  used += line(into + used, size - used, high, low, 1);
  line(into + used, size - used, high + 1, high + 1, end - high - 1);
}

static int parse_map(const char *text, char *into, size_t size) {
  char *rest;
  unsigned long disk = strtoul(text, &rest, 10);
  if (rest == text || *rest != ':') return -1;
  const char *second = rest + 1;
  unsigned long seen = strtoul(second, &rest, 10);
  if (rest == second || *rest != 0 || disk > 4294967294UL || seen > 4294967294UL) return -1;
  swap_map(into, size, disk, seen);
  return 0;
}

/* A user namespace that only exists to carry the maps: a child that waits in it until it is told to go. */
static int user_namespace(const char *uids, const char *gids, pid_t *holder) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) < 0) die(1, "pipe");
  pid_t child = fork();
  if (child < 0) die(1, "fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char answer = unshare(CLONE_NEWUSER) == 0 ? 'y' : 'n';
    if (write(ready[1], &answer, 1) == 1) pause();
    _exit(1);
  }
  *holder = child;
  char answer = 'n';
  if (read(ready[0], &answer, 1) != 1 || answer != 'y') {
    errno = EPERM;
    die(cannot_map, "user namespace");
  }
  write_file(child, "uid_map", uids);
  write_file(child, "gid_map", gids);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)child);
  int space = open(path, O_RDONLY | O_CLOEXEC);
  if (space < 0) die(1, path);
  return space;
}

static int open_plain(const char *path) {
  struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

int main(int argc, char **argv) {
  char uids[256], gids[256];
  if (argc < 5 || argc > 6 || parse_map(argv[3], uids, sizeof uids) < 0 || parse_map(argv[4], gids, sizeof gids) < 0) {
    fputs("usage: idmap SOURCE TARGET DISK-UID:SEEN-UID DISK-GID:SEEN-GID [ro]\n", stderr);
    return 2;
  }
  int source = open_plain(argv[1]);
  if (source < 0) die(1, argv[1]);
  int target = open_plain(argv[2]);
  if (target < 0) die(1, argv[2]);
  int tree = (int)syscall(SYS_open_tree, source, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (tree < 0) die(errno == ENOSYS ? cannot_map : 1, "open_tree");

  pid_t holder;
  int space = user_namespace(uids, gids, &holder);
  struct mount_attr attributes = {
      .attr_set = MOUNT_ATTR_IDMAP | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (argc == 6 ? MOUNT_ATTR_RDONLY : 0),
      .propagation = 1UL << 18, /* MS_PRIVATE */
      .userns_fd = (unsigned)space,
  };
  int failed = syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0 ? errno : 0;
  kill(holder, SIGKILL);
  waitpid(holder, NULL, 0);
  if (failed != 0) {
    errno = failed;
    die(cannot_map, "mount_setattr");
  }
  if (syscall(SYS_move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) die(1, "move_mount");
  return 0;
}
