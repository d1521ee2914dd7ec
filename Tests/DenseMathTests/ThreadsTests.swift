import XCTest

@testable import DenseMath

final class ThreadsTests: XCTestCase {
  override func tearDown() { Threads.use(1) }

  func testEveryPartIsDoneOnce() {
    Threads.use(4)
    var done = [Int32](repeating: 0, count: 7)
    done.withUnsafeMutableBufferPointer { done in
      nonisolated(unsafe) let done = done
      // Loops that follow each other faster than threads wake, and pauses in which the threads
      // sleep.
      for loop in 0..<20_000 {
        let parts = loop % 8
        Threads.forEach(parts) { done[$0] += 1 }
        if loop % 4000 == 0 { usleep(2000) }
      }
    }
    XCTAssertEqual(done, (0..<7).map { Int32(20_000 / 8 * (7 - $0)) })
  }

  func testALoopInALoop() {
    Threads.use(3)
    var sums = [Int](repeating: 0, count: 6)
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums
      Threads.forEach(6) { i in
        var inner = [Int](repeating: 0, count: 1000)
        inner.withUnsafeMutableBufferPointer { inner in
          nonisolated(unsafe) let inner = inner
          Threads.split(1000, grain: 10) { for j in $0 { inner[j] += i } }
        }
        sums[i] = inner.reduce(0, +)
      }
    }
    XCTAssertEqual(sums, (0..<6).map { 1000 * $0 })
  }

  func testAProductIsTheSameOnThreads() {
    // Split by rows and by columns, with and without transposition, at sizes that are not multiples
    // of 16.
    for (m, n) in [(70, 301), (301, 70)] {
      for (readA, readB) in [
        (Reading.asIs, Reading.asIs), (.transposed, .asIs), (.asIs, .transposed),
      ] {
        let k = 333
        func filled(_ rows: Int, _ columns: Int) -> Matrix {
          Matrix(
            rows: rows, columns: columns, elements: (0..<rows * columns).map { Float($0 % 7) - 3 })
        }
        let a = readA == .asIs ? filled(m, k) : filled(k, m)
        let b = readB == .asIs ? filled(k, n) : filled(n, k)
        let results = [1, 3].map { threads in
          Threads.use(threads)
          var c = filled(m, n)
          gemm(a, readA, b, readB, into: &c, adding: true)
          return c
        }
        // Sums of integers are exact in any order.
        XCTAssertEqual(results[0], results[1])
      }
    }
  }
}
