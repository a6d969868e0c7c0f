/**
 * Recipients that are made to be taken for others. Addresses are forged so that the ends people look at are right;
 * names with letters of another script, or with characters that cannot be seen (Unicode Technical Standard 39).
 */

/** Digits at either end that a person compares. */
const SHOWN = 4

/** Letters of Greek and Cyrillic that are drawn as Latin ones: the part of the confusables table that whole words can be spelled with. */
const DRAWN =
  'а a в b с c ԁ d е e һ h і i ј j к k ӏ l м m н h о o р p ԛ q ѕ s т t у y ѵ v ԝ w х x α a β b ε e ι i κ k ν v ο o ρ p τ t υ u χ x'
const ASCII = /^[\x20-\x7e]*$/
const OTHER_SCRIPT = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u

// Made when first needed.
let drawn: Map<string, string> | undefined

/** Whether a text holds what no honest name does: invisible or direction-changing characters, compatibility forms, scripts mixed. */
export function isDeceptive(text: string): boolean {
  if (ASCII.test(text)) return false
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(text) || text.normalize('NFKC') !== text) return true
  return OTHER_SCRIPT.test(text) && /\p{Script=Latin}/u.test(text)
}

/** Recipients a policy allows by name, and what is too near to one of them. */
export type KnownRecipients = {
  /** The known recipient that `address` could be taken for, if it is not one itself. Both in canonical spelling. */
  lookAlike(address: string): string | undefined
}

export function knownRecipients(addresses: Iterable<string>): KnownRecipients {
  const known = new Set(addresses)
  const byLook = new Map<string, string>()
  for (const address of known) byLook.set(lookOf(address), address)
  return { lookAlike: (address) => (known.has(address) ? undefined : byLook.get(lookOf(address))) }
}

/** What stays in mind of a recipient: of an address its ends, of a name how it is drawn. */
function lookOf(address: string): string {
  const digits = /^(?:0x|[a-z]{1,10}1[qp]|)([0-9A-Za-z]{24,})$/.exec(address)?.[1]
  if (digits !== undefined) return `${digits.slice(0, SHOWN)}...${digits.slice(-SHOWN)}`
  if (drawn === undefined) {
    drawn = new Map()
    const pairs = DRAWN.split(' ')
    for (let i = 0; i < pairs.length; i += 2) drawn.set(pairs[i] as string, pairs[i + 1] as string)
  }
  let look = ''
  // A capital I is drawn as a small L.
  for (const letter of address.replaceAll('I', 'l').toLowerCase()) look += drawn.get(letter) ?? letter
  return look.replaceAll(/[1|]/g, 'l').replaceAll('0', 'o').replaceAll('rn', 'm').replaceAll('vv', 'w')
}
