import Collectives
import Datasets
import Diagnostics

/// Text to a tf-idf dataset folder on all ranks: the same bytes at every number of them.
///
/// Each rank reads a stretch of the corpus and keeps, per document, its id, label and counts of
/// terms (`DocumentSpill`). The ranks then agree on vocabulary and document frequencies, and each
/// writes its documents; a shuffled dataset is sorted into buckets through files before that.
/// Memory a rank: its terms, 256 MiB of documents, about 64 MiB of a bucket, and 4 to 8 bytes a
/// document of the corpus for the order.
public struct TextPreparation {
  public var writer: DatasetWriter
  public var settings: TextSettings
  /// A file with the classes, one a document, in place of the corpus's own.
  public var labels: String?
  /// The characters that are kept of the beginning of each document, for a reader's eyes, with the
  /// commonest form of each stem; 0 keeps only the forms, nil neither.
  public var openingLength: Int?

  public init(_ writer: DatasetWriter, _ settings: TextSettings, labels: String? = nil) {
    self.writer = writer
    self.settings = settings
    self.labels = labels
  }

  public struct Outcome: Equatable {
    public var info: DatasetInfo
    /// Bytes that were no UTF-8, replaced.
    public var invalidSequences: Int
    /// The tokens of scripts without blanks between words, where most of the text has such; else
    /// nil.
    public var unspaced: UnspacedText?
  }

  /// Bytes of documents a rank keeps in memory, and of terms that rank 0 merges at once; tests make
  /// them small.
  var memoryLimit = 1 << 28
  var sliceBytes = 1 << 26

  /// Writes the dataset. Collective.
  ///
  /// - Throws: `Failure.badInput` where the corpus is broken, has no document, or no term.
  package func run(
    _ source: @autoclosure () throws -> some DocumentSource, over world: any Communicator,
    progress: ReadingProgress = ReadingProgress()
  ) throws -> Outcome {
    // 1. Rank 0 makes the folder; the others write into it by its path.
    let scratch = (0..<world.size).map { "shuffle-\($0)" }
    let spills = (0..<world.size).map { "spill-\($0)" }
    let folder = try world.together {
      world.isRoot
        ? try PartialFolder(
          for: writer.output, replacing: writer.replacing, scratch: scratch + spills) : nil
    }
    var bytes = Array((folder?.path ?? "").utf8)
    world.broadcast(&bytes)
    let path = String(decoding: bytes, as: UTF8.self)
    let removal =
      folder == nil ? PartialFolder.removeOnSignal(path, scratch: scratch + spills) : nil
    defer { removal?.cancel() }
    try world.requireShared(path, in: writer.output)

    // 2. Read this rank's share.
    let spill = DocumentSpill(
      settings, path: "\(path)/\(spills[world.rank])", memoryLimit: memoryLimit,
      openingLength: openingLength ?? 0)
    let source = try world.together { try source() }
    try requireSameInput(source, over: world)
    try world.together {
      try source.read(part: world.rank, of: world.size, into: spill, progress: progress)
    }

    // 3. Agree on documents, classes and vocabulary.
    var agreement = CorpusAgreement(settings)
    let counts = world.allGather([Int64(spill.documents)]).map { Int($0[0]) }
    agreement.documents = counts.reduce(0, +)
    agreement.firstDocument = counts[..<world.rank].reduce(0, +)
    guard agreement.documents > 0 else { throw shared(source.emptiness) }
    let (classNames, isLabelled) = try agreeOnClasses(
      spill, source.classNames, &agreement, over: world)
    if !isLabelled, labels == nil, let failure = source.unlabelled { throw shared(failure) }
    spill.take(agreeOnVocabulary(spill, documents: agreement.documents, over: world), &agreement)
    guard !agreement.vocabulary.isEmpty else { throw shared(withoutTerms) }

    // 4. Write the rows in their order.
    let files = try write(
      spill, &agreement, isLabelled: isLabelled, to: path, scratch: scratch.map { "\(path)/\($0)" },
      over: world)

    // 5. Checksums; then rank 0 gives the folder its name.
    var info = DatasetInfo(
      layout: .csr, samples: files.samples, features: agreement.vocabulary.count,
      nonzeros: files.nonzeros, classNames: isLabelled ? classNames : [],
      seed: writer.order.seed(keeping: files.samples, of: agreement.documents),
      source: writer.source, corpusSamples: agreement.documents, emptySamples: files.emptySamples,
      text: agreement.settings)
    try sum(&info, files.names, in: path, over: world)
    let outcome = outcome(info, of: spill, over: world)
    try world.together {
      guard let folder else { return }
      try info.write(to: path)
      try folder.publish(removing: scratch)
    }
    return outcome
  }

  /// What all ranks have found in the text.
  private func outcome(
    _ info: DatasetInfo, of spill: DocumentSpill, over world: any Communicator
  ) -> Outcome {
    var unspaced = spill.numbering.unspaced
    var sums = [
      spill.invalidSequences, unspaced.characters, unspaced.tokens, spill.textBytes,
    ].map { Int64($0) }
    world.allReduce(&sums)
    (unspaced.characters, unspaced.tokens) = (Int(sums[1]), Int(sums[2]))
    return Outcome(
      info: info, invalidSequences: Int(sums[0]),
      unspaced: unspaced.isMost(of: Int(sums[3])) ? unspaced : nil)
  }

  /// Checks that all ranks see the same files: each finds its share of them by their sizes.
  private func requireSameInput(
    _ source: some DocumentSource, over world: any Communicator
  ) throws {
    guard world.size > 1 else { return }
    let files = try world.together { try InputListing(source.paths + (labels.map { [$0] } ?? [])) }
    let words = settings.stopWords
    let sum = String(Checksum.crc(Array(words.joined(separator: "\n").utf8)), radix: 16)
    try world.requireSame([
      CommonFact(
        "input", files.description, hint: "put it where every host sees the same files"),
      CommonFact(
        "list of stop words", "\(words.count) words with checksum \(sum)",
        hint: "put it where every host sees the same file"),
    ])
  }

  /// Writes the files of the rows. In the order of the input each rank writes its documents where
  /// they belong; in another they go through files of buckets.
  ///
  /// - Parameter scratch: A file for each rank.
  private func write(
    _ spill: DocumentSpill, _ agreement: inout CorpusAgreement, isLabelled: Bool,
    to folder: String, scratch: [String], over world: any Communicator
  ) throws -> TextDatasetFiles {
    let range = agreement.firstDocument..<agreement.firstDocument + spill.documents
    agreement.rows = writer.order.rows(
      of: range, count: agreement.documents, limit: writer.limit)
    var plan: BucketPlan?
    if case .shuffled = writer.order {
      plan = BucketPlan(
        samples: min(writer.limit ?? agreement.documents, agreement.documents),
        bytes: Int(world.allReduce(Int64(spill.recordBytes))), ranks: world.size)
    }
    var tallies = try world.together { () -> [Int64] in
      if let plan { return Tally.pack(try spill.shuffle(agreement, plan, to: scratch[world.rank])) }
      var tallies = [Tally](repeating: Tally(), count: world.size)
      tallies[world.rank] = try spill.tally(agreement)
      return Tally.pack(tallies)
    }
    world.allReduce(&tallies)
    let words =
      openingLength != nil && settings.stems ? commonestForms(spill, agreement, over: world) : nil
    let files = TextDatasetFiles(
      folder: folder, tallies: tallies, vocabulary: agreement.vocabulary, words: words,
      hasLabels: isLabelled, hasOpenings: (openingLength ?? 0) > 0)
    try world.together { if world.isRoot { try files.create() } }
    try world.together {
      guard let plan else { return try spill.write(agreement, stretch: world.rank, to: files) }
      try plan.write(
        part: world.rank, of: world.size, shuffled: scratch, agreement, to: files)
    }
    return files
  }

  /// A failure that every rank has found for itself.
  private func shared(_ failure: Failure) -> Failure {
    var failure = failure
    failure.isShared = true
    return failure
  }

  private var withoutTerms: Failure {
    var what = "has no terms of \(settings.minimumLength) characters or more"
    if !settings.stopWords.isEmpty { what += " but stop words" }
    if settings.maximumDocumentFrequency < 1 {
      what += " in at most \(settings.maximumDocumentFrequency) of the documents (--max-df)"
    }
    return Failure.badInput(writer.source, what)
  }

  /// - Returns: The classes' names, and whether any document has one.
  private func agreeOnClasses(
    _ spill: DocumentSpill, _ fixed: [String]?, _ agreement: inout CorpusAgreement,
    over world: any Communicator
  ) throws -> (names: [String], isLabelled: Bool) {
    if let labels {
      let (all, names) = try world.together {
        try Corpus.labels(labels, documents: agreement.documents)
      }
      agreement.labels =
        all[agreement.firstDocument..<agreement.firstDocument + spill.documents]
      return (names, all.contains { $0 >= 0 })
    }
    let isLabelled = world.allReduce(Int64(spill.labelled)) > 0
    if let fixed { return (fixed, isLabelled) }
    let messages = world.gather(spill.classMessage())
    var message = world.isRoot ? DocumentSpill.mergeClasses(messages) : []
    world.broadcast(&message)
    let classes = spill.classes(message)
    agreement.classNumbers = classes.numbers
    return (classes.names, isLabelled)
  }

  private func agreeOnVocabulary(
    _ spill: DocumentSpill, documents: Int, over world: any Communicator
  ) -> [UInt8] {
    let bytes = Int(world.allReduce(Int64(spill.termBytes)))
    let slices = bytes / sliceBytes + 1
    var merge = VocabularyMerge(settings, documents: documents)
    for slice in 0..<slices {
      let messages = world.gather(spill.terms(slice: slice, of: slices))
      if world.isRoot { merge.add(messages) }
    }
    var message = world.isRoot ? merge.message() : []
    world.broadcast(&message)
    return message
  }

  /// The commonest form of each term of the vocabulary; on rank 0 only, empty on the others.
  private func commonestForms(
    _ spill: DocumentSpill, _ agreement: CorpusAgreement, over world: any Communicator
  ) -> [String] {
    let messages = world.gather(spill.forms(of: agreement.features))
    return world.isRoot ? CommonestForms(messages).words(of: agreement.vocabulary) : []
  }

  private func sum(
    _ info: inout DatasetInfo, _ names: [String], in folder: String, over world: any Communicator
  ) throws {
    let parts = try world.together {
      try DatasetFolder.checksums(of: names, in: folder, part: world.rank, of: world.size)
    }
    for (name, file) in zip(names, DatasetFolder.combine(world.allGather(parts))) {
      info.files[name] = file
    }
  }
}
