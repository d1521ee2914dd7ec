import Collectives
import Datasets
import Runs

extension Run {
  /// Keeps in the run folder what `dec assign` needs of the dataset: its text settings and vocabulary,
  /// or its scale. Collective.
  func keepFeatures() throws {
    record.features = RunRecord.Features(dataset.info)
    guard dataset.info.files["vocabulary.tsv"] != nil else { return }
    try write("vocabulary.tsv") { try WholeFile.read("\(dataset.path)/vocabulary.tsv") }
  }
}
