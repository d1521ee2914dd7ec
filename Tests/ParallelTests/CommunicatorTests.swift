import CMPI
import Diagnostics
import Foundation
import XCTest

@testable import Collectives

final class CommunicatorTests: XCTestCase {
  private let world = World.shared

  func testAllReduceAddsAndCompares() {
    let (rank, size) = (world.rank, world.size)
    var sums = [Double(rank), 1]
    world.allReduce(&sums)
    XCTAssertEqual(sums, [Double(size * (size - 1) / 2), Double(size)])
    XCTAssertEqual(world.allReduce(Int64(rank), by: .maximum), Int64(size - 1))
    XCTAssertEqual(world.allReduce(Float(rank) + 2, by: .minimum), 2)
  }

  func testLongBuffersGoInChunks() {
    XCTAssertEqual(MPICommunicator.chunks(of: 10, limit: 4), [0..<4, 4..<8, 8..<10])
    XCTAssertEqual(MPICommunicator.chunks(of: 0), [])
    let long = MPICommunicator.chunks(of: 5_000_000_000)
    XCTAssert(long.allSatisfy { $0.count <= Int(Int32.max) })
    XCTAssertEqual(long.reduce(0) { $0 + $1.count }, 5_000_000_000)
  }

  /// Takes 8 GiB a rank, so it runs only on request:
  /// `DEC_TEST_HUGE=1 RANKS=2 scripts/test ParallelTests.CommunicatorTests`.
  func testMoreElementsThanMPICounts() throws {
    try XCTSkipIf(ProcessInfo.processInfo.environment["DEC_TEST_HUGE"] == nil)
    let count = (1 << 31) + 5
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
    defer { values.deallocate() }
    values.initialize(repeating: Float(world.rank + 1))
    values[count - 1] = 0.5
    world.allReduce(values, by: .sum)
    let sum = Float(world.size * (world.size + 1) / 2)
    for i in [0, 1 << 24, (1 << 31) - 1, 1 << 31, count - 2] {
      XCTAssertEqual(values[i], sum, "\(i)")
    }
    XCTAssertEqual(values[count - 1], 0.5 * Float(world.size))
  }

  /// The ring that large messages take between hosts; all ranks of this test are on one host.
  func testARingSumsWhatDoesNotDivideByTheRanks() throws {
    let all = try XCTUnwrap(world as? MPICommunicator)
    let part = try XCTUnwrap(all.split(all.rank % 2, order: -all.rank) as? MPICommunicator)
    for world in [all, part] {
      for count in [1, 2, 1003] {
        let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        defer { values.deallocate() }
        for i in values.indices { values[i] = Float(i * (world.rank + 1)) }
        world.ring(values, cmpi_float(), cmpi_sum())
        let ranks = world.size * (world.size + 1) / 2
        XCTAssertEqual(Array(values), (0..<count).map { Float($0 * ranks) })
      }
    }
  }

  func testAPartsRanksAreInTheOrderTheyName() {
    let part = world.split(world.rank % 2, order: -world.rank)
    let ranks = Array(
      stride(from: world.rank % 2, to: world.size, by: 2).map(Int64.init).reversed())
    XCTAssertEqual(part.allGather(Int64(world.rank)), ranks)
    var first = [Int32(world.rank)]
    part.broadcast(&first)
    XCTAssertEqual(first, [Int32(ranks[0])])
    XCTAssertEqual(
      part.gather([UInt8(world.rank)]), part.isRoot ? ranks.map { [UInt8($0)] } : [])
  }

  func testBroadcastBringsLengthAndContents() {
    var values: [Int32] = world.rank == world.size - 1 ? [4, 5, 6] : []
    world.broadcast(&values, from: world.size - 1)
    XCTAssertEqual(values, [4, 5, 6])
  }

  func testGatherKeepsTheRanksOrder() {
    let parts = world.gather([UInt8](repeating: UInt8(world.rank), count: world.rank))
    XCTAssertEqual(parts.count, world.isRoot ? world.size : 0)
    for (rank, part) in parts.enumerated() {
      XCTAssertEqual(part, [UInt8](repeating: UInt8(rank), count: rank))
    }
  }

  func testOneRanksFailureIsEveryones() {
    let last = world.size - 1
    XCTAssertThrowsError(
      try world.together {
        if world.rank == last { throw Failure.badInput("file", at: "line 3", "is wrong") }
      }
    ) { error in
      let failure = error as? Failure
      // The message names the rank and its host where this is another than rank 0's.
      let hosts = world.gather(Array(ThisProcess.hostName.utf8)).map {
        String(decoding: $0, as: UTF8.self)
      }
      if let host = hosts.last {
        let suffix = host == hosts[0] ? "" : " (rank \(last) on \(host))"
        XCTAssertEqual(failure?.message, "file: line 3: is wrong\(suffix)")
      }
      XCTAssertEqual(failure?.exitCode, 65)
      XCTAssertEqual(failure?.isShared, true)
    }
    XCTAssertEqual(try world.together { 7 }, 7)
  }

  func testSharesCoverEverythingOnce() {
    for count in [0, 1, 3, 100] {
      let mine = share(of: count, part: world.rank, of: world.size)
      XCTAssertEqual(world.allReduce(Int64(mine.count)), Int64(count))
    }
  }
}
