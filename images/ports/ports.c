/*
 * ports PID
 *
 * Lets every program in the network namespace of process PID listen on ports below 1024, as an engine's containers may. The
 * namespace belongs to a user namespace above the one PID runs in, which no shipped program of the system enters. Run on the
 * host by whoever made both, before anything untrusted runs there; changes nothing else, and nothing outside that namespace.
 *
 * Exit status: 0 done; 2 wrong use; 1 anything else.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char setting[] = "/proc/sys/net/ipv4/ip_unprivileged_port_start";

static _Noreturn void die(const char *what) {
  fprintf(stderr, "ports: %s: %s\n", what, strerror(errno));
  exit(1);
}

/* True when both are the same file, and so the same namespace. */
static int same(int file, const char *path) {
  int other = open(path, O_RDONLY | O_CLOEXEC);
  if (other < 0) die(path);
  struct stat a, b;
  if (fstat(file, &a) < 0 || fstat(other, &b) < 0) die(path);
  close(other);
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

int main(int argc, char **argv) {
  char *end, path[64];
  long pid = argc == 2 ? strtol(argv[1], &end, 10) : 0;
  if (pid <= 0 || *end != '\0') {
    fprintf(stderr, "usage: ports PID\n");
    return 2;
  }
  snprintf(path, sizeof path, "/proc/%ld/ns/net", pid);
  int network = open(path, O_RDONLY | O_CLOEXEC);
  if (network < 0) die(path);
  /* A process that has not left this machine's own network is not a sandbox's. */
  if (same(network, "/proc/self/ns/net")) {
    fprintf(stderr, "ports: process %ld has no network of its own\n", pid);
    return 1;
  }
  int owner = ioctl(network, NS_GET_USERNS);
  if (owner < 0) die("owner of the network");
  if (!same(owner, "/proc/self/ns/user") && setns(owner, CLONE_NEWUSER) < 0) die("user namespace");
  if (setns(network, CLONE_NEWNET) < 0) die("network namespace");
  int file = open(setting, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, "0\n", 2) != 2) die(setting);
  return 0;
}
