/// How text is split into terms and how terms are weighted. It is stored in `dataset.json` and in
/// `run.json`, so that new documents are treated in the same way.
///
/// The values here are the paper's, and those of files that lack a key.
public struct TextSettings: Codable, Equatable, Sendable {
  /// The formula of the values of a document's row; `TermWeights` computes them.
  public enum Weight: String, Codable, CaseIterable, Sendable {
    /// (1 + ln tf) · idf
    case tfidf
    /// idf · tf (k1 + 1) / (tf + k1 (1 − b + b · length / average length))
    case bm25
  }

  /// The maximum number of features, the most frequent terms by total count.
  public var features = 2000
  /// Tokens with fewer characters are dropped, before stemming.
  public var minimumLength = 2
  /// Whether tokens are reduced to stems (libstemmer).
  public var stems = false
  /// The language of the stems, by libstemmer's name.
  public var language = "english"
  /// Tokens that are dropped, before stemming; as the tokenizer returns them.
  public var stopWords: [String] = []
  /// Terms in more than this share of the documents are no features; 1 keeps all.
  public var maximumDocumentFrequency = 1.0
  /// The formula of the values.
  public var weight = Weight.tfidf
  /// The average length of a document of the corpus, which is the number of occurrences of the
  /// vocabulary's terms in it. Found by `dec prepare`, and nil where `weight` does not use it.
  public var averageLength: Double?

  enum CodingKeys: String, CodingKey {
    case features
    case minimumLength = "min_length"
    case stems = "stem"
    case language
    case stopWords = "stop_words"
    case maximumDocumentFrequency = "max_df"
    case weight
    case averageLength = "average_length"
  }

  public init() {}

  /// Missing keys take the values that a file without them was written with.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    features = try values.decode(Int.self, forKey: .features)
    minimumLength = try values.decode(Int.self, forKey: .minimumLength)
    stems = try values.decode(Bool.self, forKey: .stems)
    language = try values.decodeIfPresent(String.self, forKey: .language) ?? language
    stopWords = try values.decode([String].self, forKey: .stopWords)
    maximumDocumentFrequency =
      try values.decodeIfPresent(Double.self, forKey: .maximumDocumentFrequency)
      ?? maximumDocumentFrequency
    weight = try values.decodeIfPresent(Weight.self, forKey: .weight) ?? weight
    averageLength = try values.decodeIfPresent(Double.self, forKey: .averageLength)
    guard weight != .bm25 || (averageLength.map { $0 > 0 && $0.isFinite } ?? false) else {
      throw DecodingError.dataCorruptedError(
        forKey: .averageLength, in: values,
        debugDescription: "bm25 needs a positive average_length")
    }
  }
}
