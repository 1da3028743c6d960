// Sends events at a rate through the ring buffer of a node that was loaded without programs.
//   burst BURST.bpf.o MAPS DOMAIN GENERATION RATE SECONDS     MAPS is where the maps are pinned; RATE 0 is as fast as possible
// Prints: sent N lost N in MS
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../bpf/armor.h"
#include "burst.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static unsigned long long counted(int map, __u32 domain, int which) {
  static struct armor_counters values[1024];
  unsigned long long sum = 0;
  if (libbpf_num_possible_cpus() > 1024 || bpf_map_lookup_elem(map, &domain, values)) return 0;
  for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++) sum += values[cpu].count[which];
  return sum;
}

int main(int count, char **words) {
  if (count != 7) return 2;
  struct bpf_object *object = bpf_object__open(words[1]);
  struct bpf_map *map;
  if (!object) return 3;
  bpf_object__for_each_map(map, object) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", words[2], bpf_map__name(map));
    int pinned = bpf_obj_get(path);
    if (pinned >= 0) bpf_map__reuse_fd(map, pinned);
  }
  if (bpf_object__load(object)) return 3;
  __u32 zero = 0, domain = (__u32)atoi(words[3]);
  struct burst_event event = {.head = {
    .bytes = sizeof event, .domain = domain, .generation = (__u32)atoi(words[4]), .host_pid = 4242, .host_parent = 4241,
    .pid = 42, .parent = 41, .uid = 33, .owner_uid = 0, .cell = ARMOR_RECORD << 2 | ARMOR_BLOCK,
    .resource_class = ARMOR_FILE, .operation = ARMOR_READ, .hook = ARMOR_HOOK_OPEN,
    .path_bytes = sizeof event.path, .source_bytes = sizeof event.source, .comm = "python", .parent_comm = "sh"}};
  event.head.bytes = sizeof event.head + event.head.path_bytes + event.head.source_bytes;
  memcpy(event.path, BURST_PATH, sizeof event.path);
  memcpy(event.source, BURST_SOURCE, sizeof event.source);
  bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "template"), &zero, &event, 0);
  int counters = bpf_object__find_map_fd_by_name(object, "counters");
  unsigned long long sent = counted(counters, domain, ARMOR_REPORTED), lost = counted(counters, domain, ARMOR_LOST);
  unsigned char packet[64] = {0};
  int rate = atoi(words[5]), seconds = atoi(words[6]);
  LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof packet, .repeat = rate ? rate / 100 : 1000);
  int program = bpf_program__fd(bpf_object__find_program_by_name(object, "burst"));
  double start = now();
  for (int tick = 1; tick <= seconds * 100; tick++) {
    if (bpf_prog_test_run_opts(program, &options)) return 3;
    double left = start + tick / 100.0 - now();
    if (rate && left > 0) nanosleep(&(struct timespec){.tv_nsec = (long)(left * 1e9)}, NULL);
  }
  printf("sent %llu lost %llu in %.0f ms\n", counted(counters, domain, ARMOR_REPORTED) - sent,
         counted(counters, domain, ARMOR_LOST) - lost, (now() - start) * 1000);
  return 0;
}
