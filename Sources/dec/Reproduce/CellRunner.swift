import Collectives
import Diagnostics
import Reproduction
import Runs

/// Runs the cells of experiments one after another inside this job. A cell is a command of `dec`:
/// it is parsed and run as from the command line.
struct CellRunner {
  /// Of all cells; their records are with rank 0.
  private(set) var results: Results
  /// The cells that were run or refused.
  private var done: Set<Cell> = []
  private let plan: Plan
  private let threads: Int?
  private let quiet: Bool
  private let world: any Communicator

  init(_ plan: Plan, threads: Int?, quiet: Bool, over world: any Communicator) {
    results = Results(plan)
    (self.plan, self.threads, self.quiet, self.world) = (plan, threads, quiet, world)
  }

  /// How far a cell is.
  private enum Standing: Int64 {
    /// Another run lies in its folder, or a part of it that nothing can go on from.
    case replaced
    case new, unfinished, finished
  }

  /// Runs a cell unless it is finished; one that was interrupted goes on. Collective.
  ///
  /// - Throws: What the command throws; only that a corpus is too large for a method becomes a
  ///   result.
  mutating func run(_ cell: Cell) throws {
    guard done.insert(cell).inserted else { return }
    if let reason = cell.needs.compactMap({ results.refusal(of: $0) }).first {
      return results.refuse(cell, reason)
    }
    let standing = try standing(of: cell)
    if standing != .finished {
      note("\(cell.path)\(standing == .unfinished ? ", which was interrupted, goes on" : "")")
      do {
        try perform(cell, standing)
      } catch let failure as Failure where failure.kind == .work && cell.mayBeRefused {
        guard failure.isShared || world.size == 1 else { throw failure }
        note("  refused: \(failure.message)")
        return results.refuse(cell, failure.message)
      }
    }
    try world.together { if world.isRoot { try results.add(cell) } }
    if standing != .finished, let summary = results.summary(of: cell) { note("  \(summary)") }
    try stopIfAsked()
  }

  /// Runs the command of a cell. Collective.
  private func perform(_ cell: Cell, _ standing: Standing) throws {
    var words = cell.command + ["--output", "\(plan.output)/\(cell.path)", "--quiet"]
    switch standing {
    case .unfinished: words.append("--resume")
    case .replaced: words.append("--overwrite")
    case .new, .finished: break
    }
    if let threads { words += ["--threads", "\(threads)"] }
    // A watchdog lives as long as the process: it would take a later cell's spectral method, at
    // which rank 0 works alone, for a job that hangs. Baselines start none.
    if cell.command.first != "baseline" { words += ["--stall-seconds", "0"] }
    Job.cell = cell.command
    defer { Job.cell = nil }
    do {
      try Dec.perform(words, over: world)
    } catch var failure as Failure where failure.kind == .stopped {
      failure.message = "stopped in \(cell.path); the same command again goes on"
      throw failure
    }
  }

  /// Collective.
  private func standing(of cell: Cell) throws -> Standing {
    var standing = Standing.replaced
    try world.together {
      guard world.isRoot else { return }
      standing = try Self.standing(of: cell, plan)
    }
    return Standing(rawValue: world.allReduce(standing.rawValue, by: .maximum))!
  }

  private static func standing(of cell: Cell, _ plan: Plan) throws -> Standing {
    let folder = RunFolder("\(plan.output)/\(cell.path)")
    guard folder.has(RunFolder.Name.record) else { return .new }
    let record = try folder.record()
    guard record.cell == cell.command, record.dataset.fingerprint == cell.fingerprint else {
      return .replaced
    }
    // A run that was made anew since makes what was read from it stale.
    for need in cell.needs {
      let needed = try RunFolder("\(plan.output)/\(need)").record()
      if needed.started > record.started { return .replaced }
    }
    if record.isFinished { return .finished }
    return cell.canResume ? .unfinished : .replaced
  }

  /// Ends the job between two cells where a signal has asked for it. Collective.
  private func stopIfAsked() throws {
    let votes = world.allReduce(Interruption.isStopAsked ? Int64(1) : 0, by: .maximum)
    guard votes > 0 else { return }
    var failure = Failure(.stopped, "stopped between two runs; the same command again goes on")
    failure.isShared = true
    throw failure
  }

  private func note(_ text: String) {
    Job.isQuiet = quiet
    Job.note(text)
  }
}
