import Collectives
import Glibc

/// The ranks that run these tests; MPI starts once in a process.
enum World {
  nonisolated(unsafe) static let shared: any Communicator = {
    let world = try! joinWorld()
    if world is MPICommunicator {
      atexit { (World.shared as? MPICommunicator)?.finalize() }
    }
    return world
  }()
}
