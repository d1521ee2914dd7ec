import ArgumentParser
import Collectives
import Diagnostics
import Measurement
import Runs
import SpectralClustering

extension EmbeddingRows: ExpressibleByArgument {}
extension Discretization: ExpressibleByArgument {}
extension EdgeWeight: ExpressibleByArgument {}

/// Options of the spectral methods.
struct SpectralOptions: ParsableArguments {
  @Option(
    help: """
      Nearest neighbours; for LDMGI documents of a clique, the document itself among them, for SEC without it.
      """) var neighbours = 5
  @Option(help: "Rows of the eigenvectors that are clustered: of unit length, or raw.")
  var rows: EmbeddingRows = .unit
  @Option(help: "How clusters are read off the eigenvectors: kmeans or rotation.")
  var discretization: Discretization = .kmeans
  @Option(
    help: """
      The first of the eigenvectors that are used, 1 or 2; otherwise 2 where the graph of neighbours is \
      connected, and 1 where it is not.
      """) var firstEigenvector: Int?
  @Option(
    help: """
      A run folder of dec baseline ldmgi or sec on the same documents, whose neighbours are taken; --overwrite \
      takes those of the output folder.
      """) var neighboursOf: String?
  @Option(help: "Most hours that the search of neighbours may take, by estimate.")
  var maxHours = 24.0

  func validate() throws {
    try require("--neighbours", neighbours, .range(1...1000))
    try require("--first-eigenvector", firstEigenvector, .range(1...2))
    try require("--max-hours", maxHours, .positive)
  }

  func parameters(_ options: BaselineOptions) -> SpectralParameters {
    var p = SpectralParameters(clusterCount: options.clusters)
    p.neighbours = neighbours
    p.seed = options.seed
    p.restarts = options.restarts
    p.rows = rows
    p.discretization = discretization
    p.firstEigenvector = firstEigenvector
    return p
  }

  /// The neighbours that an earlier run has kept, if they are of the same documents and there are
  /// enough of each; nil otherwise. Collective; before the output folder is emptied.
  ///
  /// - Parameter count: Neighbours of each document that are wanted.
  /// - Throws: `Failure.usage` where `--neighbours-of` has none that fit.
  func kept(
    _ input: BaselineInput, _ options: BaselineOptions, count: Int
  ) throws -> Neighbours? {
    guard let path = neighboursOf ?? (options.overwrite ? options.output : nil) else { return nil }
    let found = try input.world.together { () throws -> Neighbours? in
      do {
        return try Self.kept(in: RunFolder(path), input, count: count)
      } catch let failure as Failure {
        guard neighboursOf != nil else { return nil }
        throw failure
      }
    }
    // All ranks, or none.
    let all = input.world.allReduce(found == nil ? 0 : Int64(1), by: .minimum)
    guard all == 1 else {
      guard let neighboursOf else { return nil }
      var failure = Failure.usage(
        "\(neighboursOf) has no \(count) neighbours of these documents",
        hint: "name a run of dec baseline ldmgi or sec on the same data, with as many neighbours")
      failure.isShared = true
      throw failure
    }
    return found
  }

  private static func kept(
    in run: RunFolder, _ input: BaselineInput, count: Int
  ) throws -> Neighbours? {
    let record = try run.finishedRecord()
    guard let baseline = record.baseline,
      record.dataset.fingerprint == input.dataset.info.fingerprint,
      baseline.embeddingChecksum == input.embedding?.checksum,
      let neighbours = try run.neighbours(of: record), neighbours.samples == input.samples,
      neighbours.count >= count
    else { return nil }
    return neighbours
  }

  /// Checks that memory and time are there. Collective.
  ///
  /// - Parameter seconds: Of the search; nil where neighbours were kept.
  func approve(_ memory: SpectralMemory, seconds: Double?, over world: any Communicator) throws {
    let here = world.hosts?.within.size ?? 1
    try world.together {
      let needed = memory.bytesOfRank * Double(here) + (world.isRoot ? memory.bytesOfRoot : 0)
      let available = AvailableMemory.bytes ?? .infinity
      let isSlow = (seconds ?? 0) > 3600 * maxHours
      guard needed > available || isSlow else { return }
      let size = { (bytes: Double) in "\(Format.fixed(bytes / 1e9, 1)) GB" }
      let time = seconds.map { ", and its neighbours about \(Format.time($0))" } ?? ""
      throw Failure(
        .work,
        "\(Format.count(memory.samples)) documents of \(Format.count(memory.features)) features "
          + "need about \(size(needed)) (\(size(available)) are available)\(time); "
          + (isSlow
            ? "start more ranks, cluster a sample (dec prepare --limit), or raise --max-hours"
            : "cluster a sample (dec prepare --limit), or an embedding of fewer features (--on)"))
    }
    if let seconds, seconds > 1 {
      Job.note("searching neighbours: about \(Format.time(seconds))")
    }
  }
}
