import { normalizeAddress } from '../move-type.ts'
import { CRYPTO_NATIVES } from './crypto.ts'
import { DYNAMIC_FIELD_NATIVES } from './dynamic-field.ts'
import type { Native, NativeTable } from './native.ts'
import { OBJECT_NATIVES } from './object.ts'
import { STD_NATIVES } from './std.ts'

/** Every native function this VM has. */
export function createNativeTable(): NativeTable {
  return new Map([
    ...ofPackage('0x1', STD_NATIVES),
    ...ofPackage('0x2', OBJECT_NATIVES),
    ...ofPackage('0x2', DYNAMIC_FIELD_NATIVES),
    ...ofPackage('0x2', CRYPTO_NATIVES),
  ])
}

const ofPackage = (packageId: string, natives: Readonly<Record<string, Native>>): [string, Native][] =>
  Object.entries(natives).map(([name, native]) => [`${normalizeAddress(packageId)}::${name}`, native])
