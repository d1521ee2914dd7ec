import Glibc

/// The ranks of this job: MPI's where a launcher started this process, else this process alone,
/// without MPI_Init.
///
/// - Throws: `Failure.work` where MPI cannot start.
public func joinWorld() throws -> any Communicator {
  isLaunched ? try MPICommunicator() : SoloCommunicator()
}

/// Whether mpirun or `srun --mpi=pmix` started this process.
public var isLaunched: Bool { getenv("OMPI_COMM_WORLD_SIZE") != nil || getenv("PMIX_RANK") != nil }

/// This process's rank as the launcher says it, known before MPI starts.
public var launchedRank: Int {
  for name in ["OMPI_COMM_WORLD_RANK", "PMIX_RANK"] {
    if let value = getenv(name), let rank = Int(String(cString: value)) { return rank }
  }
  return 0
}
