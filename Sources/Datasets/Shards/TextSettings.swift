/// How text becomes terms: kept in `dataset.json`, so that new documents are treated alike.
public struct TextSettings: Codable, Equatable, Sendable {
  /// At most this many features: the most frequent terms by total count.
  public var features = 2000
  /// Tokens with fewer characters are dropped, before stemming.
  public var minimumLength = 2
  /// Whether tokens are reduced to English stems (libstemmer).
  public var stems = false
  /// Tokens that are dropped, before stemming; lower-case.
  public var stopWords: [String] = []

  enum CodingKeys: String, CodingKey {
    case features
    case minimumLength = "min_length"
    case stems = "stem"
    case stopWords = "stop_words"
  }

  public init() {}
}
