/** Name of the service that opens things in the worker. */
export const DEVICE_SERVICE = 'device'

export type OpenJournalRequest = {
  readonly directory: string
  readonly compactAboveBytes?: number | undefined
  readonly waitMs?: number | undefined
}
