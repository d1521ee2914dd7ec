import Datasets
import Diagnostics
import Glibc
import XCTest

/// A test with a temporary folder of its own.
open class FolderTestCase: XCTestCase {
  public private(set) var folder = ""

  open override func setUp() {
    var template = Array("/tmp/dec-tests-XXXXXX".utf8CString)
    folder = String(cString: mkdtemp(&template))
  }

  open override func tearDown() { system("rm -rf '\(folder)'") }

  /// Writes a file into the folder.
  ///
  /// - Returns: Its path.
  @discardableResult
  public func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = "\(folder)/\(name)"
    try WholeFile.write(bytes, to: path)
    return path
  }

  @discardableResult
  public func file(_ name: String, _ text: String) throws -> String {
    try file(name, Array(text.utf8))
  }
}

/// Fails unless `body` throws bad input whose message contains all of `parts`.
public func assertBad(
  _ parts: String..., file: StaticString = #filePath, line: UInt = #line, _ body: () throws -> Void
) {
  XCTAssertThrowsError(try body(), file: file, line: line) { error in
    XCTAssertEqual((error as? Failure)?.kind, .badInput, "\(error)", file: file, line: line)
    for part in parts {
      XCTAssert("\(error)".contains(part), "\(error)", file: file, line: line)
    }
  }
}
