//! Where everything is. Mirrored by `src/vector-index/layout.ts`.

/// Slots in one block: eight 32-bit words of the live and allow bitmaps.
pub const SLOTS: usize = 256;

/// 32-bit words in one bitmap of a block.
pub const WORDS: usize = SLOTS / 32;

/// The host's description of linear memory. Every field is a little-endian `u32`.
///
/// `dims` is the number of dimensions padded with zeros to a multiple of 128, so
/// that no loop needs a tail. Every address and section offset is a multiple of 16.
#[repr(C)]
pub struct Layout {
    /// Padded dimensions: a multiple of 128.
    pub dims: u32,
    /// Address of block 0.
    pub blocks: u32,
    /// Bytes from one block to the next.
    pub block_bytes: u32,
    /// Blocks in use.
    pub block_count: u32,
    /// Offset in a block: `u32[WORDS]`, bit set where a slot holds a vector.
    pub live: u32,
    /// Offset in a block: `u32[WORDS]`, bit set where a filter admits the slot.
    pub allow: u32,
    /// Offset in a block: `u16[SLOTS]`, Hamming distances of the present query.
    pub distances: u32,
    /// Offset in a block: `f32[SLOTS]`, what one step of an int8 code is worth.
    pub scales: u32,
    /// Offset in a block: `u8[SLOTS][dims / 8]`, signs of the centred vector.
    pub bits: u32,
    /// Offset in a block: `i8[SLOTS][dims]`, quantised vector.
    pub codes: u32,
    /// Offset in a block: `f32[SLOTS][dims]`, unit vector.
    pub vectors: u32,
    /// Address: `f32[dims]`, the unit query.
    pub query: u32,
    /// Address: `i16[dims]`, the quantised query.
    pub query_codes: u32,
    /// Address: `u8[dims / 8]`, signs of the centred query.
    pub query_bits: u32,
    /// Address: `f32[dims]`, what centring subtracts.
    pub mean: u32,
    /// Address: `u32[dims + 1]`, how many slots lie at each Hamming distance.
    pub histogram: u32,
    /// Address: `u64[]`, candidates: see `heap.rs`.
    pub heap: u32,
}

impl Layout {
    /// Address of block `index`.
    #[inline(always)]
    pub fn block(&self, index: u32) -> u32 {
        self.blocks + index * self.block_bytes
    }

    /// Words of the live bitmap of the block at `block`, narrowed by the filter if `filtered`.
    ///
    /// # Safety
    /// `block` must be the address of a block in use.
    #[inline(always)]
    pub unsafe fn admitted(&self, block: u32, word: usize, filtered: bool) -> u32 {
        let live = unsafe { *((block + self.live) as *const u32).add(word) };
        if filtered {
            live & unsafe { *((block + self.allow) as *const u32).add(word) }
        } else {
            live
        }
    }
}
