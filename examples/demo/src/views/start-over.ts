import { confirm } from '../confirm.ts'
import { byId } from '../dom.ts'
import type { World } from '../world.ts'

/** Lets a visitor begin again as if for the first time. */
export function startOverButton(world: World): void {
  byId('start-over').addEventListener('click', async () => {
    if (world.isBusy) return
    const text = 'The diary, its backup, the wallet and the pretend network are all destroyed, and the page begins anew.'
    if (!(await confirm({ title: 'Start over?', text, yes: 'Start over' }))) return
    await world.startOver()
    location.reload()
  })
}
