// Loads the test entry of the matcher into the running kernel and prints how many instructions the verifier went through.
//   verified OBJECT     exit status 77 if this machine does not let us
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int nothing(enum libbpf_print_level level, const char *format, va_list arguments) { return 0; }

int main(int count, char **words) {
  static char log[1 << 20];
  struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &unlimited);
  libbpf_set_print(nothing);
  struct bpf_object *object = count == 2 ? bpf_object__open(words[1]) : NULL;
  if (!object) {
    fprintf(stderr, "usage: verified OBJECT\n");
    return 2;
  }
  struct bpf_program *program;
  bpf_object__for_each_program(program, object) {
    int test = !strcmp(bpf_program__name(program), "armor_test");
    bpf_program__set_autoload(program, test);
    if (!test) continue;
    bpf_program__set_log_buf(program, log, sizeof log);
    bpf_program__set_log_level(program, 4);
  }
  int error = bpf_object__load(object);
  if (error == -EPERM || error == -ENOSYS) return 77;
  const char *found = strstr(log, "processed ");
  if (error || !found) {
    fprintf(stderr, "%s\nthe verifier refuses it: %s\n", log, strerror(-error));
    return 1;
  }
  printf("%d\n", atoi(found + 10));
  return 0;
}
