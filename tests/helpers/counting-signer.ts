import type { Signer } from '@mysten/sui/cryptography'

/** A wallet that counts what it is asked, by the first line of the text or `transaction`, and can decline. */
export type CountingSigner = {
  readonly signer: Signer
  /** What was asked, in order. */
  readonly asked: string[]
  /** Thrown instead of signing a text, while set. */
  declines: Error | undefined
}

export function countingSigner(inner: Signer): CountingSigner {
  const counting: CountingSigner = {
    asked: [],
    declines: undefined,
    signer: new Proxy(inner, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property, target)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (property === 'signPersonalMessage') {
            counting.asked.push(new TextDecoder().decode(args[0] as Uint8Array).split('\n')[0] as string)
            if (counting.declines !== undefined) throw counting.declines
          }
          if (property === 'signTransaction' || property === 'signAndExecuteTransaction') counting.asked.push('transaction')
          return (value as (...args: unknown[]) => unknown).apply(target, args)
        }
      },
    }),
  }
  return counting
}
