import Collectives
import DenseMath
import Diagnostics
import Foundation
import TestSupport
import XCTest

@testable import DeepClustering

final class CheckpointTests: XCTestCase {
  private func file(_ header: String, _ values: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count)) { Array($0) } + Array(header.utf8) + values
  }

  private func assertBadInput(_ bytes: [UInt8], line: UInt = #line) {
    XCTAssertThrowsError(try Safetensors(bytes, path: "m"), line: line) {
      XCTAssertEqual(($0 as? Failure)?.kind, .badInput, line: line)
    }
  }

  func testShapesThatOverflowAreBadInput() {
    for shape in ["4611686018427387904", "4294967296,4294967296", "2305843009213693952", "-1"] {
      assertBadInput(file(#"{"a":{"dtype":"F32","shape":[\#(shape)],"data_offsets":[0,0]}}"#))
    }
    assertBadInput(
      file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-9223372036854775808,4]}}"#))
  }

  func testOtherFloatsAreConvertedAndOtherTypesLeftOut() throws {
    let header =
      #"{"b":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]},"#
      + #""d":{"dtype":"F64","shape":[1],"data_offsets":[2,10]},"#
      + #""h":{"dtype":"F16","shape":[1],"data_offsets":[10,12]},"#
      + #""i":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}"#
    let double = withUnsafeBytes(of: -2.5) { Array($0) }
    let read = try Safetensors(file(header, [0x80, 0x3f] + double + [0x00, 0x3e]), path: "m")
    XCTAssertEqual(read.tensors.mapValues(\.values), ["b": [1], "d": [-2.5], "h": [1.5]])
    XCTAssertEqual(read.otherTypes, ["i": "I64"])
  }

  private let model = Model(
    autoencoder: Autoencoder(inputs: 6, widths: [5, 3], initialization: .glorot, seed: 1))

  /// PyTorch's numbers of an `nn.Sequential`, in which every other module is an activation.
  func testLayersMayBeNumberedWithGaps() throws {
    var file = Safetensors()
    for (name, tensor) in model.safetensors.tensors {
      file.tensors[name.replacingOccurrences(of: ".1.", with: ".12.")] = tensor
    }
    XCTAssertNil(file.tensors["encoder.1.weight"])
    XCTAssertEqual(try Model(file, path: "m").autoencoder, model.autoencoder)
  }

  /// The unit code is in the metadata, to the last bit of its scale.
  func testAUnitCodeIsReadAsItWasWritten() throws {
    var model = model
    model.autoencoder.setCode(.unit)
    model.autoencoder.scaleCode(by: 1.2345678)
    let file = model.safetensors
    XCTAssertEqual(file.metadata["code"], "unit")
    XCTAssertEqual(try Model(file, path: "m").autoencoder, model.autoencoder)
    for (code, scale) in [("unit", "0"), ("unit", "inf"), ("cube", "1")] {
      var broken = file
      (broken.metadata["code"], broken.metadata["code_scale"]) = (code, scale)
      XCTAssertThrowsError(try Model(broken, path: "m")) {
        XCTAssertEqual(($0 as? Failure)?.kind, .badInput)
      }
    }
  }

  func testAMissingTensorIsNamedBesideThoseFound() {
    var file = model.safetensors
    file.tensors["encoder.1.bias"] = nil
    XCTAssertThrowsError(try Model(file, path: "m")) {
      let message = "\($0)"
      XCTAssert(message.contains("has no encoder.1.bias, but decoder.0.bias, "), message)
    }
  }

  func testARefreshOfValuesThatAreNotFiniteSaysSo() {
    let encoder = model.autoencoder.encoder
    for bad in [Float.nan, .infinity] {
      var mu = normalMatrix(4, 3, seed: 2)
      mu[1, 0] = bad
      let refresh = TargetRefresh(
        of: sparseDocuments(70, features: 6).data, through: encoder, centroids: mu)
      if bad.isNaN { XCTAssert(refresh.softFrequencies.allSatisfy(\.isNaN)) }
      XCTAssertEqual(refresh.clusterSizes.reduce(0, +), 70)
    }
  }
}
