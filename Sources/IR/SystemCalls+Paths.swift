extension SystemCalls {
  /// Which argument of a system call is its path: 1...4, or nil for a call without. Of two paths it is the one that the
  /// call changes or looks up first: the old name of a rename or link, the new symbolic link, the target of a mount.
  package static func pathArgument(of name: String) -> Int? { pathArguments[name] }

  private static let pathArguments: [String: Int] = {
    let byPosition = [
      (
        1,
        """
        open stat lstat access execve truncate chdir rename mkdir rmdir creat link unlink readlink chmod chown lchown
        utime mknod uselib statfs pivot_root chroot acct umount2 swapon swapoff setxattr lsetxattr getxattr lgetxattr
        listxattr llistxattr removexattr lremovexattr utimes
        """
      ),
      (
        2,
        """
        symlink mount quotactl inotify_add_watch openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat
        renameat2 linkat readlinkat fchmodat faccessat utimensat name_to_handle_at execveat statx
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
