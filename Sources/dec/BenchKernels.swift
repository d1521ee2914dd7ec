import Collectives
import Datasets
import DeepClustering
import DenseMath
import Glibc

/// Measures sgemm at the matrix shapes of a training step, each shape once.
final class BenchProducts {
  private let table: BenchTable
  private var known: [String: Double] = [:]
  /// The number of this rank's rows of a minibatch of 256.
  let batch: Int

  init(_ table: BenchTable) {
    self.table = table
    batch = max(1, 256 / table.world.size)
  }

  func run() {
    _ = seconds(1024, 1024, 1024)
    _ = seconds(batch, 2000, 500)
    for (from, to) in [(500, 500), (500, 2000), (2000, 10)] { _ = training(from, to) }
  }

  /// The time of op(A)·op(B), `[m, k]` times `[k, n]`, in seconds.
  func seconds(
    _ m: Int, _ k: Int, _ n: Int, _ readA: Reading = .asIs, _ readB: Reading = .asIs
  ) -> Double {
    let (a, b) = (readA == .asIs ? "" : "T", readB == .asIs ? "" : "T")
    let name = "sgemm \(m)x\(k)\(a) * \(k)x\(n)\(b)"
    if let time = known[name] { return time }
    let x = filled(readA == .asIs ? m : k, readA == .asIs ? k : m)
    let y = filled(readB == .asIs ? k : n, readB == .asIs ? n : k)
    var c = Matrix(rows: m, columns: n)
    let repeats = max(1, Int(2e8 / (2 * Double(m) * Double(k) * Double(n))))
    let time = table.time { for _ in 0..<repeats { gemm(x, readA, y, readB, into: &c) } }
    known[name] = time / Double(repeats)
    let flop = 2 * Double(m) * Double(k) * Double(n)
    table.add(name, known[name]!, [("gflops", flop / known[name]! * 1e-9)])
    return known[name]!
  }

  /// The time of the forward product, the weight gradient and the input gradient of one layer.
  func training(_ from: Int, _ to: Int) -> Double {
    seconds(batch, from, to) + seconds(from, batch, to, .transposed)
      + seconds(batch, to, from, .asIs, .transposed)
  }

  private func filled(_ rows: Int, _ columns: Int) -> Matrix {
    var random = RandomStream(seed: 1, .sample, rows)
    return Matrix(
      rows: rows, columns: columns,
      elements: (0..<rows * columns).map { _ in Float(random.uniform() - 0.5) })
  }
}

/// The synthetic documents `range`: of 2,000 features about 75 are set, mostly those with low
/// indices; each row has the norm √2000.
func benchRows(_ range: Range<Int>) -> SparseRows {
  var rows = SparseRows(columns: 2000)
  for document in range {
    var random = RandomStream(seed: 7, .synthetic, document)
    var chosen = Set<Int32>()
    while chosen.count < 50 + document % 51 {
      chosen.insert(Int32(2000 * pow(random.uniform(), 2)))
    }
    let indices = chosen.sorted()
    let value = Float((2000 / Double(indices.count)).squareRoot())
    let values = [Float](repeating: value, count: indices.count)
    indices.withUnsafeBufferPointer { indices in
      values.withUnsafeBufferPointer { rows.appendRow(indices: indices, values: $0) }
    }
  }
  return rows
}

/// Measures the sparse first layer and its gradient, in nanoseconds for each nonzero element.
func benchSparseLayer(documents: Int, _ table: BenchTable) {
  let x = benchRows(0..<256)
  let w = Matrix(rows: 2000, columns: 500)
  var (y, dw) = (Matrix(rows: 256, columns: 500), w)
  let bias = [Float](repeating: 1, count: 500)
  let rows = Double(x.values.count)
  let forward = table.time(15) { multiply(x, w, bias: bias, rectified: true, into: &y) }
  table.add("sparse layer, 256 documents", forward, [("ns_per_row", forward / rows * 1e9)])
  let backward = table.time(15) { multiplyTransposed(x, y, into: &dw) }
  table.add("its gradient", backward, [("ns_per_row", backward / rows * 1e9)])
}

func benchAllReduce(_ table: BenchTable) {
  guard table.world.size > 1 else { return }
  for count in [1, 1_000, 10_000, 100_000, 1_000_000, 4_000_000] {
    var values = [Float](repeating: 1e-9, count: count)
    let time = table.time { table.world.allReduce(&values) }
    table.add(
      "all-reduce of \(4 * count) bytes", time, [("MB_per_second", 4e-6 * Double(count) / time)])
  }
}
