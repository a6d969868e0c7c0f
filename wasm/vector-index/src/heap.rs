//! A bounded min-heap of the best candidates, in memory the host handed in.
//!
//! A candidate is one `u64`: the score as an order-preserving `u32` above, the
//! complement of the slot below. So one integer comparison ranks by score and
//! then, for equal scores, the lower slot first.

/// `f32` to `u32`, keeping the order of all finite values.
#[inline(always)]
fn ordered(score: f32) -> u32 {
    // Adding zero turns -0 into +0: equal scores must have equal keys.
    let bits = (score + 0.0).to_bits();
    if bits >> 31 == 0 { bits | 0x8000_0000 } else { !bits }
}

/// Inverse of `ordered`.
#[inline(always)]
fn unordered(key: u32) -> f32 {
    f32::from_bits(if key >> 31 == 1 { key & 0x7fff_ffff } else { !key })
}

/// The candidate for `slot` with `score`.
#[inline(always)]
pub fn candidate(score: f32, slot: u32) -> u64 {
    (ordered(score) as u64) << 32 | !slot as u64
}

/// The slot of a candidate.
#[inline(always)]
pub fn slot_of(candidate: u64) -> u32 {
    !(candidate as u32)
}

/// The worst of the kept candidates is at the root.
pub struct Heap {
    items: *mut u64,
    capacity: usize,
    /// Candidates held.
    pub length: usize,
    /// A score below this cannot enter.
    pub threshold: f32,
}

impl Heap {
    /// An empty heap of at most `capacity` (at least 1) candidates at `address`.
    #[inline(always)]
    pub fn new(address: u32, capacity: u32) -> Self {
        Self {
            items: address as *mut u64,
            capacity: capacity as usize,
            length: 0,
            threshold: f32::NEG_INFINITY,
        }
    }

    /// Keeps the candidate if it is among the best `capacity` so far.
    ///
    /// # Safety
    /// The memory handed to [`Heap::new`] must hold `capacity` candidates.
    #[inline(never)]
    pub unsafe fn push(&mut self, score: f32, slot: u32) {
        let item = candidate(score, slot);
        unsafe {
            if self.length < self.capacity {
                let mut at = self.length;
                self.length += 1;
                while at > 0 {
                    let parent = (at - 1) / 2;
                    if *self.items.add(parent) <= item {
                        break;
                    }
                    *self.items.add(at) = *self.items.add(parent);
                    at = parent;
                }
                *self.items.add(at) = item;
            } else if item > *self.items {
                sift_down(self.items, self.length, item, 0);
            }
            if self.length == self.capacity {
                self.threshold = unordered((*self.items >> 32) as u32);
            }
        }
    }
}

/// Puts `item` at `at` or below, so that no child is smaller than its parent.
#[inline(always)]
unsafe fn sift_down(items: *mut u64, length: usize, item: u64, mut at: usize) {
    unsafe {
        loop {
            let mut child = 2 * at + 1;
            if child >= length {
                break;
            }
            if child + 1 < length && *items.add(child + 1) < *items.add(child) {
                child += 1;
            }
            if *items.add(child) >= item {
                break;
            }
            *items.add(at) = *items.add(child);
            at = child;
        }
        *items.add(at) = item;
    }
}

/// Sorts `length` candidates in any order, best first.
///
/// # Safety
/// `items` must hold `length` candidates.
pub unsafe fn sort(items: *mut u64, length: usize) {
    unsafe {
        let mut at = length / 2;
        while at > 0 {
            at -= 1;
            sift_down(items, length, *items.add(at), at);
        }
        let mut end = length;
        while end > 1 {
            end -= 1;
            let item = *items.add(end);
            *items.add(end) = *items;
            sift_down(items, end, item, 0);
        }
    }
}
