import FoundationEssentials

extension Selection {
  /// `choose_k.json`: the answers, the verdict and the curves.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return Array(try encoder.encode(self)) + [0x0a]
  }
}
