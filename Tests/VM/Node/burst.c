// Opens a file for reading again and again, and tells how often that was allowed: `burst FILE TIMES`, 0 times: until SIGTERM.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t over;
static void end(int signal) {
  (void)signal;
  over = 1;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  long times = atol(arguments[2]), tried = 0, opened = 0;
  signal(SIGTERM, end);
  for (; !over && (times == 0 || tried < times); tried++) {
    int descriptor = open(arguments[1], O_RDONLY);
    if (descriptor < 0) continue;
    opened++;
    close(descriptor);
  }
  printf("opened %ld, tried %ld\n", opened, tried);
  return 0;
}
