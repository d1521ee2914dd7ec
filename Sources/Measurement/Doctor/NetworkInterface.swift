import Glibc

/// An IPv4 address of a network interface that is up, other than the loopback.
package struct NetworkInterface: Codable, Equatable, Sendable {
  /// Such as `eth0`.
  package var name: String
  /// Such as `10.0.0.7`.
  package var address: String
  /// The network in CIDR notation, such as `10.0.0.0/24`.
  package var network: String

  package init(name: String, address: String, network: String) {
    self.name = name
    self.address = address
    self.network = network
  }

  /// The addresses of this host, in the system's order.
  package static var all: [NetworkInterface] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var found: [NetworkInterface] = []
    var next = list
    while let entry = next?.pointee {
      next = entry.ifa_next
      let flags = Int32(bitPattern: entry.ifa_flags)
      guard flags & Int32(IFF_UP) != 0, flags & Int32(IFF_LOOPBACK) == 0,
        let address = bits(entry.ifa_addr), let mask = bits(entry.ifa_netmask)
      else { continue }
      found.append(
        NetworkInterface(
          name: String(cString: entry.ifa_name), address: dotted(address),
          network: "\(dotted(address & mask))/\(mask.nonzeroBitCount)"))
    }
    return found
  }

  /// The bits of an IPv4 address; nil for another kind of address.
  private static func bits(_ address: UnsafeMutablePointer<sockaddr>?) -> UInt32? {
    guard let address, Int32(address.pointee.sa_family) == AF_INET else { return nil }
    return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
    }
  }

  private static func dotted(_ bits: UInt32) -> String {
    (0..<4).map { String(bits >> (24 - 8 * $0) & 255) }.joined(separator: ".")
  }
}
