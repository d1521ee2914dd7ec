import XCTest

@testable import Measurement

/// What `dec doctor` says of jobs that this machine does not have.
final class ExaminationTests: XCTestCase {
  /// A job of `each` ranks on each of two hosts with 8 cores, in which all is well.
  private func job(each: Int = 2, change: (inout RankFacts) -> Void = { _ in }) -> JobFacts {
    let ranks = (0..<2 * each).map { i -> RankFacts in
      var facts = RankFacts(rank: i, kernels: "Haswell", betterKernels: nil)
      facts.host = "h\(i / each + 1)"
      (facts.allowedCores, facts.hostCores, facts.coreSet) = (8, 8, Int64(i / each))
      (facts.threads, facts.coreQuota, facts.gigaflops) = (8 / each, nil, 50)
      (facts.availableMemory, facts.freeSharedMemory) = (64e9, 1e9)
      (facts.openFiles, facts.addressSpace, facts.clock) = (4096, nil, 1e9)
      facts.openMPI = "4.1.4"
      facts.interfaces = [
        NetworkInterface(
          name: "eth0", address: "10.0.0.\(i / each + 1)", network: "10.0.0.0/24")
      ]
      change(&facts)
      return facts
    }
    return JobFacts(
      ranks: ranks, isEven: true, latencySeconds: 1e-5, allReduceSeconds: 0.1,
      allReduceBytes: 18_000_000, freeDisk: 1e12)
  }

  /// The findings that are not good.
  private func complaints(_ job: JobFacts) -> [Finding] {
    Examination(job).findings.filter { $0.grade != .good }
  }

  /// Asserts that there is one complaint, on this subject and with these words.
  private func assertOne(
    _ job: JobFacts, _ grade: Finding.Grade, _ subject: String, _ found: String, _ cure: String,
    line: UInt = #line
  ) {
    let all = complaints(job)
    XCTAssertEqual(all.map(\.subject), [subject], "\(all)", line: line)
    guard let finding = all.first else { return }
    XCTAssertEqual(finding.grade, grade, line: line)
    XCTAssert(finding.found.contains(found), finding.found, line: line)
    XCTAssert(finding.cure?.contains(cure) ?? false, finding.cure ?? "no cure", line: line)
  }

  func testAGoodJobHasNoComplaints() {
    XCTAssertEqual(complaints(job()), [])
    XCTAssertEqual(
      Examination(job()).findings.map(\.subject),
      [
        "job", "cores", "kernels", "speed", "memory", "limits", "exchange", "network", "clocks",
        "folder",
      ])
  }

  func testCores() {
    assertOne(job { $0.threads = 8 }, .warning, "cores", "16 threads wait", "--threads 4")
    assertOne(job { $0.threads = 1 }, .warning, "cores", "6 cores have nothing", "--threads 4")
    // mpirun binds each of two ranks to a core of its own.
    assertOne(
      job {
        ($0.allowedCores, $0.threads, $0.coreSet) = (1, 1, Int64($0.rank))
      }, .warning, "cores", "on 2 of 8 cores", "--bind-to none")
    assertOne(
      job { $0.coreQuota = 2 }, .warning, "cores", "limits to the time of 2.0", "--threads 1")
    assertOne(
      job(each: 4) { ($0.coreQuota, $0.threads) = (2, 1) }, .warning, "cores", "limits",
      "at most 2 ranks")
    XCTAssertEqual(RankFacts.coreQuota(line: "150000 100000"), 1.5)
    XCTAssertNil(RankFacts.coreQuota(line: "max 100000"))
  }

  func testHostsThatAreNotAlike() {
    assertOne(
      job { if $0.rank == 3 { $0.kernels = "SkylakeX" } }, .fatal, "kernels",
      "Haswell and SkylakeX", "OPENBLAS_CORETYPE")
    assertOne(
      job { if $0.rank == 3 { $0.gigaflops = 20 } }, .warning, "speed", "rank 3 on h2", "top")
    assertOne(
      job { if $0.rank == 3 { $0.openMPI = "5.0.0" } }, .fatal, "job", "4.1.4 and 5.0.0", "same")
    assertOne(
      job { if $0.host == "h2" { $0.clock += 30 } }, .warning, "clocks", "30.0 s", "chronyd")
    var uneven = job()
    uneven.isEven = false
    assertOne(uneven, .warning, "job", "2 on h1, 2 on h2", "ppr:")
  }

  func testLimits() {
    assertOne(job { $0.betterKernels = "SkylakeX" }, .warning, "kernels", "slower", "SkylakeX")
    assertOne(job { $0.availableMemory = 4e8 }, .fatal, "memory", "0.2 GB", "fewer ranks")
    assertOne(
      job { $0.addressSpace = 6e8 }, .fatal, "limits", "0.6 GB of address space left on h1",
      "ulimit -v")
    assertOne(job { $0.freeSharedMemory = 1e6 }, .warning, "limits", "/dev/shm", "--shm-size")
    assertOne(job { $0.openFiles = 100 }, .warning, "limits", "100 open files", "ulimit -n")
  }

  func testNetworkAndFolder() {
    let docker = NetworkInterface(name: "docker0", address: "172.17.0.1", network: "172.17.0.0/16")
    assertOne(
      job { $0.interfaces.append(docker) }, .warning, "network", "docker0 (172.17.0.1)",
      "btl_tcp_if_include 10.0.0.0/24")
    var chosen = job { $0.interfaces.append(docker) }
    chosen.includedNetworks = "10.0.0.0/24"
    XCTAssertEqual(complaints(chosen), [])
    assertOne(
      job { $0.interfaces[0].network = "10.0.\($0.rank).0/24" }, .warning, "network",
      "no IPv4 network in common", "btl_tcp_if_include")
    var slow = job()
    slow.allReduceSeconds = 1.5
    assertOne(slow, .warning, "exchange", "12 MB/s", "bfloat16")
    var blind = job()
    blind.folderProblem = "/scratch: rank 2 on h2 sees another folder"
    assertOne(blind, .fatal, "folder", "rank 2 on h2", "--output")
    var full = job()
    full.freeDisk = 1e8
    assertOne(full, .warning, "folder", "0.1 GB free", "room")
  }
}
