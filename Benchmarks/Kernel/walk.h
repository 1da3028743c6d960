// What the matcher's walk is asked when it is measured.
#ifndef WALK_H
#define WALK_H

struct walk_input {
  unsigned int domain;
  unsigned int source;
  unsigned int path_bytes; /* below 256 */
  unsigned int turn;
  unsigned int turns; /* less one; a power of two */
  unsigned int skip;  /* walk nothing */
  unsigned long long last; /* what came out */
  char paths[256][256];
};

#endif
