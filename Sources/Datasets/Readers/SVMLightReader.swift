import Diagnostics

/// Reads svmlight's (libsvm's) text: `label index:value index:value ... # comment`, a document on
/// each line.
///
/// Each label is a class; classes are in numerical order. -1 means no label, unless 1 is the only
/// other one.
public struct SVMLightReader {
  /// Whether the first feature has the index 0.
  public enum ZeroBased: String, CaseIterable, Sendable {
    /// It has if the index 0 occurs.
    case auto
    case yes
    case no
  }

  public var zeroBased = ZeroBased.auto
  /// d, the number of features; nil for the largest index that occurs.
  public var features: Int?
  package var progress = ReadingProgress()

  /// The most classes that a corpus may have.
  static let mostLabels = 1 << 16

  public init() {}

  /// What has been read of the files so far.
  private struct State {
    let store: SparseStore
    var labels: [Double] = []
    var distinct: Set<Double> = []
    var least = Int32.max
    var most = Int32(-1)
    /// The location of `most`, for messages.
    var mostPlace = ("", 0)
  }

  /// Reads `files` in order, as one corpus.
  ///
  /// - Throws: `Failure.badInput` with file and line.
  public func read(_ files: [String], _ scratch: Scratch) throws -> NumericCorpus {
    var state = State(store: try SparseStore(scratch))
    for file in files { try read(file, &state) }
    guard state.store.count > 0, let first = files.first else {
      throw Failure.badInput(files.joined(separator: " "), "holds no documents")
    }
    guard state.most >= 0 || features != nil else {
      throw Failure.badInput(first, "has no features", hint: "lines are label index:value ...")
    }
    let isZeroBased = zeroBased == .yes || zeroBased == .auto && state.least == 0
    let store = state.store
    store.firstIndex = isZeroBased ? 0 : 1
    let found = Int(state.most) + (isZeroBased ? 1 : 0)
    store.features = features ?? found
    if found > store.features {
      throw Failure.badInput(
        state.mostPlace.0, at: "line \(state.mostPlace.1)",
        "index \(state.most) is beyond \(store.features) features",
        hint: "raise --features, or see --zero-based")
    }
    var corpus = NumericCorpus(.sparse(store))
    Self.setLabels(&corpus.corpus, state.labels, state.distinct)
    return corpus
  }

  private func read(_ path: String, _ state: inout State) throws {
    let lines = try LineReader(path: path, progress: progress)
    var row = SparseRow()
    func bad(_ found: String, hint: String? = nil) -> Failure {
      .badInput(path, at: "line \(lines.line)", found, hint: hint)
    }
    while let whole = try lines.next() {
      let end = whole.firstIndex(of: 0x23) ?? whole.count
      var fields = Fields(UnsafeRawBufferPointer(rebasing: whole[..<end]))
      guard let first = fields.next() else { continue }
      guard let label = NumberText.real(first), label.isFinite else {
        throw bad(
          "\(NumberText.excerpt(first)) is no label", hint: "a line is label index:value ...")
      }
      // 0 and -0 are one label.
      state.labels.append(label + 0)
      state.distinct.insert(label + 0)
      guard state.distinct.count <= Self.mostLabels else {
        throw bad("is the \(state.distinct.count)th different label", hint: "labels are classes")
      }
      row.removeAll()
      var previous = -1
      while let field = fields.next() {
        guard let colon = field.firstIndex(of: 0x3a) else {
          throw bad("\(NumberText.excerpt(field)) is not index:value")
        }
        let name = UnsafeRawBufferPointer(rebasing: field[..<colon])
        let text = UnsafeRawBufferPointer(rebasing: field[(colon + 1)...])
        if previous < 0, name.elementsEqual("qid".utf8) { continue }
        guard let index = NumberText.integer(name), let value = NumberText.real(text) else {
          throw bad("\(NumberText.excerpt(field)) is not index:value")
        }
        guard index >= (zeroBased == .no ? 1 : 0), index < Int(Int32.max) else {
          throw bad(
            "has index \(index)",
            hint: index == 0 ? "see --zero-based" : "indices are 1 to 2147483646")
        }
        guard index > previous else {
          throw bad("index \(index) follows \(previous)", hint: "indices must ascend in a line")
        }
        guard Float(value).isFinite else {
          throw bad("\(NumberText.excerpt(field)) is NaN, infinite or beyond float32")
        }
        previous = index
        row.append(Int32(index), Float(value))
        state.least = min(state.least, Int32(index))
      }
      if previous > state.most {
        state.most = Int32(previous)
        state.mostPlace = (path, lines.line)
      }
      try state.store.append(&row, path, at: "line \(lines.line)")
    }
  }

  private static func setLabels(_ corpus: inout Corpus, _ labels: [Double], _ distinct: Set<Double>)
  {
    let isBinary = distinct == [-1, 1] || distinct == [-1]
    let classes = distinct.sorted().filter { isBinary || $0 != -1 }
    corpus.classNames = classes.map {
      $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int($0))" : "\($0)"
    }
    let number = Dictionary(
      uniqueKeysWithValues: classes.enumerated().map { ($0.element, Int32($0.offset)) })
    corpus.labels = labels.map { number[$0] ?? -1 }
  }
}
