import type { LocalnetSnapshot } from '@locket/sdk/localnet'
import { createKeptStore } from './kept-store.ts'

/** What the page of the diary keeps of its pretend network. */
export const {
  keep,
  kept,
  drop: dropKept,
} = createKeptStore<{
  /** The wallet, as a Sui private key string. A real wallet never hands it out. */
  readonly wallet: string
  readonly network: LocalnetSnapshot
  /** Whether the diary has been imported to the end, so that a reload does not do it again. */
  readonly imported: boolean
}>('locket-demo-pretend-network')
