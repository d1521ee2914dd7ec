import DenseMath

extension KMeans {
  /// Clusters the documents of all ranks as they are; sparse ones are never made dense. Collective.
  ///
  /// - Throws: `Failure.work`, on every rank, where a value is not finite.
  public func fit(_ data: TrainingData) throws -> Result {
    if data.isSparse {
      return fit(
        try SparsePoints(data.shard, samples: data.samples, over: data.world), over: data.world)
    }
    var rows = InputRows(columns: data.features, isSparse: false)
    data.shard.gather(data.shard.range, into: &rows)
    // The rows are given away: of many documents one copy is enough.
    let z = rows.dense
    rows = InputRows(columns: data.features, isSparse: false)
    return try fit(
      z, first: data.shard.range.lowerBound, samples: data.samples, over: data.world)
  }
}
