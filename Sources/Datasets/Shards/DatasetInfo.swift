/// The contents of `dataset.json`: the dataset's shape and origin, and a checksum of each file.
public struct DatasetInfo: Codable, Equatable, Sendable {
  public static let format = "dec-dataset"
  public static let version = 1

  /// How the rows are stored.
  public enum Layout: String, Codable, Sendable {
    /// Compressed sparse rows, in `indptr.npy`, `indices.npy` and `data.npy`.
    case csr
    /// All values, in `dense.npy`.
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
  /// n, the number of documents.
  public var samples: Int
  /// d, the number of columns.
  public var features: Int
  /// The number of stored values; n·d where the layout is dense.
  public var nonzeros: Int
  /// The class names of the labels 0, 1, ...; empty where nothing is labelled.
  public var classNames: [String]
  /// The seed that documents were shuffled or, for `--limit`, drawn by; nil where no random number
  /// decided which documents there are, or their order.
  public var seed: Int?
  /// The kind and the inputs, as given to `dec prepare`.
  public var source: String
  /// The number of documents of the corpus before `--limit`, which is n in the idf.
  public var corpusSamples: Int
  /// The number of documents without any feature, whose rows are zero.
  public var emptySamples: Int
  /// The factor that the values were multiplied by; nil for text features.
  public var scale: Double?
  /// How text was split into terms; nil for other kinds.
  public var text: TextSettings?
  /// The shape of the pictures whose pixels are the rows; nil where the rows are no pictures.
  public var picture: PictureShape?
  /// The size and checksum of each file but this one, by its name.
  public var files: [String: FileInfo]

  enum CodingKeys: String, CodingKey {
    case format, version, layout, samples, features, nonzeros
    case classNames = "class_names"
    case seed, source
    case corpusSamples = "corpus_samples"
    case emptySamples = "empty_samples"
    case scale, text, picture, files
  }

  public init(
    layout: Layout, samples: Int, features: Int, nonzeros: Int, classNames: [String], seed: Int?,
    source: String, corpusSamples: Int, emptySamples: Int, scale: Double? = nil,
    text: TextSettings? = nil, picture: PictureShape? = nil, files: [String: FileInfo] = [:]
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
    self.picture = picture
    self.files = files
  }

  /// Keys that only `dec` writes may be missing, so that other programs can write datasets.
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
    picture = try values.decodeIfPresent(PictureShape.self, forKey: .picture)
    files = try values.decode([String: FileInfo].self, forKey: .files)
  }
}
