/// System calls and LSM hooks sorted by what they do to a path (docs/semantics.md); names in lower case.
enum SyscallWords {
  static let writing: Set<String> = [
    "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "mknod", "mknodat", "creat", "truncate", "ftruncate", "rename",
    "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "chmod", "fchmod", "fchmodat", "fchmodat2",
    "chown", "fchown", "lchown", "fchownat", "path_unlink", "path_mkdir", "path_rmdir", "path_symlink", "path_mknod",
    "path_rename", "path_link", "path_chmod", "path_chown", "path_truncate",
  ]
  static let reading: Set<String> = ["getdents", "getdents64", "flock"]
  /// No event of a policy.
  static let silent: Set<String> = [
    "stat", "lstat", "fstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
    "chdir", "fchdir", "utime", "utimes", "utimensat", "futimesat", "getxattr", "lgetxattr", "fgetxattr", "setxattr",
    "lsetxattr", "fsetxattr", "listxattr", "removexattr", "statfs", "fstatfs", "inode_getattr",
  ]
}
