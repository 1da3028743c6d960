#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

// Defined by CLinux: keeps what libbpf would print.
extern int clinux_log_print(unsigned int level, const char *format, va_list arguments);

static int cbpf_print(enum libbpf_print_level level, const char *format, va_list arguments) {
  return clinux_log_print(level, format, arguments);
}

/// From now on libbpf prints nothing; `clinux_log` has its words.
static inline void cbpf_capture_log(void) { libbpf_set_print(cbpf_print); }
