extension SystemCalls {
  /// Which argument of a system call is its path: 1...4, or nil for a call without. Of two paths it is the
  /// first; of a call that makes a symbolic link, the link's.
  package static func pathArgument(of name: String) -> Int? { pathArguments[name] }

  private static let pathArguments: [String: Int] = {
    let byPosition = [
      (
        1,
        """
        open stat lstat access execve truncate chdir rename mkdir rmdir creat link unlink readlink chmod chown lchown
        utime mknod uselib statfs pivot_root chroot acct umount2 mount swapon swapoff setxattr lsetxattr getxattr lgetxattr
        listxattr llistxattr removexattr lremovexattr utimes
        """
      ),
      (
        2,
        """
        symlink inotify_add_watch openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat
        quotactl renameat2 linkat readlinkat fchmodat faccessat utimensat name_to_handle_at execveat statx
        """
      ),
      (3, "symlinkat"),
    ]
    return Dictionary(
      uniqueKeysWithValues: byPosition.flatMap { position, names in
        names.split { $0 == " " || $0 == "\n" }.map { (String($0), position) }
      }
    )
  }()
}
