import Runs

/// A score that a table shows, and the cell whose run has it.
public struct Reading: Sendable {
  public enum Score: Sendable {
    /// A baseline's.
    case baseline
    /// AE + k-means of a training.
    case initial
    /// DEC's.
    case final
  }

  /// Such as "λ = 40"; "default" for the preset's own.
  var setting: String
  var seed: Int
  var cell: Cell
  var score: Score

  /// The score in a run's record; nil where it has none.
  func quality(_ record: RunRecord) -> RunRecord.Quality? {
    switch score {
    case .baseline: record.outcome.scores
    case .initial: record.outcome.initial
    case .final: record.outcome.final
    }
  }
}

extension Method {
  /// The paper's protocol: the nine settings, from seed 0 and, where there is an autoencoder, from
  /// one.
  func sweep(on corpus: CorpusEntry, _ plan: Plan) -> [Reading] {
    let parameter = hyperparameter
    return plan.settings.map { place in
      let value = parameter.values[place]
      let isSeed = parameter.option == "--seed"
      let seed = isSeed ? place : 0
      return Reading(
        setting: isSeed ? "default" : "\(parameter.symbol) = \(value)", seed: seed,
        cell: isSeed
          ? baselineCell(nil, seed: seed, model: 0, on: corpus, plan)
          : cell(value, seed: seed, on: corpus, plan),
        score: baseline == nil ? .final : .baseline)
    }
  }

  /// The honest row: the default setting from several seeds, with nothing chosen by labels.
  func seeds(on corpus: CorpusEntry, _ plan: Plan) -> [Reading] {
    (0..<plan.seedCount).map { seed in
      let setting = hyperparameter.standard.map { "\(hyperparameter.symbol) = \($0)" }
      if self == .aeKMeans {
        // What each training starts its KL phase from.
        return Reading(
          setting: "default", seed: seed, cell: Self.training(seed: seed, on: corpus, plan),
          score: .initial)
      }
      return Reading(
        setting: setting ?? "default", seed: seed,
        cell: cell(hyperparameter.standard, seed: seed, on: corpus, plan),
        score: baseline == nil ? .final : .baseline)
    }
  }

  /// The whole of the method at the preset's settings: the honest row of DEC, and the autoencoder
  /// of everything else that needs one.
  static func training(seed: Int, on corpus: CorpusEntry, _ plan: Plan) -> Cell {
    Cell(
      "\(plan.runs)/\(corpus.name)/dec/default-seed-\(seed)", on: corpus,
      ["train", corpus.dataset.path, "--clusters", "\(corpus.clusterCount)", "--seed", "\(seed)"]
        + plan.training(on: corpus))
  }

  private func cell(
    _ value: String?, seed: Int, on corpus: CorpusEntry, _ plan: Plan
  ) -> Cell {
    if baseline != nil { return baselineCell(value, seed: seed, model: seed, on: corpus, plan) }
    let training = Self.training(seed: seed, on: corpus, plan)
    if self == .dec, value == nil { return training }
    return Cell(
      folder(value, seed: seed, on: corpus, plan), on: corpus, needs: [training],
      ["cluster", corpus.dataset.path, "--clusters", "\(corpus.clusterCount)"]
        + ["--model", "\(plan.output)/\(training.path)", "--seed", "\(seed)"]
        + (self == .frozen ? ["--freeze-encoder"] : [])
        + (value.map { ["--update-interval", $0] } ?? []) + plan.clustering)
  }

  /// - Parameters:
  ///   - value: Of the hyperparameter.
  ///   - model: The seed of the autoencoder, where the method clusters a code.
  private func baselineCell(
    _ value: String?, seed: Int, model: Int, on corpus: CorpusEntry, _ plan: Plan
  ) -> Cell {
    var needs: [Cell] = []
    var command = ["baseline", baseline!, corpus.dataset.path]
    command += ["--clusters", "\(corpus.clusterCount)", "--seed", "\(seed)"]
    if let value { command += [hyperparameter.option, value] }
    if isOnCode {
      needs.append(Self.training(seed: model, on: corpus, plan))
      command += ["--on", "\(plan.output)/\(needs[0].path)", "--stage", "pretrained"]
    }
    let path = folder(value, seed: seed, on: corpus, plan)
    if isSpectral {
      // One search of neighbours serves both methods and all settings.
      let first: Method = isOnCode ? .aeLDMGI : .ldmgi
      let standard = first.hyperparameter.standard
      let firstSeed = isOnCode ? model : 0
      if path != first.folder(standard, seed: firstSeed, on: corpus, plan) {
        needs.append(
          first.baselineCell(standard, seed: firstSeed, model: model, on: corpus, plan))
        command += ["--neighbours-of", "\(plan.output)/\(needs.last!.path)"]
      }
    }
    return Cell(
      path, on: corpus, needs: needs, mayBeRefused: isSpectral, command + plan.baseline)
  }

  private func folder(
    _ value: String?, seed: Int, on corpus: CorpusEntry, _ plan: Plan
  ) -> String {
    let setting = value.map { "\(hyperparameter.option.dropFirst(2))-\($0)" } ?? "default"
    return "\(plan.runs)/\(corpus.name)/\(rawValue)/\(setting)-seed-\(seed)"
  }
}
