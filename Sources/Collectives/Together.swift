import Diagnostics

extension Communicator {
  /// Runs `body` on every rank, and makes the failure of one rank the failure of all, so that none
  /// waits in the next collective for a rank that has left. Collective; `body` must not be.
  ///
  /// - Throws: The failure of the lowest rank that has one, the same on every rank. If that rank is
  ///   on another host than rank 0, the message names both, since the same path may lead to another
  ///   file there.
  public func together<T>(_ body: () throws -> T) throws -> T {
    let result = Result(catching: body)
    var failed = Int64(size)
    if case .failure = result { failed = Int64(rank) }
    let first = Int(allReduce(failed, by: .minimum))
    guard first < size else { return try result.get() }

    let host = ThisProcess.hostName
    var rootHost = Array(host.utf8)
    broadcast(&rootHost)
    var code: [Int32] = []
    var message: [UInt8] = []
    if rank == first, case .failure(let error) = result {
      let failure = error as? Failure ?? Failure(.work, "\(error)")
      code = [failure.exitCode]
      message = Array(failure.message.utf8)
      let place = "rank \(rank) on \(host)"
      if host != String(decoding: rootHost, as: UTF8.self), !failure.message.contains(place) {
        message += " (\(place))".utf8
      }
    }
    broadcast(&code, from: first)
    broadcast(&message, from: first)
    var failure = Failure(
      Failure.Kind(rawValue: code[0]) ?? .work, String(decoding: message, as: UTF8.self))
    failure.isShared = true
    throw failure
  }
}
