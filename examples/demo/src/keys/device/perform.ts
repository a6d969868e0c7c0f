import {
  createKey,
  createSuiSigner,
  meetOver,
  mpcWorkers,
  refreshKey,
  reshareKey,
  settleKey,
  sign,
  suiMessageToSign,
  type CeremonyOptions,
  type Member,
  type Party,
  type ThresholdKey,
} from '@locket/sdk/mpc'
import { pairDevices } from '@locket/sdk/relay/session'
import type { Outcome, Task } from '../messages.ts'
import { listOf, type DeviceName } from '../names.ts'
import { decodeRequest, type Question } from './decode-request.ts'
import { misbehaving, type Lie } from './lie.ts'
import type { Device } from './open-device.ts'

/** What a device needs from whoever sits before it. */
export type Host = {
  readonly signal: AbortSignal
  readonly lie: Lie
  /** Shows what is asked and waits for a yes or no. */
  consent(question: Question): Promise<boolean>
  /** Shows a code and waits until somebody has compared it. */
  compare(other: DeviceName, code: string): Promise<boolean>
  progress(text: string): void
}

/** Does this device's part of a task. What it is told it believes only as far as it can see for itself. */
export async function perform(device: Device, task: Task, host: Host): Promise<Outcome> {
  if (task.kind === 'pair') return pair(device, task, host)
  const { invitation } = task
  const options: CeremonyOptions = {
    invitation,
    signal: host.signal,
    onProgress: ({ round, doing }) => host.progress(round === 0 ? 'begins' : `round ${round}, ${doing}`),
  }
  switch (task.kind) {
    case 'create': {
      const members = task.names.map((name, at) => ({ index: at + 1, name, card: cardOf(device, name) }))
      await ask(host, {
        title: 'Make a key together',
        rows: [
          ['With', listOf(task.names)],
          ['It needs', `any 2 of ${members.length}`],
          ['Kind', task.suite],
        ],
      })
      const self = task.names.indexOf(device.name) + 1
      return { ok: true, key: await createKey(partyOf(device, members, host), { suite: task.suite, threshold: 2, members, self }, options) }
    }
    case 'sign': {
      const key = keyOf(device, task.keyId)
      const decoded = decodeRequest(task.request)
      const { sender } = decoded
      const address = await addressOf(key)
      if (sender !== undefined && sender !== address) throw new Error('This transaction is not from the address of this key.')
      await ask(host, { ...decoded, rows: [...decoded.rows, ['Together with', listOf(task.names.filter((name) => name !== device.name))]] })
      const message = suiMessageToSign(key.suite, task.request)
      if (host.lie === 'other-message') message[0] = (message[0] ?? 0) ^ 1
      // Whoever is no member gets an index that no member has: the SDK refuses it.
      const participants = task.names.map((name) => key.members.find((member) => member.name === name)?.index ?? key.members.length + 1)
      const signature = await sign(partyOf(device, key.members, host), { keyId: key.id, participants, message }, options)
      return { ok: true, signature }
    }
    case 'refresh': {
      const key = keyOf(device, task.keyId)
      await ask(host, {
        title: 'Replace every share by a new one',
        rows: [
          ['Key', key.id.slice(0, 12)],
          ['Its address', 'stays'],
        ],
      })
      return { ok: true, key: await refreshKey(partyOf(device, key.members, host), { keyId: key.id }, options) }
    }
    case 'settle': {
      const { current, next } = device.shares.record(task.keyId)
      const members = (next ?? current)?.members ?? []
      const participants = members.map(({ index }) => index)
      const { outcome, epoch } = await settleKey(partyOf(device, members, host), { keyId: task.keyId, participants }, options)
      return { ok: true, settled: `${outcome} at epoch ${epoch ?? 'none'}` }
    }
    case 'reshare': {
      const { plan } = task
      for (const { name, card } of [...plan.members, ...plan.dealers]) {
        if (!isSame(card, cardOf(device, name as DeviceName)))
          throw new Error(`The plan names another ${name} than the one this device has met.`)
      }
      const now = listOf(plan.members.map(({ name }) => name))
      await ask(host, {
        title: 'Move the key to other devices',
        rows: [
          ['They will be', now],
          ['Its address', 'stays'],
        ],
      })
      const key = await reshareKey(partyOf(device, plan.members, host), { plan, card: device.card }, options)
      return key === undefined ? { ok: true } : { ok: true, key }
    }
  }
}

async function pair(device: Device, task: Task & { readonly kind: 'pair' }, host: Host): Promise<Outcome> {
  const { signal } = host
  const mine = task.pairings.filter(({ inviter, joiner }) => [inviter, joiner].includes(device.name))
  host.progress('looks for the others')
  await Promise.all(
    mine.map(async ({ invite, inviter, joiner }) => {
      const isInviter = inviter === device.name
      const other = isInviter ? joiner : inviter
      const { relay, identity } = device
      const compare = (code: string) => host.compare(other, code)
      const role = isInviter ? 'inviter' : 'joiner'
      const card = await pairDevices({ relay, identity, invite, role, compare, expiresAtMs: task.expiresAtMs }, { signal })
      await device.meet(other, card)
    }),
  )
  return { ok: true }
}

/** This device as it takes part in one ceremony: a core in a Worker of its own, and sealed sessions over the relay. */
function partyOf(device: Device, members: readonly Member[], host: Host): Party {
  const { relay, identity, store, shares } = device
  const nameOf = (index: number) => members.find((member) => member.index === index)?.name ?? `number ${index}`
  const openMpc = mpcWorkers()
  return {
    shares,
    openMpc: host.lie === 'wrong-share' || host.lie === 'reload' ? misbehaving(openMpc, host.lie) : openMpc,
    meeting: meetOver({
      relay,
      identity,
      store,
      onEvent(event) {
        if (event.type === 'waiting') host.progress(`waits for ${listOf([nameOf(event.party)])}`)
      },
    }),
  }
}

async function ask(host: Host, question: Question): Promise<void> {
  if (!(await host.consent(question))) throw new Error('Refused by the person before it.')
}

function cardOf(device: Device, name: DeviceName): Uint8Array<ArrayBuffer> {
  const card = name === device.name ? device.card : device.contacts.get(name)
  if (card === undefined) throw new Error(`This device has not met ${listOf([name])}.`)
  return Uint8Array.from(card)
}

function keyOf({ shares }: Device, keyId: string): ThresholdKey {
  const key = shares.keys().find(({ id }) => id === keyId)
  // Fails by itself, with the SDK's own word for it, if there is no such key.
  if (key === undefined)
    throw new Error(`This device has no settled share of the key; its record is of epoch ${shares.record(keyId).next?.epoch}.`)
  return key
}

async function addressOf(key: ThresholdKey): Promise<string> {
  const signer = await createSuiSigner({ key, sign: () => Promise.reject(new Error('only its address is wanted')) })
  return signer.toSuiAddress()
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
