import DenseMath

/// What a dataset holds, for `dec inspect`: one pass over its rows.
public struct DatasetSummary: Encodable, Sendable {
  public var source: String
  public var documents: Int
  /// Of the corpus, before `--limit`.
  public var corpusDocuments: Int
  public var features: Int
  public var layout: DatasetInfo.Layout
  /// Bytes of all files.
  public var bytes: Int
  /// The seed of the order of documents; nil for the input's order.
  public var seed: Int?
  /// The factor of the values, where they are no text features.
  public var scale: Double?
  public var text: TextSettings?
  /// Values that are not 0.
  public var nonzeros = 0
  /// `nonzeros` by documents times features.
  public var density = 0.0
  /// Of the documents.
  public var nonzerosPerDocument = Spread()
  /// (1/d)‖x‖² of the documents.
  public var norms = Spread()
  /// Documents without a value.
  public var emptyDocuments = 0
  /// Features without a value in any document.
  public var emptyFeatures = 0
  public var labelled = 0
  /// The largest first.
  public var classes: [Class] = []
  /// The most frequent first.
  public var terms: [Term] = []

  /// The mean and the ends of some numbers.
  public struct Spread: Encodable, Equatable, Sendable {
    public var mean = 0.0
    public var least = 0.0
    public var most = 0.0
  }

  public struct Class: Encodable, Equatable, Sendable {
    public var name: String
    public var documents: Int
    /// Of the labelled documents.
    public var share: Double
  }

  public struct Term: Encodable, Equatable, Sendable {
    public var term: String
    /// Documents of the corpus that have it.
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
    text = info.text
    try addRows(dataset)
    if let labels = try dataset.labels(0..<info.samples) { addLabels(labels, info.classNames) }
    if let vocabulary = try dataset.vocabulary() {
      self.terms = vocabulary.sorted { $0.documentFrequency > $1.documentFrequency }.prefix(terms)
        .map { Term(term: $0.term, documentFrequency: $0.documentFrequency, idf: $0.idf) }
    }
  }

  private mutating func addRows(_ dataset: DatasetFolder) throws {
    var isUsed = [Bool](repeating: false, count: features)
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
          isUsed[feature] = true
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
    emptyFeatures = isUsed.count { !$0 }
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
  /// `mean` is the sum until it is divided.
  fileprivate mutating func add(_ value: Double) {
    mean += value
    least = min(least, value)
    most = max(most, value)
  }
}
