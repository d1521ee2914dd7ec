import Runs

/// The progress of training, phase by phase, from the lines of `metrics.jsonl`.
struct Course {
  struct Phase {
    let name: String
    var events: [JSON] = []

    /// The values of `key` over the iterations, multiplied by `factor`.
    func points(_ key: String, times factor: Double = 1) -> [(x: Double, y: Double)] {
      events.compactMap { event in
        guard let x = event["iteration"].number, let y = event[key].number else { return nil }
        return (x, y * factor)
      }
    }

    func sum(_ key: String) -> Double { events.reduce(0) { $0 + ($1[key].number ?? 0) } }

    /// The name for readers, such as "Layer 1" or "Finetuning".
    var title: String {
      if name.hasPrefix("layerwise-") { return "Layer \(name.dropFirst(10))" }
      switch name {
      case "finetune": return "Finetuning"
      case "kmeans": return "k-means"
      case "kl": return "KL phase"
      default: return name
      }
    }
  }

  /// The phases in the order in which they began.
  private(set) var phases: [Phase] = []

  /// Groups events by phase. A run that was resumed may have done some iterations twice: the later
  /// events replace the earlier ones.
  init(_ events: [JSON]) {
    for event in events {
      guard let name = event["phase"].string else { continue }
      let index = phases.firstIndex { $0.name == name } ?? phases.count
      if index == phases.count { phases.append(Phase(name: name)) }
      phases.removeLast(phases.count - index - 1)
      if let iteration = event["iteration"].number {
        let kept = phases[index].events.prefix { ($0["iteration"].number ?? 0) <= iteration }
        phases[index].events = Array(kept)
      }
      phases[index].events.append(event)
    }
  }

  subscript(name: String) -> Phase? { phases.first { $0.name == name } }

  /// All phases before k-means.
  var pretraining: [Phase] { phases.filter { $0.name != "kmeans" && $0.name != "kl" } }
}
