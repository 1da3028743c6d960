// One event as the matcher sends it.
#ifndef BURST_H
#define BURST_H

#define BURST_PATH "/usr/lib/x86_64-linux-gnu/part17/module1234.so.1"
#define BURST_SOURCE "/usr/bin/python3"

struct burst_event {
  struct armor_event head;
  char path[48];
  char source[16];
};

#endif
