extension Shard {
  /// ‖x_a − x_b‖² in double precision: differences first, so that near documents lose no digits.
  ///
  /// - Parameters:
  ///   - a: The index of a document within `range`.
  ///   - b: The index of another one, or the same.
  public func squaredDistance(_ a: Int, _ b: Int) -> Double {
    precondition(range.contains(a) && range.contains(b), "documents of another shard")
    return isSparse ? sparseDistance(entries(of: a), entries(of: b)) : denseDistance(a, b)
  }

  private func denseDistance(_ a: Int, _ b: Int) -> Double {
    let x = values.baseAddress! + start(of: a)
    let y = values.baseAddress! + start(of: b)
    var sums = SIMD4<Double>(repeating: 0)
    var l = 0
    while l + 4 <= features {
      let p = SIMD4(Double(x[l]), Double(x[l + 1]), Double(x[l + 2]), Double(x[l + 3]))
      let q = SIMD4(Double(y[l]), Double(y[l + 1]), Double(y[l + 2]), Double(y[l + 3]))
      sums += (p - q) * (p - q)
      l += 4
    }
    var sum = sums.sum()
    while l < features {
      let difference = Double(x[l]) - Double(y[l])
      sum += difference * difference
      l += 1
    }
    return sum
  }

  /// Merges two rows, whose columns ascend.
  private func sparseDistance(_ a: Range<Int>, _ b: Range<Int>) -> Double {
    var (e, f) = (a.lowerBound, b.lowerBound)
    var sum = 0.0
    while e < a.upperBound || f < b.upperBound {
      let column = e < a.upperBound ? indices[e] : .max
      let other = f < b.upperBound ? indices[f] : .max
      var difference = 0.0
      if column <= other {
        difference += Double(values[e])
        e += 1
      }
      if other <= column {
        difference -= Double(values[f])
        f += 1
      }
      sum += difference * difference
    }
    return sum
  }
}
