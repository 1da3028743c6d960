import ArgumentParser
import Runtime

/// `armorc oci-hook`: what a container runtime calls.
struct OCIHookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "oci-hook",
    abstract: "Confine a container, as a hook of an OCI runtime.",
    discussion: """
      For runc, crun and what builds on them, as a createRuntime hook (docs/node.md). Reads the container's state on \
      standard input, and its config.json; takes the subject that the annotation 'armorc.io/subject' names, else the one \
      that Kubernetes' namespace, pod and container names lead to. With BPF, the container's first process is confined \
      from its execve on; with AppArmor, the container must be set to enter the subject's profile, which is checked. A \
      container that no policy is for goes on with a note. Whatever fails stops the container: status 3.
      """
  )

  @Flag(name: .long, help: "Stop containers that no policy is for.")
  var require = false

  @OptionGroup var node: NodeOptions

  func run() throws {
    let enforcer = node.chosen
    do throws(NodeError) {
      let input: [UInt8]
      do throws(FileError) {
        input = try FileAccess.readStandardInput(limit: ContainerState.maximumSize)
      } catch {
        throw NodeError("\(error)")
      }
      switch try OCIHook.run(input, enforcer) {
      case .confined(_, let words): Terminal.print("armorc: \(words)")
      case .free(let reason):
        if require { throw NodeError("no policy for this container: \(reason)") }
        Terminal.print("armorc: no policy for this container: \(reason)")
      }
    } catch {
      throw Failure("\(error)")
    }
  }
}
