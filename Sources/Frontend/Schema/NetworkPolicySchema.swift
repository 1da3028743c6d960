/// The schema of a KubeArmorNetworkPolicy, which nftables enforces upstream and no enforcer of armorc does.
extension PolicySchema {
  package static let port = ObjectShape(
    "an entry of 'ports'",
    [FieldShape("port", .string, required: true), FieldShape("endPort", .integer), FieldShape("protocol", .string)]
  )
  package static let ipBlock = ObjectShape("'ipBlock'", [FieldShape("cidr", .string, required: true)])
  package static let from = ObjectShape("an entry of 'from'", [FieldShape("ipBlock", .object(ipBlock), required: true)])
  package static let to = ObjectShape("an entry of 'to'", [FieldShape("ipBlock", .object(ipBlock), required: true)])

  private static let traffic = [
    FieldShape("iface", .strings), FieldShape("ports", .list(port)), FieldShape("limit", .string),
    FieldShape("duration", .string), FieldShape("severity", .integer), FieldShape("tags", .strings),
    FieldShape("message", .string), FieldShape("action", .string),
  ]
  package static let ingress = ObjectShape("an entry of 'ingress'", [FieldShape("from", .list(from))] + traffic)
  package static let egress = ObjectShape("an entry of 'egress'", [FieldShape("to", .list(to))] + traffic)

  package static let networkSpec = ObjectShape(
    "'spec'",
    [
      FieldShape("nodeSelector", .object(nodeSelector)), FieldShape("selector", .object(podSelector)),
      FieldShape("level", .string), FieldShape("ingress", .list(ingress)), FieldShape("egress", .list(egress)),
      FieldShape("severity", .integer), FieldShape("tags", .strings), FieldShape("message", .string),
      FieldShape("action", .string),
    ]
  )
}
