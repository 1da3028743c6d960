import Diagnostics
import Foundation
import Frontend
import IR
import Testing

/// Real files beside the package, where they are there.
private let corpus: URL? = {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return ["../shared/corpus", "../../shared/corpus"].map { root.appending(path: $0).standardizedFileURL }
    .first { FileManager.default.fileExists(atPath: $0.path()) }
}()

@Suite(.enabled(if: corpus != nil)) struct CorpusTests {
  private func sources(_ folder: String) throws -> [(name: String, bytes: [UInt8])] {
    let base = try #require(corpus).appending(path: folder)
    let names = try #require(FileManager.default.enumerator(atPath: base.path())).compactMap { $0 as? String }
    return try names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted().map {
      ($0, Array(try Data(contentsOf: base.appending(path: $0))))
    }
  }

  /// Every line with an error, and no other; each was found by reading the file.
  @Test func brokenFilesHaveErrorsOnTheLinesAtFault() throws {
    var seen = 0
    let expected = CorpusTests.faults.split(separator: "\n").map { $0.split(separator: " ") }
    for folder in ["unparsable", "invalid"] {
      for source in try sources("broken/" + folder) {
        let result = Frontend.load(sources: [source])
        checkSpans(result)
        let file = FileID(index: 0)
        let lines = Set(
          result.diagnostics.filter { $0.severity == .error }.compactMap { finding in
            finding.span.map { result.sourceMap[file].position(of: $0.start).line }
          }
        )
        let row = expected.first { $0.first.map(String.init) == folder + "/" + source.name }
        #expect(lines == Set((row ?? []).dropFirst().compactMap { Int($0) }), "\(folder)/\(source.name)")
        seen += 1
      }
    }
    #expect(seen == expected.count)
  }

  /// Files that their repositories keep although something is wrong with them; each was judged by reading.
  @Test func policiesHaveNoFalseErrors() throws {
    let all = try sources("policies")
    #expect(all.count > 300)
    var faulty: [String: Set<String>] = [:]
    var complete = 0
    for source in all {
      let result = Frontend.load(sources: [source])
      checkSpans(result)
      let codes = Set(result.diagnostics.filter { $0.severity == .error }.map(\.code))
      if !codes.isEmpty { faulty[source.name] = codes }
      complete += result.policies.filter { !$0.policy.isIncomplete }.count
    }
    // A file's name may hold a blank.
    let rows = CorpusTests.faultyPolicies.split(separator: "\n").map { $0.components(separatedBy: " ARM") }
    let expected = rows.reduce(into: [String: Set<String>]()) { table, row in
      table["policy-templates/" + row[0]] = Set(row.dropFirst().map { "ARM" + $0 })
    }
    #expect(faulty == expected)
    #expect(complete > 330)
  }

  @Test func contextIsRead() throws {
    let result = Frontend.load(sources: try sources("context/annotations"))
    checkSpans(result)
    #expect(result.context.workloads.count > 20)
    #expect(result.context.namespaces.count >= 3)
    let config = Frontend.load(sources: try sources("context/kubearmorconfig"))
    checkSpans(config)
    #expect(config.context.global != nil)
    let network = Frontend.load(sources: try sources("context/networkpolicy"))
    #expect(network.diagnostics.filter { $0.severity == .error }.isEmpty)
    #expect(network.policies.allSatisfy { !$0.policy.notCompiled.isEmpty && $0.policy.selector == .nothing })
  }

  private static let faults = """
    unparsable/Hiddenfile@29016e84.yaml 15 16
    unparsable/Hiddenfile@ef1bfb50.yaml 17 25 26
    unparsable/SV-233593r617333_rule@b5a16780.yaml 19
    unparsable/au-10-non-repudiation@86a91c58.yaml 3 4
    unparsable/hsp-audit-stig-ubuntu-20-010148-chown@eef79b96.yaml 9 11
    unparsable/hsp-block-stig-ubuntu-20-010422-syslog@0eb28d5e.yaml 6 9
    unparsable/hsp-mitre-process-injection-proc-mem@0075c150.yaml 14 18 19
    unparsable/hsp-mitre-process-injection-proc-mem@33810606.yaml 10 14 15
    unparsable/hsp-mitre-process-injection-proc-mem@5cb6de51.yaml 14 18 19
    unparsable/hsp-mitre-ptrace-syscall@4b4af645.yaml 16
    unparsable/hsp-mitre-ptrace-syscall@5d8961de.yaml 16
    unparsable/hsp-mitre-sudo-caching@e12ad9cb.yaml 11 13
    unparsable/hsp-nist-au-3-audit-access-to-log-files@02878ea0.yaml 11 13
    unparsable/ksp-allow-elastic-access-file-config-index@4449e66f.yaml 8
    unparsable/ksp-allow-elastic-access-file-config-index@91eec147.yaml 8
    unparsable/ksp-allow-elastic-access-file-lib-config@a5cea53a.yaml 8
    unparsable/ksp-allow-elastic-access-file-sys-proc@b805b7f8.yaml 8
    unparsable/ksp-allow-elastic-access-passwd-labels-ldsocache@13189977.yaml 8
    unparsable/ksp-allow-elastic-access-process-bash-curl-cut-grep@91987869.yaml 8
    unparsable/ksp-allow-elastic-access-process-ldconfig-java-bincontroller@352ac7e9.yaml 8
    unparsable/ksp-allow-elastic-access-process-ldconfig-java-bincontroller@c931b8a9.yaml 8
    unparsable/ksp-allow-elastic-access=file-passwd-labels-ldsocache@775f8bb8.yaml 8
    unparsable/ksp-allow-elastic-app-access-file-null-urandom-localtime-libpthread@3406f430.yaml 8
    unparsable/ksp-allow-elastic-bitnami-files@6a4e3947.yaml 8
    unparsable/ksp-allow-elastic-bitnami-network@562ef66c.yaml 8
    unparsable/ksp-allow-elastic-openssl-config-files@0f45b3ba.yaml 8
    unparsable/ksp-allow-elastic-openssl-config-files@1057d514.yaml 8
    unparsable/ksp-allow-golang-tcp-udp-packets-from-pod@0d57caee.yaml 9
    unparsable/ksp-allow-python-php-logs@56479d30.yaml 18
    unparsable/ksp-audit-cis-apache-tomcat-logs-4.4@fbfde09f.yml 12
    unparsable/ksp-audit-cis-postgresql-4-2@f6c58c72.yaml 11 23
    unparsable/ksp-audit-kataras-iris-golang-package@957b43e2.yaml 11
    unparsable/ksp-audit-stig-mysql-configuration-v-235114@2d026f82.yaml 21
    unparsable/ksp-audit-stig-psql-v-214152@e2c6e29b.yaml 20
    unparsable/ksp-block-nist-au-8-1-sc-45-1-timestamps-sync-time-zone@c16324e3.yaml 12
    unparsable/ksp-cve-2020-9484-privilege-escalation@1f347d1e.yaml 1
    unparsable/ksp-cve-2021-41773-gurock-testrail-sensitive-information-disclosure@d0349ef9.yaml 8
    unparsable/ksp-hardening-policies@41b47fa3.yaml 12 25 28 35
    unparsable/ksp-mitre-T1059@9c807ffc.yaml 6
    unparsable/ksp-mitre-T1574@033ba16b.yaml 6
    unparsable/ksp-mitre-T1574@8e7c1819.yaml 6
    unparsable/ksp-mitre-TA0003@b5e5c653.yaml 6
    unparsable/ksp-mitre-pgsql-audit-non-pgsql@55e819c3.yaml 22
    unparsable/ksp-mitre-pgsql-audit-non-pgsql@5c95d586.yaml 26
    unparsable/ksp-mitre-pgsql-audit-non-pgsql@b6d58d83.yaml 26
    unparsable/ksp-mitre-pgsql-audit-non-pgsql@bc5b5ead.yaml 22
    unparsable/ksp-mitre-tactic-defense-evasion@31f39b14.yaml 19
    unparsable/ksp-mitre-tactic-defense-evasion@651a404f.yaml 20
    unparsable/ksp-mitre-tactic-defense-evasion@e08cc066.yaml 15
    unparsable/ksp-mitre-tactic-presistence-kernel-modules@71eef638.yaml 21
    unparsable/ksp-mitre-tactic-presistence-kernel-modules@72eb117e.yaml 17
    unparsable/ksp-mp-5-1-media-access@5c69a631.yaml 6 11
    unparsable/ksp-mp-5-1-media-access@651480c0.yaml 10 15
    unparsable/ksp-mp-5-1-media-access@9cd385be.yaml 11 16
    unparsable/ksp-nist-cm-8-7-system-component-inventory-audit@35a14ba6.yaml 25
    unparsable/ksp-nist-cm-8-7-system-component-inventory-audit@91457e0c.yaml 24
    unparsable/ksp-nist-si-7-7-software-firmware-information-integrity-detection-response@a532b470.yaml 23 46
    unparsable/ksp-pci-dss-5@60202e71.yaml 6
    unparsable/ksp-pci-dss-5@e289bc08.yaml 6
    unparsable/ksp-postgresql-cve-2021-32029-unauthorized-modication-conf-file@cdf5c676.yaml 18 19 20
    unparsable/ksp-redis-hardening-rule-audit-redis-dangerous-command@046d8639.yaml 23
    unparsable/ksp-redis-hardening-rule-audit-redis-dangerous-command@a0025183.yaml 11 47
    unparsable/ksp-sc-28-1-information-at-rest@23e887ea.yaml 6
    unparsable/ksp-sc-28-1-information-at-rest@505487e0.yaml 11
    unparsable/pg-sv-233616r617333_rule@b6e05ac5.yaml 9 12 22
    unparsable/saia-web-server-info@97ffc7f3.yaml 15
    invalid/Impairdefence@77a88dd2.yaml 15
    invalid/base16or32@661da720.yaml 2 7 8
    invalid/bashrc@7430bc13.yaml 6 11
    invalid/core-AMF-ZeroTrust@abb1e148.yaml 26
    invalid/crontab-process-audit@726d77c6.yaml 7 21 22 23
    invalid/hardening.md.11.yaml 1
    invalid/hsp-ac-6-10-block-certificate-generation@76490dfb.yaml 14 103
    invalid/hsp-audit-cis-docker-1.1.4@aafc9e3e.yaml 18
    invalid/hsp-audit-cis-redhat-openshift-1.1.17@930b3a3e.yaml 18
    invalid/hsp-audit-cis-redhat-openshift-1.1.19@d695311d.yaml 17
    invalid/hsp-audit-stig-ubuntu-20-010163-chsh@ea8e37dd.yaml 9 15
    invalid/hsp-audit-stig-ubuntu-20-010173-passwd@aee86bd2.yaml 9 15
    invalid/hsp-block-cis-linux-1-1-5@7adbded1.yaml 9
    invalid/hsp-cis-1-1-20-pki-key-restrict@4565ddd1.yaml 13 15
    invalid/hsp-restrict-process-execution@e0f5ed94.yaml 8
    invalid/ksp-allow-python-locale-openssl@abf41ae3.yaml 60
    invalid/ksp-allow-springboot-library@5de9134f.yaml 17 39
    invalid/ksp-allows-mysql-network-tcp-protocol@cfbdb1b8.yaml 13 14
    invalid/ksp-au-10-non-repudiation-1@bd9bf2a6.yaml 7
    invalid/ksp-audit-cis-apache-cassandra-2.2@61b66143.yaml 21
    invalid/ksp-audit-cis-postgres-6-8@445f9151.yaml 18 19 21 23 25
    invalid/ksp-audit-elastic-exposed-panel@e2b9998b.yaml 10
    invalid/ksp-audit-elasticsearch-log-file-access@604f6c26.yaml 20
    invalid/ksp-audit-linux-xorddos-trojan-process@a28bcc79.yaml 18
    invalid/ksp-autopol-config-file-access-from-python-processs@787d6dd9.yaml 30 33
    invalid/ksp-block-mariadb-v-10-6-3-cve-2022-27456@cc14b3db.yaml 14
    invalid/ksp-block-mysql-dump-in-pods@035789d7.yaml 12
    invalid/ksp-block-nist-au-8-2-sc-45-2-secondary-sync-time-zone@e32959de.yaml 33
    invalid/ksp-block-nist-sc-43-usage-restriction@21744ab5.yaml 8 26
    invalid/ksp-cve-2013-1888-python-pip-symlink@ce122ae4.yaml 30
    invalid/ksp-cve-2021-30049-deny-sysaid-xss@40cc5b7c.yaml 15 21
    invalid/ksp-java-vaadin-allow-lib@8a85e1a0.yaml 41 58
    invalid/ksp-mitre-audit-at-process@171389ad.yaml 12
    invalid/ksp-mitre-system-file-analysis@288cd265.yaml 13
    invalid/ksp-nist-ca-3-net-icmp-audit@416c3732.yaml 13
    invalid/ksp-nist-ps-5-personnel-transfer@a514c147.yaml 23 24 28
    invalid/ksp-nist-si-7-7-software-firmware-information-integrity-detection-response@a532b470.yaml 23 46
    invalid/ksp-nist-si-7-7-software-firmware-information-integrity-detection-response@db3dee70.yaml 19 25 39
    invalid/ksp-postgresql-cve-2021-3677-unauthorized-modication-log-file@78f9c62c.yaml 19 29 31
    invalid/ksp-redis-hardening-rule-audit-redis-log-files@4a2a8600.yaml 9 20 21 24
    invalid/mysql-conf-audit@41be52a1.yml 1 7 13 14
    invalid/persistence_create_or_modify_system_process_systemd_service@bdd15741.yaml 29
    invalid/pg-sv-233616r617333_rule@157b2f0d.yaml 21
    invalid/shell-policy@4692a662.yaml 23 24 25 26 27 30
    invalid/vagrant-selinux.md.01.yaml 3 5 7
    """

  private static let faultyPolicies = """
    stigs/system/hsp-audit-stig ubuntu-20-010137-chfn.yaml ARM1102 ARM1111
    cis/system/ksp-audit-cis-mysql-1-1.yaml ARM1132
    cve/system/ksp-block-mariadb-v-10-4-10-7-cve-2022-32081.yaml ARM1105
    cve/system/ksp-block-mariadb-v-10-6-3-cve-2022-27455.yaml ARM1105
    cve/system/ksp-block-mariadb-v-10-6-3-cve-2022-27456.yaml ARM1105
    cve/system/ksp-block-mariadb-v-10-7-cve-2022-27386.yaml ARM1105
    cve/system/ksp-block-mariadb-v-10-9-cve-2022-27444.yaml ARM1105
    cve/system/ksp-block-mariadb-v-10-9-cve-2022-27447.yaml ARM1105
    cve/system/ksp-cve-2021-24867-block-wordpress-supply-chain-attack.yaml ARM1022
    cve/system/ksp-cve-2021-41277-metabase-file-inclusion.yaml ARM1022
    django/system/ksp-django-hardening-rule-audit-settings-file.yaml ARM1013
    elastic/system/ksp-audit-elasticsearch-log-file-access.yaml ARM1115
    java/system/ksp-block-virus-eduapps-sexo.yaml ARM1105
    malware/system/ksp-block-linux-xorddos-trojan-process.yaml ARM1105
    nist/system/hsp-nist-ac-6-10-prohibit-non-privileged-users-from-executing-privileged-functions.yaml ARM1022
    nist/system/hsp-nist-ac-6-9-auditing-use-of-privileged-functions.yaml ARM1022
    nist/system/ksp-nist-ac-6-10-prohibit-non-privileged-users-from-executing-privileged-functions.yaml ARM1022
    nist/system/ksp-nist-ac-6-9-auditing-use-of-privileged-functions.yaml ARM1022
    nist/system/ksp-nist-si-16-memory-protection.yaml ARM1132
    nist/system/ksp-nist-si-3-8-malicious-code-protection-detect-unauthorised-command.yaml ARM1013
    stigs/system/hsp-audit-stig-ubuntu-20-010138-mount.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010139-umount.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010148-chown.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010162-sudoedit.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010163-chsh.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010164-newgrp.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010172-passwd.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010174-gpasswd.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010175-chage.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010176-usermod.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010177-crontab.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010178-pam-timestamp.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010267-sensitive-syscall.yaml ARM1102
    stigs/system/hsp-audit-stig-ubuntu-20-010297-kmod.yaml ARM1102
    stigs/system/hsp-block-stig-ubuntu-20-010419-log.yaml ARM1102
    stigs/system/hsp-block-stig-ubuntu-20-010422-syslog.yaml ARM1102
    stigs/system/hsp-block-stig-ubuntu-20-010427-lib.yaml ARM1102
    """
}
