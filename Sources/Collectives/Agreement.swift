import Diagnostics

/// Something that all ranks of a job must have in common.
public struct CommonFact: Sendable {
  /// Such as "version of dec".
  public var name: String
  public var value: String
  /// What to do where it differs.
  public var hint: String

  public init(_ name: String, _ value: String, hint: String) {
    self.name = name
    self.value = value
    self.hint = hint
  }
}

extension Communicator {
  /// Compares every rank's facts with those of rank 0. Collective.
  ///
  /// - Throws: `Failure.work` naming the first host that differs, and in what.
  public func requireSame(_ facts: [CommonFact]) throws {
    let host = ThisProcess.hostName
    let mine = ([host] + facts.map(\.value)).map { $0.utf8.map { $0 } }
    let everyones = gather(Array(mine.joined(separator: [0])))
    try together {
      let answers = everyones.map { bytes in
        bytes.split(separator: 0, omittingEmptySubsequences: false).map {
          String(decoding: $0, as: UTF8.self)
        }
      }
      for (rank, answer) in answers.enumerated() {
        for (i, fact) in facts.enumerated() where answer[i + 1] != fact.value {
          throw Failure(
            .work,
            "rank \(rank) on \(answer[0]) has another \(fact.name) than rank 0 on \(host): "
              + "\(answer[i + 1]), not \(fact.value); \(fact.hint)")
        }
      }
    }
  }
}
