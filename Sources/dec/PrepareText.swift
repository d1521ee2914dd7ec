import CHost
import Collectives
import Datasets
import Diagnostics
import Glibc
import Text

extension Prepare.Output {
  /// Prepares text on all ranks, and says how it went.
  func prepare(
    text source: String, _ settings: TextSettings, labels: String? = nil, keepText: Int,
    unit: Double = 1e6, shuffles: Bool = false, over world: any Communicator,
    _ documents: @autoclosure () throws -> some DocumentSource
  ) throws -> DatasetInfo {
    Job.isQuiet = quiet
    let writer = DatasetWriter(
      output: output, replacing: overwrite, order: order(shuffles: shuffles), limit: limit,
      source: source)
    let start = Clock.seconds
    // Rank 0 speaks of its own share; the others have about as much.
    let progress = Self.progress("reading", unit: unit, workers: world.size)
    var preparation = TextPreparation(writer, settings, labels: labels)
    preparation.openingLength = keepText
    let outcome = try preparation.run(documents(), over: world, progress: progress)
    let read = Double(world.allReduce(Int64(progress.done)))
    let seconds = Clock.seconds - start
    let peak = world.allReduce(Int64(chost_peak_resident_bytes()), by: .maximum)
    var note = Self.summary(outcome.info, output)
    if outcome.invalidSequences > 0 {
      note += "; \(outcome.invalidSequences) invalid UTF-8 sequences replaced"
    }
    Job.note(note)
    noteDraw(outcome.info, by: writer.order)
    if let unspaced = outcome.unspaced {
      Job.note(
        "most of the text is in a script without blanks between words, so that each run of "
          + "\(Format.fixed(unspaced.meanLength, 0)) characters became one word: put blanks "
          + "between the words first (jieba, MeCab, PyThaiNLP), or take sentence embeddings by dec "
          + "prepare npy; see docs/troubleshooting.md")
    }
    if world.isRoot, let doubled = try? DatasetFolder(opening: self.output).doubledIDs() {
      Job.note(
        "doubled ids: \(doubled.count) of \(outcome.info.samples) documents have the id of one "
          + "before, such as \"\(doubled.example)\"")
    }
    Job.note(
      "\(Format.fixed(seconds, 1)) s, \(Self.rate(read / seconds, unit)), at most "
        + "\(Format.fixed(Double(peak) / 1e6, 0)) MB a rank")
    return outcome.info
  }

  /// Says every five seconds how far rank 0 has come.
  static func progress(_ work: String, unit: Double, workers: Int = 1) -> ReadingProgress {
    let start = Clock.seconds
    var told = start
    return ReadingProgress { progress in
      guard Clock.seconds - told >= 5 else { return }
      told = Clock.seconds
      let rate = Double(progress.done) / (told - start) * Double(workers)
      let share = 100 * Double(progress.done) / Double(max(1, progress.total))
      Job.note("\(work): \(Format.fixed(share, 0)) %, " + Self.rate(rate, unit))
    }
  }

  static func rate(_ perSecond: Double, _ unit: Double) -> String {
    unit == 1
      ? "\(Format.fixed(perSecond, 0)) documents/s"
      : "\(Format.fixed(perSecond / unit, 1)) MB/s"
  }

  static func summary(_ info: DatasetInfo, _ output: String) -> String {
    let density = Double(info.nonzeros) / Double(info.samples)
    return "\(info.samples) documents, \(info.features) features, "
      + "\(Format.fixed(density, 1)) entries a document"
      + (info.emptySamples > 0 ? ", \(info.emptySamples) documents without any" : "")
      + ": \(output)"
  }
}

/// Checks of the published RCV1-v2, which the paper's REUTERS is.
enum PublishedCorpus {
  /// Documents with exactly one of the four roots (Section 4.1).
  static let documents = 685_071
  private static let parts = ["test_pt0", "test_pt1", "test_pt2", "test_pt3", "train"]

  /// What is to be said of a corpus that has the names of the whole: nil where it is not, or where
  /// all is well.
  static func warning(_ files: [String], documents found: Int) -> String? {
    let names = files.map { file in
      var name = file.split(separator: "/").last.map(String.init) ?? file
      for ending in [".gz", ".dat"] where name.hasSuffix(ending) {
        name.removeLast(ending.count)
      }
      return name
    }
    let published = parts.map { "lyrl2004_tokens_\($0)" }
    guard names.sorted() == published.sorted() else { return nil }
    if found != documents {
      return "\(found) documents have exactly one of the roots where the published corpus has "
        + "\(documents): a file is cut short or of another edition; see scripts/fetch-rcv1 --verify"
    }
    guard names != published else { return nil }
    return "the token files are not in the authors' order (\(parts.joined(separator: ", "))): "
      + "--limit 10000 will not be their REUTERS-10k"
  }
}
