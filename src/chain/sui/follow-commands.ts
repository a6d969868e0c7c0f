import { toHex } from '../../core/bytes.ts'
import type { Argument, Effect } from '../../policy/intent.ts'
import { FRAMEWORK, SUI_TYPE, suiAssetId } from './names.ts'
import type { OwnedObject } from './owned-object.ts'
import type { Command, Input, MoveCall, ObjectRef, Source, TransactionData } from './transaction-data.ts'
import { coin, type Holding, type Value } from './value.ts'

/** Most characters of arguments that are spelled out, in all: one input may be named by thousands of calls. */
const MAX_SPELLED = 1024 * 1024

/**
 * What the commands of a transaction can take from the account, without running them.
 *
 * It errs upwards only: what is given to code counts as taken, in full, whether the code keeps it or only looks at
 * it; what cannot be followed is `unknown`. What goes from the account to itself is no effect.
 */
export function followCommands(from: {
  readonly data: TransactionData
  readonly chain: string
  readonly owned: readonly OwnedObject[]
}): Effect[] {
  const { data, chain } = from
  const account = data.sender
  const effects: Effect[] = []
  const facts = new Map(from.owned.map((object) => [keyOf(object), object]))
  const inputs = data.inputs.map(toValue)
  const gas: Value = data.gasOwner === account ? gasCoin() : { kind: 'foreign' }
  /** `undefined` is the results of code, however many. */
  const results: (readonly Value[] | undefined)[] = []
  const spelled = new Map<number, string>()
  let spelledLength = 0
  let nth = 0

  const unknown = (reason: string) => void effects.push({ kind: 'unknown', reason: `command ${nth}: ${reason}` })

  function toValue(input: Input): Value {
    switch (input.kind) {
      case 'pure':
        return { kind: 'plain', bytes: input.bytes }
      case 'object': {
        const fact = facts.get(keyOf(input.ref))
        if (fact?.coin !== undefined) return coin(fact.coin.coinType, fact.coin.balance)
        return { ...coin(undefined, 0n), isThing: fact !== undefined, objects: [input.ref.objectId] }
      }
      case 'shared':
        return { kind: 'shared' }
      default:
        return { kind: 'foreign' }
    }
  }

  /** All coins that pay for gas are one when the first command runs. */
  function gasCoin(): Holding {
    const merged: Holding = { ...coin(SUI_TYPE, 0n), isGas: true }
    for (const ref of data.gasPayment) {
      const known = facts.get(keyOf(ref))?.coin
      if (known === undefined) merged.objects = [...merged.objects, ref.objectId]
      else merged.amount += known.balance
    }
    // From an address balance, of which nothing is known.
    if (data.gasPayment.length === 0) merged.objects = [account]
    return merged
  }

  function locate(source: Source): Value {
    if (source.kind === 'gas') {
      if (gas.kind === 'foreign') unknown('it spends the coin of who pays for gas')
      return gas
    }
    if (source.kind === 'input') {
      const kind = data.inputs[source.input]?.kind
      if (kind === 'receiving') unknown('an object is received whose value is not known')
      if (kind === 'withdrawal') unknown('it withdraws from an address balance')
      return inputs[source.input] ?? missing()
    }
    if (source.command >= results.length) return missing()
    const values = results[source.command]
    if (values === undefined) return { kind: 'foreign' }
    if (source.index === undefined && values.length !== 1) return missing()
    return values[source.index ?? 0] ?? missing()
  }

  function missing(): Value {
    unknown('it uses a value that is not there')
    return { kind: 'foreign' }
  }

  /** Marks a value as used up. `false`, with an effect, if it was before. */
  function take(value: Holding | Extract<Value, { kind: 'vector' }>): boolean {
    if (value.isTaken) unknown('it uses a value twice')
    const isFirst = !value.isTaken
    value.isTaken = true
    return isFirst
  }

  function plainBytes(source: Source, length: number) {
    const value = locate(source)
    return value.kind === 'plain' && value.bytes?.length === length ? value.bytes : undefined
  }

  function transfer(objects: readonly Source[], address: Source): void {
    const bytes = plainBytes(address, 32)
    const to = bytes === undefined ? undefined : `0x${toHex(bytes)}`
    if (to === undefined) unknown('the beneficiary does not stand in the transaction')
    for (const source of objects) give(source, to)
  }

  function give(source: Source, to: string | undefined): void {
    const value = locate(source)
    if (value.kind === 'holding' && !take(value)) return
    // What comes back to the account is its own, whatever it is.
    if (to === account && (value.kind === 'holding' || value.kind === 'foreign')) return
    if (to === undefined) return
    if (value.kind !== 'holding') return unknown('it gives away what the transaction does not show')
    if (value.isThing) return giveObjects(value, to)
    if (value.isTouched) return unknown('it gives away a coin that code may have changed')
    if (value.isGas && value.objects.length > 0) return unknown('it gives away the gas coin, whose balance is not known')
    giveObjects(value, to)
    if (value.amount === 0n && value.objects.length > 0) return
    if (value.coinType === undefined) return unknown('it gives away a coin of a type that is not known')
    effects.push({ kind: 'transfer', asset: suiAssetId(chain, value.coinType), amount: value.amount, to })
  }

  function giveObjects({ objects }: Holding, to: string): void {
    for (const object of objects) effects.push({ kind: 'give', object, to })
  }

  function split(source: Source, amounts: readonly Source[]): Value[] {
    const value = locate(source)
    const isCoin = value.kind === 'holding' && !value.isThing
    if (isCoin && value.isTaken) unknown('it uses a value twice')
    if (!isCoin && value.kind !== 'foreign') unknown('it splits what is no coin')
    return amounts.map((each): Value => {
      const bytes = plainBytes(each, 8)
      if (bytes === undefined) unknown('an amount does not stand in the transaction')
      if (!isCoin || bytes === undefined) return { kind: 'foreign' }
      const amount = new DataView(bytes.buffer).getBigUint64(0, true)
      if (value.amount < amount && value.objects.length === 0 && !value.isTouched) unknown('it splits more from a coin than there is')
      value.amount -= amount < value.amount ? amount : value.amount
      return coin(value.coinType, amount)
    })
  }

  function merge(destination: Source, sources: readonly Source[]): void {
    const into = locate(destination)
    if (into.kind === 'holding' && into.isTaken) unknown('it uses a value twice')
    for (const source of sources) {
      const value = locate(source)
      if (value.kind === 'foreign' && into.kind === 'holding') into.isTouched = true
      if (value.kind === 'foreign') continue
      if (value.kind !== 'holding' || value.isThing || value.isGas) {
        unknown('it merges what is no coin')
        continue
      }
      if (!take(value)) continue
      if (into.kind !== 'holding' || into.isThing) {
        unknown("it merges the account's coin into one that code made")
        continue
      }
      // The types are the same, or it does not run.
      if (value.coinType !== undefined && into.coinType !== undefined && value.coinType !== into.coinType) {
        unknown('it merges coins of two types')
      }
      into.coinType ??= value.coinType
      into.amount += value.amount
      into.objects = [...into.objects, ...value.objects]
      into.isTouched ||= value.isTouched
    }
  }

  function makeVector(sources: readonly Source[]): Value {
    const elements = sources.map(locate)
    if (elements.every(({ kind }) => kind === 'plain')) return { kind: 'plain', bytes: undefined }
    for (const value of elements) {
      if (value.kind === 'holding' && value.isGas) unknown('it puts the gas coin into a vector')
    }
    // Taken one by one, so that nothing is in two places; what is in a vector counts when code gets the vector.
    const kept = elements.filter((value) => (value.kind === 'holding' || value.kind === 'vector' ? take(value) : true))
    return { kind: 'vector', isTaken: false, elements: kept.map((value) => ('isTaken' in value ? { ...value, isTaken: false } : value)) }
  }

  function call(command: MoveCall): readonly Value[] | undefined {
    const { packageId, module, function: method } = command
    // The one function of the framework that is as good as a command.
    if (packageId === FRAMEWORK && module === 'transfer' && method === 'public_transfer' && command.arguments.length === 2) {
      const [object, address] = command.arguments as [Source, Source]
      transfer([object], address)
      return []
    }
    const values = command.arguments.map(locate)
    const target = `${packageId}::${module}::${method}`
    effects.push({ kind: 'call', target, method, arguments: describe(command) })
    for (const value of values) hand(value, packageId)
    return undefined
  }

  /** What code is given it may keep, or give to whom it likes. */
  function hand(value: Value, packageId: string): void {
    if (value.kind === 'plain' || value.kind === 'shared') return
    // It sends, burns and wraps for whoever calls, and so names no beneficiary of its own.
    if (packageId === FRAMEWORK) unknown('it gives something to the framework, which passes it on to anybody')
    if (value.kind === 'foreign') return
    if (value.kind === 'vector') {
      if (take(value)) for (const element of value.elements) hand(element, packageId)
      return
    }
    if (value.isTaken) return unknown('it uses a value twice')
    if (value.isThing) return giveObjects(value, packageId)
    if (value.coinType === undefined) return unknown('code is given an object of which nothing is known')
    const isKnown = value.objects.length === 0 && !value.isTouched
    const asset = suiAssetId(chain, value.coinType)
    effects.push({ kind: 'allow', asset, amount: isKnown ? value.amount : undefined, spender: packageId })
    value.isTouched = true
  }

  function describe(command: MoveCall): Argument[] {
    const types = command.typeArguments.map((value, i) => ({ name: `T${i}`, value }))
    const values = command.arguments.map(spell)
    spelledLength += values.reduce((sum, { length }) => sum + length, 0)
    if (spelledLength > MAX_SPELLED) {
      unknown('its arguments are too long to be shown')
      return types
    }
    return [...types, ...values.map((value, i) => ({ name: String(i), value }))]
  }

  /** An argument in words. Without the signature of a function nobody knows the types of its plain arguments: they stay hexadecimal. */
  function spell(source: Source): string {
    if (source.kind === 'gas') return 'gas'
    if (source.kind === 'result') return `result:${source.command}.${source.index ?? 0}`
    const input = data.inputs[source.input]
    if (input?.kind === 'pure') {
      const text = spelled.get(source.input) ?? `0x${toHex(input.bytes)}`
      spelled.set(source.input, text)
      return text
    }
    if (input?.kind === 'shared') return `shared:${input.objectId}`
    if (input?.kind === 'object' || input?.kind === 'receiving') return `${input.kind}:${input.ref.objectId}`
    return 'withdrawal'
  }

  function run(command: Command): readonly Value[] | undefined {
    switch (command.kind) {
      case 'call':
        return call(command)
      case 'transfer':
        transfer(command.objects, command.address)
        return []
      case 'split':
        return split(command.coin, command.amounts)
      case 'merge':
        merge(command.destination, command.sources)
        return []
      case 'vector':
        return [makeVector(command.elements)]
      case 'publish':
        unknown('it publishes a package')
        return undefined
      case 'upgrade':
        unknown(`it upgrades the package ${command.packageId}`)
        return undefined
    }
  }

  data.commands.forEach((command, index) => {
    nth = index
    results.push(run(command))
  })
  return effects
}

function keyOf({ objectId, version, digest }: ObjectRef): string {
  return `${objectId} ${version} ${digest}`
}
