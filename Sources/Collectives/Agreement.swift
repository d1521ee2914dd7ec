import Diagnostics
import Glibc

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

  /// Checks that every rank sees a folder that rank 0 has just made under a random name: on another
  /// host the path of its parent may lead to another folder. Collective.
  ///
  /// - Parameter output: The option's value, for the message.
  /// - Throws: `Failure.io` naming the first rank that does not see it, and its host.
  public func requireShared(_ folder: String, in output: String) throws {
    var host = Array(ThisProcess.hostName.utf8)
    broadcast(&host)
    let parent = folder.lastIndex(of: "/").map { String(folder[...$0]) } ?? "."
    try together {
      // An NFS client may remember for some seconds that the name did not exist; listing the folder
      // makes it ask the server again.
      for attempt in 0..<30 {
        if access(folder, F_OK) == 0 { return }
        if attempt < 29 { usleep(100_000) }
        guard let listing = opendir(parent) else { continue }
        while readdir(listing) != nil {}
        closedir(listing)
      }
      throw Failure.io(
        output,
        "rank \(rank) on \(ThisProcess.hostName) sees another folder there than rank 0 on "
          + String(decoding: host, as: UTF8.self),
        hint: "put --output where every host sees it, such as on NFS or Lustre")
    }
  }
}
