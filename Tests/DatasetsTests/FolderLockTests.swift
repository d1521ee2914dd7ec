import Diagnostics
import Foundation
import XCTest

@testable import Datasets

/// The lock of a folder, and files under names for now.
final class FolderLockTests: XCTestCase {
  private var root = ""

  override func setUpWithError() throws {
    root = NSTemporaryDirectory() + "lock-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  override func tearDown() { try? FileManager.default.removeItem(atPath: root) }

  func testOneAtATime() throws {
    let path = "\(root)/lock"
    let lock = try FolderLock(path, folder: "out", command: "dec train")
    XCTAssertThrowsError(try FolderLock(path, folder: "out", command: "dec train")) {
      XCTAssertEqual(($0 as? Failure)?.kind, .work)
      XCTAssert("\($0)".contains("out: is in use by dec train, process \(getpid()) on "), "\($0)")
    }
    lock.release()
    XCTAssertFalse(WholeFile.exists(path))
    XCTAssertNoThrow(try FolderLock(path, folder: "out", command: "dec train"))
  }

  func testWhatADeadJobLeftIsTakenOver() throws {
    let path = "\(root)/lock"
    var dead = FolderLock.Holder.current("dec train")
    dead.pid = 1  // alive, but not the one that made the file: nobody has it locked
    try WholeFile.write(Array(try JSONEncoder().encode(dead)), to: path)
    XCTAssertNoThrow(try FolderLock(path, folder: "out", command: "dec train"))
    // The file is cut short: its writer was killed.
    try WholeFile.write([0x7b], to: path)
    XCTAssertNoThrow(try FolderLock(path, folder: "out", command: "dec train"))
  }

  func testAnotherHostsLockIsKept() throws {
    let path = "\(root)/lock"
    var other = FolderLock.Holder.current("dec train")
    (other.host, other.boot, other.job) = ("elsewhere", "another", "77")
    try WholeFile.write(Array(try JSONEncoder().encode(other)), to: path)
    XCTAssertThrowsError(try FolderLock(path, folder: "out", command: "dec train")) {
      XCTAssert(
        "\($0)".contains("on elsewhere, job 77; if that has ended, remove \(path)"), "\($0)")
    }
    XCTAssert(WholeFile.exists(path))
    // The same host, started again since.
    other.host = FolderLock.Holder.current("").host
    try WholeFile.write(Array(try JSONEncoder().encode(other)), to: path)
    XCTAssertNoThrow(try FolderLock(path, folder: "out", command: "dec train"))
  }

  func testWhereThereIsNoFlock() {
    let us = FolderLock.Holder.current("dec train")
    var holder = us
    func isGone(_ start: Int?) -> Bool {
      holder.isGone(seenBy: us, isUnlocked: false) { _ in start }
    }
    XCTAssertFalse(isGone(us.start))
    XCTAssert(isGone(nil))
    XCTAssert(isGone(us.start! + 1), "the number belongs to another process now")
    holder.namespace = "pid:[1]"  // of another container: its numbers say nothing here
    XCTAssertFalse(isGone(nil))
  }

  func testALinkIsNotFollowed() throws {
    try WholeFile.write([1], to: "\(root)/precious")
    symlink("\(root)/precious", "\(root)/lock")
    XCTAssertThrowsError(try FolderLock("\(root)/lock", folder: "out", command: "dec train"))
    XCTAssertThrowsError(try File(creating: "\(root)/lock", for: "out"))
    XCTAssertThrowsError(try File(updating: "\(root)/lock"))
    XCTAssertEqual(try WholeFile.read("\(root)/precious"), [1])
  }

  func testPartialFilesOfDeadProcessesAreRemoved() throws {
    let names = { try File.names(in: self.root) }
    // Alive: its writer has it locked.
    let alive = try PartialFile(for: "\(root)/a")
    let dead = "\(root)/a.partial-\(PartialName.random())"
    let mine = "\(root)/a.partial-of-mine"
    for path in [dead, mine] { try File.write([1], to: path) }
    try WholeFile.write([2], to: "\(root)/a")
    XCTAssertEqual(
      try Set(names()), ["a", "a.partial-of-mine", String(alive.path.dropFirst(root.count + 1))])
    alive.discard()
    XCTAssertEqual(try Set(names()), ["a", "a.partial-of-mine"])
  }

  func testFoldersOfDeadJobsAreRemoved() throws {
    let output = "\(root)/data"
    for (ending, name) in [("partial", "indices.npy"), ("old", "ids.txt"), ("old", "notes.txt")] {
      let folder = "\(output).\(ending)-\(PartialName.random())"
      try WholeFile.makeFolder(folder, replacing: false)
      try File.write([1], to: "\(folder)/\(name)")
    }
    try WholeFile.makeFolder(output, replacing: false)
    let folder = try PartialFolder(for: output, replacing: true)
    XCTAssertEqual(try File.names(in: output), ["notes.txt"], "what is not ours is kept")
    XCTAssertThrowsError(try PartialFolder(for: output, replacing: true)) {
      XCTAssert("\($0)".contains("is in use by dec prepare"), "\($0)")
    }
    try folder.publish()
    XCTAssertEqual(try File.names(in: root), ["data"])
  }

  func testALinkToAFolderIsWrittenThrough() throws {
    try WholeFile.makeFolder("\(root)/target", replacing: false)
    symlink("target", "\(root)/link")
    let folder = try PartialFolder(for: "\(root)/link", replacing: false)
    try File.write([1], to: "\(folder.path)/ids.txt")
    try folder.publish()
    XCTAssertEqual(try File.names(in: root), ["link", "target"])
    XCTAssertEqual(try WholeFile.read("\(root)/target/ids.txt"), [1])
    XCTAssertEqual(
      try FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/link"), "target")
  }
}
