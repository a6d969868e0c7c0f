import { confirm } from '../../confirm.ts'
import { byId } from '../../dom.ts'
import { databasesOf, DEVICES } from '../names.ts'
import type { Talk } from '../talk.ts'
import { LOCKET_NAME, locketStorage } from './own-locket.ts'
import type { KeysWorld } from './world.ts'

/** Destroys the devices, the locket and the network of this page. */
export function startOverButton(world: KeysWorld, talk: Talk): void {
  byId('start-over').addEventListener('click', async () => {
    const text = 'All devices with their shares, the locket and the pretend network are destroyed. Nobody can use the key again.'
    if (!(await confirm({ title: 'Start over?', text, yes: 'Start over' }))) return
    talk.post({ type: 'erase' })
    const names = DEVICES.flatMap((name) => Object.values(databasesOf(name)))
    await Promise.all(names.map(erase))
    await world.drop()
    // An open locket would keep its files: they go when the page begins anew.
    sessionStorage.setItem('erase-locket', 'yes')
    location.reload()
  })
}

/** Finishes what starting over began. */
export async function finishStartingOver(): Promise<void> {
  if (sessionStorage.getItem('erase-locket') === null) return
  await locketStorage.destroy(LOCKET_NAME)
  sessionStorage.removeItem('erase-locket')
}

function erase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.addEventListener('success', () => resolve())
    request.addEventListener('error', () => reject(request.error))
  })
}
