//! The limits of the machine: copies, first touches of memory, writes and `vmsplice` into a pipe.
//! Independent of the library's code, which is measured against them.

#![allow(unsafe_code, reason = "mapping memory and giving its pages to a pipe")]

use crate::{RUN_BYTES, Result};
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};
use rustix::pipe::{IoSliceRaw, SpliceFlags, vmsplice};
use std::ffi::c_void;
use std::hint::black_box;
use std::io;
use std::ptr;
use std::time::Instant;

/// One message: a batch of a few columns.
pub(crate) const MESSAGE_BYTES: usize = 4 << 20;

const COPY_BYTES: usize = 256 << 20;

/// Copies between two places that are in no cache.
pub(crate) fn copy() -> Result<(usize, f64)> {
    let from = vec![1_u8; COPY_BYTES];
    let mut to = vec![2_u8; COPY_BYTES];
    let begun = Instant::now();
    to.copy_from_slice(black_box(&from));
    black_box(&to);
    Ok((COPY_BYTES, begun.elapsed().as_secs_f64()))
}

/// Fills memory mapped anew for each message, like a program that allocates per message.
pub(crate) fn fresh_pages(huge: bool) -> Result<(usize, f64)> {
    let begun = Instant::now();
    for _ in 0..RUN_BYTES / MESSAGE_BYTES {
        let mapping = Mapping::new(huge)?;
        mapping.fill();
    }
    Ok((RUN_BYTES, begun.elapsed().as_secs_f64()))
}

/// Fills fresh huge pages, gives them to the pipe on standard output and never writes them again.
pub(crate) fn write_by_vmsplice() -> Result<()> {
    for _ in 0..RUN_BYTES / MESSAGE_BYTES {
        let mapping = Mapping::new(true)?;
        mapping.fill();
        let mut given = 0;
        while given < MESSAGE_BYTES {
            let start = mapping.start().wrapping_byte_add(given);
            // SAFETY: start lies within the mapping, and the length is the rest of it.
            let left =
                unsafe { std::slice::from_raw_parts(start.cast::<u8>(), MESSAGE_BYTES - given) };
            let slice = IoSliceRaw::from_slice(left);
            // SAFETY: the memory does not change until it is unmapped; the pipe keeps its pages.
            given += unsafe { vmsplice(io::stdout(), &[slice], SpliceFlags::empty()) }?;
        }
    }
    Ok(())
}

/// Fresh memory of a message's size, aligned to huge pages; unmapped when dropped.
struct Mapping {
    whole: *mut c_void,
}

/// An extra huge page is mapped so that an aligned message fits.
const HUGE_PAGE_BYTES: usize = 2 << 20;
const MAPPED_BYTES: usize = MESSAGE_BYTES + HUGE_PAGE_BYTES;

impl Mapping {
    fn new(huge: bool) -> Result<Self> {
        // SAFETY: a new mapping at an address that the kernel chooses.
        let whole = unsafe {
            mmap_anonymous(
                ptr::null_mut(),
                MAPPED_BYTES,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        }?;
        let advice = if huge { Advice::LinuxHugepage } else { Advice::LinuxNoHugepage };
        // SAFETY: the mapping was just made; the advice does not change its contents.
        unsafe { madvise(whole, MAPPED_BYTES, advice) }?;
        Ok(Self { whole })
    }

    fn start(&self) -> *mut c_void {
        self.whole.wrapping_byte_add(self.whole.align_offset(HUGE_PAGE_BYTES))
    }

    fn fill(&self) {
        // SAFETY: the message lies within the mapping, and nothing else points there.
        unsafe { ptr::write_bytes(self.start().cast::<u8>(), 7, MESSAGE_BYTES) };
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the whole mapping, to which nothing points any more.
        _ = unsafe { munmap(self.whole, MAPPED_BYTES) };
    }
}
