import Foundation
import XCTest

@testable import DeepClustering

/// The tables of docs/settings.md against the presets.
final class SettingsPageTests: XCTestCase {
  private let columns: [(preset: Preset, kind: CorpusKind)] = [
    (.default, .text), (.default, .embeddings), (.default, .pictures), (.default, .vectors),
    (.paper, .text),
  ]

  func testTheTablesHaveThePresetsValues() throws {
    let page = try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/settings.md"), encoding: .utf8)
    var compared = 0
    for line in page.split(separator: "\n") where line.hasPrefix("| `--") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }.dropFirst()
      guard cells.count == columns.count + 3 else { continue }
      let name = String(cells.first!.dropFirst(3).dropLast())
      for samples in [2000, 20_000, 1_000_000] {
        for (column, cell) in zip(columns, cells.dropFirst()) {
          let settings = try settings(column.preset, column.kind, samples: samples)
          guard let value = settings[name.replacingOccurrences(of: "-", with: "_")] else {
            continue
          }
          XCTAssertEqual(
            Self.value(of: cell, samples: samples), value, "\(name), \(column), \(samples)")
          compared += 1
        }
      }
    }
    XCTAssertGreaterThan(compared, 300)
  }

  /// The settings of a preset by their names in run.json, as the page writes them.
  private func settings(
    _ preset: Preset, _ kind: CorpusKind, samples: Int
  ) throws -> [String: String] {
    let clustering = preset.clustering(clusterCount: 10, samples: samples, kind: kind)
    let pretraining = preset.pretraining(samples: samples, kind: kind)
    var settings = ["trials": "\(preset.trials(samples: samples, kind: kind))"]
    settings["fallback_exponent"] = "none"
    for data in [try JSONEncoder().encode(pretraining), try JSONEncoder().encode(clustering)] {
      for (name, value) in try JSONDecoder().decode([String: Value].self, from: data) {
        settings[name] = value.text
      }
    }
    settings["clusters"] = nil
    settings["freeze_encoder"] = nil
    return settings
  }

  /// A value of run.json as text.
  private struct Value: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let list = try? value.decode([Int].self) {
        text = list.map(String.init).joined(separator: ",")
      } else if let flag = try? value.decode(Bool.self) {
        text = "\(flag)"
      } else if let whole = try? value.decode(Int.self) {
        text = "\(whole)"
      } else if let number = try? value.decode(Double.self) {
        text = "\(number)"
      } else {
        text = try value.decode(String.self)
      }
    }
  }

  /// What a cell says: a value, "A, from N documents B", or "M epochs, A to B" or ", at most B".
  private static func value(of cell: String, samples: Int) -> String {
    if let match = cell.wholeMatch(of: /(\d+), from (\d+) documents (\d+)/) {
      return String(samples < Int(match.2)! ? match.1 : match.3)
    }
    if let match = cell.wholeMatch(of: /(\d+) epochs?, (?:(\d+) to|at most) (\d+)/) {
      let epochs = Int(match.1)! * ((samples + 255) / 256)
      return "\(min(max(epochs, match.2.flatMap { Int($0) } ?? 0), Int(match.3)!))"
    }
    return cell
  }
}
