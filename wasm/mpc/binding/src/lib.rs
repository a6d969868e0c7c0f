//! All suites behind the binding of part 7 of `SPEC.md`: bytes in, bytes out.
//!
//! [`Binding`] is the whole of it, in safe code, and runs anywhere. `exports` puts it
//! into a WebAssembly module: an allocator, three functions, one import.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

mod binding;
#[cfg(target_family = "wasm")]
mod exports;
mod suites;

pub use binding::Binding;
