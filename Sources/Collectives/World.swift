import Glibc

/// Joins this job: MPI's ranks where a launcher started this process; otherwise this process alone,
/// without MPI_Init.
///
/// - Throws: `Failure.work` where MPI cannot start.
public func joinWorld() throws -> any Communicator {
  isLaunched ? try MPICommunicator() : SoloCommunicator()
}

/// Whether mpirun or `srun --mpi=pmix` started this process.
private var isLaunched: Bool { getenv("OMPI_COMM_WORLD_SIZE") != nil || getenv("PMIX_RANK") != nil }
