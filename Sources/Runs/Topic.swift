import Datasets
import Diagnostics

/// What a cluster is about, in words: a line of `topics.tsv`.
public struct Topic: Equatable, Sendable {
  public var cluster: Int
  /// The number of documents.
  public var size: Int
  /// A few terms, or the cluster's number where the documents have no terms.
  public var name: String
  /// The terms that set it apart, the most telling first.
  public var terms: [String]
  /// The ids of documents in its middle, the most central first.
  public var examples: [String]

  public init(cluster: Int, size: Int, name: String, terms: [String], examples: [String]) {
    self.cluster = cluster
    self.size = size
    self.name = name
    self.terms = terms
    self.examples = examples
  }
}

extension RunFolder {
  private static let header = "cluster\tsize\tname\tterms\texamples"

  /// Writes `topics.tsv`: a line a cluster, terms apart by ", " and examples by "; ".
  public func write(_ topics: [Topic]) throws {
    let lines = topics.map { topic in
      let cells = [
        "\(topic.cluster)", "\(topic.size)", topic.name, topic.terms.joined(separator: ", "),
        topic.examples.joined(separator: "; "),
      ]
      return cells.map(PlainText.line).joined(separator: "\t")
    }
    let text = ([Self.header] + lines).joined(separator: "\n") + "\n"
    try WholeFile.write(Array(text.utf8), to: file(Name.topics))
  }

  /// Reads `topics.tsv`; nil where the run has none.
  ///
  /// - Throws: `Failure.badInput` where a line is none of such a file.
  public func topics() throws -> [Topic]? {
    guard has(Name.topics) else { return nil }
    let lines = try LineReader(path: file(Name.topics))
    var topics: [Topic] = []
    while let line = try lines.next() {
      guard lines.line > 1 else { continue }
      let cells = String(decoding: line, as: UTF8.self)
        .split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard cells.count == 5, let cluster = Int(cells[0]), let size = Int(cells[1]) else {
        throw Failure.badInput(
          file(Name.topics), at: "line \(lines.line)",
          "is not cluster, size, name, terms and examples", hint: "write it again by dec report")
      }
      topics.append(
        Topic(
          cluster: cluster, size: size, name: cells[2],
          terms: cells[3].isEmpty ? [] : cells[3].split(separator: ", ").map(String.init),
          examples: cells[4].isEmpty ? [] : cells[4].split(separator: "; ").map(String.init)))
    }
    return topics
  }
}
