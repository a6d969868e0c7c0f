import { openSharedLocket } from '../tabs/open-shared-locket.ts'
import { defaultStorage } from './default-storage.ts'
import { openAlone } from './open-alone.ts'
import type { LocketOptions } from './options.ts'
import type { Locket } from './types.ts'

/** What {@link openLocket} does, once its code is loaded: alone, or together with the other tabs where the storage allows it. */
export async function assembleLocket(given: LocketOptions): Promise<Locket> {
  const storage = given.storage ?? (await defaultStorage())
  const options = { ...given, storage }
  if (storage.tabs !== undefined) return openSharedLocket(options, storage.tabs)
  return (await openAlone(options)).locket
}
