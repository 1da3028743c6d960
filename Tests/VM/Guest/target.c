// What scenarios execute when only the execve itself is judged: a static program of a few hundred bytes.
void _start(void) {
  __asm__ volatile("syscall" : : "a"(60), "D"(42));
  __builtin_unreachable();
}
