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
  package mutating func append(id: String, label: Int32) {
    ids.append(PlainText.line(id))
    labels.append(label)
  }

  /// Bytes of an id, repaired where they are no UTF-8, as one line.
  package static func line(_ id: UnsafeRawBufferPointer) -> String {
    PlainText.line(String(decoding: id, as: UTF8.self))
  }

  /// Replaces labels that are names, one a document ("" for none), by numbers in the names' order.
  package mutating func setLabels(named names: [String]) {
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
    (labels, classNames) = try Self.labels(path, documents: count)
  }

  /// The labels in a file and the names of their classes, for so many documents.
  package static func labels(
    _ path: String, documents count: Int
  ) throws -> (labels: [Int32], classNames: [String]) {
    func check(_ found: Int) throws {
      guard found == count else {
        throw Failure.badInput(
          path, "has \(found) labels for \(count) documents", hint: "one a document, in order")
      }
    }
    if path.hasSuffix(".npy") || path.hasSuffix(".npy.gz") {
      let array = try NPYArray(path, .temporary)
      guard array.isInteger else {
        throw Failure.badInput(path, "holds \(array.header.type)", hint: "integers are wanted")
      }
      try check(array.count)
      let values = (0..<count).map { array.integer($0) }
      if let wrong = values.firstIndex(where: { $0 < -1 || $0 >= 1 << 16 }) {
        throw Failure.badInput(
          path, at: "element \(wrong)", "is label \(values[wrong])",
          hint: "labels are 0 to 65535, or -1 for none")
      }
      return (values.map(Int32.init), (0..<(values.max() ?? -1) + 1).map(String.init))
    }
    var names: [[UInt8]: Int32] = [:]
    var labels: [Int32] = []
    let lines = try LineReader(path: path)
    while let line = try lines.next() {
      guard case .name(let bytes) = DocumentLabel.named(line) else {
        labels.append(-1)
        continue
      }
      let name = Array(bytes)
      let number = names[name] ?? Int32(names.count)
      names[name] = number
      labels.append(number)
    }
    try check(labels.count)
    let order = names.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    var numbers = [Int32](repeating: 0, count: names.count)
    for (i, name) in order.enumerated() { numbers[Int(name.value)] = Int32(i) }
    return (
      labels.map { $0 < 0 ? -1 : numbers[Int($0)] },
      order.map { String(decoding: $0.key, as: UTF8.self) }
    )
  }
}
