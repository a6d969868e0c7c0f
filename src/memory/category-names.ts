import type { SpaceState } from '../seal/types.ts'

type Named = Pick<SpaceState, 'id' | 'owner'>

/**
 * What a space is called on this device. A space shared by somebody else never
 * mixes with one's own of the same name (`name@owner`), nor do two spaces that
 * two devices made for one category before either had seen the other's
 * (`name#` and the start of the space's id).
 */
export function localCategory(name: string, space: Named, address: string, isTaken: (name: string) => boolean): string {
  const base = space.owner === address ? name : `${name}@${space.owner}`
  if (!isTaken(base)) return base
  const short = `${base}#${space.id.slice(2, 10)}`
  return isTaken(short) ? `${base}#${space.id.slice(2)}` : short
}

/** The inverse of {@link localCategory}: what manifests and labels call the space, the same on every device. */
export function canonicalCategory(category: string, space: Named, address: string): string {
  let name = category
  for (const suffix of [`#${space.id.slice(2)}`, `#${space.id.slice(2, 10)}`]) {
    if (!name.endsWith(suffix)) continue
    name = name.slice(0, -suffix.length)
    break
  }
  const owned = `@${space.owner}`
  return space.owner !== address && name.endsWith(owned) ? name.slice(0, -owned.length) : name
}
