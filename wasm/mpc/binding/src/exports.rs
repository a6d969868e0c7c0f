//! The module's exports and its one import. All that is unsafe is here.
#![allow(unsafe_code)]

use core::alloc::Layout;
use core::cell::UnsafeCell;
use locket_ceremony::{Code, Failure, Random};
use zeroize::{Zeroize, Zeroizing};

use crate::binding::Binding;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// A module runs in one thread, and nothing interrupts it.
struct OneThread;
critical_section::set_impl!(OneThread);

// SAFETY: there is nobody to exclude.
unsafe impl critical_section::Impl for OneThread {
    unsafe fn acquire() -> critical_section::RawRestoreState {}
    unsafe fn release(_: critical_section::RawRestoreState) {}
}

/// The instance. It is taken out for a call: a call that stopped on a fault leaves nothing, and the next traps.
struct Instance(UnsafeCell<Option<Binding>>);

// SAFETY: one thread.
unsafe impl Sync for Instance {}

static INSTANCE: Instance = Instance(UnsafeCell::new(Some(Binding::new())));

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn random_fill(pointer: *mut u8, length: usize) -> u32;
}

struct HostRandom;

impl Random for HostRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Failure> {
        // SAFETY: the host writes within what it is given.
        match unsafe { random_fill(out.as_mut_ptr(), out.len()) } {
            1 => Ok(()),
            _ => Err(Failure::usage(Code::Random)),
        }
    }
}

/// One byte where none was asked for, so that every address is one to free.
fn layout(length: usize) -> Option<Layout> {
    Layout::from_size_align(length.max(1), 1).ok()
}

/// Room for `length` bytes, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(length: usize) -> *mut u8 {
    let Some(layout) = layout(length) else {
        return core::ptr::null_mut();
    };
    // SAFETY: the layout's size is not 0.
    unsafe { alloc::alloc::alloc_zeroed(layout) }
}

/// Overwrites with zeros, then frees what [`alloc`] or [`call`] gave.
///
/// # Safety
/// `pointer` and `length` are those of one of them, and were not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(pointer: *mut u8, length: usize) {
    let Some(layout) = layout(length) else { return };
    // SAFETY: as above.
    unsafe {
        core::slice::from_raw_parts_mut(pointer, layout.size()).zeroize();
        alloc::alloc::dealloc(pointer, layout);
    }
}

/// Runs one operation. Returns the address of the answer above its length, both 32 bits. The request is overwritten.
///
/// # Safety
/// `pointer` and `length` are of a request that the host wrote.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call(op: u32, pointer: *mut u8, length: usize) -> u64 {
    // SAFETY: one thread, and the instance is not borrowed across calls.
    let instance = unsafe { &mut *INSTANCE.0.get() };
    let Some(mut binding) = instance.take() else {
        core::arch::wasm32::unreachable()
    };
    // SAFETY: as above.
    let request = unsafe { core::slice::from_raw_parts_mut(pointer, length) };
    let answer = binding.call(op, request, &mut HostRandom);
    request.zeroize();
    *instance = Some(binding);
    give(&answer)
}

/// Copies an answer to where the host reads and frees it.
fn give(answer: &Zeroizing<alloc::vec::Vec<u8>>) -> u64 {
    let pointer = alloc(answer.len());
    if pointer.is_null() {
        core::arch::wasm32::unreachable()
    }
    // SAFETY: just allocated, as long as the answer.
    unsafe { core::slice::from_raw_parts_mut(pointer, answer.len()) }.copy_from_slice(answer);
    ((pointer as u64) << 32) | answer.len() as u64
}
