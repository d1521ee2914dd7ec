/// How an all-reduce combines the ranks' values.
public enum Reduction: Sendable {
  case sum, minimum, maximum
}

/// Number types that collectives move.
public protocol Reducible: Sendable {}
extension Float: Reducible {}
extension Double: Reducible {}
extension Int64: Reducible {}
extension Int32: Reducible {}

/// A group of ranks, and the collectives among them. Every function but `abort` is collective: all
/// ranks call it, in the same order.
///
/// Any thread may call, but only one at a time over all communicators of the process. A failure
/// inside MPI ends the job (MPI's default), so collectives do not throw.
public protocol Communicator: AnyObject {
  /// This process's number, `0 ..< size`.
  var rank: Int { get }
  /// The number of processes.
  var size: Int { get }
  /// The hosts of the job; nil where they have different numbers of ranks, and for a communicator
  /// that `split` made.
  var hosts: Hosts? { get }

  /// The communicator of all ranks that pass the same `color`, ranked by `order`, as
  /// MPI_Comm_split. It exists until MPI ends.
  func split(_ color: Int, order: Int) -> any Communicator

  /// Combines `values` elementwise over all ranks, in place; every rank gets the same bits.
  func allReduce<T: Reducible>(_ values: UnsafeMutableBufferPointer<T>, by reduction: Reduction)

  /// Sums bfloat16 numbers (the upper 16 bits of floats): half the bytes, 8 bits of precision.
  func allReduce(bfloat16 values: UnsafeMutableBufferPointer<UInt16>)

  /// Copies the bytes of rank `root` to every rank; the count is the same on all ranks.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int)

  /// Collects the bytes of every rank on rank 0, which gets them in rank order; the others get an
  /// empty array.
  func gather(_ bytes: [UInt8]) -> [[UInt8]]

  /// Returns when every rank has called it.
  func barrier()

  /// Ends all ranks at once with exit code `code`: for failures that the other ranks cannot know
  /// of.
  func abort(_ code: Int32) -> Never
}

extension Communicator {
  /// Combines an array elementwise over all ranks.
  public func allReduce<T: Reducible>(_ values: inout [T], by reduction: Reduction = .sum) {
    values.withUnsafeMutableBufferPointer { allReduce($0, by: reduction) }
  }

  /// Combines one value over all ranks.
  public func allReduce<T: Reducible>(_ value: T, by reduction: Reduction = .sum) -> T {
    var values = [value]
    allReduce(&values, by: reduction)
    return values[0]
  }

  /// Returns one value from each rank, in rank order, on every rank.
  public func allGather(_ value: Int64) -> [Int64] {
    var values = [Int64](repeating: 0, count: size)
    values[rank] = value
    allReduce(&values)
    return values
  }

  /// Returns an array from each rank, all of the same length, in rank order, on every rank.
  public func allGather(_ values: [Int64]) -> [[Int64]] {
    var all = [Int64](repeating: 0, count: values.count * size)
    all.replaceSubrange(values.count * rank..<values.count * (rank + 1), with: values)
    allReduce(&all)
    return (0..<size).map { Array(all[values.count * $0..<values.count * ($0 + 1)]) }
  }

  /// Replaces `values` on every rank by those of rank `root`; lengths may differ before.
  public func broadcast<T: BitwiseCopyable>(_ values: inout [T], from root: Int = 0) {
    let count = allReduce(rank == root ? Int64(values.count) : 0)
    if rank != root {
      values = [T](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
        UnsafeMutableRawBufferPointer(buffer).initializeMemory(as: UInt8.self, repeating: 0)
        initialized = Int(count)
      }
    }
    values.withUnsafeMutableBytes { broadcast($0, from: root) }
  }

  /// Whether this is rank 0, which alone prints and writes the common files.
  public var isRoot: Bool { rank == 0 }
}

/// The contiguous range of `0 ..< count` that index `part` of `parts` gets; sizes differ by at most
/// 1.
public func share(of count: Int, part: Int, of parts: Int) -> Range<Int> {
  (count * part / parts)..<(count * (part + 1) / parts)
}
