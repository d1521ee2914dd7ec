import CHost
import Glibc

/// Numbers byte strings 0, 1, 2, ... in the order in which they first appear.
///
/// A hash table of our own because the hot loop looks up bytes where they lie: no String and no key
/// is made for a term already known.
package final class TermTable {
  private struct Entry {
    /// All of a term of up to eight bytes, the first eight of a longer one.
    var key: UInt64
    var offset: Int
    var length: Int
  }

  package private(set) var count = 0
  /// Entry + 1 in the lower half, 0 where free; the hash in the upper.
  private var slots: UnsafeMutablePointer<UInt64>
  private var mask: UInt32
  private var entries: UnsafeMutablePointer<Entry>
  private var entryCapacity: Int
  private var pool: UnsafeMutablePointer<UInt8>
  private(set) var poolCount = 0
  private var poolCapacity: Int

  init(capacity: Int = 1 << 12) {
    precondition(capacity & (capacity - 1) == 0)
    mask = UInt32(capacity - 1)
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
  package func term(_ number: Int) -> UnsafeRawBufferPointer {
    precondition(number < count)
    return UnsafeRawBufferPointer(
      start: pool + entries[number].offset, count: entries[number].length)
  }

  /// The number of `bytes`, a new one where they are new.
  @inline(__always)
  func number(of bytes: UnsafeRawBufferPointer) -> Int {
    let key = Self.key(bytes)
    let hash = Self.hash(bytes, key)
    var slot = hash & mask
    while true {
      let found = slots[Int(slot)]
      if found == 0 { return insert(bytes, key, hash, Int(slot)) }
      if UInt32(truncatingIfNeeded: found >> 32) == hash {
        let entry = Int(UInt32(truncatingIfNeeded: found)) - 1
        if holds(entry, bytes, key) { return entry }
      }
      slot = (slot &+ 1) & mask
    }
  }

  /// A look-up under way. A table of many terms lies outside the nearest caches: a reader that begins
  /// several look-ups before it ends the first waits for memory once, not each time.
  struct Lookup {
    let bytes: UnsafeRawBufferPointer
    fileprivate var key: UInt64
    fileprivate var hash: UInt32
    fileprivate var candidate: Int32
  }

  /// First step; `bytes` must stay until the last.
  @inline(__always)
  func begin(_ bytes: UnsafeRawBufferPointer) -> Lookup {
    let key = Self.key(bytes)
    let hash = Self.hash(bytes, key)
    chost_prefetch(slots + Int(hash & mask))
    return Lookup(bytes: bytes, key: key, hash: hash, candidate: -1)
  }

  /// Second step.
  /// - Returns: The number that the term probably has; nil where it is probably new.
  @inline(__always)
  func advance(_ lookup: inout Lookup) -> Int? {
    var slot = lookup.hash & mask
    while true {
      let found = slots[Int(slot)]
      if found == 0 { return nil }
      if UInt32(truncatingIfNeeded: found >> 32) == lookup.hash {
        let entry = Int(UInt32(truncatingIfNeeded: found)) - 1
        chost_prefetch(entries + entry)
        lookup.candidate = Int32(truncatingIfNeeded: entry)
        return entry
      }
      slot = (slot &+ 1) & mask
    }
  }

  /// Last step: what `number(of:)` returns.
  @inline(__always)
  func end(_ lookup: Lookup) -> Int {
    if lookup.candidate >= 0, holds(Int(lookup.candidate), lookup.bytes, lookup.key) {
      return Int(lookup.candidate)
    }
    return slowNumber(of: lookup.bytes)
  }

  @inline(never)
  private func slowNumber(of bytes: UnsafeRawBufferPointer) -> Int { number(of: bytes) }

  /// The number of `bytes`; nil where they are not in the table.
  func find(_ bytes: UnsafeRawBufferPointer) -> Int? {
    let key = Self.key(bytes)
    let hash = Self.hash(bytes, key)
    var slot = hash & mask
    while slots[Int(slot)] != 0 {
      let entry = Int(UInt32(truncatingIfNeeded: slots[Int(slot)])) - 1
      if holds(entry, bytes, key) { return entry }
      slot = (slot &+ 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func holds(_ i: Int, _ bytes: UnsafeRawBufferPointer, _ key: UInt64) -> Bool {
    entries[i].key == key && entries[i].length == bytes.count
      && (bytes.count <= 8
        || memcmp(pool + entries[i].offset + 8, bytes.baseAddress! + 8, bytes.count - 8) == 0)
  }

  @inline(never)
  private func insert(
    _ bytes: UnsafeRawBufferPointer, _ key: UInt64, _ hash: UInt32, _ slot: Int
  ) -> Int {
    precondition(count < Int(UInt32.max) - 1, "more terms than can be numbered")
    if poolCount + bytes.count > poolCapacity { growPool(by: bytes.count) }
    if count == entryCapacity { growEntries() }
    if let source = bytes.baseAddress { memcpy(pool + poolCount, source, bytes.count) }
    entries[count] = Entry(key: key, offset: poolCount, length: bytes.count)
    poolCount += bytes.count
    count += 1
    slots[slot] = UInt64(hash) << 32 | UInt64(count)
    if count * 2 > Int(mask) { growSlots() }
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
    let (old, oldCount) = (slots, Int(mask) + 1)
    mask = mask * 2 + 1
    slots = .allocate(capacity: Int(mask) + 1)
    slots.initialize(repeating: 0, count: Int(mask) + 1)
    for i in 0..<oldCount where old[i] != 0 {
      var slot = UInt32(truncatingIfNeeded: old[i] >> 32) & mask
      while slots[Int(slot)] != 0 { slot = (slot &+ 1) & mask }
      slots[Int(slot)] = old[i]
    }
    old.deallocate()
  }

  /// With the length, all there is to know of up to eight bytes: no byte behind them is read.
  @inline(__always)
  private static func key(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return 0 }
    let count = bytes.count
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, _ at: Int) -> UInt64 {
      UInt64(truncatingIfNeeded: start.loadUnaligned(fromByteOffset: at, as: type))
    }
    if count >= 8 { return load(UInt64.self, 0) }
    if count >= 4 { return load(UInt32.self, 0) | load(UInt32.self, count - 4) << 32 }
    return load(UInt8.self, 0) | load(UInt8.self, count / 2) << 8 | load(UInt8.self, count - 1)
      << 16
  }

  /// Eight bytes at a time, multiplied and folded. Speed matters more than an adversary here: a
  /// corpus chosen to collide would only be slow.
  @inline(__always)
  private static func hash(_ bytes: UnsafeRawBufferPointer, _ key: UInt64) -> UInt32 {
    var hash = fold(key ^ UInt64(truncatingIfNeeded: bytes.count) &* 0x9e37_79b9_7f4a_7c15)
    if bytes.count > 8 {
      var i = 8
      while i + 8 < bytes.count {
        hash = fold(hash ^ bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self))
        i += 8
      }
      hash = fold(hash ^ bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
    }
    return UInt32(truncatingIfNeeded: hash >> 32) ^ UInt32(truncatingIfNeeded: hash)
  }

  @inline(__always)
  private static func fold(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
    return product.high ^ product.low
  }
}
