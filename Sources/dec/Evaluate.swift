import ArgumentParser
import ClusteringMetrics
import Datasets
import Diagnostics
import FoundationEssentials
import Runs

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score a run's clusters against labels: ACC, NMI, ARI as JSON.",
    discussion: """
      Example:
        dec evaluate run
        dec evaluate --labels labels.txt --assignments run/assignments.npy
      """)

  @Argument(help: "Run folder.") var folder: String?
  @Option(help: "Labels: .npy, or one a line; -1 for none.") var labels: String?
  @Option(help: "Assignments: .npy, or one a line.") var assignments: String?

  func validate() throws {
    guard (folder == nil) == (labels != nil && assignments != nil),
      (labels == nil) == (assignments == nil)
    else { throw ValidationError("name a run folder, or --labels and --assignments") }
  }

  func run() throws {
    try Job.world.together {
      guard Job.world.isRoot else { return }
      let scores = try Scores(folder.map(tableOfRun) ?? tableOfFiles(labels!, assignments!))
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      Job.say(String(decoding: try encoder.encode(scores), as: UTF8.self))
    }
  }

  private func tableOfRun(_ folder: String) throws -> Contingency {
    let run = RunFolder(folder)
    let record = try run.finishedRecord()
    let dataset = try record.dataset.open()
    let n = dataset.info.samples
    guard let labels = try dataset.labels(0..<n) else {
      throw Failure.badInput(
        record.dataset.path, "has no labels", hint: "score against a file with --labels")
    }
    guard let assignments = try run.assignments(RunFolder.Name.assignments) else {
      throw Failure.io(
        folder, "has no assignments.npy: it was not clustered", hint: "cluster it with dec cluster")
    }
    try run.check(RunFolder.Name.assignments, of: record)
    guard assignments.count == n else {
      throw Failure.badInput(
        "\(folder)/assignments.npy", "has \(assignments.count) rows for \(n) documents")
    }
    return Contingency(labels: labels, assignments: assignments)
  }

  private func tableOfFiles(_ labels: String, _ assignments: String) throws -> Contingency {
    let (truth, ours) = (try Self.numbers(labels), try Self.numbers(assignments))
    guard truth.count == ours.count else {
      throw Failure.badInput(
        assignments, "has \(ours.count) entries, \(labels) has \(truth.count)",
        hint: "one a document in both")
    }
    if let i = ours.firstIndex(where: { $0 < 0 }) {
      throw Failure.badInput(assignments, at: "entry \(i)", "is \(ours[i]), not a cluster")
    }
    return Contingency(labels: truth, assignments: ours)
  }

  /// Integers of a file, -1 or more.
  private static func numbers(_ path: String) throws -> [Int32] {
    var values: [Int64] = []
    if path.hasSuffix(".npy") {
      let reader = try NPYReader(path)
      guard reader.header.shape.count == 1 else {
        throw Failure.badInput(path, "is \(reader.header.shape)", hint: "one number a document")
      }
      let all = 0..<reader.header.shape[0]
      guard reader.header.type.isInteger else {
        throw Failure.badInput(path, "holds \(reader.header.type)", hint: "integers are wanted")
      }
      values = try reader.integers(all).map { Int64($0) }
    } else {
      let lines = try LineReader(path: path)
      while let line = try lines.next() {
        let text = String(decoding: line, as: UTF8.self)
        guard let value = Int64(text) else {
          throw Failure.badInput(
            path, at: "line \(lines.line)", "is \"\(text.prefix(40))\"", hint: "one integer a line")
        }
        values.append(value)
      }
    }
    return try values.enumerated().map { i, value in
      guard value >= -1, value < 1 << 20 else {
        throw Failure.badInput(path, at: "entry \(i)", "is \(value)", hint: "-1 or a number from 0")
      }
      return Int32(value)
    }
  }
}
