import DeepClustering
import Diagnostics

/// How much of the paper's protocol is run, and where its runs lie.
public struct Plan: Sendable {
  /// The folder of pages and runs, absolute.
  public let output: String
  /// Of every training.
  public var preset = Preset.default
  /// Seeds of the default setting, whose mean and standard deviation are reported.
  public var seedCount = 5
  /// Of the nine settings of each method, how many are run.
  public var settingCount = 9
  /// Whether iterations and restarts are cut, and large corpora.
  public var isQuick = false
  /// Options that the user adds to every `dec train`.
  public var trainOptions: [String] = []
  /// Options that the user adds to every `dec train` and `dec cluster`.
  public var clusterOptions: [String] = []

  /// Settings that the paper tries of each method.
  public static let settingsOfThePaper = 9
  /// The most documents of a quick run.
  public static let quickSamples = 10_000

  public init(output: String) { self.output = output }

  /// Where runs lie, below `output`. Runs of different plans do not replace each other.
  var runs: String { "runs/\(preset.rawValue)\(isQuick ? "-quick" : "")" }

  /// Where the datasets lie that are made for the experiments.
  public func dataset(_ name: String) -> String {
    "\(output)/data/\(name)"
  }

  /// Options of every training on a corpus, beside those of its cell.
  func training(on corpus: CorpusEntry) -> [String] {
    var options: [String] = []
    if isQuick {
      // Text needs few by default.
      let iterations = preset == .paper ? 1000 : corpus.dataset.info.layout == .csr ? 300 : 500
      options += ["--finetune-iterations", "\(iterations)"]
      if preset == .paper { options += ["--layerwise-iterations", "500"] }
      options += ["--trials", "1"]
    }
    return clustering + options + trainOptions
  }

  /// Options of every KL phase, beside those of its cell.
  var clustering: [String] {
    // The simpler methods have rows of their own.
    ["--preset", preset.rawValue, "--baselines", "false"]
      + (isQuick ? ["--max-iterations", "300", "--restarts", "5"] : []) + clusterOptions
  }

  /// Options of every baseline.
  var baseline: [String] { isQuick ? ["--restarts", "5"] : [] }

  /// Which of a method's nine settings are run: evenly spaced, or the third where there is one.
  var settings: [Int] {
    let last = Self.settingsOfThePaper - 1
    switch settingCount {
    case ...0: return []
    case 1: return [2]
    default: return (0..<settingCount).map { $0 * last / (settingCount - 1) }
    }
  }

  /// What was cut, in words; nil where nothing was.
  var note: String? {
    var parts: [String] = []
    if isQuick {
      parts.append(
        "This is a quick try: corpora are cut to \(Format.count(Self.quickSamples)) documents, "
          + "k-means has 5 starts in place of 20, and training few iterations.")
    }
    if seedCount < 5 || settingCount < Self.settingsOfThePaper {
      parts.append(
        "\(Format.counted(settingCount, "setting")) of nine, "
          + "\(Format.counted(seedCount, "seed")) of five.")
    }
    if !(trainOptions + clusterOptions).isEmpty {
      parts.append("Every training has \((trainOptions + clusterOptions).joined(separator: " ")).")
    }
    return parts.isEmpty
      ? nil : parts.joined(separator: " ") + " The figures are not those of the full protocol."
  }
}
