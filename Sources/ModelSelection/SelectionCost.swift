import DeepClustering

/// What trainings cost, in multiplications of the network, and how many iterations of the KL phase
/// a selection of k may take.
///
/// It counts and measures no time, so that the result does not depend on the machine.
struct SelectionCost {
  /// Multiplications of a document's pass through the encoder.
  let encoder: Double
  let pretraining: PretrainingParameters
  /// Documents of the dataset.
  let samples: Int

  init(features: Int, samples: Int, _ pretraining: PretrainingParameters) {
    self.pretraining = pretraining
    self.samples = samples
    let sizes = [features] + pretraining.layers
    encoder = zip(sizes, sizes.dropFirst()).reduce(0) { $0 + Double($1.0 * $1.1) }
  }

  /// Of all stages of pretraining: a pass forward and one back, which costs two.
  var pretrainingCost: Double {
    let batch = Double(min(samples, pretraining.batchSize))
    // A layer's stage trains it and its mirror: all layers' together cost as finetuning does.
    let passes = 3 * batch * 2 * encoder
    return passes * Double(pretraining.layerwiseIterations + pretraining.finetuneIterations)
  }

  /// Of k-means' codes and the KL phase of `samples` documents, `iterations` long.
  ///
  /// - Parameter evaluated: Documents that the result embeds.
  func clusteringCost(
    _ parameters: ClusteringParameters, samples: Int, iterations: Int, evaluated: Int
  ) -> Double {
    let interval = parameters.targetUpdateInterval ?? max(1, samples / parameters.batchSize)
    let refreshes = 1 + (iterations + interval - 1) / interval
    let batch = min(samples, parameters.batchSize)
    return encoder
      * Double(samples * (1 + refreshes) + 3 * batch * iterations + evaluated)
  }

  /// The iterations that each of `runs` KL phases of a subsample may take, so that all of them and
  /// one pretraining cost at most `factor` of one whole run, whose KL phase ends half-way to its
  /// limit; at least `least`.
  func iterations(
    runs: Int, factor: Double, whole: ClusteringParameters, part: ClusteringParameters,
    subsample: Int, evaluated: Int, least: Int
  ) -> Int {
    let one =
      pretrainingCost
      + clusteringCost(
        whole, samples: samples, iterations: (whole.maxIterations ?? 1000) / 2, evaluated: 0)
    let each = (factor * one - pretrainingCost) / Double(runs)
    var iterations = part.maxIterations ?? 1000
    while iterations > least,
      clusteringCost(
        part, samples: subsample, iterations: iterations, evaluated: evaluated) > each
    {
      iterations -= 1
    }
    return iterations
  }
}
