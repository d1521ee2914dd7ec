import Datasets

/// The nearest neighbours of every document, by Euclidean distance and, among equals, by index. The
/// document itself is none of them.
///
/// One search serves every method and setting: a method takes the first few of each list.
public struct Neighbours: Equatable, Sendable {
  /// Neighbours of each document.
  public let count: Int
  /// `[samples, count]`, nearest first.
  public let indices: [Int32]
  /// ‖x_i − x_j‖², `[samples, count]`, computed from differences in double precision.
  public let squaredDistances: [Double]

  /// - Parameters:
  ///   - count: Neighbours of each document.
  ///   - indices: `[samples, count]`, nearest first.
  ///   - squaredDistances: `[samples, count]`.
  public init(count: Int, indices: [Int32], squaredDistances: [Double]) {
    precondition(indices.count == squaredDistances.count && indices.count % max(1, count) == 0)
    self.count = count
    self.indices = indices
    self.squaredDistances = squaredDistances
  }

  /// n.
  public var samples: Int { count == 0 ? 0 : indices.count / count }

  /// The index of neighbour `place` of document i, from 0 for the nearest.
  @inlinable
  func index(_ i: Int, _ place: Int) -> Int { Int(indices[i * count + place]) }

  /// The groups of documents, `[samples, size]`, of each document and its `size - 1` nearest: the
  /// cliques of LDMGI. The document is the first by its index, not by a distance of 0, which
  /// duplicates have too.
  func cliques(of documents: Range<Int>, size: Int) -> [Int32] {
    precondition(size - 1 <= count, "cliques of \(size) from lists of \(count)")
    var members: [Int32] = []
    members.reserveCapacity(documents.count * size)
    for i in documents {
      members.append(Int32(i))
      members += indices[i * count..<i * count + size - 1]
    }
    return members
  }
}
