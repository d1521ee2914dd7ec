import Collectives

/// Versions, for `dec --version` and `run.json`.
enum Version {
  static let dec = "0.1.0"

  static var text: String {
    """
    dec \(dec)
    Open MPI \(MPICommunicator.libraryVersion)
    OpenBLAS \(Kernels.openBLASVersion), core \(Kernels.core), \(Job.threadCount) threads
    """
  }
}
