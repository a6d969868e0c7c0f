import { isAbort } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { WalrusContext } from './context.ts'
import { withDeadline } from './deadline.ts'
import { encodedBytes, geometryOf } from './geometry.ts'

/**
 * The relay's tip as a function of a quilt's size: a constant, or a base plus
 * so much for each KiB of encoded size. Zero without a relay.
 *
 * @throws {LocketError} `walrus/unavailable` if the relay does not name it in time.
 */
export async function quoteTip(
  context: WalrusContext,
  step: { readonly operation: string; readonly signal?: AbortSignal | undefined },
): Promise<(quiltBytes: number) => bigint> {
  const { upload, nShards } = context.network
  if (upload.via !== 'relay') return () => 0n
  const unavailable = (cause: unknown) =>
    new LocketError('walrus/unavailable', { ...step, message: 'the relay does not name its tip', details: { source: upload.host }, cause })
  try {
    const body = await withDeadline(
      async (signal) => {
        const response = await context.fetch(new URL('v1/tip-config', upload.host.endsWith('/') ? upload.host : `${upload.host}/`), {
          signal,
        })
        if (!response.ok) throw unavailable(new Error(`HTTP ${response.status}`))
        return (await response.json()) as TipConfig
      },
      { clock: context.clock, timeoutMs: context.timeouts.requestMs, code: 'walrus/unavailable', ...step },
    )
    if (typeof body === 'string') return () => 0n
    const { kind } = body.send_tip
    if ('const' in kind) {
      const constant = BigInt(kind.const)
      return () => constant
    }
    const { base, encoded_size_mul_per_kib: perKib } = kind.linear
    const geometry = geometryOf(nShards)
    return (quiltBytes) => BigInt(base) + BigInt(perKib) * BigInt(Math.ceil(encodedBytes(quiltBytes, geometry) / 1024))
  } catch (error) {
    if (isAbort(error, step) || isLocketError(error)) throw error
    throw unavailable(error)
  }
}

type TipConfig =
  | string
  | {
      readonly send_tip: {
        readonly kind:
          | { readonly const: number }
          | { readonly linear: { readonly base: number; readonly encoded_size_mul_per_kib: number } }
      }
    }
