//! The one-bit prefilter: signs of centred vectors, compared by Hamming distance.

use crate::dot::hamming;
use crate::heap::Heap;
use crate::layout::{Layout, SLOTS, WORDS};
use crate::scan::score;
use core::arch::wasm32::*;

/// Distance written for a slot that is not admitted. No real one is as large: dimensions stay below 65,535.
const NEVER: u16 = u16::MAX;

/// Writes to `bits` where `f32[dims]` exceeds the mean.
#[inline(always)]
unsafe fn signs(vector: *const f32, mean: *const f32, bits: *mut u8, dims: usize) {
    let mut i = 0;
    while i < dims {
        let mut byte = 0;
        for half in 0..2 {
            let at = i + half * 4;
            let above = unsafe { f32x4_gt(v128_load(vector.add(at).cast()), v128_load(mean.add(at).cast())) };
            byte |= i32x4_bitmask(above) << (half * 4);
        }
        unsafe { *bits.add(i / 8) = byte };
        i += 8;
    }
}

/// Encodes the signs of `count` slots from `first`, whatever they hold.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn encode_bits(layout: &Layout, first: u32, count: u32) {
    let dims = layout.dims as usize;
    for slot in first..first + count {
        let block = layout.block(slot / SLOTS as u32);
        let at = slot as usize % SLOTS;
        unsafe {
            let vector = ((block + layout.vectors) as *const f32).add(at * dims);
            let bits = ((block + layout.bits) as *mut u8).add(at * dims / 8);
            signs(vector, layout.mean as *const f32, bits, dims);
        }
    }
}

/// Encodes the signs of the query.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn encode_query_bits(layout: &Layout) {
    unsafe {
        signs(
            layout.query as *const f32,
            layout.mean as *const f32,
            layout.query_bits as *mut u8,
            layout.dims as usize,
        )
    }
}

/// Sets the mean to that of the `live` vectors in use (`live` > 0).
///
/// Sums block by block, so that rounding stays small however many there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn centre(layout: &Layout, live: u32) {
    let dims = layout.dims as usize;
    let mean = layout.mean as *mut f32;
    let share = f32x4_splat(1.0 / live as f32);
    unsafe {
        let mut i = 0;
        while i < dims {
            v128_store(mean.add(i).cast(), f32x4_splat(0.0));
            i += 4;
        }
        for index in 0..layout.block_count {
            let block = layout.block(index);
            for word in 0..WORDS {
                let mut admitted = layout.admitted(block, word, false);
                while admitted != 0 {
                    let at = word * 32 + admitted.trailing_zeros() as usize;
                    admitted &= admitted - 1;
                    let vector = ((block + layout.vectors) as *const f32).add(at * dims);
                    let mut i = 0;
                    while i < dims {
                        let sum = v128_load(mean.add(i).cast());
                        v128_store(
                            mean.add(i).cast(),
                            f32x4_add(sum, f32x4_mul(share, v128_load(vector.add(i).cast()))),
                        );
                        i += 4;
                    }
                }
            }
        }
    }
}

/// Measures the Hamming distance of every admitted slot, keeps it in the block
/// and counts it in the histogram. Returns the smallest distance within which at
/// least `wanted` slots lie, or the largest possible one if there are fewer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn prefilter(layout: &Layout, filtered: u32, wanted: u32) -> u32 {
    let dims = layout.dims as usize;
    let bytes = dims / 8;
    let query = layout.query_bits as *const u8;
    let histogram = layout.histogram as *mut u32;
    unsafe {
        for i in 0..=dims {
            *histogram.add(i) = 0;
        }
        for index in 0..layout.block_count {
            let block = layout.block(index);
            let bits = (block + layout.bits) as *const u8;
            let distances = (block + layout.distances) as *mut u16;
            for word in 0..WORDS {
                let mut admitted = layout.admitted(block, word, filtered != 0);
                if admitted != u32::MAX {
                    for i in 0..4 {
                        v128_store(distances.add(word * 32 + i * 8).cast(), u16x8_splat(NEVER));
                    }
                }
                while admitted != 0 {
                    let at = word * 32 + admitted.trailing_zeros() as usize;
                    admitted &= admitted - 1;
                    let distance = hamming(bits.add(at * bytes), query, bytes);
                    *distances.add(at) = distance as u16;
                    *histogram.add(distance as usize) += 1;
                }
            }
        }
        let mut within = 0;
        for distance in 0..=dims {
            within += *histogram.add(distance);
            if within >= wanted {
                return distance as u32;
            }
        }
    }
    dims as u32
}

/// Scores by their codes the slots that [`prefilter`] left within `distance`, and
/// leaves the best `capacity` in the heap, in no order. Returns how many there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scan_within(layout: &Layout, distance: u32, capacity: u32) -> u32 {
    let mut heap = Heap::new(layout.heap, capacity);
    let limit = u16x8_splat(distance as u16);
    for index in 0..layout.block_count {
        let block = layout.block(index);
        let distances = (block + layout.distances) as *const u16;
        let mut first = 0;
        while first < SLOTS {
            let mut near = unsafe { u16x8_bitmask(u16x8_le(v128_load(distances.add(first).cast()), limit)) };
            while near != 0 {
                let at = first + near.trailing_zeros() as usize;
                near &= near - 1;
                let score = unsafe { score(layout, block, at) };
                if score >= heap.threshold {
                    unsafe { heap.push(score, index * SLOTS as u32 + at as u32) };
                }
            }
            first += 8;
        }
    }
    heap.length as u32
}
