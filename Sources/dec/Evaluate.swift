import ArgumentParser
import ClusteringMetrics
import Collectives
import Datasets
import Diagnostics
import FoundationEssentials
import Runs

struct Evaluate: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score a run's clusters against labels: ACC, NMI, ARI as JSON.",
    discussion: """
      Example:
        dec evaluate run
        dec evaluate --labels labels.txt --assignments run/assignments.npy
      In files, clusters and classes are names: the output lists those that occur, in their order.
      """)

  @Argument(help: "Run folder.") var folder: String?
  @Option(help: "Labels: .npy, or a number or name a line; -1 for none.") var labels: String?
  @Option(help: "Assignments: .npy, or one a line.") var assignments: String?

  func validate() throws {
    switch (folder, labels, assignments) {
    case (.some, nil, nil), (nil, .some, .some): return
    case (let folder?, _, _):
      throw ValidationError(
        "a run folder is scored by its dataset's labels; for others, "
          + "dec evaluate --labels FILE --assignments \(folder)/assignments.npy")
    case (nil, .some, nil): throw ValidationError("--labels also needs --assignments FILE")
    case (nil, nil, .some): throw ValidationError("--assignments also needs --labels FILE")
    case (nil, nil, nil):
      throw ValidationError("name a run folder, or --labels FILE and --assignments FILE")
    }
  }

  func run(over world: any Communicator) throws {
    try world.together {
      guard world.isRoot else { return }
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
        record.dataset.path, "has no labels",
        hint: "dec evaluate --labels FILE --assignments \(folder)/assignments.npy")
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
    // The table has a row for each cluster of the run, even if it is empty.
    try Self.checkClusters(assignments, "\(folder)/assignments.npy")
    let clusters = max(Int(assignments.max() ?? -1) + 1, record.outcome.clusterSizes?.count ?? 0)
    let classes = max(Int(labels.max() ?? -1) + 1, dataset.info.classNames.count)
    guard clusters <= 1 << 26 / max(1, classes) else {
      throw Failure.badInput(
        "\(folder)/assignments.npy", "has a cluster \(clusters - 1)", hint: "run dec train again")
    }
    return Contingency(
      labels: labels, assignments: assignments, clusters: clusters, classes: classes)
  }

  private func tableOfFiles(_ labels: String, _ assignments: String) throws -> Contingency {
    let ours = try Self.numbers(assignments)
    try Self.checkClusters(ours, assignments)
    let truth = try Self.labels(labels, documents: ours.count)
    guard truth.count == ours.count else {
      throw Failure.badInput(
        labels, "has \(truth.count) labels for \(ours.count) assignments",
        hint: "one a document in both")
    }
    // The table has a cell for each cluster and class.
    let (clusters, classes) = (Set(ours).count, Set(truth).count)
    guard clusters <= 1 << 26 / max(1, classes) else {
      throw Failure.badInput(
        labels, "has \(classes) classes for \(clusters) clusters",
        hint: "are these document ids? Give one class a document")
    }
    return Contingency(labels: truth, assignments: ours)
  }

  private static func checkClusters(_ assignments: [Int32], _ path: String) throws {
    if let i = assignments.firstIndex(where: { $0 < 0 }) {
      throw Failure.badInput(path, at: "entry \(i)", "is \(assignments[i]), not a cluster")
    }
  }

  /// The labels in a file: integers in `.npy`, otherwise lines as in `dec prepare --labels`. If all
  /// class names are numbers, these are the labels, so that classes are in numerical order.
  private static func labels(_ path: String, documents: Int) throws -> [Int32] {
    if path.hasSuffix(".npy") { return try numbers(path) }
    let (labels, names) = try Corpus.labels(path, documents: documents)
    let numbers = names.compactMap { Int32($0) }
    guard numbers.count == names.count, numbers.allSatisfy({ $0 >= 0 }) else { return labels }
    return labels.map { $0 < 0 ? -1 : numbers[Int($0)] }
  }

  /// The integers in a file, each -1 or more.
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
      guard value >= -1, value <= Int32.max else {
        throw Failure.badInput(path, at: "entry \(i)", "is \(value)", hint: "-1 or a number from 0")
      }
      return Int32(value)
    }
  }
}
