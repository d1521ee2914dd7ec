import Glibc

/// Numbers byte strings 0, 1, 2, ... in the order in which they first appear.
///
/// A hash table of our own because the hot loop looks up bytes where they lie: no String and no key
/// is made for a term already known.
final class TermTable {
  private struct Entry {
    var hash: UInt64
    var offset: Int
    var length: Int
  }

  private(set) var count = 0
  private var slots: UnsafeMutablePointer<UInt32>  // entry + 1; 0 is free
  private var mask: Int
  private var entries: UnsafeMutablePointer<Entry>
  private var entryCapacity: Int
  private var pool: UnsafeMutablePointer<UInt8>
  private var poolCount = 0
  private var poolCapacity: Int

  init(capacity: Int = 1 << 16) {
    mask = capacity - 1
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: 0, count: capacity)
    entryCapacity = capacity
    entries = .allocate(capacity: capacity)
    poolCapacity = capacity * 8
    pool = .allocate(capacity: poolCapacity)
  }

  deinit {
    slots.deallocate()
    entries.deallocate()
    pool.deallocate()
  }

  /// The bytes of a term, valid until the next insertion.
  func term(_ number: Int) -> UnsafeRawBufferPointer {
    precondition(number < count)
    return UnsafeRawBufferPointer(
      start: pool + entries[number].offset, count: entries[number].length)
  }

  /// The number of `bytes`, a new one where they are new.
  @inline(__always)
  func number(of bytes: UnsafeRawBufferPointer) -> Int {
    let hash = Self.hash(bytes)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let found = slots[slot]
      if found == 0 { return insert(bytes, hash, slot) }
      if holds(Int(found) - 1, bytes, hash) { return Int(found) - 1 }
      slot = (slot + 1) & mask
    }
  }

  /// The number of `bytes`; nil where they are not in the table.
  func find(_ bytes: UnsafeRawBufferPointer) -> Int? {
    let hash = Self.hash(bytes)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      if holds(Int(slots[slot]) - 1, bytes, hash) { return Int(slots[slot]) - 1 }
      slot = (slot + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func holds(_ i: Int, _ bytes: UnsafeRawBufferPointer, _ hash: UInt64) -> Bool {
    entries[i].hash == hash && entries[i].length == bytes.count
      && (bytes.count == 0
        || memcmp(pool + entries[i].offset, bytes.baseAddress!, bytes.count) == 0)
  }

  private func insert(_ bytes: UnsafeRawBufferPointer, _ hash: UInt64, _ slot: Int) -> Int {
    if poolCount + bytes.count > poolCapacity { growPool(by: bytes.count) }
    if count == entryCapacity { growEntries() }
    if let source = bytes.baseAddress { memcpy(pool + poolCount, source, bytes.count) }
    entries[count] = Entry(hash: hash, offset: poolCount, length: bytes.count)
    poolCount += bytes.count
    slots[slot] = UInt32(count + 1)
    count += 1
    if count * 2 > mask { growSlots() }
    return count - 1
  }

  private func growPool(by bytes: Int) {
    poolCapacity = max(poolCapacity * 2, poolCount + bytes)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: poolCapacity)
    memcpy(larger, pool, poolCount)
    pool.deallocate()
    pool = larger
  }

  private func growEntries() {
    entryCapacity *= 2
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: entryCapacity)
    larger.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = larger
  }

  private func growSlots() {
    slots.deallocate()
    mask = mask * 2 + 1
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: 0, count: mask + 1)
    for i in 0..<count {
      var slot = Int(truncatingIfNeeded: entries[i].hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(i + 1)
    }
  }

  /// Eight bytes at a time, multiplied and folded. Speed matters more than an adversary here: a
  /// corpus chosen to collide would only be slow.
  @inline(__always)
  static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: bytes.count) &* 0x9e37_79b9_7f4a_7c15
    var i = 0
    while i + 8 <= bytes.count {
      hash = fold(hash ^ bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self))
      i += 8
    }
    var rest: UInt64 = 0
    while i < bytes.count {
      rest = rest << 8 | UInt64(bytes[i])
      i += 1
    }
    return fold(hash ^ rest)
  }

  @inline(__always)
  private static func fold(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
    return product.high ^ product.low
  }
}
