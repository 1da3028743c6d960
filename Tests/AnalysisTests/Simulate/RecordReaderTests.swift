import Analysis
import IR
import Testing

/// What each form of record is read as.
@Suite struct RecordReaderTests {
  // MARK: KubeArmor

  private func alert(_ members: String) -> String {
    #"{"Type":"MatchedPolicy","NamespaceName":"shop","Labels":"app=web","ContainerName":"nginx","#
      + #""ProcessName":"/usr/sbin/nginx","ParentProcessName":"/bin/sh","# + members + "}"
  }

  @Test(arguments: [
    (#""Operation":"Process","Resource":"/usr/sbin/nginx -g daemon""#, "exec /usr/sbin/nginx from /bin/sh"),
    (
      #""Operation":"File","Resource":"/a b","Data":"syscall=SYS_OPENAT flags=O_RDWR|O_CLOEXEC""#,
      "read+write /a b from /usr/sbin/nginx"
    ),
    (
      #""Operation":"File","Resource":"/a","Data":"syscall=SYS_OPEN flags=O_RDONLY|O_TRUNC""#,
      "read+write /a from /usr/sbin/nginx"
    ),
    (
      #""Operation":"File","Resource":"/a","Data":"syscall=SYS_OPEN flags=O_RDONLY|O_CREAT""#,
      "read|read+write /a from /usr/sbin/nginx"
    ),
    (#""Operation":"File","Resource":"/a","Data":"syscall=SYS_OPEN flags=577""#, "write /a from /usr/sbin/nginx"),
    (#""Operation":"File","Resource":"/a","Data":"syscall=SYS_UNLINKAT flags=512""#, "write /a from /usr/sbin/nginx"),
    (#""Operation":"File","Resource":"/a","Data":"lsm=FILE_OPEN""#, "read|write /a from /usr/sbin/nginx"),
    (#""Operation":"File","Resource":"/a","Data":"lsm=PATH_MKDIR""#, "write /a from /usr/sbin/nginx"),
    (#""Operation":"File","Resource":"/a/","EventData":{"Lsm":"PATH_MKDIR"}"#, "write /a from /usr/sbin/nginx"),
    (
      #""Operation":"File","Resource":"b//c/","Cwd":"/a/","Data":"lsm=PATH_MKDIR""#, "write /a/b/c from /usr/sbin/nginx"
    ),
    (#""Operation":"File","Resource":"x/b","Data":"lsm=PATH_MKDIR""#, "write ?/b from /usr/sbin/nginx"),
    (#""Operation":"File","Resource":"/a/../b","Data":"lsm=PATH_MKDIR""#, "write ?/b from /usr/sbin/nginx"),
    (#""Operation":"File","Resource":"","Data":"syscall=SYS_CLOSE fd=3""#, "none: closing a file, no access"),
    (
      #""Operation":"File","Resource":"/a","Data":"syscall=SYS_OPEN flags=O_PATH""#,
      "none: an O_PATH descriptor, no access"
    ),
    (
      #""Operation":"Network","Resource":"remoteip=10.0.0.1 port=443 protocol=TCP","Data":"kfunc=TCP_CONNECT""#,
      "network inet stream tcp from /usr/sbin/nginx"
    ),
    (
      #""Operation":"Network","Resource":"remoteip=fe80::1 port=53 protocol=UDP""#,
      "network inet6 dgram udp from /usr/sbin/nginx"
    ),
    (#""Operation":"Network","Resource":"protocol=TCP""#, "network inet|inet6 stream tcp from /usr/sbin/nginx"),
    (
      #""Operation":"Network","Resource":"domain=AF_INET type=SOCK_STREAM protocol=HOPOPT""#,
      "network inet stream from /usr/sbin/nginx"
    ),
    (
      #""Operation":"Network","Resource":"domain=AF_INET type=SOCK_RAW protocol=ICMP","Data":"lsm=SOCKET_CREATE""#,
      "network inet raw icmp from /usr/sbin/nginx"
    ),
    (
      #""Operation":"Network","Resource":"sa_family=AF_UNIX sun_path=/run/docker.sock","Data":"syscall=SYS_CONNECT fd=3""#,
      "network unix ? and write /run/docker.sock from /usr/sbin/nginx"
    ),
    (
      #""Operation":"Capabilities","Resource":"CAP_NET_RAW","Data":"lsm=CAPABLE""#,
      "capability net_raw from /usr/sbin/nginx"
    ),
    (
      #""Operation":"Capabilities","Resource":"","Data":"lsm=CAPABLE capability=sys_admin""#,
      "capability sys_admin from /usr/sbin/nginx"
    ),
    (
      #""Operation":"Syscall","Resource":"","Data":"syscall=SYS_SETUID userid=0""#,
      "syscall setuid from /usr/sbin/nginx"
    ),
    (#""Operation":"Syscall","Resource":"/a","Data":"syscall=SYS_UNLINK""#, "syscall unlink /a from /usr/sbin/nginx"),
    (#""Operation":"Device","Resource":"USB""#, "none: a device was plugged in, no access of a process"),
    (#""Operation":"AlertThreshold""#, "none: a notice of KubeArmor's own (alerts are throttled)"),
    (
      #""Operation":"Teleport""#,
      "unparsed: unknown 'Operation' 'Teleport', expected Process, File, Network, Capabilities or Syscall"
    ),
    (#""Operation":"Syscall","Data":"""#, "unparsed: no system call in 'Data', expected such as syscall=SYS_UNLINK"),
    (#""Operation":"File","Resource":{"a":1}"#, "unparsed: no JSON object: 'resource' is an object, expected text"),
  ])
  func alerts(_ members: String, _ expected: String) {
    #expect(Lines.text(Lines.read(alert(members)).first) == expected)
  }

  /// All spellings of the fields, in an envelope or not, with numbers as text: one record.
  @Test func spellings() throws {
    let grpc =
      #"{"Type":"MatchedPolicy","NamespaceName":"shop","PodName":"web-1","Labels":"app=web,tier=front","#
      + #""ContainerName":"nginx","Owner":{"Ref":"Deployment","Name":"web","Namespace":"shop"},"HostPID":12,"#
      + #""ProcessName":"/bin/cat","Source":"/bin/cat /a","Operation":"File","Resource":"/a","#
      + #""Data":"syscall=SYS_OPENAT fd=-100 flags=O_RDONLY","Action":"Block","PolicyName":"p","Result":"Permission denied"}"#
    let camel =
      #"{"type":"MatchedPolicy","namespaceName":"shop","podName":"web-1","labels":"tier=front app=web","#
      + #""containerName":"nginx","owner":{"ref":"Deployment","name":"web"},"hostPID":"12","processName":"/bin/cat","#
      + #""source":"/bin/cat /a","operation":"File","resource":"/a","data":"syscall=SYS_OPENAT fd=-100 flags=O_RDONLY","#
      + #""action":"Block","policyName":"p","result":"Permission denied"}"#
    let snake = camel.replacing("namespaceName", with: "namespace_name").replacing("podName", with: "pod_name")
      .replacing("containerName", with: "container_name").replacing("processName", with: "process_name")
      .replacing("policyName", with: "policy_name")
    let karmor = """
      == Alert / 2026-01-02 03:04:05.6 ==
      Namespace Name: shop
      Pod Name: web-1
      Labels: app=web,tier=front
      Container Name: nginx
      Type: MatchedPolicy
      PolicyName: p
      Source: /bin/cat /a
      ProcessName: /bin/cat
      Resource: /a
      Operation: File
      Action: Block
      Data: syscall=SYS_OPENAT fd=-100 flags=O_RDONLY
      Result: Permission denied

      """
    let wanted = try #require(Lines.record(Lines.read(grpc).first))
    #expect(wanted.event.description == "read /a from /bin/cat")
    #expect(wanted.outcome == RecordedOutcome(.block, policy: "p"))
    #expect(
      wanted.workload
        == .container(
          namespace: "shop",
          labels: [LabelPair("app", "web"), LabelPair("tier", "front")],
          container: "nginx",
          owner: "Deployment/web",
          pod: nil
        )
    )
    for text in [camel, snake, #"{"repo":"r","event":\#(grpc)}"#] {
      #expect(Lines.record(Lines.read(text).first) == wanted)
    }
    var block = Lines.read(karmor)
    #expect(block.dropFirst().allSatisfy { $0 == .companion } && block.count == 14)
    // The text output does not name the owner.
    if case .record(var record) = block[0] {
      if case .container(let namespace, let labels, let container, nil, let pod)? = record.workload {
        record.workload = .container(
          namespace: namespace,
          labels: labels,
          container: container,
          owner: "Deployment/web",
          pod: pod
        )
      }
      block[0] = .record(record)
    }
    #expect(Lines.record(block[0]) == wanted)
  }

  @Test func recordedOutcomes() {
    func outcome(_ members: String) -> RecordedOutcome? {
      Lines.record(Lines.read(alert(#""Operation":"Syscall","Data":"syscall=SYS_SETUID","# + members)).first)?.outcome
    }
    #expect(outcome(#""Action":"Audit (Block)","Result":"Passed""#) == RecordedOutcome(.audit))
    #expect(outcome(#""Action":"Block","Result":"Operation not permitted""#) == RecordedOutcome(.block))
    #expect(outcome(#""Result":"Passed""#) == RecordedOutcome(.allow))
    #expect(outcome(#""Result":"No such file or directory""#) == nil)
  }

  /// On a node: who is acting, and what starts things in containers.
  @Test func sources() {
    let exec = #""Type":"ContainerLog","NamespaceName":"n","Operation":"Process","Resource":"/bin/sh""#
    #expect(Lines.text(Lines.read("{\(exec),\"Source\":\"runc:[2:INIT]\"}").first) == "exec /bin/sh from ?")
    #expect(
      Lines.text(Lines.read("{\(exec),\"ParentProcessName\":\"/usr/bin/containerd-shim-runc-v2\"}").first)
        == "exec /bin/sh from /usr/bin/containerd-shim-runc-v2|nothing"
    )
    let host = exec.replacing("ContainerLog", with: "HostLog")
    #expect(
      Lines.text(Lines.read("{\(host),\"HostName\":\"h\",\"ParentProcessName\":\"/usr/bin/runc\"}").first)
        == "exec /bin/sh from /usr/bin/runc"
    )
  }

  // MARK: AppArmor

  private static let denial =
    #"audit: type=1400 audit(1700000000.123:45): apparmor="DENIED" operation="open" class="file" "#
    + #"profile="armorc.shop.web.nginx" name="/etc/shadow" pid=12 comm="cat" requested_mask="r" denied_mask="r" "#
    + "fsuid=33 ouid=0"

  @Test(arguments: [
    (denial, "read /etc/shadow from ? as other"),
    ("[   12.345678] " + denial, "read /etc/shadow from ? as other"),
    ("Jan 02 03:04:05 node kernel: " + denial, "read /etc/shadow from ? as other"),
    (
      denial.replacing("audit: type=1400", with: "type=AVC msg=").replacing("msg= ", with: "msg="),
      "read /etc/shadow from ? as other"
    ),
    (denial.replacing("fsuid=33", with: "fsuid=0"), "read /etc/shadow from ? as owner"),
    (denial.replacing(" ouid=0", with: ""), "read /etc/shadow from ?"),
    (denial.replacing(#"name="/etc/shadow""#, with: "name=2F6120620A"), #"read /a b\012 from ? as other"#),
    (denial.replacing(#"name="/etc/shadow""#, with: #"name="/srv/""#), "read /srv from ? as other"),
    (
      denial.replacing(#"name="/etc/shadow""#, with: #"name="run/x" info="Failed name lookup - disconnected path""#),
      "read ?/x from ? as other"
    ),
    (denial.replacing(#"requested_mask="r""#, with: #"requested_mask="wc""#), "write /etc/shadow from ? as other"),
    (denial.replacing(#"requested_mask="r""#, with: #"requested_mask="rw""#), "read+write /etc/shadow from ? as other"),
    (
      denial.replacing(#"requested_mask="r""#, with: #"requested_mask="x""#)
        .replacing(#"operation="open""#, with: #"operation="exec""#), "exec /etc/shadow from ? as other"
    ),
    (
      denial.replacing(#"requested_mask="r""#, with: #"requested_mask="z""#),
      #"unparsed: unknown letter in 'requested_mask="z"', expected of rwaxmklcd"#
    ),
    (
      #"type=AVC msg=audit(1.2:3): apparmor="DENIED" operation="capable" class="cap" profile="p" pid=1 comm="x" "#
        + #"capability=21  capname="sys_admin""#, "capability sys_admin from ?"
    ),
    (
      #"type=AVC msg=audit(1.2:3): apparmor="ALLOWED" operation="capable" profile="p" comm="x" capability=13"#,
      "capability net_raw from ?"
    ),
    (
      #"type=AVC msg=audit(1.2:3): apparmor="AUDIT" operation="create" class="net" profile="p" comm="x" family="inet" "#
        + #"sock_type="raw" protocol=1 requested_mask="create" denied_mask="create""#, "network inet raw icmp from ?"
    ),
    (
      #"type=AVC msg=audit(1.2:3): apparmor="DENIED" operation="ptrace" class="ptrace" profile="p" requested_mask="read""#,
      "none: 'ptrace', of which no policy speaks"
    ),
    (
      #"type=AVC msg=audit(1.2:3): apparmor="STATUS" operation="profile_load" profile="unconfined" name="p""#,
      "none: loading or removing of an AppArmor profile"
    ),
  ])
  func appArmor(_ line: String, _ expected: String) {
    #expect(Lines.text(Lines.read(line + "\n").first) == expected)
  }

  @Test func appArmorVerdictsAndProfiles() throws {
    let record = try #require(Lines.record(Lines.read(RecordReaderTests.denial).first))
    #expect(record.workload == .profile("armorc.shop.web.nginx") && record.outcome == RecordedOutcome(.block))
    let allowed = RecordReaderTests.denial.replacing("DENIED", with: "ALLOWED")
    #expect(Lines.record(Lines.read(allowed).first)?.outcome == RecordedOutcome(.audit))
  }

  // MARK: SELinux and companions

  private static let avc =
    #"type=AVC msg=audit(1700000000.123:45): avc:  denied  { read } for  pid=12 comm="cat" name="shadow" dev="sda1" "#
    + "ino=77 scontext=a:b:c:s0 tcontext=d:e:f:s0 tclass=file permissive=0\n"
  private static let syscall =
    "type=SYSCALL msg=audit(1700000000.123:45): arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c items=1 "
    + #"ppid=1 pid=12 uid=0 fsuid=33 comm="cat" exe="/usr/bin/cat" subj=a:b:c:s0 key=(null)"# + "\n"
  private static let cwd = "type=CWD msg=audit(1700000000.123:45): cwd=\"/etc\"\n"
  private static let path =
    "type=PATH msg=audit(1700000000.123:45): item=0 name=\"shadow\" inode=77 dev=08:01 mode=0100640 ouid=0 ogid=42 "
    + "nametype=NORMAL\n"

  @Test func recordsOfOneEventAreJoined() {
    let all = RecordReaderTests.avc + RecordReaderTests.syscall + RecordReaderTests.cwd + RecordReaderTests.path
    #expect(
      Lines.read(all).map(Lines.text)
        == ["read /etc/shadow from /usr/bin/cat as other", "companion", "companion", "companion"]
    )
    // Of another event: not joined.
    let other = RecordReaderTests.avc + RecordReaderTests.syscall.replacing(":45)", with: ":46)")
    #expect(
      Lines.read(other).map(Lines.text) == [
        "read ?/shadow from ?", "none: an audit record without a decision of AppArmor or SELinux",
      ]
    )
  }

  @Test(arguments: [
    ("{ read open }", "file", "read ?/shadow from ?"), ("{ read write open }", "file", "read+write ?/shadow from ?"),
    ("{ append }", "file", "write ?/shadow from ?"), ("{ open }", "file", "read|write ?/shadow from ?"),
    ("{ execute }", "file", "exec|read ?/shadow from ?"), ("{ execute_no_trans }", "file", "exec ?/shadow from ?"),
    ("{ getattr }", "file", "none: reading or labelling attributes, no access"),
    ("{ read }", "dir", "read ?/shadow from ?"), ("{ add_name }", "dir", "write ?/shadow from ?"),
    ("{ search }", "dir", "none: passing through a directory, no access"),
    ("{ sys_ptrace }", "capability", "capability sys_ptrace from ?"),
    ("{ create }", "tcp_socket", "network inet|inet6 stream tcp from ?"),
    ("{ create }", "packet_socket", "network packet ? ? from ?"),
    ("{ create }", "unix_dgram_socket", "network unix dgram from ?"),
    ("{ create }", "netlink_route_socket", "network netlink ? ? from ?"),
    ("{ create }", "bluetooth_socket", "network bluetooth ? ? from ?"),
    ("{ ptrace }", "process", "none: a permission of class 'process', of which no policy speaks"),
  ])
  func seLinux(_ permissions: String, _ kind: String, _ expected: String) {
    let line = RecordReaderTests.avc.replacing("{ read }", with: permissions).replacing(
      "tclass=file",
      with: "tclass=\(kind)"
    )
    #expect(Lines.text(Lines.read(line).first) == expected)
  }

  @Test func seLinuxVerdicts() {
    func verdict(_ old: String, _ new: String) -> Verdict? {
      Lines.record(Lines.read(RecordReaderTests.avc.replacing(old, with: new)).first)?.outcome?.verdict
    }
    #expect(verdict("permissive=0", "permissive=0") == .block)
    #expect(verdict("permissive=0", "permissive=1") == .audit)
    #expect(verdict("denied", "granted") == .audit)
  }

  /// After an exec that was let through, `exe` is the new program: who called is not recorded.
  @Test func sourceOfExec() {
    let exec = RecordReaderTests.avc.replacing("{ read }", with: "{ execute_no_trans }")
    let call = RecordReaderTests.syscall.replacing("syscall=257", with: "syscall=59")
    #expect(Lines.text(Lines.read(exec + call).first) == "exec ?/shadow from /usr/bin/cat")
    let passed = call.replacing("success=no", with: "success=yes")
    #expect(Lines.text(Lines.read(exec + passed).first) == "exec ?/shadow from ?")
  }

  // MARK: armorc's own form

  @Test(arguments: [
    ("read /etc/shadow from /bin/cat as other", "read /etc/shadow from /bin/cat as other"),
    (#"{"event":"read /etc/shadow from /bin/cat as other"}"#, "read /etc/shadow from /bin/cat as other"),
    (#"{"op":"exec","path":"/bin/sh","source":"/a","isOwner":null}"#, "exec /bin/sh from /a"),
    (
      #"{"event":{"op":"network","network":{"family":"inet","type":"stream","protocol":"tcp"}}}"#,
      "network inet stream tcp"
    ),
  ])
  func ownForm(_ line: String, _ expected: String) {
    #expect(Lines.text(Lines.read(line).first) == expected)
  }

  @Test func ownFormHasSubjectAndOutcome() throws {
    let line =
      #"{"event":"exec /bin/sh","subject":{"namespace":"n","labels":{"a":"b"},"container":"c"},"#
      + #""recorded":{"verdict":"audit","policy":"p"}}"#
    let record = try #require(Lines.record(Lines.read(line).first))
    #expect(record.outcome == RecordedOutcome(.audit, policy: "p"))
    #expect(
      record.workload
        == .container(namespace: "n", labels: [LabelPair("a", "b")], container: "c", owner: nil, pod: nil)
    )
    #expect(Lines.text(Lines.read(#"{"event":"exec /a","recorded":"no"}"#).first).hasPrefix("unparsed: 'recorded'"))
  }
}
