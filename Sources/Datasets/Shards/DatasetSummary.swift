import DenseMath

/// The contents of a dataset as `dec inspect` shows them, from one pass over its rows.
public struct DatasetSummary: Encodable, Sendable {
  /// The kind and the inputs, as given to `dec prepare`.
  public var source: String
  /// n, the number of documents.
  public var documents: Int
  /// The number of documents of the corpus before `--limit`.
  public var corpusDocuments: Int
  /// d, the number of columns.
  public var features: Int
  public var layout: DatasetInfo.Layout
  /// The size of all files together, in bytes.
  public var bytes: Int
  /// The seed that documents were shuffled or drawn by; nil where they were neither.
  public var seed: Int?
  /// The factor that the values were multiplied by; nil for text features.
  public var scale: Double?
  /// The shape of the pictures; nil where the rows are no pictures.
  public var picture: PictureShape?
  /// How text was split into terms; nil for other kinds.
  public var text: TextSettings?
  /// The number of values that are not 0.
  public var nonzeros = 0
  /// `nonzeros` divided by the number of documents times features.
  public var density = 0.0
  /// Values that are not 0 in a document.
  public var nonzerosPerDocument = Spread()
  /// (1/d)‖x‖² of a document.
  public var norms = Spread()
  /// The number of documents whose values are all 0.
  public var emptyDocuments = 0
  /// The number of features that are 0 in every document.
  public var emptyFeatures = 0
  /// The number of documents with a label.
  public var labelled = 0
  /// The classes, the one with the most documents first.
  public var classes: [Class] = []
  /// Terms of the vocabulary, the one in the most documents first.
  public var terms: [Term] = []

  /// The mean, the minimum and the maximum over the documents.
  public struct Spread: Encodable, Equatable, Sendable {
    public var mean = 0.0
    public var least = 0.0
    public var most = 0.0
  }

  public struct Class: Encodable, Equatable, Sendable {
    public var name: String
    public var documents: Int
    /// The class's share of the labelled documents, 0...1.
    public var share: Double
  }

  public struct Term: Encodable, Equatable, Sendable {
    public var term: String
    /// The number of documents of the corpus that contain the term.
    public var documentFrequency: Int
    public var idf: Double

    enum CodingKeys: String, CodingKey {
      case term
      case documentFrequency = "document_frequency"
      case idf
    }
  }

  enum CodingKeys: String, CodingKey {
    case source, documents
    case corpusDocuments = "corpus_documents"
    case features, layout, bytes, seed, scale, text, nonzeros, density
    case nonzerosPerDocument = "nonzeros_per_document"
    case norms
    case emptyDocuments = "empty_documents"
    case emptyFeatures = "empty_features"
    case labelled, classes, terms
  }

  /// - Parameter terms: How many of the most frequent terms to list.
  public init(_ dataset: DatasetFolder, terms: Int) throws {
    let info = dataset.info
    source = info.source
    documents = info.samples
    corpusDocuments = info.corpusSamples
    features = info.features
    layout = info.layout
    bytes = info.files.values.reduce(0) { $0 + $1.bytes }
    seed = info.seed
    scale = info.scale
    picture = info.picture
    text = info.text
    try addRows(dataset)
    if let labels = try dataset.labels(0..<info.samples) { addLabels(labels, info.classNames) }
    if let vocabulary = try dataset.vocabulary() {
      self.terms = vocabulary.sorted { $0.documentFrequency > $1.documentFrequency }.prefix(terms)
        .map { Term(term: $0.term, documentFrequency: $0.documentFrequency, idf: $0.idf) }
    }
  }

  private mutating func addRows(_ dataset: DatasetFolder) throws {
    // A bit a feature: there may be 2^31.
    var isUsed = [UInt64](repeating: 0, count: (features + 63) / 64)
    var rows = InputRows(columns: features, isSparse: layout == .csr)
    norms.least = .infinity
    nonzerosPerDocument.least = .infinity
    for start in stride(from: 0, to: documents, by: 4096) {
      let block = start..<min(start + 4096, documents)
      try dataset.shard(block).gather(block, into: &rows)
      for i in 0..<block.count {
        var (count, square) = (0, 0.0)
        func add(_ value: Float, _ feature: Int) {
          guard value != 0 else { return }
          count += 1
          square += Double(value) * Double(value)
          isUsed[feature >> 6] |= 1 << UInt64(feature & 63)
        }
        if rows.isSparse {
          for e in rows.sparse.rowStarts[i]..<rows.sparse.rowStarts[i + 1] {
            add(rows.sparse.values[e], Int(rows.sparse.indices[e]))
          }
        } else {
          rows.dense.withUnsafeElements {
            for j in 0..<features { add($0[i * features + j], j) }
          }
        }
        nonzeros += count
        if count == 0 { emptyDocuments += 1 }
        norms.add(square / Double(features))
        nonzerosPerDocument.add(Double(count))
      }
    }
    norms.mean /= Double(documents)
    nonzerosPerDocument.mean /= Double(documents)
    density = nonzerosPerDocument.mean / Double(features)
    emptyFeatures = features - isUsed.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  private mutating func addLabels(_ labels: [Int32], _ names: [String]) {
    var counts = [Int](repeating: 0, count: names.count)
    for label in labels where label >= 0 && label < names.count { counts[Int(label)] += 1 }
    labelled = counts.reduce(0, +)
    classes = zip(names, counts).sorted { $0.1 > $1.1 }.map {
      Class(name: $0.0, documents: $0.1, share: Double($0.1) / Double(max(1, labelled)))
    }
  }
}

extension DatasetSummary.Spread {
  /// Adds a value. `mean` holds the sum until the caller divides it by the count.
  fileprivate mutating func add(_ value: Double) {
    mean += value
    least = min(least, value)
    most = max(most, value)
  }
}
