/// The connected components of a graph of documents: union-find with path halving.
public struct Components: Equatable, Sendable {
  /// The component of each document, `[samples]`: the largest has the number 0, among equals the
  /// one with the first document.
  public let numbers: [Int32]
  /// Documents of each component, descending.
  public let sizes: [Int]

  /// The number of components.
  public var count: Int { sizes.count }

  /// Joins each document to its first `linkCount` neighbours.
  public init(of neighbours: Neighbours, linkCount: Int) {
    let n = neighbours.samples
    var parents = (0..<n).map { Int32($0) }
    func root(_ i: Int) -> Int {
      var i = i
      while parents[i] != Int32(i) {
        parents[i] = parents[Int(parents[i])]
        i = Int(parents[i])
      }
      return i
    }
    for i in 0..<n {
      for place in 0..<linkCount {
        let (a, b) = (root(i), root(neighbours.index(i, place)))
        // Roots are the first documents of their components.
        parents[max(a, b)] = Int32(min(a, b))
      }
    }
    var sizes: [Int: Int] = [:]
    let roots = (0..<n).map { root($0) }
    for root in roots { sizes[root, default: 0] += 1 }
    let order = sizes.keys.sorted { (-sizes[$0]!, $0) < (-sizes[$1]!, $1) }
    let numbers = Dictionary(uniqueKeysWithValues: zip(order, Int32(0)...))
    self.numbers = roots.map { numbers[$0]! }
    self.sizes = order.map { sizes[$0]! }
  }
}
