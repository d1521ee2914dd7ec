import Collectives
import Glibc
import XCTest

/// A test with a temporary folder of its own, the same one on all ranks.
class SharedFolderTestCase: XCTestCase {
  let world = World.shared
  private(set) var folder = ""

  override func setUp() {
    var name: [UInt8] = []
    if world.isRoot {
      var template = Array("/tmp/dec-parallel-XXXXXX".utf8CString)
      name = Array(String(cString: mkdtemp(&template)).utf8)
    }
    world.broadcast(&name)
    folder = String(decoding: name, as: UTF8.self)
  }

  override func tearDown() {
    world.barrier()
    if world.isRoot { system("rm -rf '\(folder)'") }
  }
}
