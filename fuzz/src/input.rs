//! Bytes as an operand, and an output that takes everything.

use arrow_pipes::Result;
use arrow_pipes::io::Output;
use arrow_pipes::options::{Destination, InputOptions, Operand, OutputOptions};
use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;

/// A file in memory, and its name, which is valid as long as the file is open.
pub(crate) fn file_of(bytes: &[u8]) -> (File, Operand) {
    let descriptor = memfd_create(c"input", MemfdFlags::CLOEXEC).expect("memfd_create");
    let mut file = File::from(descriptor);
    file.write_all(bytes).expect("memory for the input");
    let name = format!("/proc/self/fd/{}", file.as_raw_fd());
    (file, Operand::Path(name.into()))
}

/// Options with which the operand alone is read.
pub(crate) fn only(operand: &Operand) -> InputOptions {
    InputOptions { operands: vec![operand.clone()], ..Default::default() }
}

/// An output that takes everything.
///
/// # Errors
/// Those of opening `/dev/null`.
pub(crate) fn nowhere() -> Result<Output> {
    let destination = Destination::Path("/dev/null".into());
    Output::create(&OutputOptions { destination, force: true, no_sync: true }, &[])
}
