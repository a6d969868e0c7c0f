import type { Kernel } from './kernel.ts'
import { LAYOUT_FIELDS, SLOTS_PER_BLOCK, WORDS_PER_BLOCK } from './layout.ts'

const INITIAL_BYTES = 65_536
/** Distance of a slot that is not admitted. */
const NEVER = 0xffff
const LANES = 16

type Fields = Record<(typeof LAYOUT_FIELDS)[number], number>

const blockOf = (l: Fields, slot: number) => l.blocks + Math.floor(slot / SLOTS_PER_BLOCK) * l.blockBytes

const vectorOf = (l: Fields, slot: number) => (blockOf(l, slot) + l.vectors) / 4 + (slot % SLOTS_PER_BLOCK) * l.dims

/** The slot of a candidate. */
const slotOf = (item: bigint) => ~Number(item & 0xffff_ffffn) >>> 0

/** Bits set in 32. */
function bitCount(v: number): number {
  const pairs = v - ((v >>> 1) & 0x5555_5555)
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return (((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24
}

/** Every typed view the arithmetic needs, of one buffer. Indexes are byte addresses divided by the element size. */
function viewsOf(buffer: ArrayBuffer) {
  return {
    i8: new Int8Array(buffer),
    u8: new Uint8Array(buffer),
    i16: new Int16Array(buffer),
    u16: new Uint16Array(buffer),
    u32: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
    u64: new BigUint64Array(buffer),
  }
}

/**
 * The kernel in plain JavaScript, for platforms without WebAssembly SIMD or
 * pages that forbid compiling it: some thirty times slower, the same results.
 * It follows the Rust source statement by statement, `Math.fround` standing for
 * 32-bit arithmetic, four lanes at a time where the order of a sum matters.
 */
export function createJsKernel(): Kernel {
  let buffer = new ArrayBuffer(INITIAL_BYTES)
  let m = viewsOf(buffer)
  const lanes = new Float32Array(LANES)
  const key = new DataView(new ArrayBuffer(4))
  const f = Math.fround

  function fields(layout: number): Fields {
    const out: Partial<Fields> = {}
    LAYOUT_FIELDS.forEach((name, i) => {
      out[name] = m.u32[layout / 4 + i] as number
    })
    return out as Fields
  }

  function largest(at: number, dims: number): number {
    let top = 0
    for (let i = 0; i < dims; i++) top = Math.max(top, Math.abs(m.f32[at + i] as number))
    return top
  }

  /** Rounds a 32-bit float to the nearest integer, halves to even: adding 1.5 * 2^23 leaves no fraction bits. */
  const nearest = (x: number) => f(f(x + 12_582_912) - 12_582_912)

  function quantise(from: number, to: Int8Array | Int16Array, at: number, dims: number, factor: number): void {
    for (let i = 0; i < dims; i++) to[at + i] = nearest(f((m.f32[from + i] as number) * factor))
  }

  function dotFloats(a: number, b: number, dims: number): number {
    lanes.fill(0)
    for (let i = 0; i < dims; i += LANES) {
      for (let lane = 0; lane < LANES; lane++) {
        const product = f((m.f32[a + i + lane] as number) * (m.f32[b + i + lane] as number))
        lanes[lane] = (lanes[lane] as number) + product
      }
    }
    const sum = (lane: number) =>
      f(f((lanes[lane] as number) + (lanes[lane + 4] as number)) + f((lanes[lane + 8] as number) + (lanes[lane + 12] as number)))
    return f(f(sum(0) + sum(2)) + f(sum(1) + sum(3)))
  }

  function score(l: Fields, block: number, at: number): number {
    const { i8, i16 } = m
    const codes = block + l.codes + at * l.dims
    const query = l.queryCodes / 2
    // Integers may be added in any order: four sums at a time keep the processor busy.
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let i = 0; i < l.dims; i += 4) {
      const x = codes + i
      const y = query + i
      a = (a + Math.imul(i8[x] as number, i16[y] as number)) | 0
      b = (b + Math.imul(i8[x + 1] as number, i16[y + 1] as number)) | 0
      c = (c + Math.imul(i8[x + 2] as number, i16[y + 2] as number)) | 0
      d = (d + Math.imul(i8[x + 3] as number, i16[y + 3] as number)) | 0
    }
    return f(f((a + b + c + d) | 0) * (m.f32[(block + l.scales) / 4 + at] as number))
  }

  function candidate(value: number, slot: number): bigint {
    key.setFloat32(0, f(value + 0))
    const bits = key.getUint32(0)
    const ordered = bits >>> 31 === 0 ? (bits | 0x8000_0000) >>> 0 : ~bits >>> 0
    return (BigInt(ordered) << 32n) | BigInt(~slot >>> 0)
  }

  /** The bounded heap of `heap.rs`, kept as a sorted list: what is kept is the same. */
  function keeper(l: Fields, capacity: number) {
    const items = l.heap / 8
    let length = 0
    let threshold = Number.NEGATIVE_INFINITY
    return {
      offer(value: number, slot: number) {
        if (value < threshold) return
        const item = candidate(value, slot)
        if (length === capacity && item <= (m.u64[items + length - 1] as bigint)) return
        let low = 0
        let high = length
        while (low < high) {
          const middle = (low + high) >>> 1
          if ((m.u64[items + middle] as bigint) > item) low = middle + 1
          else high = middle
        }
        if (length < capacity) length++
        m.u64.copyWithin(items + low + 1, items + low, items + length - 1)
        m.u64[items + low] = item
        if (length === capacity) threshold = scoreOf(m.u64[items + length - 1] as bigint)
      },
      length: () => length,
    }
  }

  function scoreOf(item: bigint): number {
    const ordered = Number(item >> 32n)
    key.setUint32(0, ordered >>> 31 === 1 ? ordered & 0x7fff_ffff : ~ordered >>> 0)
    return key.getFloat32(0)
  }

  /** Calls `visit` for every live slot, or every live and allowed one, in order. */
  function eachAdmitted(l: Fields, filtered: number, visit: (block: number, at: number, slot: number) => void): void {
    for (let index = 0; index < l.blockCount; index++) {
      const block = l.blocks + index * l.blockBytes
      for (let word = 0; word < WORDS_PER_BLOCK; word++) {
        let admitted = m.u32[(block + l.live) / 4 + word] as number
        if (filtered !== 0) admitted &= m.u32[(block + l.allow) / 4 + word] as number
        while (admitted !== 0) {
          const at = word * 32 + 31 - Math.clz32(admitted & -admitted)
          admitted &= admitted - 1
          visit(block, at, index * SLOTS_PER_BLOCK + at)
        }
      }
    }
  }

  function signs(l: Fields, from: number, to: number): void {
    const mean = l.mean / 4
    for (let i = 0; i < l.dims; i += 8) {
      let byte = 0
      for (let bit = 0; bit < 8; bit++) if ((m.f32[from + i + bit] as number) > (m.f32[mean + i + bit] as number)) byte |= 1 << bit
      m.u8[to + i / 8] = byte
    }
  }

  return Object.freeze({
    engine: 'javascript' as const,
    base: 0,
    buffer: () => buffer,
    grow(sizeBytes: number) {
      if (sizeBytes <= buffer.byteLength) return true
      try {
        // Copying is linear, so make room for half as much again.
        const grown = new ArrayBuffer(Math.ceil(Math.max(sizeBytes, buffer.byteLength * 1.5) / 16) * 16)
        new Uint8Array(grown).set(m.u8)
        buffer = grown
        m = viewsOf(grown)
        return true
      } catch {
        return false
      }
    },
    encode(layout: number, slot: number) {
      const l = fields(layout)
      const at = slot % SLOTS_PER_BLOCK
      const top = largest(vectorOf(l, slot), l.dims)
      quantise(vectorOf(l, slot), m.i8, blockOf(l, slot) + l.codes + at * l.dims, l.dims, f(127 / top))
      m.f32[(blockOf(l, slot) + l.scales) / 4 + at] = f(top / 127)
    },
    encodeQuery(layout: number, limit: number) {
      const l = fields(layout)
      quantise(l.query / 4, m.i16, l.queryCodes / 2, l.dims, f(limit / largest(l.query / 4, l.dims)))
    },
    scan(layout: number, filtered: number, capacity: number) {
      const l = fields(layout)
      const best = keeper(l, capacity)
      eachAdmitted(l, filtered, (block, at, slot) => best.offer(score(l, block, at), slot))
      return best.length()
    },
    rescore(layout: number, count: number) {
      const l = fields(layout)
      const items = m.u64.subarray(l.heap / 8, l.heap / 8 + count)
      items.forEach((item, i) => {
        const slot = slotOf(item)
        items[i] = candidate(dotFloats(vectorOf(l, slot), l.query / 4, l.dims), slot)
      })
      items.sort((a, b) => (a > b ? -1 : a < b ? 1 : 0))
    },
    centre(layout: number, live: number) {
      const l = fields(layout)
      const mean = l.mean / 4
      const share = f(1 / live)
      m.f32.fill(0, mean, mean + l.dims)
      eachAdmitted(l, 0, (_block, _at, slot) => {
        const vector = vectorOf(l, slot)
        for (let i = 0; i < l.dims; i++) m.f32[mean + i] = (m.f32[mean + i] as number) + f(share * (m.f32[vector + i] as number))
      })
    },
    encodeBits(layout: number, first: number, count: number) {
      const l = fields(layout)
      for (let slot = first; slot < first + count; slot++) {
        signs(l, vectorOf(l, slot), blockOf(l, slot) + l.bits + ((slot % SLOTS_PER_BLOCK) * l.dims) / 8)
      }
    },
    encodeQueryBits(layout: number) {
      const l = fields(layout)
      signs(l, l.query / 4, l.queryBits)
    },
    prefilter(layout: number, filtered: number, wanted: number) {
      const l = fields(layout)
      const words = l.dims / 32
      const histogram = l.histogram / 4
      m.u32.fill(0, histogram, histogram + l.dims + 1)
      for (let index = 0; index < l.blockCount; index++) {
        const distances = (l.blocks + index * l.blockBytes + l.distances) / 2
        m.u16.fill(NEVER, distances, distances + SLOTS_PER_BLOCK)
      }
      eachAdmitted(l, filtered, (block, at) => {
        const bits = (block + l.bits) / 4 + at * words
        let distance = 0
        for (let i = 0; i < words; i++) distance += bitCount((m.u32[bits + i] as number) ^ (m.u32[l.queryBits / 4 + i] as number))
        m.u16[(block + l.distances) / 2 + at] = distance
        m.u32[histogram + distance] = (m.u32[histogram + distance] as number) + 1
      })
      let within = 0
      for (let distance = 0; distance <= l.dims; distance++) {
        within += m.u32[histogram + distance] as number
        if (within >= wanted) return distance
      }
      return l.dims
    },
    scanWithin(layout: number, distance: number, capacity: number) {
      const l = fields(layout)
      const best = keeper(l, capacity)
      for (let slot = 0; slot < l.blockCount * SLOTS_PER_BLOCK; slot++) {
        const block = blockOf(l, slot)
        const at = slot % SLOTS_PER_BLOCK
        if ((m.u16[(block + l.distances) / 2 + at] as number) <= distance) best.offer(score(l, block, at), slot)
      }
      return best.length()
    },
  })
}
