import CHost

/// The only rank of a job without `mpirun`.
public final class SoloCommunicator: Communicator {
  public init() {}

  public var rank: Int { 0 }
  public var size: Int { 1 }
  public var hosts: Hosts? { Hosts(within: self, across: self) }

  public func split(_ color: Int, order: Int) -> any Communicator { self }

  public func allReduce<T: Reducible>(
    _ values: UnsafeMutableBufferPointer<T>, by reduction: Reduction
  ) {}

  public func allReduce(bfloat16 values: UnsafeMutableBufferPointer<UInt16>) {}

  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {}

  public func gather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }

  public func barrier() {}

  public func abort(_ code: Int32) -> Never { chost_exit_now(code) }
}
