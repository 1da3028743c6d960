// A program that needs its loader: opens /etc/loaded and says how it went by its exit status.
static long call(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}
void _start(void) {
  long fd = call(2, (long)"/etc/loaded", 0, 0);
  call(60, fd < 0 ? -fd : 0, 0, 0);
  __builtin_unreachable();
}
