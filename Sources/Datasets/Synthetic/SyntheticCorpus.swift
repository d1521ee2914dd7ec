import DenseMath
import Diagnostics
import Glibc

/// A synthetic corpus like RCV1, from a seed: documents of stems from a Zipfian vocabulary, in root
/// topics of unequal sizes with subtopics.
///
/// The tokens of a document come from four sources: the background, its root, its subtopic, and its
/// register, a style independent of the root, as reports from one desk read alike whatever their
/// topic. The roots can be told apart: latent semantic analysis, unit rows and k-means
/// find more than 95 % of four.
public struct SyntheticCorpus: Sendable {
  public let documents: Int
  public let clusters: Int
  private let seed: UInt64
  /// A table of weights for each source.
  private let background: DrawingTable
  private var roots: [DrawingTable] = []
  private var subtopics: [[DrawingTable]] = []
  private var registers: [DrawingTable] = []
  private let shares: DrawingTable
  private let stems: [[UInt8]]

  private static let words = 6000
  private static let subtopicCount = 6
  private static let registerCount = 5

  public init(documents: Int, clusters: Int, seed: Int) {
    self.documents = documents
    self.clusters = clusters
    self.seed = UInt64(bitPattern: Int64(seed))
    // The shares of RCV1's roots; for other k, similarly decreasing shares.
    let weights =
      clusters == 4 ? [0.43, 0.27, 0.22, 0.08] : (0..<clusters).map { 1 / Double($0 + 2) }
    shares = DrawingTable(weights)
    // Zipf and Mandelbrot: f ∝ 1 / (rank + b)^a.
    let base = (0..<Self.words).map { 1 / pow(Double($0) + 8, 1.05) }
    background = DrawingTable(base)
    stems = (0..<Self.words).map { Array((Self.stem($0) + " ").utf8) }
    var random = RandomStream(seed: self.seed, .synthetic, -1)
    func theme(_ share: Double, _ low: Double, _ high: Double) -> DrawingTable {
      DrawingTable(
        base.map {
          random.uniform() < share ? $0 * exp(low + (high - low) * random.uniform()) : $0
        })
    }
    for _ in 0..<clusters {
      roots.append(theme(0.05, 2, 4))
      subtopics.append((0..<Self.subtopicCount).map { _ in theme(0.03, 2, 4.5) })
    }
    for _ in 0..<Self.registerCount { registers.append(theme(0.04, 1.5, 3.5)) }
  }

  public var rootNames: [String] {
    clusters == 4 ? ["CCAT", "GCAT", "MCAT", "ECAT"] : (1...clusters).map { "C\($0)" }
  }

  /// The root and the stems of document `number`, which do not depend on the number of documents.
  public func document(_ number: Int) -> (label: Int32, text: String) {
    var text: [UInt8] = []
    let label = document(number, into: &text)
    return (label, String(decoding: text, as: UTF8.self))
  }

  /// Appends the stems of document `number`, each followed by a space, or by a line end after every
  /// `lineLength` stems.
  /// - Returns: The root of the document.
  package func document(
    _ number: Int, into text: inout [UInt8], lineLength: Int = .max
  ) -> Int32 {
    var random = RandomStream(seed: seed, .synthetic, number)
    let root = shares.draw(&random)
    let subtopic = subtopics[root][Int(random.integer(below: Int64(Self.subtopicCount)))]
    let register = registers[Int(random.integer(below: Int64(Self.registerCount)))]
    // The share of tokens from the topic varies between documents.
    let topical = 0.2 + 0.4 * random.uniform()
    let styled = 0.03 + 0.12 * random.uniform()
    let length = max(8, Int(exp(log(100) + 0.5 * random.normal()).rounded()))
    for i in 1...length {
      let u = random.uniform()
      let stem =
        u < 0.7 * topical
        ? roots[root].draw(&random)
        : u < topical
          ? subtopic.draw(&random)
          : u < topical + styled ? register.draw(&random) : background.draw(&random)
      text.append(contentsOf: stems[stem])
      if i % lineLength == 0 || i == length, lineLength < .max { text[text.count - 1] = 0x0a }
    }
    return Int32(root)
  }

  /// An artificial stem for each word; no stem is a prefix of another.
  private static func stem(_ word: Int) -> String {
    let (onsets, vowels) = (Array("bdfghklmnprstvwz"), Array("aeiou"))
    var number = word
    var text = ""
    repeat {
      text.append(onsets[number % 16])
      text.append(vowels[number / 16 % 5])
      number /= 80
    } while number > 0
    return text + "x"
  }
}

extension SyntheticCorpus: DocumentSource {
  package var classNames: [String]? { rootNames }
  package var emptiness: Failure { Failure.usage("no synthetic documents") }

  package func read(
    part: Int, of parts: Int, into sink: some DocumentSink, progress: ReadingProgress
  ) throws {
    let range = (documents * part / parts)..<(documents * (part + 1) / parts)
    progress.total = range.count
    var text: [UInt8] = []
    for number in range {
      text.removeAll(keepingCapacity: true)
      let label = document(number, into: &text)
      text.withUnsafeBytes { sink.add($0) }
      let id = Array("\(number + 1)".utf8)
      try id.withUnsafeBytes { try sink.endDocument(id: $0, label: .number(label)) }
      progress.advance(to: number - range.lowerBound + 1)
    }
  }
}

/// Draws indices with given weights: the first index whose cumulative probability reaches a uniform
/// number, searched from a guide table's entry near it.
struct DrawingTable: Sendable {
  private let cumulative: [Double]
  private let guide: [UInt32]

  private static let steps = 1024

  init(_ weights: [Double]) {
    let total = weights.reduce(0, +)
    var sum = 0.0
    cumulative = weights.map {
      sum += $0 / total
      return sum
    }
    var place = 0
    var guide: [UInt32] = []
    for step in 0..<Self.steps {
      while place < cumulative.count - 1, cumulative[place] < Double(step) / Double(Self.steps) {
        place += 1
      }
      guide.append(UInt32(place))
    }
    self.guide = guide
  }

  @inline(__always)
  func draw(_ random: inout RandomStream) -> Int {
    let u = random.uniform()
    var place = Int(guide[Int(u * Double(Self.steps))])
    while place < cumulative.count - 1, cumulative[place] < u { place += 1 }
    return place
  }
}
