import type { MemoryState } from '@locket/sdk'

/** Where a memory stands, in plain words. */
export const STATE_WORDS: { readonly [state in MemoryState]: string } = {
  local: 'Saved on this device',
  queued: 'Packed, waiting to be sent',
  stored: 'Sent, waiting for the certificate',
  certified: 'Backed up',
}
