/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes at a time. It finds
 * accidents, not attackers: whoever reads authenticates.
 *
 * @returns a function over bytes, continuing from an earlier result if one is given. Tables are built once, here.
 */
export function createCrc32c(): (bytes: Uint8Array, seed?: number) => number {
  const tables = buildTables()
  const at = (table: number, index: number) => tables[table * 256 + index] as number
  return (bytes, seed = 0) => {
    let crc = ~seed
    let i = 0
    for (const end = bytes.length - 7; i < end; i += 8) {
      const low = crc ^ (byteAt(bytes, i) | (byteAt(bytes, i + 1) << 8) | (byteAt(bytes, i + 2) << 16) | (byteAt(bytes, i + 3) << 24))
      crc =
        at(7, low & 255) ^
        at(6, (low >>> 8) & 255) ^
        at(5, (low >>> 16) & 255) ^
        at(4, low >>> 24) ^
        at(3, byteAt(bytes, i + 4)) ^
        at(2, byteAt(bytes, i + 5)) ^
        at(1, byteAt(bytes, i + 6)) ^
        at(0, byteAt(bytes, i + 7))
    }
    for (; i < bytes.length; i++) crc = at(0, (crc ^ byteAt(bytes, i)) & 255) ^ (crc >>> 8)
    return ~crc >>> 0
  }
}

const REFLECTED_POLYNOMIAL = 0x82f63b78

function buildTables(): Int32Array {
  const tables = new Int32Array(8 * 256)
  for (let i = 0; i < 256; i++) {
    let crc = i
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ REFLECTED_POLYNOMIAL : crc >>> 1
    tables[i] = crc
  }
  for (let i = 256; i < tables.length; i++) {
    const previous = tables[i - 256] as number
    tables[i] = (tables[previous & 255] as number) ^ (previous >>> 8)
  }
  return tables
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number
}
