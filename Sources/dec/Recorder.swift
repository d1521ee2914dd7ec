import ClusteringMetrics
import Collectives
import DeepClustering
import Diagnostics
import FoundationEssentials
import Glibc
import Runs

/// Writes `metrics.jsonl`, shows progress, and times the phases. Rank 0 writes and shows.
final class Recorder {
  /// A line of `metrics.jsonl`.
  private struct Line: Encodable {
    var phase: String
    var iteration: Int
    var loss: Double?
    var learning_rate: Double?
    var label_change: Double?
    var cluster_sizes: [Int]?
    var acc: Double?
    var nmi: Double?
    var ari: Double?
    var documents_per_second: Double
    var communication_seconds: Double
    var elapsed_seconds: Double
    var warning: String?
    var trial: Int?
  }

  private let samples: Int
  private let file: UnsafeMutablePointer<FILE>?
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let start = Clock.seconds
  private var lastEvent = Clock.seconds
  private var lastShown = 0.0
  private var changes: [Double] = []
  /// Over all trials.
  private(set) var phases: [RunRecord.Phase] = []
  /// The phase at work, its place in `phases`, and what earlier trials had put there.
  private var current: (name: String, trial: Int?)?
  private var phase = 0
  private var earlier = (seconds: 0.0, iterations: 0)
  private var phaseStart = Clock.seconds

  init(folder: String, samples: Int) throws {
    self.samples = samples
    guard Job.world.isRoot else {
      file = nil
      return
    }
    let path = "\(folder)/metrics.jsonl"
    file = fopen(path, "w")
    guard file != nil else {
      throw Failure.io(path, "cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  deinit { if let file { fclose(file) } }

  func record(_ event: TrainingEvent, _ scores: Scores?, documentsOfAllRanks documents: Int) {
    let now = Clock.seconds
    if current?.name != event.phase || current?.trial != event.trial {
      current = (event.phase, event.trial)
      phaseStart = lastEvent
      changes = []
      let place = phases.firstIndex { $0.phase == event.phase }
      phase = place ?? phases.count
      if place == nil {
        phases.append(RunRecord.Phase(phase: event.phase, seconds: 0, iterations: 0, loss: nil))
      }
      earlier = (phases[phase].seconds, phases[phase].iterations)
    }
    phases[phase].seconds = earlier.seconds + now - phaseStart
    phases[phase].iterations = earlier.iterations + event.iteration
    phases[phase].loss = event.loss ?? phases[phase].loss
    let line = Line(
      phase: event.phase, iteration: event.iteration, loss: event.loss,
      learning_rate: event.learningRate, label_change: event.labelChange,
      cluster_sizes: event.clusterSizes, acc: scores?.acc, nmi: scores?.nmi, ari: scores?.ari,
      documents_per_second: Double(documents) / max(1e-9, now - lastEvent),
      communication_seconds: event.communicationSeconds, elapsed_seconds: now - start,
      warning: event.warning, trial: event.trial)
    if let change = event.labelChange { changes.append(change) }
    write(line)
    show(line, event, now)
    lastEvent = now
  }

  private func write(_ line: Line) {
    guard let file else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // A loss of NaN never comes here: the phases stop at it.
    guard let json = try? encoder.encode(line) else { return }
    fputs(String(decoding: json, as: UTF8.self) + "\n", file)
    fflush(file)
  }

  /// On a terminal one line, rewritten; otherwise a line every ten seconds and at each phase's end.
  private func show(_ line: Line, _ event: TrainingEvent, _ now: Double) {
    guard Job.world.isRoot, !Job.isQuiet else { return }
    if let warning = event.warning {
      if isTerminal { Job.complain("\r\u{1b}[K", newLine: false) }
      Job.warn("\(event.phase), iteration \(event.iteration): \(warning)")
    }
    let isEnd = event.iteration == event.plannedIterations || event.phase == "kmeans"
    var parts = [event.trial.map { "trial \($0)  \(event.phase)" } ?? event.phase]
    if event.phase != "kmeans" {
      parts.append(
        "iteration \(event.iteration)" + (event.plannedIterations.map { "/\($0)" } ?? ""))
    }
    if let loss = line.loss { parts.append("loss \(Text.fixed(loss, 4))") }
    if let change = line.label_change { parts.append("change \(Text.fixed(100 * change, 2)) %") }
    if let sizes = line.cluster_sizes {
      let shown = sizes.prefix(10).map(String.init).joined(separator: " ")
      parts.append("sizes \(shown)\(sizes.count > 10 ? " ..." : "")")
    }
    if let acc = line.acc, let nmi = line.nmi {
      parts.append("ACC \(Text.fixed(acc, 3)) NMI \(Text.fixed(nmi, 3))")
    }
    if event.phase != "kmeans" {
      parts.append("\(Int(line.documents_per_second)) documents/s")
      if let left = secondsLeft(event, now) { parts.append("\(Text.time(left)) left") }
    }
    let text = parts.joined(separator: "  ")
    if isTerminal {
      Job.complain("\r\u{1b}[K\(text)\(isEnd ? "\n" : "")", newLine: false)
    } else if isEnd || event.assignments != nil || now - lastShown > 10 {
      Job.complain(text)
      lastShown = now
    }
  }

  /// By the plan, or where the phase ends by itself, by the fall of the label change.
  private func secondsLeft(_ event: TrainingEvent, _ now: Double) -> Double? {
    let elapsed = now - phaseStart
    if let planned = event.plannedIterations, event.iteration > 0 {
      return elapsed / Double(event.iteration) * Double(planned - event.iteration)
    }
    guard changes.count >= 4, let change = changes.last, change > 0 else { return nil }
    let fall = pow(change / changes[changes.count - 4], 1.0 / 3)
    guard fall < 0.98 else { return nil }
    return max(0, log(0.001 / change) / log(fall)) * elapsed / Double(changes.count)
  }

  func finish() {
    if isTerminal, Job.world.isRoot, !Job.isQuiet { Job.complain("") }
  }
}

/// Numbers as text.
enum Text {
  /// `value` with so many decimals.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let unit = pow(10, Double(decimals))
    let scaled = Int64((abs(value) * unit).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    let fraction = String(scaled % Int64(unit))
    let zeros = String(repeating: "0", count: decimals - min(decimals, fraction.count))
    return "\(sign)\(scaled / Int64(unit))" + (decimals > 0 ? ".\(zeros)\(fraction)" : "")
  }

  /// h:mm:ss or m:ss.
  static func time(_ seconds: Double) -> String {
    let total = Int(min(seconds, 1e9).rounded())
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return total >= 3600
      ? "\(total / 3600):\(two(total / 60 % 60)):\(two(total % 60))"
      : "\(total / 60):\(two(total % 60))"
  }
}
