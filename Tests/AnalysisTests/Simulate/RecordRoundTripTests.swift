import Analysis
import Foundation
import IR
import Testing
import _PolicyTestSupport

/// Random events, written in every form that can hold them, are read back as the same events.
@Suite struct RecordRoundTripTests {
  private func events(_ body: (Event) -> Void) {
    var random = RandomPolicy(SeededGenerator.fresh(ProcessInfo.processInfo.environment))
    for _ in 0..<3000 { body(random.event()) }
  }

  private func check(_ text: String, _ event: Event, isOwnerKnown: Bool) {
    guard !text.isEmpty, let record = Lines.record(Lines.read(text).first) else {
      if !text.isEmpty { Issue.record("\(text)\n\(Lines.text(Lines.read(text).first))") }
      return
    }
    var wanted = event
    if case .path = event.access {} else { wanted.isOwner = record.event.isOwner ?? true }
    if !isOwnerKnown { wanted.isOwner = true }
    #expect(record.event.event == wanted, "\(text)")
    if case .path = event.access { #expect((record.event.isOwner != nil) == isOwnerKnown, "\(text)") }
  }

  @Test func text() { events { check($0.description, $0, isOwnerKnown: true) } }

  @Test func own() { events { check(RecordText.own($0), $0, isOwnerKnown: true) } }

  @Test(arguments: RecordText.Spelling.allCases)
  func alerts(_ spelling: RecordText.Spelling) {
    events { event in
      // An alert without a process name: the source is not known, rather than none.
      if event.source != nil { check(RecordText.alert(event, spelling), event, isOwnerKnown: false) }
    }
  }

  @Test func appArmor() {
    events { event in if event.source != nil { check(RecordText.apparmor(event), event, isOwnerKnown: true) } }
  }

  @Test func seLinux() {
    events { event in
      // The root directory has no name.
      if case .path(_, .root) = event.access { return }
      if event.source != nil { check(RecordText.selinux(event), event, isOwnerKnown: true) }
    }
  }
}
