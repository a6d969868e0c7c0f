/** One way a piece of text would look on the wire if it leaked. */
export type Spelling = { readonly encoding: string; readonly bytes: Uint8Array }

const encoder = new TextEncoder()

/** The text as bytes, UTF-16, hex, base64 (at each of its three alignments, both alphabets), percent-encoded, and backwards. */
export function spellingsOf(text: string): readonly Spelling[] {
  const raw = encoder.encode(text)
  const hex = Array.from(raw, (byte) => byte.toString(16).padStart(2, '0'))
  const spellings: Spelling[] = [
    { encoding: 'plain text', bytes: raw },
    { encoding: 'UTF-16', bytes: utf16(text) },
    { encoding: 'hex', bytes: encoder.encode(hex.join('')) },
    { encoding: 'percent encoding', bytes: encoder.encode(encodeURIComponent(text)) },
    { encoding: 'reversed bytes', bytes: raw.slice().reverse() },
  ]
  for (let skip = 0; skip < 3; skip++) {
    // The edges of base64 depend on their neighbours, so only whole groups of three are spelled.
    const body = raw.subarray(skip, skip + Math.floor((raw.length - skip) / 3) * 3)
    const base64 = btoa(String.fromCharCode(...body))
    spellings.push({ encoding: 'base64', bytes: encoder.encode(base64) })
    if (/[+/]/.test(base64))
      spellings.push({ encoding: 'base64url', bytes: encoder.encode(base64.replaceAll('+', '-').replaceAll('/', '_')) })
  }
  return spellings.filter(({ bytes }) => bytes.length >= 4)
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), true)
  return bytes
}
