import Diagnostics

/// Names and classes of documents in the input's order.
public struct Corpus {
  public var ids: [String] = []
  /// Class per document, -1 for none.
  public var labels: [Int32] = []
  public var classNames: [String] = []

  public init() {}

  public var count: Int { ids.count }

  /// Adds a document; an id becomes one line of `ids.txt`.
  mutating func append(id: String, label: Int32) {
    let isPlain = id.utf8.allSatisfy { $0 != 0x0a && $0 != 0x0d && $0 != 0x09 }
    ids.append(isPlain ? id : String(id.map { "\t\r\n\r\n".contains($0) ? " " : $0 }))
    labels.append(label)
  }

  /// Replaces labels that are names, one a document ("" for none), by numbers in the names' order.
  mutating func setLabels(named names: [String]) {
    classNames = Set(names).subtracting([""]).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    let number = Dictionary(
      uniqueKeysWithValues: classNames.enumerated().map { ($0.element, Int32($0.offset)) })
    labels = names.map { number[$0] ?? -1 }
  }

  /// Takes labels from a file: one a line, or integers in `.npy`.
  ///
  /// - Throws: `Failure.badInput` where the file is broken or has not one label a document.
  public mutating func readLabels(_ path: String) throws {
    var names: [String] = []
    if path.hasSuffix(".npy") || path.hasSuffix(".npy.gz") {
      let array = try NPYArray(path, .temporary)
      guard array.isInteger else {
        throw Failure.badInput(path, "holds \(array.header.type)", hint: "integers are wanted")
      }
      guard array.count == count else { throw wrongCount(path, array.count) }
      let values = (0..<count).map { array.integer($0) }
      if let wrong = values.firstIndex(where: { $0 < -1 || $0 >= 1 << 16 }) {
        throw Failure.badInput(
          path, at: "element \(wrong)", "is label \(values[wrong])",
          hint: "labels are 0 to 65535, or -1 for none")
      }
      classNames = (0..<(values.max() ?? -1) + 1).map(String.init)
      labels = values.map(Int32.init)
      return
    }
    let lines = try LineReader(path: path)
    while let line = try lines.next() {
      let name = String(decoding: line, as: UTF8.self)
      names.append(name == "-1" ? "" : name)
    }
    guard names.count == count else { throw wrongCount(path, names.count) }
    setLabels(named: names)
  }

  private func wrongCount(_ path: String, _ found: Int) -> Failure {
    .badInput(path, "has \(found) labels for \(count) documents", hint: "one a document, in order")
  }
}
