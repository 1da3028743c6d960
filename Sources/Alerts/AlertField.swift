/// The fields of an alert, in the order in which JSON has them.
package enum AlertField: Int, CaseIterable, Sendable {
  case timestamp, updatedTime, hostName, namespaceName, owner, podName, labels, containerName
  case hostPPID, hostPID, ppid, pid, uid, parentProcessName, processName
  case policyName, severity, tags, atags, message, type, source, operation, resource, data, eventData
  case enforcer, action, result

  /// As over gRPC and from karmor.
  package var name: String { AlertField.names[rawValue].0 }
  /// As in KubeArmor's own files.
  package var fileName: String { AlertField.names[rawValue].1 }

  private static let names: [(String, String)] = [
    ("Timestamp", "timestamp"), ("UpdatedTime", "updatedTime"), ("HostName", "hostName"),
    ("NamespaceName", "namespaceName"), ("Owner", "owner"), ("PodName", "podName"), ("Labels", "labels"),
    ("ContainerName", "containerName"), ("HostPPID", "hostPPid"), ("HostPID", "hostPid"), ("PPID", "ppid"),
    ("PID", "pid"), ("UID", "uid"), ("ParentProcessName", "parentProcessName"), ("ProcessName", "processName"),
    ("PolicyName", "policyName"), ("Severity", "severity"), ("Tags", "tags"), ("ATags", "atags"),
    ("Message", "message"), ("Type", "type"), ("Source", "source"), ("Operation", "operation"),
    ("Resource", "resource"), ("Data", "data"), ("EventData", "eventData"), ("Enforcer", "enforcer"),
    ("Action", "action"), ("Result", "result"),
  ]

  /// The order of karmor's text: a list of its own, then the others by name. The time stands in the head.
  static let textOrder: [AlertField] = {
    let first: [AlertField] = [
      .hostName, .namespaceName, .podName, .labels, .containerName, .type, .policyName, .severity, .message, .source,
      .resource, .operation, .action, .data, .enforcer, .result,
    ]
    let rest = allCases.filter { !first.contains($0) && $0 != .timestamp && $0 != .updatedTime }
    return first + rest.sorted { $0.name < $1.name }
  }()
}
