import ArgumentParser
import Collectives
import Datasets
import DenseMath
import Diagnostics

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What a dataset holds, and what a run on it would take.",
    discussion: """
      Example:
        dec inspect data
      """)

  @Argument(help: "Dataset folder.") var data: String

  func run() throws {
    try Job.world.together {
      guard Job.world.isRoot else { return }
      let dataset = try DatasetFolder(opening: data)
      try dataset.verify(checksums: [dataset.checksums(part: 0, of: 1)])
      let info = dataset.info
      let n = info.samples
      Job.say("documents     \(n)" + (info.corpusSamples > n ? " of \(info.corpusSamples)" : ""))
      Job.say("features      \(info.features)")
      let density = Double(info.nonzeros) / Double(n) / Double(info.features)
      Job.say(
        "layout        \(info.layout.rawValue), \(info.nonzeros) values, "
          + "\(Text.fixed(Double(info.nonzeros) / Double(n), 1)) a document "
          + "(\(Text.fixed(100 * density, 2)) %)")
      if info.emptySamples > 0 { Job.say("empty         \(info.emptySamples) documents") }
      let norms = try Self.norms(dataset.shard(0..<n))
      Job.say(
        "(1/d)|x|^2    mean \(Text.fixed(norms.mean, 4)), \(Text.fixed(norms.least, 4)) to "
          + "\(Text.fixed(norms.most, 4))")
      if let labels = try dataset.labels(0..<n) { sayLabels(labels, info.classNames) }
      if let vocabulary = try dataset.vocabulary() {
        let common = vocabulary.sorted { $0.documentFrequency > $1.documentFrequency }.prefix(12)
        Job.say("vocabulary    " + common.map(\.term).joined(separator: " ") + " ...")
      }
      Job.say("source        \(info.source)")
      sayCost(info)
    }
  }

  private func sayLabels(_ labels: [Int32], _ names: [String]) {
    var counts = [Int](repeating: 0, count: names.count)
    for label in labels where label >= 0 { counts[Int(label)] += 1 }
    let labelled = counts.reduce(0, +)
    let shares = zip(names, counts).sorted { $0.1 > $1.1 }.prefix(20).map {
      "\($0.0) \($0.1) (\(Text.fixed(100 * Double($0.1) / Double(max(1, labelled)), 1)) %)"
    }
    Job.say(
      "labels        \(labelled) of \(labels.count): " + shares.joined(separator: ", ")
        + (names.count > 20 ? " ..." : ""))
  }

  private static func norms(_ shard: Shard) -> (mean: Double, least: Double, most: Double) {
    var rows = InputRows(columns: shard.features, isSparse: shard.isSparse)
    var (sum, least, most) = (0.0, Double.infinity, 0.0)
    for document in shard.range {
      shard.gather(document..<document + 1, into: &rows)
      let values = shard.isSparse ? rows.sparse.values : rows.dense.elements
      let square =
        values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(shard.features)
      sum += square
      least = min(least, square)
      most = max(most, square)
    }
    return (sum / Double(shard.range.count), least, most)
  }

  /// Memory and arithmetic of a run with the paper's layers.
  private func sayCost(_ info: DatasetInfo) {
    let bytes = info.files.values.reduce(0) { $0 + $1.bytes }
    let widths = [info.features, 500, 500, 2000, 10]
    let weights = zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    let refresh = 2 * Double(weights) * Double(info.samples)
    Job.say("a run at      1, 2, 4, 8 ranks takes about")
    let memory = [1, 2, 4, 8].map { "\((bytes / $0 + 300_000_000) / 1_000_000) MB" }
    Job.say("  memory      \(memory.joined(separator: ", ")) a rank")
    let seconds = [1.0, 2, 4, 8].map { "\(Text.fixed(refresh / (5e10 * $0), 1)) s" }
    Job.say(
      "  a refresh   \(seconds.joined(separator: ", ")) at one thread of 50 GFLOP/s a rank")
  }
}
