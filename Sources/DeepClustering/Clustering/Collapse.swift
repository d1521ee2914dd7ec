import Diagnostics

/// What shows, without labels, that the KL phase destroys clusters instead of refining them.
///
/// A step of the phase makes confident what is confident already, so that one cluster may eat its
/// neighbours. On every corpus of docs/results.md the score fell where one of these was met:
/// clusters that have doubled or halved hold over 3 % of the documents; or one cluster holds over
/// 60 %, and none did before.
enum Collapse {
  static let largestShare = 0.6
  static let changedShare = 0.03

  /// - Parameters:
  ///   - start: Documents per cluster at the first refresh.
  ///   - now: Documents per cluster at a later one.
  /// - Returns: What has happened, in words; nil where the clusters are sound.
  static func between(_ start: [Int], and now: [Int]) -> String? {
    if let swallowed = swallowed(start, by: now) { return swallowed }
    let samples = Double(start.reduce(0, +))
    let changed = start.indices.filter { now[$0] > 2 * start[$0] || 2 * now[$0] < start[$0] }
    let documents = changed.reduce(0) { $0 + max(start[$1], now[$1]) }
    guard Double(documents) > changedShare * samples else { return nil }
    let most = changed.max {
      max(start[$0], now[$0]) < max(start[$1], now[$1])
    }!
    return "cluster \(most) went from \(start[most]) to \(now[most]) documents"
  }

  /// The cluster that holds over 60 % of the documents where none did at the start, in words; nil
  /// where there is none.
  static func swallowed(_ start: [Int], by now: [Int]) -> String? {
    let samples = start.reduce(0, +)
    let largest = now.indices.max { now[$0] < now[$1] }!
    guard Double(now[largest]) > largestShare * Double(samples),
      Double(start.max()!) <= largestShare * Double(samples)
    else { return nil }
    return "cluster \(largest) holds \(now[largest]) of \(samples) documents"
  }
}
