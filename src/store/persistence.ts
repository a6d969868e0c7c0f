/** What the browser says about keeping this origin's data. */
export type StoragePersistence = {
  /** Whether the browser promises not to evict under pressure. A person can still clear site data. */
  readonly isPersisted: boolean
  /** Estimates, both; the real limit may be far below `quotaBytes`. `undefined` if the browser does not say. */
  readonly usageBytes: number | undefined
  readonly quotaBytes: number | undefined
}

/**
 * Asks the browser to keep this origin's data and reports what it granted. It
 * may decline without saying so, and may ask the person first; call it after a
 * gesture. Never throws: a browser that cannot answer has not promised anything.
 *
 * @param storage - Defaults to `navigator.storage`.
 */
export async function requestPersistence(
  storage: Pick<StorageManager, 'persist' | 'persisted' | 'estimate'> | undefined = globalThis.navigator?.storage,
): Promise<StoragePersistence> {
  try {
    const isPersisted = storage !== undefined && ((await storage.persisted()) || (await storage.persist()))
    const { usage, quota } = (await storage?.estimate()) ?? {}
    return { isPersisted, usageBytes: usage, quotaBytes: quota }
  } catch {
    return { isPersisted: false, usageBytes: undefined, quotaBytes: undefined }
  }
}
