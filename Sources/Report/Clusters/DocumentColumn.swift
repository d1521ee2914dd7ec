import Datasets
import Diagnostics

/// A column of the corpus, grouped for a table: dates by day, month, year or decade, other values
/// by themselves.
struct DocumentColumn {
  let name: String
  /// Whether the groups are dates, in their order; otherwise the largest come first.
  let isDate: Bool
  let groups: [String]
  /// The group of each document of the run; nil where it has no value.
  let groupOfDocument: [Int?]

  static let mostGroups = 24
  static let others = "others"

  /// - Parameter ids: Of the run's documents, in their order.
  /// - Throws: `Failure.badInput` where the column is of other documents.
  init(_ column: ColumnValues, ofDocuments ids: [String]) throws {
    name = column.name
    let places = Dictionary(zip(column.ids, column.values)) { first, _ in first }
    let known = ids.filter { places[$0] != nil }.count
    guard known == ids.count || column.ids.count == ids.count else {
      throw Failure.badInput(
        "column \"\(column.name)\"",
        "of \(column.ids.count) documents, of which \(known) are among the \(ids.count) of the run",
        hint: "give the file that the dataset was prepared from by --texts FILE")
    }
    let values = known == ids.count ? ids.map { places[$0] ?? nil } : column.values
    let present = values.compactMap { $0 }
    isDate = present.count { Self.isDate($0) } * 10 >= present.count * 9
    let named = isDate ? Self.dates(values) : values
    let counts = Dictionary(named.compactMap { $0 }.map { ($0, 1) }, uniquingKeysWith: +)
    var groups = counts.keys.sorted()
    if !isDate {
      groups.sort { (counts[$1]!, $0) < (counts[$0]!, $1) }
      if groups.count > Self.mostGroups {
        groups = groups.prefix(Self.mostGroups - 1) + [Self.others]
      }
    }
    self.groups = groups
    let numbers = Dictionary(uniqueKeysWithValues: zip(groups, groups.indices))
    let other = numbers[Self.others]
    groupOfDocument = named.map { value in value.flatMap { numbers[$0] ?? other } }
  }

  /// Whether a value begins with a year, alone or as YYYY-MM or YYYY-MM-DD.
  static func isDate(_ value: String) -> Bool {
    let parts = value.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
    guard let year = parts.first, year.count == 4, (1000...2999).contains(Int(year) ?? 0) else {
      return false
    }
    return value.count == 4
      || parts.count > 1 && parts.dropFirst().allSatisfy { $0.count == 2 && Int($0) != nil }
  }

  /// The dates cut to the finest of days, months, years and decades that makes few groups.
  private static func dates(_ values: [String?]) -> [String?] {
    let dates = values.map { $0.flatMap { isDate($0) ? $0 : nil } }
    for length in [10, 7, 4] {
      let cut = dates.map { $0.map { String($0.prefix(length)) } }
      if Set(cut.compactMap { $0 }).count <= mostGroups { return cut }
    }
    return dates.map { $0.map { $0.prefix(3) + "0s" } }
  }
}
