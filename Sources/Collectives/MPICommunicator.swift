import CHost
import CMPI
import Diagnostics
import Glibc

/// All ranks of an `mpirun` job (MPI_COMM_WORLD), or a group of them.
///
/// MPI counts are 32-bit: longer buffers are sent in chunks.
public final class MPICommunicator: Communicator {
  public let rank: Int
  public let size: Int
  public private(set) var hosts: Hosts?
  private let handle: MPI_Comm
  private let isOneHost: Bool
  /// The number of this rank's host: the lowest rank on it.
  private let host: Int

  /// Most elements of an MPI call: few enough that MPI's internal copy of a message stays small.
  static let chunk = 1 << 24

  /// From this many bytes a rank on, our own ring is faster than MPI_Allreduce, in spite of its
  /// 2(R−1) messages.
  static let ringBytes = 1 << 15

  /// Joins the other ranks of the job. MPI may be initialised once in a process.
  ///
  /// - Throws: `Failure.work` where MPI cannot start.
  public convenience init() throws {
    // Open MPI's one TCP connection between two hosts carries large messages in one direction at a
    // time; a second one frees the other direction (docs/performance.md). A user's setting wins.
    setenv("OMPI_MCA_btl_tcp_links", "2", 0)
    var granted: Int32 = 0
    guard MPI_Init_thread(nil, nil, Int32(MPI_THREAD_SERIALIZED), &granted) == MPI_SUCCESS else {
      throw Failure(.work, "MPI_Init failed; start with mpirun, or plainly for one rank")
    }
    // The lowest rank of a host identifies it.
    var (number, host): (Int32, Int32) = (0, 0)
    MPI_Comm_rank(cmpi_comm_world(), &number)
    var neighbours: MPI_Comm?
    MPI_Comm_split_type(
      cmpi_comm_world(), Int32(MPI_COMM_TYPE_SHARED), 0, cmpi_info_null(), &neighbours)
    MPI_Allreduce(&number, &host, 1, cmpi_int32(), cmpi_min(), neighbours)
    MPI_Comm_free(&neighbours)
    self.init(cmpi_comm_world(), host: Int(host))
    hosts = Hosts(of: self, host: Int(host))
  }

  /// Wraps an MPI communicator. Collective over its ranks.
  private init(_ handle: MPI_Comm, host: Int) {
    self.handle = handle
    self.host = host
    var number: Int32 = 0
    MPI_Comm_rank(handle, &number)
    rank = Int(number)
    MPI_Comm_size(handle, &number)
    size = Int(number)
    var ends = [Int32(host), Int32(-host)]
    MPI_Allreduce(cmpi_in_place(), &ends, 2, cmpi_int32(), cmpi_max(), handle)
    isOneHost = ends[0] == -ends[1]
  }

  public func split(_ color: Int, order: Int) -> any Communicator {
    var group: MPI_Comm?
    MPI_Comm_split(handle, Int32(color), Int32(order), &group)
    return MPICommunicator(group!, host: host)
  }

  /// The version of the MPI library, such as "4.1.4".
  public static var libraryVersion: String {
    var text = [CChar](repeating: 0, count: Int(MPI_MAX_LIBRARY_VERSION_STRING))
    var length: Int32 = 0
    MPI_Get_library_version(&text, &length)
    let name = String(
      decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    let words = name.split(whereSeparator: { " ,v".contains($0) })
    return words.first { $0.first?.isNumber == true }.map(String.init) ?? name
  }

  /// Leaves MPI; no collective may follow. On an error path where ranks may disagree use `abort`
  /// instead: MPI_Finalize would wait for the other ranks.
  public func finalize() { waiting { MPI_Finalize() } }

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
    guard size > 1 else { return }
    for range in Self.chunks(of: values.count) {
      let chunk = UnsafeMutableBufferPointer(rebasing: values[range])
      if !isOneHost && chunk.count * MemoryLayout<T>.stride >= size * Self.ringBytes {
        waiting { ring(chunk, type, operation) }
      } else {
        waiting {
          MPI_Allreduce(
            cmpi_in_place(), chunk.baseAddress, Int32(chunk.count), type, operation, handle)
        }
      }
    }
  }

  /// All-reduce around a ring. The values are split into R segments. In R−1 rounds each rank adds
  /// the segment it receives to its own and passes the sum on; in R−1 more rounds the finished
  /// segments go around. Each link carries 2(R−1)/R of the bytes, the minimum (Patarasu and Yuan
  /// 2009).
  ///
  /// The values are reduced as two independent halves, one behind the other, so that a link carries
  /// one half while the message of the other is awaited and added. The algorithm that Open MPI 4.1
  /// chooses takes 1.6 times as long for 16 MB on 4 hosts.
  func ring<T>(
    _ values: UnsafeMutableBufferPointer<T>, _ type: MPI_Datatype?, _ operation: MPI_Op?
  ) {
    let middle = values.count / 2
    let halves = [values[..<middle], values[middle...]].map(
      UnsafeMutableBufferPointer.init(rebasing:))
    /// The segment of `half` that this rank passes on in `round`.
    func segment(_ half: Int, _ round: Int) -> UnsafeMutableBufferPointer<T> {
      let (whole, i) = (halves[half], (rank - round + 2 * size) % size)
      return .init(rebasing: whole[whole.count * i / size..<whole.count * (i + 1) / size])
    }
    withUnsafeTemporaryAllocation(of: T.self, capacity: 2 * (middle / size + 2)) { sums in
      let received = [sums.baseAddress!, sums.baseAddress! + middle / size + 2]
      var requests = [[MPI_Request?]](repeating: [nil, nil], count: 2)
      func finish(_ half: Int, _ round: Int) {
        // MPI_Waitall would poll on a core that other threads need for their products.
        var done: Int32 = 0
        while MPI_Testall(2, &requests[half], &done, cmpi_statuses_ignore()) == MPI_SUCCESS,
          done == 0
        {
          chost_sleep(20)
        }
        chost_beat()
        guard round < size - 1 else { return }
        let sum = segment(half, round + 1)
        MPI_Reduce_local(received[half], sum.baseAddress, Int32(sum.count), type, operation)
      }
      for round in 0..<2 * (size - 1) {
        for half in 0..<2 {
          if round > 0 { finish(half, round - 1) }
          let (outgoing, incoming) = (segment(half, round), segment(half, round + 1))
          MPI_Irecv(
            round < size - 1 ? received[half] : incoming.baseAddress, Int32(incoming.count),
            type, Int32((rank + size - 1) % size), Int32(half), handle, &requests[half][0])
          MPI_Isend(
            outgoing.baseAddress, Int32(outgoing.count), type, Int32((rank + 1) % size),
            Int32(half), handle, &requests[half][1])
        }
      }
      for half in 0..<2 where size > 1 { finish(half, 2 * size - 3) }
    }
  }

  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
    for part in Self.chunks(of: bytes.count) {
      waiting {
        MPI_Bcast(
          bytes.baseAddress! + part.lowerBound, Int32(part.count), cmpi_byte(), Int32(root),
          handle)
      }
    }
  }

  public func gather(_ bytes: [UInt8]) -> [[UInt8]] {
    let counts = allGather(Int64(bytes.count)).map(Int.init)
    guard rank == 0 else {
      bytes.withUnsafeBytes { buffer in
        for part in Self.chunks(of: buffer.count) {
          waiting {
            MPI_Send(
              buffer.baseAddress! + part.lowerBound, Int32(part.count), cmpi_byte(), 0, 0,
              handle)
          }
        }
      }
      return []
    }
    return [bytes]
      + (1..<size).map { source in
        var received = [UInt8](repeating: 0, count: counts[source])
        received.withUnsafeMutableBytes { buffer in
          for part in Self.chunks(of: buffer.count) {
            waiting {
              MPI_Recv(
                buffer.baseAddress! + part.lowerBound, Int32(part.count), cmpi_byte(),
                Int32(source), 0, handle, cmpi_status_ignore())
            }
          }
        }
        return received
      }
  }

  public func barrier() { waiting { MPI_Barrier(handle) } }

  /// Runs what ends when other ranks have come, and tells the watchdog so.
  @inline(__always)
  private func waiting(_ body: () -> Void) {
    chost_begin_waiting()
    body()
    chost_end_waiting()
  }

  /// Ends all ranks from any thread, as the watchdog does.
  public static func abortJob(_ code: Int32) {
    MPI_Abort(cmpi_comm_world(), code)
    chost_exit_now(code)
  }

  public func abort(_ code: Int32) -> Never {
    chost_expect_exit()
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
