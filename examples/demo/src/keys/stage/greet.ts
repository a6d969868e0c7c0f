import { verifyPersonalMessageSignature } from '@mysten/sui/verify'
import { el } from '../../dom.ts'
import { listOf } from '../names.ts'
import { areSignersOpen } from './pay.ts'
import { startStep } from './step.ts'
import type { KeysWorld } from './world.ts'

/** A signature to try lies and closed tabs on. */
export function startGreeting(world: KeysWorld): void {
  startStep(world, {
    button: 'greet',
    result: 'greet-result',
    isReady: () => areSignersOpen(world),
    async run() {
      const message = new TextEncoder().encode('Good morning')
      const signer = await world.signer()
      const { signature } = await signer.signPersonalMessage(message)
      const address = (await verifyPersonalMessageSignature(message, signature)).toSuiAddress()
      return [el('p', {}, el('strong', {}, 'Signed'), ` by ${listOf(world.signers)}, and verified for ${address}.`)]
    },
  })
}
