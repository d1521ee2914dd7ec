import DenseMath
import Glibc

/// A corpus like RCV1, from a seed: documents of stems, in root topics of unequal size, each with
/// subtopics, over a Zipfian vocabulary.
///
/// A document mixes four sources of tokens: the background, its root, its subtopic, and a register (a
/// style that cuts across the roots, as news from one desk reads alike whatever its topic). Registers
/// are what makes it as hard as the real one.
public struct SyntheticCorpus: Sendable {
  public let documents: Int
  public let clusters: Int
  private let seed: UInt64
  /// Cumulative probabilities, one table a theme.
  private let background: [Double]
  private var roots: [[Double]] = []
  private var subtopics: [[[Double]]] = []
  private var registers: [[Double]] = []
  private let shares: [Double]

  private static let words = 6000
  private static let subtopicCount = 6
  private static let registerCount = 5

  public init(documents: Int, clusters: Int, seed: Int) {
    self.documents = documents
    self.clusters = clusters
    self.seed = UInt64(bitPattern: Int64(seed))
    // RCV1's roots; for other k, shares that fall likewise.
    let weights =
      clusters == 4 ? [0.43, 0.27, 0.22, 0.08] : (0..<clusters).map { 1 / Double($0 + 2) }
    shares = Self.cumulative(weights)
    // Zipf and Mandelbrot: f ∝ 1 / (rank + b)^a.
    let base = (0..<Self.words).map { 1 / pow(Double($0) + 8, 1.05) }
    background = Self.cumulative(base)
    var random = RandomStream(seed: self.seed, .synthetic, -1)
    func theme(_ share: Double, _ low: Double, _ high: Double) -> [Double] {
      Self.cumulative(
        base.map {
          random.uniform() < share ? $0 * exp(low + (high - low) * random.uniform()) : $0
        })
    }
    for _ in 0..<clusters {
      roots.append(theme(0.05, 1.5, 3.5))
      subtopics.append((0..<Self.subtopicCount).map { _ in theme(0.03, 2, 4.5) })
    }
    for _ in 0..<Self.registerCount { registers.append(theme(0.04, 1.5, 3.5)) }
  }

  public var classNames: [String] {
    clusters == 4 ? ["CCAT", "GCAT", "MCAT", "ECAT"] : (1...clusters).map { "C\($0)" }
  }

  private static func cumulative(_ weights: [Double]) -> [Double] {
    let total = weights.reduce(0, +)
    var sum = 0.0
    return weights.map {
      sum += $0 / total
      return sum
    }
  }

  private static func draw(_ table: [Double], _ random: inout RandomStream) -> Int {
    let u = random.uniform()
    var (low, high) = (0, table.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if table[middle] < u { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The root of document `number`, and its stems; the same however many documents there are.
  public func document(_ number: Int) -> (label: Int32, text: String) {
    var random = RandomStream(seed: seed, .synthetic, number)
    let root = Self.draw(shares, &random)
    let subtopic = subtopics[root][Int(random.integer(below: Int64(Self.subtopicCount)))]
    let register = registers[Int(random.integer(below: Int64(Self.registerCount)))]
    // How much of the document is about its topic varies from document to document.
    let topical = 0.15 + 0.4 * random.uniform()
    let styled = 0.03 + 0.12 * random.uniform()
    let length = Int(exp(log(100) + 0.5 * random.normal()).rounded())
    var text = ""
    for _ in 0..<max(8, length) {
      let u = random.uniform()
      let table =
        u < 0.4 * topical
        ? roots[root] : u < topical ? subtopic : u < topical + styled ? register : background
      text += Self.stem(Self.draw(table, &random))
      text += " "
    }
    return (Int32(root), text)
  }

  /// A made-up stem, the same for a word always, none the start of another.
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

  /// All documents, counted.
  public func read(into counts: TermCounts) -> Corpus {
    var corpus = Corpus()
    corpus.classNames = classNames
    for number in 0..<documents {
      let (label, text) = document(number)
      counts.add(text)
      counts.endDocument()
      corpus.append(id: "\(number + 1)", label: label)
    }
    return corpus
  }
}
