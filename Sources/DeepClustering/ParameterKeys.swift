/// The settings by the names of their options.
extension PretrainingParameters: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("layers", \.layers),
      TableKey("initialization", \.initialization),
      TableKey("optimizer", \.optimizer),
      TableKey("pretrain_learning_rate", \.learningRate, earlier: "learningRate"),
      TableKey("schedule", \.schedule),
      TableKey("momentum", \.momentum),
      TableKey("bias_rate", \.biasRate, earlier: "biasRate"),
      TableKey("batch_size", \.batchSize, earlier: "batchSize"),
      TableKey("layerwise_iterations", \.layerwiseIterations, earlier: "layerwiseIterations"),
      TableKey("finetune_iterations", \.finetuneIterations, earlier: "finetuneIterations"),
      TableKey("corruption", \.corruption),
      TableKey("corrupt_data", \.corruptsData, earlier: "corruptsData"),
      TableKey("hidden_dropout", \.hiddenDropout, earlier: "hiddenDropout"),
      TableKey("finetune_corruption", \.finetuneCorruption, earlier: "finetuneCorruption"),
      TableKey("augment", \.augments),
      TableKey("shuffle", \.shuffles, earlier: "shuffles"),
      TableKey("reproducible", \.isReproducible, earlier: "isReproducible"),
      TableKey("wire_precision", \.wirePrecision, earlier: "wirePrecision"),
      TableKey("seed", \.seed),
      TableKey("momentum_ramp", \.momentumRamp, earlier: "momentumRamp"),
      TableKey("decay_interval", \.decayInterval, earlier: "decayInterval"),
    ]
  }
}

extension ClusteringParameters: KeyTable {
  public static var defaults: Self { Self(clusterCount: 1) }

  public static var keys: [TableKey<Self>] {
    let isVersion1 = { (object: KeyedDecodingContainer<TextKey>) in
      object.contains(TextKey("clusterCount"))
    }
    return [
      TableKey("clusters", \.clusterCount, earlier: "clusterCount"),
      TableKey(
        "update_interval", zeroIsNil: \.targetUpdateInterval, earlier: "targetUpdateInterval",
        isVersion1: isVersion1),
      TableKey("tolerance", \.labelChangeTolerance, earlier: "labelChangeTolerance"),
      TableKey(
        "max_iterations", zeroIsNil: \.maxIterations, earlier: "maxIterations",
        isVersion1: isVersion1),
      TableKey("learning_rate", \.learningRate, earlier: "learningRate"),
      TableKey("momentum", \.momentum),
      TableKey("bias_rate", \.biasRate, earlier: "biasRate"),
      TableKey("batch_size", \.batchSize, earlier: "batchSize"),
      TableKey("code", \.code),
      TableKey("code_scale", \.codeScale, earlier: "codeScale"),
      TableKey("frequency_exponent", \.frequencyExponent, earlier: "frequencyExponent"),
      TableKey("fallback_exponent", optional: \.fallbackExponent),
      TableKey("cluster_corruption", \.corruption, earlier: "corruption"),
      TableKey("collapse_guard", \.stopsAtCollapse),
      TableKey("augment", \.augments),
      TableKey("freeze_encoder", \.freezesEncoder, earlier: "freezesEncoder"),
      TableKey("restarts", \.restarts),
      TableKey("kmeans_sample", zeroIsNil: \.initialSample),
      TableKey("shuffle", \.shuffles, earlier: "shuffles"),
      TableKey("reproducible", \.isReproducible, earlier: "isReproducible"),
      TableKey("wire_precision", \.wirePrecision, earlier: "wirePrecision"),
      TableKey("seed", \.seed),
    ]
  }
}
