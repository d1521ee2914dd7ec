import Datasets
import DeepClustering

extension RunRecord: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("format", \.format), TableKey("version", \.version),
      TableKey("command", \.command), TableKey("cell", optional: \.cell),
      TableKey("preset", \.preset),
      TableKey("trials", optional: \.trials),
      TableKey("train_on", optional: \.trainOn),
      TableKey("model", optional: \.model),
      TableKey("initial_centroids", optional: \.initialCentroids),
      TableKey("checkpoint_minutes", optional: \.checkpointMinutes),
      TableKey("baselines", optional: \.comparesBaselines),
      TableKey("keep_top", optional: \.keepTop),
      TableKey("pretraining", optional: \.pretraining),
      TableKey("clustering", optional: \.clustering),
      TableKey("baseline", optional: \.baseline),
      TableKey("selection", optional: \.selection), TableKey("versions", \.versions),
      TableKey("dataset", \.dataset), TableKey("features", optional: \.features),
      TableKey("ranks", \.ranks), TableKey("threads", \.threads), TableKey("started", \.started),
      TableKey("outcome", \.outcome),
    ]
  }
}

extension RunRecord.Versions: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("dec", \.dec), TableKey("open_mpi", \.openMPI), TableKey("openblas", \.openBLAS),
      TableKey("openblas_core", \.openBLASCore),
    ]
  }
}

extension RunRecord.Dataset: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("path", \.path), TableKey("fingerprint", \.fingerprint),
      TableKey("samples", \.samples), TableKey("features", \.features),
      TableKey("nonzeros", \.nonzeros), TableKey("layout", \.layout),
      TableKey("class_names", \.classNames),
    ]
  }
}

extension RunRecord.Features: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("source", \.source), TableKey("text", optional: \.text),
      TableKey("scale", optional: \.scale),
    ]
  }
}

extension RunRecord.Phase: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("phase", \.phase), TableKey("seconds", \.seconds),
      TableKey("iterations", \.iterations), TableKey("loss", optional: \.loss),
    ]
  }
}

extension RunRecord.Trial: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("seed", \.seed), TableKey("agreement", \.agreement),
      TableKey("ae_kmeans", optional: \.initial), TableKey("dec", optional: \.final),
    ]
  }
}

extension RunRecord.Baselines: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [TableKey("kmeans", optional: \.kMeans), TableKey("lsa_kmeans", optional: \.lsaKMeans)]
  }
}

extension RunRecord.Attempt: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("code", \.code), TableKey("frequency_exponent", \.frequencyExponent),
      TableKey("stopped_by", \.stoppedBy), TableKey("iterations", \.iterations),
      TableKey("explained_before", \.explainedBefore),
      TableKey("explained_after", \.explainedAfter),
    ]
  }
}

extension RunRecord.Outcome: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("status", \.status), TableKey("stopped_by", optional: \.stoppedBy),
      TableKey("collapse", optional: \.collapse),
      TableKey("warning", optional: \.warning),
      TableKey("baselines", optional: \.baselines), TableKey("attempts", optional: \.attempts),
      TableKey("iterations", optional: \.iterations),
      TableKey("refreshes", optional: \.refreshes), TableKey("seconds", optional: \.seconds),
      TableKey("peak_resident_bytes", optional: \.peakResidentBytes),
      TableKey("phases", \.phases), TableKey("ae_kmeans", optional: \.initial),
      TableKey("dec", optional: \.final), TableKey("scores", optional: \.scores),
      TableKey("cluster_sizes", optional: \.clusterSizes),
      TableKey("trial", optional: \.trial), TableKey("trials", optional: \.trials),
      TableKey("files", \.files),
    ]
  }
}
