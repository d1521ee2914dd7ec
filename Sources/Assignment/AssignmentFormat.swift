import Datasets
import DenseMath
import Diagnostics

/// The formats in which assignments are written.
public enum AssignmentFormat {
  case tsv, jsonl, npy

  /// Chooses the format by the ending of the output's name; `-` is `.tsv`.
  ///
  /// - Throws: `Failure.usage` for any other ending.
  public init(output: String) throws {
    if output == "-" || output.hasSuffix(".tsv") {
      self = .tsv
    } else if output.hasSuffix(".jsonl") {
      self = .jsonl
    } else if output.hasSuffix(".npy") {
      self = .npy
    } else {
      throw Failure.usage(
        "--output \(output) is neither .tsv, .jsonl, .npy nor -",
        hint: "its ending chooses the format")
    }
  }

  /// The bytes before the first document. The header of `.npy` is overwritten when the number of
  /// documents is known; its length does not depend on that number.
  public var header: [UInt8] {
    switch self {
    case .tsv: Array("id\tcluster\tprobability\tmargin\n".utf8)
    case .jsonl: []
    case .npy: NPY.header(shape: [0], type: .int32)
    }
  }

  /// Appends a document, given its id and its row of q.
  func append(
    id: (inout [UInt8]) -> Void, _ q: UnsafeBufferPointer<Float>, cluster: Int32,
    to bytes: inout [UInt8]
  ) {
    if self == .npy {
      withUnsafeBytes(of: cluster.littleEndian) { bytes += $0 }
      return
    }
    let probability = q[Int(cluster)]
    var second = -Float.infinity
    for (j, value) in q.enumerated() where j != Int(cluster) { second = max(second, value) }
    let margin = q.count > 1 ? probability - second : probability
    if self == .tsv {
      id(&bytes)
      bytes += Array("\t\(cluster)\t\(probability)\t\(margin)\n".utf8)
    } else {
      var name: [UInt8] = []
      id(&name)
      bytes += Array("{\"id\":\"".utf8)
      Self.appendEscaped(name, to: &bytes)
      bytes += Array(
        "\",\"cluster\":\(cluster),\"probability\":\(probability),\"margin\":\(margin)}\n".utf8)
    }
  }

  /// The contents of a JSON string; invalid UTF-8 is replaced.
  static func appendEscaped(_ text: [UInt8], to bytes: inout [UInt8]) {
    for byte in String(decoding: text, as: UTF8.self).utf8 {
      switch byte {
      case 0x22, 0x5c: bytes += [0x5c, byte]
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes += Array((byte < 0x10 ? "\\u000" : "\\u00").utf8) + Array(digits.utf8)
      default: bytes.append(byte)
      }
    }
  }
}
