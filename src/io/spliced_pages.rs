//! Large writes into a pipe that bypass the pipe's own copy: the bytes are gathered in fresh huge
//! pages, and `vmsplice` hands the pages over.
//!
//! Pages that were handed over are never written again, not even once the pipe is empty: the reader
//! may have spliced the same pages on into another pipe. Memory is therefore used once, from front
//! to back, and unmapped after use; the system frees a page when its last reader releases it.

use super::huge_page_backoff::Backoff;
use super::pipe;
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, ProtFlags};
use rustix::pipe::{IoSliceRaw, SpliceFlags};
use std::io::IoSlice;
use std::ptr::NonNull;
use std::time::Instant;

/// Shorter writes use plain `write`. Measured with two processes on two cores, one filling messages
/// of a given size, the other reading and summing them (GB/s, medians of three, a pipe of 1 MiB):
///
/// | message | `write` | `vmsplice` |
/// |---|---|---|
/// | 8 KiB | 11 | 7 |
/// | 16 KiB | 6 | 7 |
/// | 32 KiB | 2 | 7 |
/// | 256 KiB | 2 | 8 |
/// | 1 MiB | 2 | 8 |
/// | 4 MiB | 3 | 7 |
///
/// `vmsplice` takes a third of the processor time: `write` copies while it holds the pipe's lock,
/// so the reader waits for the writer and vice versa. Fresh pages of 4 KiB reach 1 to 2 GB/s.
pub(super) const LEAST_BYTES: usize = 32 << 10;

/// The memory in which the bytes of large writes are gathered.
#[derive(Debug, Default)]
pub(super) struct SplicedPages {
    region: Option<Region>,
    /// The system does not support it, or has no huge pages left: without them, plain `write` is
    /// faster.
    is_refused: bool,
    pause: Backoff,
}

/// The size of a huge page on systems with ordinary pages of 4 KiB. On systems with another size,
/// no huge page is found and plain `write` is used.
const HUGE_PAGE_BYTES: usize = 2 << 20;

/// The number of bytes mapped at a time; only pages that are written to use memory.
const REGION_BYTES: usize = 32 * HUGE_PAGE_BYTES;

/// Bytes are handed over in pieces of this size, so that the reader starts on the first piece while
/// the next is gathered, and finds it in the cache. 64 to 512 KiB all reach about 8 GB/s, messages
/// of 2 MiB in one piece 3.
const PIECE_BYTES: usize = 128 << 10;

impl SplicedPages {
    /// Writes as much of the slices as it can into a pipe, and returns the number of bytes written.
    /// A short count is not a failure: the rest is to be written with plain `write`.
    ///
    /// # Errors
    /// The reader closed the pipe.
    pub(super) fn write(
        &mut self,
        pipe: BorrowedFd<'_>,
        slices: &[IoSlice<'_>],
    ) -> rustix::io::Result<usize> {
        let mut written = 0;
        let mut left = Left { slices, offset: 0 };
        if self.pause.covers(slices.iter().map(|slice| slice.len()).sum()) {
            return Ok(0);
        }
        while !self.is_refused && !left.is_empty() {
            let Some(region) = self.region() else { break };
            region.gather(&mut left);
            while !region.filled().is_empty() {
                match vmsplice(pipe, region.filled()) {
                    Ok(bytes) => {
                        written += bytes;
                        region.pass(bytes);
                    }
                    // If the system does not know the call, or a system-call filter forbids it, the
                    // gathered bytes are written from their original place instead.
                    Err(cause) => {
                        self.refuse();
                        return if cause == Errno::PIPE { Err(cause) } else { Ok(written) };
                    }
                }
            }
        }
        Ok(written)
    }

    /// Memory with room for at least one byte, if there are huge pages and they are fast to get.
    fn region(&mut self) -> Option<&mut Region> {
        if self.region.as_ref().is_some_and(Region::has_page) {
            return self.region.as_mut();
        }
        if self.pause.is_on() {
            return None;
        }
        if self.region.as_ref().is_none_or(Region::is_full) {
            self.region = None;
            self.region = Region::map();
        }
        let asked = Instant::now();
        if !self.region.as_mut().is_some_and(Region::get_huge_page) {
            self.refuse();
        }
        self.pause.learn(asked.elapsed());
        self.region.as_mut()
    }

    fn refuse(&mut self) {
        self.is_refused = true;
        self.region = None;
    }
}

/// The unwritten rest of some slices.
struct Left<'a, 'b> {
    slices: &'a [IoSlice<'b>],
    /// The number of bytes of the first slice that are done.
    offset: usize,
}

impl Left<'_, '_> {
    fn is_empty(&self) -> bool {
        self.slices.is_empty()
    }

    /// Takes at most `most` bytes of the first slice.
    fn take(&mut self, most: usize) -> &[u8] {
        let Some((first, rest)) = self.slices.split_first() else { return &[] };
        let end = first.len().min(self.offset + most);
        let taken = &first[self.offset..end];
        self.offset = end;
        if end == first.len() {
            (self.slices, self.offset) = (rest, 0);
        }
        taken
    }
}

/// A private anonymous mapping that is written, handed over and unmapped from front to back.
#[derive(Debug)]
struct Region {
    start: NonNull<u8>,
    /// Whole huge pages before this offset are unmapped.
    unmapped: usize,
    /// Everything before this offset was handed over.
    passed: usize,
    /// Everything before this offset was written. `unmapped <= passed <= written`.
    written: usize,
}

// SAFETY: the mapping belongs to this value alone; nothing in it is tied to a thread.
unsafe impl Send for Region {}

impl Region {
    fn map() -> Option<Self> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        let length = REGION_BYTES + HUGE_PAGE_BYTES;
        // SAFETY: a new mapping at a place that the system chooses touches no other memory.
        let mapping =
            unsafe { rustix::mm::mmap_anonymous(std::ptr::null_mut(), length, protection, flags) };
        let mapping = NonNull::new(mapping.ok()?.cast::<u8>())?;
        let before = mapping.align_offset(HUGE_PAGE_BYTES);
        // SAFETY: `align_offset` in bytes is below the alignment, so the offset, and the
        // `REGION_BYTES` after it, are within the `length` bytes just mapped.
        let start = unsafe { mapping.add(before) };
        // SAFETY: both ranges are within the new mapping and outside the region, and nothing points
        // at them. They consist of whole pages, because the mapping starts on a page boundary.
        unsafe {
            unmap(mapping, before);
            unmap(start.add(REGION_BYTES), length - before - REGION_BYTES);
        }
        // SAFETY: the range is the region; the advice changes how it is backed, not its contents.
        let _refused = unsafe {
            rustix::mm::madvise(start.as_ptr().cast(), REGION_BYTES, Advice::LinuxHugepage)
        };
        Some(Self { start, unmapped: 0, passed: 0, written: 0 })
    }

    fn is_full(&self) -> bool {
        self.written == REGION_BYTES
    }

    /// Whether the next byte is in a page that is already there.
    fn has_page(&self) -> bool {
        !self.written.is_multiple_of(HUGE_PAGE_BYTES)
    }

    /// Gets the page that the next byte will be in, and returns whether it is a huge page. The page
    /// faults from touching it at both ends show this: a huge page causes only one.
    fn get_huge_page(&mut self) -> bool {
        if self.is_full() {
            return false;
        }
        self.touch(self.written);
        let faults = page_faults();
        self.touch(self.written + HUGE_PAGE_BYTES - 1);
        page_faults() == faults
    }

    fn touch(&mut self, offset: usize) {
        debug_assert!(self.written <= offset && offset < REGION_BYTES);
        // SAFETY: `written <= offset < REGION_BYTES`: the byte is mapped, and was not handed over.
        unsafe { self.start.add(offset).write_volatile(0) };
    }

    /// Appends bytes up to the end of a piece; a piece never crosses the end of a huge page.
    fn gather(&mut self, left: &mut Left<'_, '_>) {
        let end = (self.written + 1).next_multiple_of(PIECE_BYTES);
        while self.written < end && !left.is_empty() {
            let bytes = left.take(end - self.written);
            // SAFETY: `take` returns at most `end - written` bytes, and `end` is at most
            // `REGION_BYTES`, a multiple of the piece size, since `written` was below it. So the
            // target is mapped, and because it is after `written`, it was never handed over. No
            // other reference into the region exists, so `bytes` does not overlap it.
            unsafe {
                let target = self.start.add(self.written);
                target.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            }
            self.written += bytes.len();
        }
    }

    /// The bytes that were written and not yet handed over.
    fn filled(&self) -> &[u8] {
        // SAFETY: `passed <= written <= REGION_BYTES`, the bytes between were written by `gather`,
        // and they are mapped, since only memory before `passed` is unmapped. They are not written
        // while the reference is alive, because writing takes `&mut self`.
        unsafe {
            let first = self.start.add(self.passed).as_ptr();
            std::slice::from_raw_parts(first, self.written - self.passed)
        }
    }

    /// Marks the next bytes as handed over, and unmaps the huge pages before them.
    fn pass(&mut self, bytes: usize) {
        self.passed += bytes;
        debug_assert!(self.passed <= self.written);
        let behind = self.passed - self.passed % HUGE_PAGE_BYTES;
        self.unmap_to(behind);
    }

    fn unmap_to(&mut self, offset: usize) {
        let length = offset - self.unmapped;
        // SAFETY: the range is within the region, was not unmapped before, and no reference to it
        // is alive: references end with the borrows of `filled`. The pipe holds its own references
        // to the pages.
        unsafe { unmap(self.start.add(self.unmapped), length) };
        self.unmapped = offset;
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        self.unmap_to(REGION_BYTES);
    }
}

/// # Safety
/// The range consists of whole pages of one of our mappings, which are no longer in use.
unsafe fn unmap(start: NonNull<u8>, length: usize) {
    if length > 0 {
        // SAFETY: as the caller promises. If the call is refused, the pages merely stay mapped.
        let _refused = unsafe { rustix::mm::munmap(start.as_ptr().cast(), length) };
    }
}

fn vmsplice(pipe: BorrowedFd<'_>, bytes: &[u8]) -> rustix::io::Result<usize> {
    let gathered = [IoSliceRaw::from_slice(bytes)];
    pipe::write_patiently(pipe, || {
        // SAFETY: the slice is valid for the call, and the pages it is in are not written any more
        // in the part that is handed over: `Region` writes only after `written`, until it is
        // unmapped. They are not given away (no SPLICE_F_GIFT).
        unsafe { rustix::pipe::vmsplice(pipe, &gathered, SpliceFlags::empty()) }
    })
}

/// The number of times that this thread had to wait for a page.
fn page_faults() -> i64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is valid for a `rusage`, and all zeros is a valid one should the call
    // fail.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr());
        usage.assume_init()
    };
    usage.ru_minflt
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fd::{AsFd, OwnedFd};
    use rustix::pipe::{fcntl_getpipe_size, fcntl_setpipe_size, pipe, splice};

    fn large_pipe() -> (OwnedFd, OwnedFd, usize) {
        let (read, write) = pipe().unwrap();
        let _refused = fcntl_setpipe_size(&write, 1 << 20);
        let size = fcntl_getpipe_size(&write).unwrap();
        (read, write, size)
    }

    fn read_exactly(pipe: &OwnedFd, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            filled += rustix::io::read(pipe, &mut bytes[filled..]).unwrap();
        }
        bytes
    }

    fn splice_on(from: &OwnedFd, to: &OwnedFd, length: usize) {
        let mut left = length;
        while left > 0 {
            left -= splice(from, None, to, None, left, SpliceFlags::empty()).unwrap();
        }
    }

    /// A message unlike any other, in three slices whose borders are not page borders.
    fn message(number: usize, length: usize) -> Vec<u8> {
        (0..length).map(|place| (place / 7 + number * 31) as u8).collect()
    }

    fn write(fresh: &mut SplicedPages, pipe: &OwnedFd, bytes: &[u8]) -> usize {
        let (head, rest) = bytes.split_at(13);
        let (middle, tail) = rest.split_at(rest.len() / 2);
        let slices = [head, &[], middle, tail].map(IoSlice::new);
        fresh.write(pipe.as_fd(), &slices).unwrap()
    }

    #[test]
    fn pages_that_were_spliced_on_are_never_written_again() {
        let (first_read, first_write, size) = large_pipe();
        let (kept_read, kept_write, _) = large_pipe();
        let (passing_read, passing_write, _) = large_pipe();
        let length = size / 3 + 1001;
        let mut fresh = SplicedPages::default();
        // The first messages are spliced on and wait there, while enough others pass through the
        // same emptied pipe to use up several huge pages and a whole region.
        let (kept, passing) = (2, 2 * REGION_BYTES / length);
        for number in 0..kept + passing {
            let sent = message(number, length);
            let written = write(&mut fresh, &first_write, &sent);
            if fresh.is_refused {
                eprintln!("skipped: this system has no huge pages, or no vmsplice");
                return;
            }
            // While huge pages are slow to get, the rest is written with plain `write`.
            if written < length {
                let rest = rustix::io::write(&first_write, &sent[written..]).unwrap();
                assert_eq!(written + rest, length);
            }
            if number < kept {
                splice_on(&first_read, &kept_write, length);
            } else {
                splice_on(&first_read, &passing_write, length);
                assert!(read_exactly(&passing_read, length) == sent, "message {number}");
            }
        }
        drop(fresh);
        for number in 0..kept {
            assert!(read_exactly(&kept_read, length) == message(number, length), "kept {number}");
        }
    }

    #[test]
    fn memory_behind_is_unmapped() {
        let Some(mut region) = Region::map() else { return };
        let bytes = vec![7; PIECE_BYTES];
        while !region.is_full() {
            assert!(region.has_page() || region.get_huge_page() || region.written == 0);
            let slices = [IoSlice::new(&bytes)];
            region.gather(&mut Left { slices: &slices, offset: 0 });
            assert_eq!(region.filled(), bytes);
            region.pass(region.filled().len());
            assert_eq!(region.unmapped, region.written / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES);
        }
    }

    #[test]
    fn what_is_refused_is_left_to_be_written_the_plain_way() {
        // A regular file does not accept pages.
        let file = OwnedFd::from(tempfile::tempfile().unwrap());
        let mut fresh = SplicedPages::default();
        assert_eq!(write(&mut fresh, &file, &message(0, LEAST_BYTES)), 0);
        assert!(fresh.is_refused);
        let (read, pipe, _) = large_pipe();
        assert_eq!(write(&mut fresh, &pipe, &message(0, LEAST_BYTES)), 0);
        drop(read);
        let mut fresh = SplicedPages::default();
        let bytes = message(0, LEAST_BYTES);
        let gone = fresh.write(pipe.as_fd(), &[IoSlice::new(&bytes)]);
        assert!(matches!(gone, Err(Errno::PIPE) | Ok(0)), "{gone:?}");
        assert!(fresh.is_refused);
    }
}
