import CHost
import CMPI
import Diagnostics

/// All ranks of an `mpirun` job, MPI_COMM_WORLD.
///
/// MPI counts are 32-bit: longer buffers go in chunks.
public final class MPICommunicator: Communicator {
  public let rank: Int
  public let size: Int
  public let isOneHost: Bool

  /// Elements a call: few enough that MPI's own copy of a message stays small.
  static let chunk = 1 << 24

  /// Joins the other ranks. MPI may be initialised once in a process.
  ///
  /// - Throws: `Failure.work` where MPI cannot start.
  public init() throws {
    var granted: Int32 = 0
    guard MPI_Init_thread(nil, nil, Int32(MPI_THREAD_SERIALIZED), &granted) == MPI_SUCCESS else {
      throw Failure(.work, "MPI_Init failed; start with mpirun, or plainly for one rank")
    }
    var number: Int32 = 0
    MPI_Comm_rank(cmpi_comm_world(), &number)
    rank = Int(number)
    MPI_Comm_size(cmpi_comm_world(), &number)
    size = Int(number)
    var host: MPI_Comm?
    MPI_Comm_split_type(
      cmpi_comm_world(), Int32(MPI_COMM_TYPE_SHARED), 0, cmpi_info_null(), &host)
    MPI_Comm_size(host, &number)
    MPI_Comm_free(&host)
    // Hosts of unequal size would disagree.
    var smallest = number
    MPI_Allreduce(&number, &smallest, 1, cmpi_int32(), cmpi_min(), cmpi_comm_world())
    isOneHost = Int(smallest) == size
  }

  /// Of the MPI library, such as "4.1.4".
  public static var libraryVersion: String {
    var text = [CChar](repeating: 0, count: Int(MPI_MAX_LIBRARY_VERSION_STRING))
    var length: Int32 = 0
    MPI_Get_library_version(&text, &length)
    let name = String(
      decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    let words = name.split(whereSeparator: { " ,v".contains($0) })
    return words.first { $0.first?.isNumber == true }.map(String.init) ?? name
  }

  /// Leaves MPI; nothing collective may follow. On an error path where ranks may disagree use
  /// `abort`: MPI_Finalize would wait for the others.
  public func finalize() { MPI_Finalize() }

  public func allReduce<T: Reducible>(
    _ values: UnsafeMutableBufferPointer<T>, by reduction: Reduction
  ) {
    allReduce(values, Self.datatype(T.self), Self.operation(reduction))
  }

  public func allReduce(bfloat16 values: UnsafeMutableBufferPointer<UInt16>) {
    allReduce(values, cmpi_uint16(), bfloat16Sum)
  }

  private lazy var bfloat16Sum = cmpi_make_sum_bf16()

  private func allReduce<T>(
    _ values: UnsafeMutableBufferPointer<T>, _ type: MPI_Datatype?, _ operation: MPI_Op?
  ) {
    for part in Self.chunks(of: values.count) {
      MPI_Allreduce(
        cmpi_in_place(), values.baseAddress! + part.lowerBound, Int32(part.count), type, operation,
        cmpi_comm_world())
    }
  }

  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
    for part in Self.chunks(of: bytes.count) {
      MPI_Bcast(
        bytes.baseAddress! + part.lowerBound, Int32(part.count), cmpi_byte(), Int32(root),
        cmpi_comm_world())
    }
  }

  public func gather(_ bytes: [UInt8]) -> [[UInt8]] {
    let counts = allGather(Int64(bytes.count)).map(Int.init)
    guard rank == 0 else {
      bytes.withUnsafeBytes { buffer in
        for part in Self.chunks(of: buffer.count) {
          MPI_Send(
            buffer.baseAddress! + part.lowerBound, Int32(part.count), cmpi_byte(), 0, 0,
            cmpi_comm_world())
        }
      }
      return []
    }
    return [bytes]
      + (1..<size).map { source in
        var received = [UInt8](repeating: 0, count: counts[source])
        received.withUnsafeMutableBytes { buffer in
          for part in Self.chunks(of: buffer.count) {
            MPI_Recv(
              buffer.baseAddress! + part.lowerBound, Int32(part.count), cmpi_byte(), Int32(source),
              0, cmpi_comm_world(), cmpi_status_ignore())
          }
        }
        return received
      }
  }

  public func barrier() { MPI_Barrier(cmpi_comm_world()) }

  public func abort(_ code: Int32) -> Never {
    MPI_Abort(cmpi_comm_world(), code)
    chost_exit_now(code)
  }

  static func chunks(of count: Int, limit: Int = chunk) -> [Range<Int>] {
    stride(from: 0, to: count, by: limit).map { $0..<min($0 + limit, count) }
  }

  private static func datatype<T: Reducible>(_ type: T.Type) -> MPI_Datatype {
    switch type {
    case is Float.Type: cmpi_float()
    case is Double.Type: cmpi_double()
    case is Int64.Type: cmpi_int64()
    case is Int32.Type: cmpi_int32()
    default: preconditionFailure("no MPI type for \(type)")
    }
  }

  private static func operation(_ reduction: Reduction) -> MPI_Op {
    switch reduction {
    case .sum: cmpi_sum()
    case .minimum: cmpi_min()
    case .maximum: cmpi_max()
    }
  }
}
