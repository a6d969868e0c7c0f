//! Dot products over padded dimensions.

use core::arch::wasm32::*;

/// Sum of the four lanes, pairwise: (0 + 2) + (1 + 3). The scalar kernel adds in the same order.
#[inline(always)]
fn sum_f32(v: v128) -> f32 {
    let pairs = f32x4_add(v, i32x4_shuffle::<2, 3, 0, 1>(v, v));
    f32x4_extract_lane::<0>(pairs) + f32x4_extract_lane::<1>(pairs)
}

/// Sum of the four lanes.
#[inline(always)]
pub fn sum_i32(v: v128) -> i32 {
    let pairs = i32x4_add(v, i32x4_shuffle::<2, 3, 0, 1>(v, v));
    i32x4_extract_lane::<0>(pairs) + i32x4_extract_lane::<1>(pairs)
}

/// Dot product of two `f32[dims]`.
///
/// # Safety
/// Both must be readable; `dims` must be a multiple of 16.
#[inline(always)]
pub unsafe fn dot_f32(a: *const f32, b: *const f32, dims: usize) -> f32 {
    let zero = f32x4_splat(0.0);
    let (mut s0, mut s1, mut s2, mut s3) = (zero, zero, zero, zero);
    let mut i = 0;
    while i < dims {
        unsafe {
            let (x, y) = (a.add(i).cast::<v128>(), b.add(i).cast::<v128>());
            s0 = f32x4_add(s0, f32x4_mul(v128_load(x), v128_load(y)));
            s1 = f32x4_add(s1, f32x4_mul(v128_load(x.add(1)), v128_load(y.add(1))));
            s2 = f32x4_add(s2, f32x4_mul(v128_load(x.add(2)), v128_load(y.add(2))));
            s3 = f32x4_add(s3, f32x4_mul(v128_load(x.add(3)), v128_load(y.add(3))));
        }
        i += 16;
    }
    sum_f32(f32x4_add(f32x4_add(s0, s1), f32x4_add(s2, s3)))
}

/// Dot product of `i8[dims]` codes with an `i16[dims]` query. Exact: the host
/// quantises the query so that no sum leaves 32 bits.
///
/// # Safety
/// Both must be readable; `dims` must be a multiple of 32.
#[inline(always)]
pub unsafe fn dot_codes(codes: *const i8, query: *const i16, dims: usize) -> i32 {
    let zero = i32x4_splat(0);
    let (mut s0, mut s1, mut s2, mut s3) = (zero, zero, zero, zero);
    let mut i = 0;
    while i < dims {
        unsafe {
            let (x, y) = (codes.add(i), query.add(i).cast::<v128>());
            s0 = i32x4_add(s0, i32x4_dot_i16x8(i16x8_load_extend_i8x8(x), v128_load(y)));
            s1 = i32x4_add(s1, i32x4_dot_i16x8(i16x8_load_extend_i8x8(x.add(8)), v128_load(y.add(1))));
            s2 = i32x4_add(s2, i32x4_dot_i16x8(i16x8_load_extend_i8x8(x.add(16)), v128_load(y.add(2))));
            s3 = i32x4_add(s3, i32x4_dot_i16x8(i16x8_load_extend_i8x8(x.add(24)), v128_load(y.add(3))));
        }
        i += 32;
    }
    sum_i32(i32x4_add(i32x4_add(s0, s1), i32x4_add(s2, s3)))
}

/// Differing bits of two `u8[bytes]`.
///
/// # Safety
/// Both must be readable; `bytes` must be a multiple of 16.
#[inline(always)]
pub unsafe fn hamming(a: *const u8, b: *const u8, bytes: usize) -> u32 {
    let ones = i16x8_splat(1);
    let mut total = i32x4_splat(0);
    let mut i = 0;
    while i < bytes {
        // A byte lane gains at most 8 per step and holds 255: 31 steps fit.
        let end = if bytes - i > 31 * 16 { i + 31 * 16 } else { bytes };
        let mut lanes = u8x16_splat(0);
        while i < end {
            let differing = unsafe { v128_xor(v128_load(a.add(i).cast()), v128_load(b.add(i).cast())) };
            lanes = u8x16_add(lanes, i8x16_popcnt(differing));
            i += 16;
        }
        total = i32x4_add(total, i32x4_dot_i16x8(u16x8_extadd_pairwise_u8x16(lanes), ones));
    }
    sum_i32(total) as u32
}
