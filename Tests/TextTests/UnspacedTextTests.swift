import XCTest

@testable import Text

final class UnspacedTextTests: XCTestCase {
  /// Whether a text is taken for one without blanks between words.
  private func isUnspaced(_ text: String) -> Bool {
    let tokenizer = Tokenizer(minimumLength: 2)
    Array(text.utf8).withUnsafeBytes { tokenizer.tokens(in: $0) { _ in } }
    return tokenizer.unspaced.isMost(of: text.utf8.count)
  }

  func testChineseJapaneseAndThaiWithoutBlanks() {
    XCTAssert(isUnspaced("我们今天去北京大学参观了图书馆，机器学习是人工智能的一个分支。"))
    XCTAssert(isUnspaced("機械学習は人工知能の一分野であり、データから学ぶプログラムを研究する。"))
    XCTAssert(isUnspaced("การเรียนรู้ของเครื่องเป็นสาขาหนึ่งของปัญญาประดิษฐ์"))
  }

  func testTheSameWithBlanksBetweenWords() {
    XCTAssertFalse(isUnspaced("我们 今天 去 北京大学 参观 了 图书馆 ， 机器 学习 是 人工智能 的 分支"))
    XCTAssertFalse(isUnspaced("การ เรียนรู้ ของ เครื่อง เป็น สาขา หนึ่ง ของ ปัญญา ประดิษฐ์"))
  }

  func testScriptsWithBlanks() {
    XCTAssertFalse(isUnspaced("기계학습은 인공지능의 한 분야로 데이터에서 배우는 프로그램을 연구한다"))
    XCTAssertFalse(isUnspaced("Машинное обучение изучает программы, которые учатся на данных"))
    XCTAssertFalse(isUnspaced("Größere Datenmengen brauchen größere Rechner"))
    XCTAssertFalse(isUnspaced(""))
  }

  func testAQuotationIsNotMostOfAText() {
    XCTAssertFalse(
      isUnspaced(
        "The sentence 机器学习是人工智能的一个分支 says in Chinese that machine learning is a branch of AI."))
  }
}
