import { copyBytes } from '../../core/bytes.ts'
import { LocketError } from '../../core/errors.ts'
import type { ChainId, Effect, Intent } from '../../policy/intent.ts'
import { followCommands } from './follow-commands.ts'
import { canonicalCoinType, canonicalSuiAddress, checkChain, SUI_TYPE, suiAssetId } from './names.ts'
import type { OwnedObject } from './owned-object.ts'
import { readTransactionData } from './transaction-data.ts'

/**
 * What a Sui transaction does, from the bytes that will be signed: canonical BCS `TransactionData`
 * without the intent prefix, which the signer adds. Pure: asks nobody.
 *
 * The effects are never less than what leaves the account, and may be more: coins given to code
 * count in full as `allow` to its package, also where it only looks at them; other objects given to code are
 * `give` to the package. Not in them: what code can take by itself, from deposits that know the account's address, and from
 * objects the account owns through consensus, which a transaction names like shared ones. The `call` stands for that.
 * Publishing, upgrading, withdrawals from address balances, received objects, the coin of a sponsor, and whatever passes
 * through code before it is given away, are `unknown`.
 *
 * Addresses have 64 digits. A coin split off for the account itself is no effect. Where another account pays for gas there is
 * no fee. When it may run is not an effect; `describeIntent` says it.
 *
 * @param options.owned - What the signer checked of the objects the transaction names, best by `decodeOwnedObject`. Objects
 *   without an entry can only be given away as a whole (`give`).
 * @throws {LocketError} `codec/*` for bytes that are no programmable transaction in canonical form; `chain/wrong-account`
 *   if `account` is not the sender; `usage/invalid-argument` for an address, chain or coin type that is none.
 */
export function decodeSuiTransaction(options: {
  readonly bytes: Uint8Array
  readonly account: string
  /** `sui:` and the network's name. */
  readonly chain: ChainId
  readonly owned?: readonly OwnedObject[]
}): Intent {
  const bytes = copyBytes(options.bytes)
  const account = canonicalSuiAddress(options.account)
  const chain = checkChain(options.chain)
  const owned = (options.owned ?? []).map(canonicalObject)
  const data = readTransactionData(bytes)
  if (data.sender !== account) {
    throw new LocketError('chain/wrong-account', { operation: 'chain.sui.decode', details: { account, sender: data.sender } })
  }
  const fee: readonly Effect[] =
    data.gasOwner === account ? [{ kind: 'fee', asset: suiAssetId(chain, SUI_TYPE), amount: data.gasBudgetMist }] : []
  return { chain, account, effects: [...followCommands({ data, chain, owned }), ...fee], bytes }
}

function canonicalObject(object: OwnedObject): OwnedObject {
  const coin = object.coin && { ...object.coin, coinType: canonicalCoinType(object.coin.coinType) }
  return { ...object, objectId: canonicalSuiAddress(object.objectId), coin }
}
