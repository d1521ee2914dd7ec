import CHost
import Collectives
import DenseMath
import Diagnostics
import Glibc

/// What `dec doctor` finds out on one rank about the rank and its host.
package struct RankFacts: Codable, Sendable {
  package var rank: Int
  package var host: String
  /// The cores that the rank may use (its affinity mask), and a number that ranks with the same
  /// cores have in common.
  package var allowedCores: Int
  package var coreSet: Int64
  /// The cores of the host.
  package var hostCores: Int
  /// The cores' worth of time that the control group grants; nil without a limit.
  package var coreQuota: Double?
  /// The threads with which the rank computes.
  package var threads: Int
  /// OpenBLAS's name for its kernels, and the name of faster ones that this CPU could run.
  package var kernels: String
  package var betterKernels: String?
  /// The rate of a product of 1024 x 1024 matrices while all ranks compute one, in GFLOP/s.
  package var gigaflops: Double = 0
  /// Bytes of memory that the host, or the rank's control group, can still give; nil if unknown.
  package var availableMemory: Double?
  /// Free bytes of `/dev/shm`, where Open MPI keeps 4 MiB for each rank; nil if there is none.
  package var freeSharedMemory: Double?
  /// The limit of open files, and what `ulimit -v` leaves of address space in bytes; nil without a
  /// limit.
  package var openFiles: Double?
  package var addressSpace: Double?
  /// Seconds since 1970 by the host's clock, just after a barrier.
  package var clock: Double = 0
  package var openMPI: String
  package var interfaces: [NetworkInterface]

  /// Collects what needs no other rank.
  ///
  /// - Parameters:
  ///   - kernels: OpenBLAS's name for the kernels in use.
  ///   - betterKernels: The kernels that this CPU should use instead; nil where those are good.
  package init(rank: Int, kernels: String, betterKernels: String?) {
    self.rank = rank
    host = ThisProcess.hostName
    allowedCores = Int(chost_allowed_cores())
    coreSet = Int64(bitPattern: chost_core_set_hash())
    hostCores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    coreQuota = Self.coreQuota(line: SystemFile.lines("/sys/fs/cgroup/cpu.max").first)
    threads = Threads.count
    self.kernels = kernels
    self.betterKernels = betterKernels
    availableMemory = AvailableMemory.bytes
    freeSharedMemory = SpaceEstimate.available(in: "/dev/shm")
    openFiles = Self.openFiles
    addressSpace = AvailableMemory.addressSpace
    openMPI = MPICommunicator.libraryVersion
    interfaces = NetworkInterface.all
  }

  /// Measures what all ranks measure at the same time. Collective.
  package mutating func measure(over world: any Communicator) {
    let side = 1024
    let ones = Matrix(
      rows: side, columns: side, elements: [Float](repeating: 1, count: side * side))
    var product = ones
    var times: [Double] = []
    for _ in 0..<6 {
      world.barrier()
      let start = Clock.seconds
      gemm(ones, .asIs, ones, .asIs, into: &product)
      times.append(Clock.seconds - start)
    }
    // The first product includes the start of the threads.
    gigaflops = 2 * Double(side * side * side) / times.dropFirst().sorted()[2] * 1e-9
    world.barrier()
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    clock = Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }

  /// The quota in the line of a control group's `cpu.max`, such as `150000 100000`, in cores.
  static func coreQuota(line: String?) -> Double? {
    guard let numbers = line?.split(separator: " "), numbers.count == 2,
      let time = Double(numbers[0]), let period = Double(numbers[1]), period > 0
    else { return nil }
    return time / period
  }

  private static var openFiles: Double? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur < .max / 2
    else { return nil }
    return Double(limit.rlim_cur)
  }
}
