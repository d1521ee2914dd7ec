import Diagnostics

/// Judges what was found of a job: one finding or more for each subject, in the order in which a
/// person would look.
package struct Examination {
  private let job: JobFacts
  private var ranks: [RankFacts] { job.ranks }
  /// The ranks of each host, in the order of their first ranks.
  private let hosts: [[RankFacts]]

  /// Below this many bytes for a rank no useful training fits.
  static let leastMemory = 256e6
  /// OpenBLAS 0.3.21 waits for ever where an address space of less than this is exhausted.
  static let leastAddressSpace = 2e9

  package init(_ job: JobFacts) {
    self.job = job
    var hosts: [[RankFacts]] = []
    for facts in job.ranks {
      if let i = hosts.firstIndex(where: { $0[0].host == facts.host }) {
        hosts[i].append(facts)
      } else {
        hosts.append([facts])
      }
    }
    self.hosts = hosts
  }

  package var findings: [Finding] {
    [shape] + cores + [kernels, speed] + memory + limits + [exchange]
      + network + [clocks, folder]
  }

  // MARK: Hosts, ranks and cores

  private var shape: Finding {
    let versions = Set(ranks.map(\.openMPI)).sorted()
    let text =
      "\(Format.counted(ranks.count, "rank")) on \(Format.counted(hosts.count, "host")), "
      + "Open MPI \(versions.joined(separator: " and "))"
    if versions.count > 1 {
      return Finding(.fatal, "job", text, cure: "load the same Open MPI on every host")
    }
    if !job.isEven {
      let each = hosts.map { "\($0.count) on \($0[0].host)" }.joined(separator: ", ")
      return Finding(
        .warning, "job",
        "\(text): \(each); ranks of a host exchange gradients in shared memory only "
          + "where every host has as many", cure: "mpirun --map-by ppr:N:node")
    }
    return Finding(.good, "job", text)
  }

  /// One finding for hosts alike.
  private var cores: [Finding] {
    var findings: [Finding] = []
    for host in hosts {
      let finding = cores(of: host)
      if !findings.contains(where: { $0.found == finding.found }) { findings.append(finding) }
    }
    return findings.contains { $0.grade != .good }
      ? findings.filter { $0.grade != .good } : findings
  }

  private func cores(of host: [RankFacts]) -> Finding {
    let threads = host.reduce(0) { $0 + $1.threads }
    // Ranks with the same mask share its cores.
    let masks = Dictionary(host.map { ($0.coreSet, $0.allowedCores) }) { first, _ in first }
    let allowed = min(host[0].hostCores, masks.values.reduce(0, +))
    let usable = host[0].coreQuota.map { min(Double(allowed), $0) } ?? Double(allowed)
    let text =
      "\(Format.counted(host.count, "rank")) of \(Format.counted(host[0].threads, "thread")) on "
      + "\(allowed) of \(Format.counted(host[0].hostCores, "core"))"
    let each = max(1, Int(usable) / host.count)
    if Double(threads) > usable.rounded(.up) {
      let limit =
        usable < Double(allowed)
        ? " that the control group limits to the time of \(Format.fixed(usable, 1))" : ""
      return Finding(
        .warning, "cores", "\(text)\(limit): \(threads) threads wait for each other",
        cure: host.count > Int(usable)
          ? "start at most \(Format.counted(max(1, Int(usable)), "rank")) on this host"
          : "--threads \(each)")
    }
    if allowed < host[0].hostCores, threads >= allowed {
      return Finding(
        .warning, "cores", "\(text): the ranks are bound to fewer cores than there are",
        cure: "mpirun --bind-to none, or --map-by ppr:\(host.count):node:PE="
          + "\(max(1, host[0].hostCores / host.count)) --bind-to core; nothing where others share "
          + "the host")
    }
    if Double(threads) < 0.75 * usable {
      return Finding(
        .warning, "cores", "\(text): \(Int(usable) - threads) cores have nothing to do",
        cure: "--threads \(each), or more ranks")
    }
    return Finding(.good, "cores", text)
  }

  // MARK: Speed

  private var kernels: Finding {
    let names = Set(ranks.map(\.kernels)).sorted()
    let text = "OpenBLAS's \(names.joined(separator: " and "))"
    if names.count > 1 {
      return Finding(
        .fatal, "kernels", "\(text): the ranks would not compute the same bits",
        cure: "mpirun -x OPENBLAS_CORETYPE=Haswell, or another that all hosts can run")
    }
    if let slow = ranks.first(where: { $0.betterKernels != nil }), let better = slow.betterKernels {
      return Finding(
        .warning, "kernels", "\(text), 5 to 10 times slower than this CPU allows",
        cure: "mpirun -x OPENBLAS_CORETYPE=\(better)")
    }
    return Finding(.good, "kernels", text)
  }

  private var speed: Finding {
    let rates = ranks.map(\.gigaflops).sorted()
    let median = rates[rates.count / 2]
    let most = rates.count > 1 ? " to \(Format.short(rates[rates.count - 1]))" : ""
    let text = "sgemm at \(Format.short(rates[0]))\(most) GFLOP/s a rank"
    if let slow = ranks.first(where: { $0.gigaflops < 0.7 * median }) {
      return Finding(
        .warning, "speed",
        "\(text): rank \(slow.rank) on \(slow.host) is slow, and all wait for it",
        cure: "look there for other work (top), a hot CPU, or leave the host out")
    }
    return Finding(.good, "speed", text)
  }

  // MARK: Memory and limits

  private var memory: [Finding] {
    guard
      let least = hosts.filter({ $0[0].availableMemory != nil }).min(by: {
        $0[0].availableMemory! / Double($0.count) < $1[0].availableMemory! / Double($1.count)
      })
    else { return [] }
    let bytes = least[0].availableMemory! / Double(least.count)
    let text =
      "\(Format.fixed(bytes / 1e9, 1)) GB for each rank on \(least[0].host)"
      + (hosts.count > 1 ? ", the least of the hosts" : "")
    return [
      bytes < Self.leastMemory
        ? Finding(.fatal, "memory", text, cure: "fewer ranks on a host, or hosts with more memory")
        : Finding(.good, "memory", "\(text); dec inspect DATA says what a run needs")
    ]
  }

  private var limits: [Finding] {
    var findings: [Finding] = []
    for facts in ranks {
      let place = "on \(facts.host)"
      if let bytes = facts.addressSpace, bytes < 64e9 {
        findings.append(
          Finding(
            bytes < Self.leastAddressSpace ? .fatal : .warning, "limits",
            "\(Format.fixed(bytes / 1e9, 1)) GB of address space left \(place): OpenBLAS waits for ever "
              + "where it is exhausted", cure: "ulimit -v unlimited"))
      }
      if let files = facts.openFiles, files < Double(256 + 4 * ranks.count) {
        findings.append(
          Finding(
            .warning, "limits", "\(Int(files)) open files \(place)",
            cure: "ulimit -n \(1024 * (1 + ranks.count / 128))"))
      }
      if let bytes = facts.freeSharedMemory, bytes < 4 * 0x1p20 {
        findings.append(
          Finding(
            .warning, "limits",
            "\(Format.fixed(bytes / 0x1p20, 1)) MiB left in /dev/shm \(place); "
              + "Open MPI takes 4 for each rank",
            cure: "docker run --shm-size 1g, or OMPI_MCA_btl_vader_backing_directory=/tmp"))
      }
    }
    // Of hosts with the same limit, the first stands for all.
    var cures = Set<String?>()
    findings = findings.filter { cures.insert($0.cure).inserted }
    return findings.isEmpty
      ? [Finding(.good, "limits", "of address space, open files and /dev/shm: enough")] : findings
  }

  // MARK: Exchange

  private var exchange: Finding {
    guard ranks.count > 1 else {
      return Finding(.good, "exchange", "one rank has nobody to exchange with")
    }
    let rate = Double(job.allReduceBytes) / job.allReduceSeconds * 1e-6
    let text =
      "all-reduce of the default model's \(Format.fixed(Double(job.allReduceBytes) * 1e-6, 1)) MB in "
      + "\(Format.short(job.allReduceSeconds * 1e3)) ms (\(Format.short(rate)) MB/s), of one number "
      + "in \(Format.short(job.latencySeconds * 1e6)) µs"
    if rate < 50 {
      return Finding(
        .warning, "exchange", "\(text): a step would wait for it",
        cure: hosts.count > 1
          ? "take the fastest network (mpirun --mca btl_tcp_if_include NET/BITS), or "
            + "--gradient-precision bfloat16"
          : "fewer ranks than cores, or OMPI_MCA_mpi_yield_when_idle=1")
    }
    return Finding(.good, "exchange", text)
  }

  /// Networks that all hosts have, and addresses that are the same on several hosts, as Docker's
  /// bridge: a host that tries to reach another there reaches itself.
  private var network: [Finding] {
    guard hosts.count > 1 else { return [] }
    let own = hosts.map { $0[0].interfaces }
    let addresses = own.flatMap { Set($0.map(\.address)) }
    let counts = addresses.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    let doubled = own[0].filter { counts[$0.address, default: 0] > 1 }
    let common = own[0].map(\.network).filter { network in
      own.allSatisfy { $0.contains { $0.network == network && counts[$0.address] == 1 } }
    }
    if let included = job.includedNetworks {
      return [Finding(.good, "network", "you let Open MPI use \(included)")]
    }
    guard let best = common.first else {
      return [
        Finding(
          .warning, "network", "the hosts have no IPv4 network in common",
          cure: "mpirun --mca btl_tcp_if_include A/B,C/D with the networks that reach each other")
      ]
    }
    guard doubled.isEmpty else {
      let names = doubled.map { "\($0.name) (\($0.address))" }.joined(separator: ", ")
      return [
        Finding(
          .warning, "network",
          "\(names) has the same address on several hosts, and Open MPI may try it",
          cure: "mpirun --mca btl_tcp_if_include \(best) --mca oob_tcp_if_include \(best)")
      ]
    }
    return [Finding(.good, "network", "all hosts are in \(common.joined(separator: ", "))")]
  }

  // MARK: Clocks and files

  private var clocks: Finding {
    let last = ranks.max { abs($0.clock - ranks[0].clock) < abs($1.clock - ranks[0].clock) }!
    let offset = abs(last.clock - ranks[0].clock)
    // The ranks leave a barrier within milliseconds of each other, or later on a busy machine.
    return offset > 2
      ? Finding(
        .warning, "clocks",
        "\(last.host)'s differs from \(ranks[0].host)'s by "
          + "\(Format.fixed(offset, 1)) s: times of files and logs mislead",
        cure: "start chronyd or systemd-timesyncd there")
      : Finding(.good, "clocks", "the same on every host, to \(offset < 0.1 ? "0.1" : "2") s")
  }

  private var folder: Finding {
    if let problem = job.folderProblem {
      return Finding(
        .fatal, "folder", problem,
        cure: "name the folder where runs are to be written: dec doctor --output FOLDER")
    }
    let free = job.freeDisk.map { ", \(Format.fixed($0 / 1e9, 1)) GB free" } ?? ""
    return Finding(
      job.freeDisk.map { $0 < 1e9 } ?? false ? .warning : .good, "folder",
      "every rank sees it and may write\(free)",
      cure: job.freeDisk.map { $0 < 1e9 } ?? false ? "make room, or use another disk" : nil)
  }
}
