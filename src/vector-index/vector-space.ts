import { LocketError } from '../core/errors.ts'
import type { Kernel } from './kernel.ts'
import { LAYOUT_FIELDS, planLayout, SLOTS_PER_BLOCK, WORDS_PER_BLOCK } from './layout.ts'
import { isPrefilterWorthwhile, MAX_NEIGHBOURS, prefilteredFor, rescoredFor } from './limits.ts'
import type { VectorHit } from './port.ts'
import { writeUnitVector } from './unit-vector.ts'

export type VectorMethod = 'auto' | 'exact' | 'prefilter'

/**
 * Vectors under string ids, in the kernel's memory: the synchronous heart of
 * the index. Ids map to dense slots; freed slots are wiped and used again.
 *
 * Not a public type: `createVectorIndex` puts the port around it.
 */
export type VectorSpace = {
  readonly count: () => number
  readonly memoryBytes: () => number
  readonly isPrefiltered: () => boolean
  has(id: string): boolean
  ids(): IterableIterator<string>
  /** Makes room for `added` new ids, or throws `index/full` having changed nothing. */
  reserve(added: number): void
  /** Stores a usable vector. Call `settle` after the last of a batch. */
  put(id: string, vector: Float32Array): void
  /** Brings the prefilter up to date with what was put. */
  settle(): void
  remove(id: string): boolean
  /** Copies the unit vector of a present id to `out`. */
  read(id: string, out: Float32Array): void
  search(query: Float32Array, k: number, allow?: readonly string[]): VectorHit[]
}

function full(count: number): LocketError {
  return new LocketError('index/full', { operation: 'vectorIndex.put', details: { count } })
}

/** An empty space. `capacity` is the most vectors it will hold. */
export function createVectorSpace(kernel: Kernel, dimensions: number, method: VectorMethod, capacity: number): VectorSpace {
  const layout = planLayout(kernel.base, dimensions, rescoredFor(MAX_NEIGHBOURS))
  // The largest step count with which no int8 dot product leaves 32 bits.
  const queryLimit = Math.min(32_767, Math.floor((2 ** 31 - 1) / (127 * layout.dims)))

  const slotOfId = new Map<string, number>()
  const idOfSlot: string[] = []
  const free: number[] = []
  let blockCount = 0
  // The prefilter: how many vectors its mean was taken from (0 while it is off), and how many were put since.
  let centredFrom = 0
  let putSince = 0

  let buffer = kernel.buffer()
  let words = new Uint32Array(buffer)
  let floats = new Float32Array(buffer)
  let bytes = new Uint8Array(buffer)

  /** Growing memory detaches views: make them anew. */
  function refresh(): void {
    buffer = kernel.buffer()
    words = new Uint32Array(buffer, 0, Math.floor(buffer.byteLength / 4))
    floats = new Float32Array(buffer, 0, Math.floor(buffer.byteLength / 4))
    bytes = new Uint8Array(buffer)
  }

  function describe(): void {
    LAYOUT_FIELDS.forEach((name, i) => {
      words[layout.address / 4 + i] = name === 'blockCount' ? blockCount : layout[name]
    })
  }

  /** Memory for `blocks` blocks; asks for an eighth more, so that a growing index seldom grows its memory. */
  function provide(blocks: number): void {
    const end = layout.blocks + blocks * layout.blockBytes
    if (end > buffer.byteLength) {
      const roomy = layout.blocks + Math.ceil(blocks * 1.125) * layout.blockBytes
      if (roomy > 2 ** 32 || !kernel.grow(roomy)) {
        if (end > 2 ** 32 || !kernel.grow(end)) throw full(slotOfId.size)
      }
      refresh()
    }
    if (blocks > blockCount) {
      blockCount = blocks
      describe()
    }
  }

  provide(0)
  refresh()
  describe()

  const blockOf = (slot: number) => layout.blocks + Math.floor(slot / SLOTS_PER_BLOCK) * layout.blockBytes
  const vectorAt = (slot: number) => (blockOf(slot) + layout.vectors) / 4 + (slot % SLOTS_PER_BLOCK) * layout.dims
  const wordOf = (section: number, slot: number) => (blockOf(slot) + section) / 4 + ((slot % SLOTS_PER_BLOCK) >>> 5)

  function setBit(section: number, slot: number): void {
    const at = wordOf(section, slot)
    words[at] = (words[at] as number) | (1 << (slot & 31))
  }

  function clearBit(section: number, slot: number): void {
    const at = wordOf(section, slot)
    words[at] = (words[at] as number) & ~(1 << (slot & 31))
  }

  function settle(): void {
    const count = slotOfId.size
    const wanted = method === 'prefilter' || (method === 'auto' && isPrefilterWorthwhile(count, dimensions))
    // A mean goes stale as vectors come and go; taking it anew each time as many were put
    // as it was taken from keeps the cost per put constant.
    if (!wanted || count === 0 || (centredFrom > 0 && putSince < centredFrom)) return
    kernel.centre(layout.address, count)
    kernel.encodeBits(layout.address, 0, idOfSlot.length)
    centredFrom = count
    putSince = 0
  }

  /** Marks the slots of `allow`; returns how many hold a vector. */
  function admit(allow: readonly string[]): number {
    for (let index = 0; index < blockCount; index++) {
      const at = (layout.blocks + index * layout.blockBytes + layout.allow) / 4
      words.fill(0, at, at + WORDS_PER_BLOCK)
    }
    let admitted = 0
    for (const id of allow) {
      const slot = slotOfId.get(id)
      if (slot === undefined) continue
      setBit(layout.allow, slot)
      admitted++
    }
    return admitted
  }

  function toHits(length: number): VectorHit[] {
    const hits: VectorHit[] = []
    for (let i = 0; i < length; i++) {
      // A candidate is the complement of the slot, then the score in an order-preserving form: `heap.rs`.
      const at = layout.heap / 4 + 2 * i
      const slot = ~(words[at] as number) >>> 0
      const key = words[at + 1] as number
      words[at + 1] = key >>> 31 === 1 ? key & 0x7fff_ffff : ~key
      const similarity = floats[at + 1] as number
      hits.push({ id: idOfSlot[slot] as string, similarity: Math.max(-1, Math.min(1, similarity)) })
    }
    return hits
  }

  return Object.freeze({
    count: () => slotOfId.size,
    memoryBytes: () => buffer.byteLength,
    isPrefiltered: () => centredFrom > 0,
    has: (id: string) => slotOfId.has(id),
    ids: () => slotOfId.keys(),
    reserve(added: number) {
      if (slotOfId.size + added > capacity) throw full(slotOfId.size)
      provide(Math.ceil(Math.max(idOfSlot.length, slotOfId.size + added) / SLOTS_PER_BLOCK))
    },
    put(id: string, vector: Float32Array) {
      const slot = slotOfId.get(id) ?? free.pop() ?? idOfSlot.length
      const at = vectorAt(slot)
      writeUnitVector(vector, dimensions, floats.subarray(at, at + layout.dims), 'vectorIndex.put')
      kernel.encode(layout.address, slot)
      if (centredFrom > 0) kernel.encodeBits(layout.address, slot, 1)
      setBit(layout.live, slot)
      slotOfId.set(id, slot)
      idOfSlot[slot] = id
      putSince++
    },
    settle,
    remove(id: string) {
      const slot = slotOfId.get(id)
      if (slot === undefined) return false
      clearBit(layout.live, slot)
      slotOfId.delete(id)
      idOfSlot[slot] = ''
      free.push(slot)
      // A vector tells what the text was about: do not leave it behind.
      const at = vectorAt(slot)
      floats.fill(0, at, at + layout.dims)
      const { dims } = layout
      const inBlock = slot % SLOTS_PER_BLOCK
      bytes.fill(0, blockOf(slot) + layout.codes + inBlock * dims, blockOf(slot) + layout.codes + (inBlock + 1) * dims)
      bytes.fill(0, blockOf(slot) + layout.bits + (inBlock * dims) / 8, blockOf(slot) + layout.bits + ((inBlock + 1) * dims) / 8)
      return true
    },
    read(id: string, out: Float32Array) {
      const at = vectorAt(slotOfId.get(id) as number)
      out.set(floats.subarray(at, at + dimensions))
    },
    search(query: Float32Array, k: number, allow?: readonly string[]) {
      const at = layout.query / 4
      writeUnitVector(query, dimensions, floats.subarray(at, at + layout.dims), 'vectorIndex.search')
      const admitted = allow === undefined ? slotOfId.size : admit(allow)
      if (admitted === 0) return []
      const filtered = allow === undefined ? 0 : 1
      kernel.encodeQuery(layout.address, queryLimit)
      const wanted = prefilteredFor(k, admitted)
      let kept: number
      if (centredFrom > 0 && admitted > 4 * wanted) {
        kernel.encodeQueryBits(layout.address)
        const distance = kernel.prefilter(layout.address, filtered, wanted)
        kept = kernel.scanWithin(layout.address, distance, rescoredFor(k))
      } else {
        kept = kernel.scan(layout.address, filtered, rescoredFor(k))
      }
      kernel.rescore(layout.address, kept)
      return toHits(Math.min(k, kept))
    },
  })
}
