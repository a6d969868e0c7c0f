import { openLocket, type Locket } from '@locket/sdk'
import { browserStorage } from '@locket/sdk/storage/browser'
import { passphraseUnlock } from '@locket/sdk/unlock'
import { byId, el, show, tagById } from '../../dom.ts'
import { coins, plural } from '../../format.ts'
import type { Monitor } from '../../privacy/monitor.ts'
import { areSignersOpen } from './pay.ts'
import { startStep } from './step.ts'
import { tellFailure } from './tell-failure.ts'
import type { KeysWorld } from './world.ts'

export const LOCKET_NAME = 'threshold'
export const locketStorage = browserStorage({ shareTabs: false })

/** A locket whose owner is the key. */
export function startLocket(world: KeysWorld, monitor: Monitor): void {
  let locket: Locket | undefined
  const opened = (): Locket => {
    if (locket === undefined) throw new Error('The locket is not open.')
    return locket
  }
  const note = tagById('textarea', 'note')
  const question = tagById('input', 'question')

  startStep(world, {
    button: 'open-locket',
    result: 'open-result',
    isReady: () => world.key !== undefined && locket === undefined,
    async run() {
      const passphrase = tagById('input', 'locket-passphrase')
      if (passphrase.value === '') throw new Error('Choose a passphrase first.')
      monitor.guard([passphrase.value])
      const unlock = passphraseUnlock({
        secretPassphrase: passphrase.value,
        cost: { memoryKib: 8_192, iterations: 1 },
        acceptRisk: 'cheap-to-guess',
      })
      locket = await openLocket({
        network: { ...world.network, signer: await world.signer() },
        name: LOCKET_NAME,
        storage: locketStorage,
        unlock,
      })
      passphrase.value = ''
      const texts: string[] = []
      for await (const { text } of locket.all()) texts.push(text)
      monitor.guard(texts)
      byId('locket-open').hidden = false
      return [el('p', {}, `Open. It belongs to the key, and holds ${plural(texts.length, 'memory', 'memories')}.`)]
    },
  })
  startStep(world, {
    button: 'remember',
    result: 'remember-result',
    isReady: () => true,
    async run() {
      monitor.guard([note.value])
      await opened().remember(note.value)
      note.value = ''
      const cost = await opened().cost()
      return [
        el('p', {}, 'Kept on this device. It needed no signature.'),
        el(
          'p',
          { id: 'locket-quote' },
          `Backing up will cost ${coins(cost.totalFrost, 'WAL')} and two signatures of the key for ${plural(cost.quilts, 'parcel')}; the first time two more, to make its space on the chain.`,
        ),
      ]
    },
  })
  startStep(world, {
    button: 'flush',
    result: 'flush-result',
    isReady: () => areSignersOpen(world),
    async run() {
      const before = world.askedCount
      const { memories, signatures, costFrost } = await opened()
        .flush()
        .finally(() => world.keepNetwork())
      if (memories === 0) return [el('p', {}, 'Nothing is waiting to be backed up.')]
      return [
        el(
          'p',
          {},
          el('strong', {}, `${plural(memories, 'memory', 'memories')} backed up`),
          ` for ${coins(costFrost, 'WAL')}. Two devices each gave ${plural(world.askedCount - before, 'signature')}: ${signatures} for the parcel, and the others for its space on the chain.`,
        ),
      ]
    },
  })
  byId('recall-form').addEventListener('submit', async (event) => {
    event.preventDefault()
    const place = byId('recall-result')
    monitor.guard([question.value])
    try {
      const [hit] = await opened().recall(question.value, { limit: 1 })
      show(place, hit === undefined ? el('p', {}, 'Nothing found.') : el('p', { class: 'excerpt' }, hit.memory.text))
    } catch (error) {
      show(place, tellFailure(world, error))
    }
  })
}
