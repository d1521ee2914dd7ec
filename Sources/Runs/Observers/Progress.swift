import ClusteringMetrics
import DeepClustering
import Diagnostics
import Glibc

/// Shows a training at work: on a terminal in one line that is written anew, elsewhere by a line
/// every ten seconds, at each refresh and at each phase's end.
public final class Progress: TrainingObserver {
  private let scorer: Scorer
  private let isTerminal: Bool
  private let write: (String) -> Void
  private var lastShown = 0.0
  private var lastEvent = Clock.seconds
  private var phaseStart = Clock.seconds
  private var current: (phase: TrainingPhase, trial: Int?)?
  /// The label changes of the KL phase so far.
  private var changes: [Double] = []

  /// - Parameters:
  ///   - scorer: An observer before this one in the list.
  ///   - isTerminal: Whether what is written moves a cursor.
  ///   - write: Gets text to show as it is, line ends included.
  public init(scorer: Scorer, isTerminal: Bool, write: @escaping (String) -> Void) {
    self.scorer = scorer
    self.isTerminal = isTerminal
    self.write = write
  }

  public func observe(_ event: TrainingEvent) {
    let progress = event.progress
    let now = Clock.seconds
    if current?.phase != progress.phase || current?.trial != progress.trial {
      current = (progress.phase, progress.trial)
      phaseStart = lastEvent
      changes = []
    }
    if case .refresh(_, let view) = event {
      if let change = view.labelChange { changes.append(change) }
      if let warning = view.warning {
        write(
          (isTerminal ? Self.newLine : "")
            + "dec: \(progress.phase.name), iteration \(progress.iteration): \(warning)\n")
      }
    }
    show(event, now)
    lastEvent = now
  }

  /// Returns the cursor and clears the line.
  private static let newLine = "\r\u{1b}[K"

  private func show(_ event: TrainingEvent, _ now: Double) {
    let progress = event.progress
    let isEnd =
      progress.iteration == progress.plannedIterations || progress.phase == .kMeans
    let text = parts(of: event, now).joined(separator: "  ")
    if isTerminal {
      write("\(Self.newLine)\(text)\(isEnd ? "\n" : "")")
    } else if isEnd || event.assignments != nil || now - lastShown > 10 {
      write(text + "\n")
      lastShown = now
    }
  }

  private func parts(of event: TrainingEvent, _ now: Double) -> [String] {
    let progress = event.progress
    let isIterative = progress.phase != .kMeans
    var parts = [progress.trial.map { "trial \($0)  " } ?? ""]
    parts[0] += progress.phase.name
    if isIterative {
      let planned = progress.plannedIterations.map { "/\($0)" } ?? ""
      parts.append("iteration \(progress.iteration)\(planned)")
    }
    if let loss = progress.loss { parts.append("loss \(Format.fixed(loss, 4))") }
    if case .refresh(_, let view) = event, let change = view.labelChange {
      parts.append("change \(Format.fixed(100 * change, 2)) %")
    }
    if let sizes = event.clusterSizes {
      let shown = sizes.prefix(10).map(String.init).joined(separator: " ")
      parts.append("sizes \(shown)\(sizes.count > 10 ? " ..." : "")")
    }
    if let acc = scorer.latest?.acc, let nmi = scorer.latest?.nmi {
      parts.append("ACC \(Format.fixed(acc, 3)) NMI \(Format.fixed(nmi, 3))")
    }
    if isIterative {
      let rate = Double(progress.documents) / max(1e-9, now - lastEvent)
      parts.append("\(Int(rate)) documents/s")
      if let left = secondsLeft(progress, now) { parts.append("\(Format.clock(left)) left") }
    }
    return parts
  }

  /// By the plan, or where the phase ends by itself, by the fall of the label change.
  private func secondsLeft(_ progress: PhaseProgress, _ now: Double) -> Double? {
    let elapsed = now - phaseStart
    if let planned = progress.plannedIterations, progress.iteration > 0 {
      return elapsed / Double(progress.iteration) * Double(planned - progress.iteration)
    }
    guard changes.count >= 4, let change = changes.last, change > 0 else { return nil }
    let fall = pow(change / changes[changes.count - 4], 1.0 / 3)
    guard fall < 0.98 else { return nil }
    return max(0, log(0.001 / change) / log(fall)) * elapsed / Double(changes.count)
  }

  /// Leaves the line that was written anew.
  public func finish() { if isTerminal { write("\n") } }
}
