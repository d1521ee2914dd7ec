import FoundationEssentials

extension RunRecord {
  /// What a command line would say to run this again: names of options and their values. How many
  /// ranks and threads there were is not among them, nor where the output went.
  package func options(of command: String) throws -> [(name: String, value: String)] {
    var options = ["data": dataset.path, "preset": preset.rawValue]
    if command == "train" { options["trials"] = "\(trials ?? outcome.trials?.count ?? 1)" }
    if command == "train" { options["train-on"] = trainOn.map { "\($0)" } }
    options["model"] = model
    options["initial-centroids"] = initialCentroids
    options["checkpoint-minutes"] = checkpointMinutes.map { "\($0)" }
    options["baselines"] = comparesBaselines.map { "\($0)" }
    options["keep-top"] = keepTop.map { "\($0)" }
    let json = try JSONDecoder().decode(JSON.self, from: try JSONEncoder().encode(self))
    let groups =
      [
        "train": ["pretraining", "clustering"], "pretrain": ["pretraining"],
        "choose-k": ["pretraining", "selection"],
      ][command] ?? ["clustering"]
    for (key, value) in groups.flatMap({ json[$0].entries }) {
      options[key.map { $0 == "_" ? "-" : String($0) }.joined()] = value.optionText
    }
    return options.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

extension JSON {
  /// As on a command line.
  fileprivate var optionText: String? {
    switch self {
    case .null, .object: nil
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value
    case .array(let values): values.compactMap(\.optionText).joined(separator: ",")
    }
  }
}
