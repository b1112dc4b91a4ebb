//! The ends of a measured pipe, each in a process of its own.

use crate::limits::{self, MESSAGE_BYTES};
use crate::{RUN_BYTES, Result, parts};
use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;

const BIG_PIPE_BYTES: usize = 1 << 20;

/// Runs the end with this name; `place` holds the data.
pub(crate) fn run(end: &str, place: &Path) -> Result<()> {
    match end {
        "end:write-small" => write_messages(),
        "end:write" => enlarge(io::stdout()).and_then(|()| write_messages()),
        "end:vmsplice" => enlarge(io::stdout()).and_then(|()| limits::write_by_vmsplice()),
        "end:write-stream" => enlarge(io::stdout()).and_then(|()| write_stream(place)),
        "end:sum" => sum(),
        "end:reader" => parts::read_standard_input(),
        "end:writer" => parts::write_standard_output(place),
        _ => Err("no such end".into()),
    }
}

fn enlarge(pipe: impl AsFd) -> Result<()> {
    rustix::pipe::fcntl_setpipe_size(pipe, BIG_PIPE_BYTES)?;
    Ok(())
}

/// Fills and writes a message repeatedly.
fn write_messages() -> Result<()> {
    // Not through `io::stdout()`, which searches everything for line breaks.
    let mut output = standard_output()?;
    let mut message = vec![0_u8; MESSAGE_BYTES];
    for number in 0..RUN_BYTES / MESSAGE_BYTES {
        message.fill(number as u8);
        output.write_all(&message)?;
    }
    Ok(())
}

/// Copies the file as `cat` does.
fn write_stream(place: &Path) -> Result<()> {
    let (mut file, mut output) = (File::open(parts::stream_file(place))?, standard_output()?);
    let mut part = vec![0_u8; BIG_PIPE_BYTES];
    loop {
        let count = file.read(&mut part)?;
        if count == 0 {
            return Ok(());
        }
        output.write_all(&part[..count])?;
    }
}

/// Reads everything and looks at every byte.
fn sum() -> Result<()> {
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut part = vec![0_u8; BIG_PIPE_BYTES];
    loop {
        let count = input.read(&mut part)?;
        if count == 0 {
            return Ok(());
        }
        let (words, _) = part[..count].as_chunks::<8>();
        let sum = words.iter().fold(0_u64, |sum, word| sum.wrapping_add(u64::from_ne_bytes(*word)));
        black_box(sum);
    }
}

fn standard_output() -> Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}
