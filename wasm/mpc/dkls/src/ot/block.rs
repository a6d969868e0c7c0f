//! Blocks of 128 bits: as bit strings, and as elements of GF(2^128). Part 3.3 of `SPEC.md`.

use subtle::Choice;

/// Bit `i` is the coefficient of `X^i`; the lowest byte comes first.
pub type Block = u128;

/// Bytes of an encoded block.
pub const BLOCK_BYTES: usize = 16;

/// All ones for 1, 0 for 0.
pub fn mask(choice: Choice) -> Block {
    0u128.wrapping_sub(u128::from(choice.unwrap_u8()))
}

/// The product modulo `X^128 + X^7 + X^2 + X + 1`, in constant time.
pub fn multiply(a: Block, b: Block) -> Block {
    let (mut product, mut shifted) = (0, a);
    for i in 0..128 {
        product ^= shifted & 0u128.wrapping_sub((b >> i) & 1);
        shifted = (shifted << 1) ^ (0x87 & 0u128.wrapping_sub(shifted >> 127));
    }
    product
}

/// Turns 128 columns into 128 rows: bit `k` of row `j` is bit `j` of column `k`. In constant time.
pub fn transpose(blocks: &mut [Block; 128]) {
    // Swaps ever smaller off-diagonal squares.
    let mut size = 64;
    let mut low = (1u128 << 64) - 1;
    while size != 0 {
        for pair in blocks.chunks_exact_mut(2 * size) {
            let (top, bottom) = pair.split_at_mut(size);
            for (a, b) in top.iter_mut().zip(bottom) {
                let swap = ((*a >> size) ^ *b) & low;
                *b ^= swap;
                *a ^= swap << size;
            }
        }
        size /= 2;
        low ^= low << size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestRandom;
    use locket_ceremony::Random;

    fn block(random: &mut TestRandom) -> Block {
        let mut bytes = [0; 16];
        random.fill(&mut bytes).unwrap();
        u128::from_le_bytes(bytes)
    }

    #[test]
    fn is_a_field_with_the_polynomial_of_the_specification() {
        assert_eq!(multiply(1 << 127, 2), 0x87);
        assert_eq!(multiply(1 << 64, 1 << 64), 0x87);
        let mut random = TestRandom::seeded(20);
        for _ in 0..20 {
            let (a, b, c) = (block(&mut random), block(&mut random), block(&mut random));
            assert_eq!(multiply(a, 1), a);
            assert_eq!(multiply(a, b), multiply(b, a));
            assert_eq!(multiply(a, multiply(b, c)), multiply(multiply(a, b), c));
            assert_eq!(multiply(a, b ^ c), multiply(a, b) ^ multiply(a, c));
            // a^(2^128) = a.
            assert_eq!((0..128).fold(a, |power, _| multiply(power, power)), a);
        }
    }

    #[test]
    fn transposes() {
        let mut random = TestRandom::seeded(21);
        let columns: [Block; 128] = core::array::from_fn(|_| block(&mut random));
        let mut rows = columns;
        transpose(&mut rows);
        for (j, row) in rows.iter().enumerate() {
            for (k, column) in columns.iter().enumerate() {
                assert_eq!((row >> k) & 1, (column >> j) & 1);
            }
        }
    }
}
