import ArgumentParser
import Collectives
import Datasets
import DeepClustering
import DenseMath
import Diagnostics

struct Bench: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time the kernels, the all-reduce, and the method's steps and refresh.",
    discussion: """
      Documents are made in memory: 2,000 features, about 75 of them set. Every rank works; times are
      the slowest rank's, medians where repeated.

      Example:
        mpirun -n 2 dec bench --threads 1
      """)

  @Option(help: "Documents of the refresh and of k-means.") var documents = 20_000
  @Option(help: "Steps of each phase; a multiple of 50, the first 50 warm up.") var iterations = 100
  @Option(help: "Settings of the steps: paper or default.") var preset: Preset = .default
  @Option(help: "Threads of each rank; otherwise its cores.") var threads: Int?
  @Flag(help: "JSON, an array of objects.") var json = false

  func validate() throws {
    try require("--documents", documents, Allowed(text: "256 to 2^40") { (256...1 << 40) ~= $0 })
    try require(
      "--iterations", iterations,
      Allowed(text: "a multiple of 50 from 100 on") { $0 >= 100 && $0 % 50 == 0 })
    try require("--threads", threads, .positive)
  }

  func run(over world: any Communicator) throws {
    Job.useThreads(threads, over: world)
    let table = BenchTable(over: world)
    let products = BenchProducts(table)
    products.run()
    benchSparseLayer(documents: documents, table)
    benchAllReduce(table)
    try BenchSteps(documents, iterations, preset, table, products).run()
    Job.say(json ? table.json : table.text)
  }
}

/// The measurements, one on each line.
final class BenchTable {
  struct Line {
    var name: String
    var seconds: Double
    /// Rates with their units: "gflops", "percent_of_sgemm", "documents_per_second", ...
    var rates: [(String, Double)]
  }
  private(set) var lines: [Line] = []
  /// The communicator of all ranks.
  let world: any Communicator

  init(over world: any Communicator) { self.world = world }

  func add(_ name: String, _ seconds: Double, _ rates: [(String, Double)] = []) {
    lines.append(Line(name: name, seconds: seconds, rates: rates))
  }

  /// The median time of `repeats` runs of `body`, after one run that is not measured. The time of a
  /// run is that of the slowest rank. Collective.
  func time(_ repeats: Int = 7, _ body: () -> Void) -> Double {
    body()
    var times: [Double] = []
    for _ in 0..<repeats {
      world.barrier()
      let start = Clock.seconds
      body()
      times.append(world.allReduce(Clock.seconds - start, by: .maximum))
    }
    return times.sorted()[repeats / 2]
  }

  var text: String {
    let width = lines.map(\.name.count).max() ?? 0
    return
      ([
        "\(world.size) ranks of \(Threads.count) threads, OpenBLAS "
          + "\(Kernels.openBLASVersion) \(Kernels.core)"
      ]
      + lines.map { line in
        line.name + String(repeating: " ", count: width - line.name.count) + "  "
          + Format.fixed(line.seconds * 1e3, 3) + " ms"
          + line.rates.map { "  \(Format.fixed($0.1, 1)) \($0.0)" }.joined()
      }).joined(separator: "\n")
  }

  var json: String {
    let head = "\"ranks\": \(world.size), \"threads\": \(Threads.count)"
    let objects = lines.map { line in
      "  {\"name\": \"\(line.name)\", \(head), \"seconds\": \(line.seconds)"
        + line.rates.map { ", \"\($0.0)\": \($0.1)" }.joined() + "}"
    }
    return "[\n" + objects.joined(separator: ",\n") + "\n]"
  }
}
