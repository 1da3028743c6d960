// What the look-up algorithm of KubeArmor's BPF-LSM enforcer keeps in its maps; shared by the programs and who fills them.
#ifndef BASELINE_H
#define BASELINE_H

#define FIELD 200 /* bytes of a path or source in a key, the NUL included */

// Mask bits.
#define M_EXEC 0x1
#define M_WRITE 0x2
#define M_READ 0x4
#define M_OWNER 0x8
#define M_DIRECTORY 0x10
#define M_RECURSIVE 0x20
#define M_HINT 0x40
#define M_DENY 0x80

// First bytes of keys that are no paths.
#define K_SOCKET_TYPE 2
#define K_PROTOCOL 3
#define K_FILE_POSTURE 102
#define K_NETWORK_POSTURE 103
#define K_CAPABILITY_POSTURE 104
#define K_CAPABILITY 200
#define POSTURE_BLOCK 141

// Whose rules: namespaces of a container; zeros for the host.
struct baseline_space {
  unsigned int processes;
  unsigned int mounts;
};

struct baseline_key {
  char path[FIELD];
  char source[FIELD];
};

struct baseline_masks {
  unsigned short process;
  unsigned short file;
};

// What the test entry is asked: paths by turns.
struct baseline_input {
  unsigned int turn;
  unsigned int turns; /* less one; a power of two */
  unsigned int denied;
  unsigned int skip; /* look nothing up */
  char source[256];
  char paths[256][256];
};

#endif
