import FoundationEssentials

extension Selection {
  /// `choose_k.json`: the answers, the verdict and the curves.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return Array(try encoder.encode(self)) + [0x0a]
  }

  /// Reads a `choose_k.json`.
  ///
  /// - Throws: `DecodingError` where it is none.
  public init(json: [UInt8]) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Selection.self, from: Data(json))
  }
}
