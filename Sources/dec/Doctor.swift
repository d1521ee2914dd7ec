import ArgumentParser
import Collectives
import Datasets
import Diagnostics
import FoundationEssentials
import Glibc
import Measurement

struct Doctor: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check this job's ranks, cores, kernels, network and files, and say what to change.",
    discussion: """
      Start it as you would start a training, with the same mpirun or srun and its options. Exit \
      code 1 if a training could not run.

      Example:
        mpirun --hostfile hosts dec doctor --output /scratch/runs
      """)

  @Option(name: [.long, .short], help: "The folder in which runs will be written.")
  var output = "."
  @Option(help: "Threads of each rank; otherwise its cores.") var threads: Int?
  @Flag(help: "Print JSON.") var json = false

  func validate() throws { try require("--threads", threads, .positive) }

  func run(over world: any Communicator) throws {
    Job.useThreads(threads, over: world)
    let job = try facts(over: world)
    let findings = Examination(job).findings
    if json {
      Job.say(try Self.text(Output(findings: findings, facts: job)))
    } else {
      for finding in findings { Job.say(line(finding)) }
    }
    let isFit = !findings.contains { $0.grade == .fatal }
    if !isFit {
      Job.warn("a training cannot run like this; see the lines that begin with \"stop\"")
    }
    Job.leave(isFit ? 0 : Failure.Kind.work.rawValue)
  }

  private struct Output: Encodable {
    var findings: [Finding]
    var facts: JobFacts
  }

  private func line(_ finding: Finding) -> String {
    let mark =
      switch finding.grade {
      case .good: "ok  "
      case .warning: "warn"
      case .fatal: "stop"
      }
    let subject = finding.subject.padding(to: 9)
    return "\(mark)  \(subject)  \(finding.found)" + (finding.cure.map { "\n      -> \($0)" } ?? "")
  }

  private func facts(over world: any Communicator) throws -> JobFacts {
    var own = RankFacts(
      rank: world.rank, kernels: Kernels.core, betterKernels: Kernels.betterForThisCPU)
    own.measure(over: world)
    let everyones = world.gather(Array(try JSONEncoder().encode(own)))
    // Rank 0 alone prints; all ranks leave with its exit code.
    let ranks = world.isRoot ? try everyones.map(Self.decode) : [own]
    var job = JobFacts(ranks: ranks, isEven: world.size == 1 || world.hosts != nil)
    job.folderProblem = folderProblem(over: world)
    job.freeDisk = SpaceEstimate.available(in: output)
    job.includedNetworks = getenv("OMPI_MCA_btl_tcp_if_include").map { String(cString: $0) }
    guard world.size > 1 else { return job }
    job.latencySeconds = JobFacts.allReduceSeconds(floats: 1, over: world)
    job.allReduceBytes = 4 * Self.modelFloats
    job.allReduceSeconds = JobFacts.allReduceSeconds(floats: Self.modelFloats, over: world)
    return job
  }

  /// The parameters of the default network, 2000-500-500-2000-10 and back.
  private static let modelFloats = 2 * (2000 * 500 + 500 * 500 + 500 * 2000 + 2000 * 10) + 6_010

  /// Why the ranks cannot all write into the folder; nil if they can. Collective.
  private func folderProblem(over world: any Communicator) -> String? {
    var name = Array("\(output)/.dec-doctor-\(UInt64.random(in: 0 ... .max))".utf8)
    world.broadcast(&name)
    let token = String(decoding: name, as: UTF8.self)
    defer { if world.isRoot { rmdir(token) } }
    do {
      try world.together {
        guard !world.isRoot || mkdir(token, 0o700) == 0 else {
          throw Failure.io(output, "cannot be written: \(String(cString: strerror(errno)))")
        }
      }
      try world.requireShared(token, in: output)
      try world.together {
        let file = "\(token)/\(world.rank)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else {
          throw Failure.io(output, "cannot be written: \(String(cString: strerror(errno)))")
        }
        close(descriptor)
        unlink(file)
      }
      return nil
    } catch {
      return "\(error)"
    }
  }

  private static func decode(_ bytes: [UInt8]) throws -> RankFacts {
    try JSONDecoder().decode(RankFacts.self, from: Data(bytes))
  }

  private static func text(_ output: Output) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(output), as: UTF8.self)
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
