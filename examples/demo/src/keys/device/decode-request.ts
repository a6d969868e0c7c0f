import type { SuiSignRequest } from '@locket/sdk/mpc'
import { bcs } from '@mysten/sui/bcs'
import { Transaction } from '@mysten/sui/transactions'
import { coins, shortId } from '../../format.ts'

/** What somebody is asked to agree to. */
export type Question = { readonly title: string; readonly rows: readonly (readonly [term: string, value: string])[] }

/** What a request says, read from the very bytes that would be signed. */
export type DecodedRequest = Question & {
  /** Who would pay, in a transaction. */
  readonly sender: string | undefined
}

/** Throws for bytes that are not what they claim: then nothing is signed. */
export function decodeRequest({ intent, bytes }: SuiSignRequest): DecodedRequest {
  if (intent === 'PersonalMessage') {
    return { title: 'Sign a message', rows: [['It says', new TextDecoder().decode(bcs.byteVector().parse(bytes))]], sender: undefined }
  }
  if (intent !== 'TransactionData') throw new Error('This device signs transactions and messages, and nothing else.')
  const { sender, gasData, inputs, commands } = Transaction.from(bytes).getData()
  const rows: [string, string][] = commands.map((command, at) => [`Step ${at + 1}`, describe(command, inputs, sender)])
  if (gasData.budget !== null) rows.push(['Gas, at most', coins(BigInt(gasData.budget), 'SUI')])
  return { title: 'Sign a transaction', rows, sender: sender ?? undefined }
}

type Data = ReturnType<Transaction['getData']>
type Command = Data['commands'][number]
type Argument = { readonly $kind: string; readonly Input?: number }

function describe(command: Command, inputs: Data['inputs'], sender: Data['sender']): string {
  const pure = (argument: Argument): Uint8Array | undefined => {
    const bytes = argument.Input === undefined ? undefined : inputs[argument.Input]?.Pure?.bytes
    return bytes === undefined ? undefined : Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0))
  }
  if (command.SplitCoins) {
    const { coin, amounts } = command.SplitCoins
    const told = amounts.map((amount) => {
      const bytes = pure(amount)
      if (bytes === undefined) return 'an amount of an earlier step'
      const units = BigInt(bcs.u64().parse(bytes))
      return coin.$kind === 'GasCoin' ? coins(units, 'SUI') : `${units} base units`
    })
    return `Take ${told.join(', ')} from a coin`
  }
  if (command.TransferObjects) {
    const bytes = pure(command.TransferObjects.address)
    const to = bytes === undefined ? 'an address of an earlier step' : bcs.Address.parse(bytes)
    return `Give it to ${to === sender ? 'the key itself' : to}`
  }
  if (command.MoveCall) {
    const { package: id, module, function: name } = command.MoveCall
    return `Call ${module}::${name} of ${shortId(id)}`
  }
  return command.$kind.replaceAll(/(?<=.)([A-Z])/g, ' $1').toLowerCase()
}
