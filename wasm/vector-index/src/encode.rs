//! From unit vectors to codes.

use crate::layout::Layout;
use core::arch::wasm32::*;

/// The largest magnitude in `f32[dims]`.
#[inline(always)]
unsafe fn largest(vector: *const f32, dims: usize) -> f32 {
    let mut top = f32x4_splat(0.0);
    let mut i = 0;
    while i < dims {
        top = f32x4_pmax(top, f32x4_abs(unsafe { v128_load(vector.add(i).cast()) }));
        i += 4;
    }
    let pairs = f32x4_pmax(top, i32x4_shuffle::<2, 3, 0, 1>(top, top));
    let (a, b) = (f32x4_extract_lane::<0>(pairs), f32x4_extract_lane::<1>(pairs));
    if a > b { a } else { b }
}

/// Eight values times `factor`, rounded to even, as 16-bit integers.
#[inline(always)]
unsafe fn eight(vector: *const f32, factor: v128) -> v128 {
    unsafe {
        let low = f32x4_nearest(f32x4_mul(v128_load(vector.cast()), factor));
        let high = f32x4_nearest(f32x4_mul(v128_load(vector.add(4).cast()), factor));
        i16x8_narrow_i32x4(i32x4_trunc_sat_f32x4(low), i32x4_trunc_sat_f32x4(high))
    }
}

/// Quantises the unit vector in `slot`, which the host has already written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn encode(layout: &Layout, slot: u32) {
    let dims = layout.dims as usize;
    let block = layout.block(slot / 256);
    let at = slot as usize % 256;
    unsafe {
        let vector = ((block + layout.vectors) as *const f32).add(at * dims);
        let codes = ((block + layout.codes) as *mut i8).add(at * dims);
        let top = largest(vector, dims);
        let factor = f32x4_splat(127.0 / top);
        let mut i = 0;
        while i < dims {
            let low = eight(vector.add(i), factor);
            let high = eight(vector.add(i + 8), factor);
            v128_store(codes.add(i).cast(), i8x16_narrow_i16x8(low, high));
            i += 16;
        }
        *((block + layout.scales) as *mut f32).add(at) = top / 127.0;
    }
}

/// Quantises the query to `limit` steps either side of zero.
///
/// The scale is not kept: it is the same for every slot and so ranks nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn encode_query(layout: &Layout, limit: f32) {
    let dims = layout.dims as usize;
    let (query, codes) = (layout.query as *const f32, layout.query_codes as *mut i16);
    unsafe {
        let factor = f32x4_splat(limit / largest(query, dims));
        let mut i = 0;
        while i < dims {
            v128_store(codes.add(i).cast(), eight(query.add(i), factor));
            i += 8;
        }
    }
}
