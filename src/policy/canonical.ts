/** No amount on any chain is larger: the largest unsigned 256-bit number. */
export const MAX_AMOUNT: bigint = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffn

const HEX = /0x[0-9a-fA-F]+/g
const SELECTOR = /^(?:0x)?([0-9a-fA-F]{8})$/i

/** One spelling of an address, asset or target: hexadecimal in lower case. What is not hexadecimal keeps its case, which tells. */
export function canonicalText(text: string): string {
  // PERF: most have it already.
  if (!/[A-FX]/.test(text)) return text
  return text.replace(/0X(?=[0-9a-fA-F])/g, '0x').replace(HEX, (hex) => hex.toLowerCase())
}

/** One spelling of a method: a selector is eight digits in lower case after `0x`, a name is as it is. */
export function canonicalMethod(method: string): string {
  const digits = SELECTOR.exec(method)?.[1]
  return digits === undefined ? method : `0x${digits.toLowerCase()}`
}
