import Foundation
import XCTest

@testable import dec

final class KernelsTests: XCTestCase {
  func testWeakKernelsGiveWayToWhatTheCPUHas() {
    XCTAssertEqual(Kernels.better(than: "Prescott", hasAVX2: true, hasAVX512: true), "SkylakeX")
    XCTAssertEqual(Kernels.better(than: "Prescott", hasAVX2: true, hasAVX512: false), "Haswell")
    XCTAssertNil(Kernels.better(than: "Prescott", hasAVX2: false, hasAVX512: false))
    XCTAssertNil(Kernels.better(than: "Zen", hasAVX2: true, hasAVX512: true))
    XCTAssertNil(Kernels.better(than: "SkylakeX", hasAVX2: true, hasAVX512: true))
  }

  /// Makes OpenBLAS fall back to slow kernels, until `dec` chooses the right ones for it.
  func testDecStartsAgainWithBetterKernels() throws {
    let flags = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    guard flags.contains(" avx2 "), FileManager.default.fileExists(atPath: "/usr/bin/cc") else {
      throw XCTSkip("needs AVX2 and a C compiler")
    }
    let folder = NSTemporaryDirectory() + "dec-kernels-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let source = """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <stdlib.h>
      char *openblas_get_corename(void) {
        if (!getenv("OPENBLAS_CORETYPE")) return "Prescott";
        return ((char *(*)(void))dlsym(RTLD_NEXT, "openblas_get_corename"))();
      }
      """
    try source.write(toFile: folder + "/fallback.c", atomically: true, encoding: .utf8)
    func shell(_ command: String) throws -> String {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "cd '\(folder)' && timeout 600 \(command) > out 2>&1"]
      try process.run()
      process.waitUntilExit()
      return try String(contentsOfFile: folder + "/out", encoding: .utf8)
    }
    XCTAssertEqual(try shell("cc -shared -fPIC -o fallback.so fallback.c -ldl"), "")
    let version = "LD_PRELOAD=./fallback.so '\(CommandTestCase.binary)' --version"
    let chosen = try shell("env -u OPENBLAS_CORETYPE \(version)")
    XCTAssert(chosen.contains("core Haswell") || chosen.contains("core SkylakeX"), chosen)
    // A choice by the user is kept.
    let users = try shell("env OPENBLAS_CORETYPE=Prescott \(version)")
    XCTAssert(users.contains("core Prescott"), users)
  }
}
