/// What `dataset.json` says: the dataset's shape, its origin, and a checksum per file.
public struct DatasetInfo: Codable, Equatable, Sendable {
  public static let format = "dec-dataset"
  public static let version = 1

  public enum Layout: String, Codable, Sendable {
    /// `indptr.npy`, `indices.npy`, `data.npy`.
    case csr
    /// `dense.npy`.
    case dense
  }

  /// A file's size and zlib CRC-32.
  public struct FileInfo: Codable, Equatable, Sendable {
    public var bytes: Int
    public var crc32: UInt32

    public init(bytes: Int, crc32: UInt32) {
      self.bytes = bytes
      self.crc32 = crc32
    }
  }

  public var format = DatasetInfo.format
  public var version = DatasetInfo.version
  public var layout: Layout
  /// Documents, n.
  public var samples: Int
  /// d.
  public var features: Int
  /// Stored values; n·d where dense.
  public var nonzeros: Int
  /// Names of the labels 0, 1, ...; empty where nothing is labelled.
  public var classNames: [String]
  /// The seed of the order of documents; nil where they are in the order of the input.
  public var seed: Int?
  /// The kind and the inputs, as the command named them.
  public var source: String
  /// Documents of the whole corpus, before `--limit`: the n of idf.
  public var corpusSamples: Int
  /// Documents without a single feature: rows of zeros.
  public var emptySamples: Int
  /// The factor that the values were multiplied by, where they are no text features.
  public var scale: Double?
  /// How text became terms; nil for other kinds.
  public var text: TextSettings?
  public var files: [String: FileInfo]

  enum CodingKeys: String, CodingKey {
    case format, version, layout, samples, features, nonzeros
    case classNames = "class_names"
    case seed, source
    case corpusSamples = "corpus_samples"
    case emptySamples = "empty_samples"
    case scale, text, files
  }

  public init(
    layout: Layout, samples: Int, features: Int, nonzeros: Int, classNames: [String], seed: Int?,
    source: String, corpusSamples: Int, emptySamples: Int, scale: Double? = nil,
    text: TextSettings? = nil, files: [String: FileInfo] = [:]
  ) {
    self.layout = layout
    self.samples = samples
    self.features = features
    self.nonzeros = nonzeros
    self.classNames = classNames
    self.seed = seed
    self.source = source
    self.corpusSamples = corpusSamples
    self.emptySamples = emptySamples
    self.scale = scale
    self.text = text
    self.files = files
  }

  /// Other writers need not know our additional keys.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    format = try values.decode(String.self, forKey: .format)
    version = try values.decode(Int.self, forKey: .version)
    layout = try values.decode(Layout.self, forKey: .layout)
    samples = try values.decode(Int.self, forKey: .samples)
    features = try values.decode(Int.self, forKey: .features)
    nonzeros = try values.decode(Int.self, forKey: .nonzeros)
    classNames = try values.decodeIfPresent([String].self, forKey: .classNames) ?? []
    seed = try values.decodeIfPresent(Int.self, forKey: .seed)
    source = try values.decodeIfPresent(String.self, forKey: .source) ?? ""
    corpusSamples = try values.decodeIfPresent(Int.self, forKey: .corpusSamples) ?? samples
    emptySamples = try values.decodeIfPresent(Int.self, forKey: .emptySamples) ?? 0
    scale = try values.decodeIfPresent(Double.self, forKey: .scale)
    text = try values.decodeIfPresent(TextSettings.self, forKey: .text)
    files = try values.decode([String: FileInfo].self, forKey: .files)
  }
}
