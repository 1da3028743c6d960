import Foundation
import PackagePlugin

/// Compiles `bpf/armor.bpf.c` with the toolchain's clang and writes the object as a hexadecimal string for Swift: the build
/// system compiles no C that a plugin made, and an array literal of this size takes the compiler minutes.
///
/// The object is made from relative names and has no debug sections, so the same sources give the same bytes anywhere.
@main
struct CompileMatcher: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let directory = context.package.directoryURL.appending(path: "bpf")
    let inputs = try FileManager.default
      .contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
      .filter { ["c", "h"].contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
    let object = context.pluginWorkDirectoryURL.appending(path: "armor.bpf.o")
    let source = context.pluginWorkDirectoryURL.appending(path: "MatcherText.swift")
    let script = """
      cd "$1"
      "$2" -target bpf -mcpu=v3 -O2 -g -Wall -Werror -ffile-prefix-map="$PWD"=bpf -c armor.bpf.c -o "$4"
      "$3" --strip-debug "$4"
      { printf 'let matcherText: StaticString = "'; od -An -v -tx1 "$4" | tr -d ' \\n'; echo '"'; } >"$5"
      """
    return [
      .buildCommand(
        displayName: "Compiling the matcher",
        executable: URL(filePath: "/bin/sh"),
        arguments: [
          "-euc", script, "sh", directory.path,
          try context.tool(named: "clang").url.path,
          try context.tool(named: "llvm-objcopy").url.path,
          object.path,
          source.path,
        ],
        inputFiles: inputs,
        outputFiles: [source]
      )
    ]
  }
}
