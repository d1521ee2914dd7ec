import Datasets

/// The written form in which each term of a vocabulary occurs most often, so that "studi" can be
/// shown as "study". Forms are as the tokenizer returns them: lower-case and without accents.
struct CommonestForms {
  private var forms: [Int: [[UInt8]: Int64]] = [:]

  /// - Parameter messages: `DocumentSpill.forms(of:)` of every rank.
  init(_ messages: [[UInt8]]) {
    for message in messages {
      message.withUnsafeBytes {
        var cursor = ByteCursor($0)
        while !cursor.isAtEnd {
          let feature = Int(cursor.varint())
          let form = [UInt8](cursor.counted())
          forms[feature, default: [:]][form, default: 0] += Int64(cursor.varint())
        }
      }
    }
  }

  /// The commonest form of each term, the first in byte order among equals.
  func words(of vocabulary: [VocabularyEntry]) -> [String] {
    vocabulary.enumerated().map { feature, entry in
      let best = forms[feature]?.max {
        $0.value != $1.value
          ? $0.value < $1.value : $1.key.lexicographicallyPrecedes($0.key)
      }
      return best.map { String(decoding: $0.key, as: UTF8.self) } ?? entry.term
    }
  }
}

extension DocumentSpill {
  /// The forms of the terms that are features, with their numbers of occurrences in all documents
  /// that this rank has read.
  ///
  /// - Parameter features: The feature of each of this rank's terms; -1 for none.
  func forms(of features: [Int32]) -> [UInt8] {
    var bytes: [UInt8] = []
    numbering.forEachForm { form, term, occurrences in
      guard features[term] >= 0 else { return }
      bytes.append(varint: UInt64(features[term]))
      bytes.append(counted: form)
      bytes.append(varint: UInt64(occurrences))
    }
    return bytes
  }
}
