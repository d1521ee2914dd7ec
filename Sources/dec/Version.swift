import Collectives

/// The versions that `dec --version` and `run.json` give.
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
