import { LocketError } from '../../core/errors.ts'
import type { AssetId, ChainId } from '../../policy/intent.ts'

/** The Sui framework, whose code nobody but the validators changes. */
export const FRAMEWORK = '0x0000000000000000000000000000000000000000000000000000000000000002'

/** The coin type of SUI, in canonical spelling. */
export const SUI_TYPE = `${FRAMEWORK}::sui::SUI`

const STRUCT = /^0x[0-9a-f]{64}(::[A-Za-z_][A-Za-z0-9_]*){2}$/

/** Whether this may be the name of a module or function: a Move identifier of ASCII letters, digits and `_`. */
export function isIdentifier(text: string): boolean {
  return text.length <= 128 && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
}

/**
 * An address or object id in its one canonical spelling: `0x` and 64 lower-case hexadecimal digits.
 * `0x2`, `0X02` and `0x000…2` are the same.
 *
 * @throws {LocketError} `usage/invalid-argument`
 */
export function canonicalSuiAddress(address: string): string {
  const digits = /^0x([0-9a-f]{1,64})$/i.exec(address)?.[1]
  if (digits === undefined) throw invalid('address', 'an address is 0x and up to 64 hexadecimal digits')
  return `0x${digits.toLowerCase().padStart(64, '0')}`
}

/**
 * A coin type in its one canonical spelling: full addresses, no spaces.
 *
 * @throws {LocketError} `usage/invalid-argument`
 */
export function canonicalCoinType(coinType: string): string {
  const full = coinType.replaceAll(/\s*([<>,])\s*/g, '$1').replaceAll(/0x[0-9a-f]{1,64}(?=::)/gi, (address) => canonicalSuiAddress(address))
  // Innermost type arguments first; what is left must be one struct.
  let rest = full
  for (let before = ''; before !== rest; ) {
    before = rest
    rest = rest.replaceAll(/<([^<>]*)>/g, (_, list: string) => (list.split(',').every(isTypeName) ? '' : '!'))
  }
  if (coinType.length > 1024 || !STRUCT.test(rest)) throw invalid('coinType', 'not a coin type: 0x…::module::NAME')
  return full
}

/**
 * The CAIP-19 id of a coin on a chain: `sui:localnet/coin:0x000…002::sui::SUI`. Addresses in it have all 64 digits.
 *
 * @throws {LocketError} `usage/invalid-argument`
 */
export function suiAssetId(chain: ChainId, coinType: string): AssetId {
  return `${checkChain(chain)}/coin:${canonicalCoinType(coinType)}`
}

/**
 * `chain`, if it is a CAIP-2 id of a Sui network.
 *
 * @throws {LocketError} `usage/invalid-argument`
 */
export function checkChain(chain: ChainId): ChainId {
  if (!/^sui:[-_a-zA-Z0-9]{1,32}$/.test(chain)) throw invalid('chain', 'a Sui chain is sui: and a name')
  return chain
}

function isTypeName(name: string): boolean {
  return /^(bool|address|signer|u8|u16|u32|u64|u128|u256|vector)$/.test(name) || STRUCT.test(name)
}

function invalid(parameter: string, message: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: 'chain.sui', message, details: { parameter } })
}
