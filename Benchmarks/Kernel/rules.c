// Fills the baseline's maps as the description of KubeArmor's dirtoMap says.
#include "rules.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"

// Longer strings lose their end.
static struct baseline_key key_of(const char *path, size_t bytes, const char *source) {
  struct baseline_key key = {};
  memcpy(key.path, path, bytes < FIELD ? bytes : FIELD);
  if (strcmp(source, "-")) memcpy(key.source, source, strlen(source) < FIELD ? strlen(source) : FIELD);
  return key;
}

static void put(int map, struct baseline_key key, unsigned short process, unsigned short file, unsigned short kept) {
  struct baseline_masks masks = {}, new = {.process = process, .file = file};
  if (!bpf_map_lookup_elem(map, &key, &masks)) new.file |= masks.file & kept;
  if (bpf_map_update_elem(map, &key, &new, 0)) {
    fprintf(stderr, "a rule does not fit\n");
    exit(3);
  }
}

static void put_number(int map, unsigned char kind, unsigned char number, const char *source) {
  char bytes[2] = {(char)kind, (char)number};
  put(map, key_of(bytes, 2, source), M_DENY, 0, 0);
}

static void put_rule(int map, const char *kind, const char *path, const char *source, const char *flags) {
  unsigned short file = M_READ | M_WRITE;
  if (strstr(flags, "owner")) file |= M_OWNER;
  if (strstr(flags, "block")) file |= M_DENY;
  size_t bytes = strlen(path);
  if (!strcmp(kind, "protocol")) {
    put_number(map, K_SOCKET_TYPE, 3, source);
  } else if (!strcmp(kind, "capability")) {
    put_number(map, K_CAPABILITY, 18, source);
  } else if (!strcmp(kind, "path")) {
    put(map, key_of(path, bytes, source), 0, file, 0);
  } else {
    if (strstr(flags, "recursive")) file |= M_RECURSIVE;
    put(map, key_of(path, bytes - 1, source), 0, file, 0);
    put(map, key_of(path, bytes, source), 0, file | M_DIRECTORY, M_HINT);
    for (size_t i = 0; i + 1 < bytes; i++)
      if (path[i] == '/') put(map, key_of(path, i + 1, source), 0, M_HINT, 0xffff);
  }
}

int rules_map(const char *name) {
  static char line[16384];
  FILE *file = fopen(name, "r");
  if (!file) return -1;
  int map = bpf_map_create(BPF_MAP_TYPE_HASH, "rules", sizeof(struct baseline_key), sizeof(struct baseline_masks), 16384, NULL);
  while (map >= 0 && fgets(line, sizeof line, file)) {
    char *kind = strtok(line, " \n"), *path = strtok(NULL, " \n"), *source = strtok(NULL, " \n"), *flags = strtok(NULL, " \n");
    if (flags) put_rule(map, kind, path, source, flags);
  }
  fclose(file);
  return map;
}
