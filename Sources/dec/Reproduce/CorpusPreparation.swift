import Collectives
import Datasets
import Diagnostics
import Reproduction
import Runs

/// Makes the datasets that experiments run on, once: those below `data/` in the output stay. All
/// functions are collective.
struct CorpusPreparation {
  private let plan: Plan
  private let quiet: Bool
  private let world: any Communicator

  init(_ plan: Plan, quiet: Bool, over world: any Communicator) {
    (self.plan, self.quiet, self.world) = (plan, quiet, world)
  }

  /// The corpora of a folder, prepared; in a quick plan cut.
  ///
  /// - Parameter names: Of those to take; nil for all.
  /// - Throws: `Failure.usage` where the folder has none of them.
  func corpora(in folder: String, named names: [String]?) throws -> [CorpusEntry] {
    let found = try world.together { try FoundCorpus.list(in: folder) }
    try world.together {
      let known = found.map(\.name)
      for name in names ?? [] where !known.contains(name) {
        throw Failure.usage(
          "\(folder) has no corpus \(name)", hint: "it has \(known.joined(separator: ", "))")
      }
    }
    return try found.filter { names?.contains($0.name) ?? true }.flatMap { corpus in
      try entries(
        of: CorpusEntry(corpus.name, DatasetFolder(opening: prepared(corpus), over: world)))
    }
  }

  /// A corpus, in a quick plan cut; REUTERS with its first 10,000 documents, which the authors'
  /// order makes REUTERS-10k.
  private func entries(of corpus: CorpusEntry) throws -> [CorpusEntry] {
    let most = Plan.quickSamples
    guard corpus.dataset.info.samples > most else { return [corpus] }
    if plan.isQuick {
      return [
        try restricted(corpus, suffix: "-\(most)") { dataset in
          DocumentOrder.drawn(seed: 1234).documents(of: dataset.info.samples, limit: most)
        }
      ]
    }
    guard corpus.paper == .reuters, corpus.dataset.info.seed != nil else { return [corpus] }
    var sample = try restricted(corpus, suffix: "-10k") { _ in Array(0..<10_000) }
    sample.paper = .reuters10k
    return [corpus, sample]
  }

  /// A part of a corpus as a dataset of its own.
  func part(_ part: CorpusPart, of corpus: CorpusEntry) throws -> CorpusEntry {
    guard case .retained(let rate) = part else { return corpus }
    var entry = try restricted(corpus, suffix: "-retained-\(rate)") { dataset in
      retainedDocuments(
        labels: try dataset.labels(0..<dataset.info.samples) ?? [],
        classCount: dataset.info.classNames.count, minimumRetentionRate: rate, seed: 0)
    }
    entry.retentionRate = rate
    return entry
  }

  /// The dataset folder of a corpus.
  private func prepared(_ corpus: FoundCorpus) throws -> String {
    if let dataset = corpus.dataset { return dataset }
    let path = plan.dataset(corpus.name)
    if try !isThere(path) {
      try Dec.perform(
        ["prepare"] + corpus.preparation + ["--output", path] + (quiet ? ["--quiet"] : []),
        over: world)
    }
    return path
  }

  private func restricted(
    _ corpus: CorpusEntry, suffix: String, to documents: (DatasetFolder) throws -> [Int]
  ) throws -> CorpusEntry {
    let path = plan.dataset(corpus.name + suffix)
    let (dataset, info) = (corpus.dataset, corpus.dataset.info)
    // The whole corpus may have been prepared anew since.
    let source = "\(info.source) [\(suffix.dropFirst()) of \(info.fingerprint)]"
    let isNew = try !isThere(path) { $0.source == source }
    try world.together {
      guard isNew, world.isRoot else { return }
      _ = try Subset(of: dataset, documents: documents(dataset)).write(to: path, source: source)
    }
    return corpus.restricted(
      to: try DatasetFolder(opening: path, over: world), suffix: suffix)
  }

  /// Whether a dataset was made already.
  private func isThere(
    _ path: String, where isRight: (DatasetInfo) -> Bool = { _ in true }
  ) throws -> Bool {
    var found: Int64 = 0
    try world.together {
      guard world.isRoot, WholeFile.exists("\(path)/dataset.json") else { return }
      if isRight(try DatasetFolder(opening: path).info) { found = 1 }
    }
    return world.allReduce(found, by: .maximum) == 1
  }
}
