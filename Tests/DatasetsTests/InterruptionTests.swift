import Glibc
import TestSupport
import XCTest

@testable import Datasets

final class InterruptionTests: XCTestCase {
  /// A process that writes a file and a folder leaves neither them nor its locks when a signal ends
  /// it.
  func testASignalRemovesAllThatIsHalfWritten() throws {
    var template = Array("/tmp/dec-interruption-XXXXXX".utf8CString)
    let folder = String(cString: mkdtemp(&template))
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for number in [SIGINT, SIGTERM] {
      // Swift hides fork; the child does nothing but write and die.
      typealias Fork = @convention(c) () -> pid_t
      let fork = unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)
      let child = fork()
      if child == 0 {
        alarm(60)
        let first = try? PartialFolder(for: "\(folder)/data", replacing: false)
        let second = try? StreamedFile("\(folder)/rows.npy")
        let third = try? PartialFolder(for: "\(folder)/other", replacing: false)
        let isThere = Self.names(in: folder).contains { $0.hasPrefix("data.partial-") }
        try? second?.finish()
        if isThere { raise(number) }
        withExtendedLifetime((first, second, third)) { _exit(3) }
      }
      var status: Int32 = 0
      XCTAssertEqual(waitpid(child, &status, 0), child)
      XCTAssertEqual(status & 0x7f, number)
      XCTAssertEqual(Self.names(in: folder), ["rows.npy"])
    }
  }

  private static func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }
}
