//! The kernel of Locket's on-device vector index.
//!
//! It owns no memory. The host lays everything out in linear memory, describes
//! the layout in one [`Layout`] record and calls the exported functions with its
//! address. Vectors sit in equal blocks of [`SLOTS`] slots, one after another, so
//! the arena only ever grows at its end and nothing is moved.
//!
//! The host is trusted: addresses are not checked here beyond what the sandbox of
//! WebAssembly itself checks.
#![no_std]
#![deny(missing_docs, unsafe_op_in_unsafe_fn)]

mod binary;
mod dot;
mod encode;
mod heap;
mod layout;
mod scan;

pub use layout::{Layout, SLOTS};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

unsafe extern "C" {
    static __heap_base: u8;
}

/// The first byte of linear memory that belongs to the host.
#[unsafe(no_mangle)]
pub extern "C" fn arena_base() -> u32 {
    &raw const __heap_base as u32
}
