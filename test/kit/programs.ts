/** Small programs run inside sandboxes by tests, as argv; they need only what every base image has: sh, coreutils, perl. */

export const sh = (line: string): readonly string[] => ['sh', '-c', line];

/** takes `megabytes` of memory, touches all of it, and says so if it is still alive */
export const takeMemory = (megabytes: number): readonly string[] => [
  'perl',
  '-e',
  `$x = "a" x (${megabytes} * 1024 * 1024); print "took ", length($x) >> 20, "\\n"; sleep 1`,
];

/** starts `count` children that stay a moment, and says how many it got */
export const forkMany = (count: number): readonly string[] => [
  'perl',
  '-e',
  `my $n = 0; for (1..${count}) { my $p = fork(); last unless defined $p; if ($p == 0) { sleep 3; exit } $n++ } print "forked $n\\n"; exit`,
];

/** opens files until it may not, and says how many it got */
export const openMany = (count: number): readonly string[] => [
  'perl',
  '-e',
  `my @h; for (1..${count}) { open(my $f, "<", "/dev/null") or last; push @h, $f } print "opened ", scalar(@h), "\\n"`,
];

/** kills itself with `signal` */
export const dieBy = (signal: string): readonly string[] => ['perl', '-e', `kill '${signal}', $$; sleep 5`];
