import type { BinaryOperation } from './loaded-module.ts'
import type { IntegerBits } from './move-type.ts'
import { bool, type IntegerValue, integer, type MoveValue } from './value.ts'

/**
 * Move's integer operations. `undefined` where Move stops with an arithmetic
 * error: a result outside the type, a division by zero, a shift by the type's
 * width or more. Bits shifted out to the left are dropped, not an error.
 */
export function binary(operation: BinaryOperation, left: IntegerValue, right: IntegerValue): MoveValue | undefined {
  const { bits, value: a } = left
  const { value: b } = right
  switch (operation) {
    case 'Lt':
      return bool(a < b)
    case 'Gt':
      return bool(a > b)
    case 'Le':
      return bool(a <= b)
    case 'Ge':
      return bool(a >= b)
    case 'Add':
      return inRange(bits, a + b)
    case 'Sub':
      return inRange(bits, a - b)
    case 'Mul':
      return inRange(bits, a * b)
    case 'Div':
      return b === 0n ? undefined : integer(bits, a / b)
    case 'Mod':
      return b === 0n ? undefined : integer(bits, a % b)
    case 'BitAnd':
      return integer(bits, a & b)
    case 'BitOr':
      return integer(bits, a | b)
    case 'Xor':
      return integer(bits, a ^ b)
    case 'Shl':
      return b >= bits ? undefined : integer(bits, BigInt.asUintN(bits, a << b))
    case 'Shr':
      return b >= bits ? undefined : integer(bits, a >> b)
  }
}

/** `value` as an integer of `bits`, or `undefined` if it does not fit. */
export function inRange(bits: IntegerBits, value: bigint): IntegerValue | undefined {
  return value >= 0n && value >> BigInt(bits) === 0n ? integer(bits, value) : undefined
}
