//! The exact int8 scan and the rescoring in 32-bit floats.

use crate::dot::{dot_codes, dot_f32};
use crate::heap::{Heap, candidate, slot_of, sort};
use crate::layout::{Layout, SLOTS, WORDS};

/// The score of one slot by its codes, up to a factor that is the same for all slots.
///
/// # Safety
/// `block` must be the address of a block in use and `at` a slot in it.
#[inline(always)]
pub unsafe fn score(layout: &Layout, block: u32, at: usize) -> f32 {
    let dims = layout.dims as usize;
    unsafe {
        let codes = ((block + layout.codes) as *const i8).add(at * dims);
        let dot = dot_codes(codes, layout.query_codes as *const i16, dims);
        dot as f32 * *((block + layout.scales) as *const f32).add(at)
    }
}

/// Scores every admitted slot by its codes and leaves the best `capacity` in the
/// heap, in no order. Returns how many there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scan(layout: &Layout, filtered: u32, capacity: u32) -> u32 {
    let mut heap = Heap::new(layout.heap, capacity);
    for index in 0..layout.block_count {
        let block = layout.block(index);
        for word in 0..WORDS {
            let live = unsafe { layout.admitted(block, word, false) };
            let admitted = unsafe { layout.admitted(block, word, filtered != 0) };
            // Skipping about every second vector costs more than scoring it: out of cache, it is the
            // unbroken run of addresses that the processor fetches ahead. So a word that admits more
            // than one live slot in six is scored whole, and what is not admitted is left out after.
            let mut scored = if admitted.count_ones() * 6 > live.count_ones() {
                live
            } else {
                admitted
            };
            while scored != 0 {
                let bit = scored.trailing_zeros();
                scored &= scored - 1;
                let at = word * 32 + bit as usize;
                let score = unsafe { score(layout, block, at) };
                if score >= heap.threshold && admitted >> bit & 1 != 0 {
                    unsafe { heap.push(score, index * SLOTS as u32 + at as u32) };
                }
            }
        }
    }
    heap.length as u32
}

/// Scores the first `count` candidates again in 32-bit floats and sorts them, best first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rescore(layout: &Layout, count: u32) {
    let dims = layout.dims as usize;
    let items = layout.heap as *mut u64;
    unsafe {
        for i in 0..count as usize {
            let slot = slot_of(*items.add(i));
            let block = layout.block(slot / SLOTS as u32);
            let vector = ((block + layout.vectors) as *const f32).add(slot as usize % SLOTS * dims);
            *items.add(i) = candidate(dot_f32(vector, layout.query as *const f32, dims), slot);
        }
        sort(items, count as usize);
    }
}
