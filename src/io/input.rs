//! Input bytes from standard input, files, FIFOs and objects by URL. Regular files are mapped and passed on in
//! place; everything else is read into memory that grows as the bytes arrive. Compressed inputs of
//! any kind are decompressed.

mod recognised;
mod whole_reads;

use super::buffer_pool::BufferPool;
use super::closed_descriptors::was_closed;
use super::compressed::Decompressor;
use super::mapped_file::{Copied, MappedFile};
use super::object_bytes::ObjectBytes;
use super::{bytes_read, heap, pipe};
use crate::error::{Error, Result};
use crate::options::Operand;
use rustix::fs::SeekFrom;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;

/// An open input, read from front to back.
#[derive(Debug)]
pub struct Input {
    name: String,
    raw: Raw,
    /// Set for regular files: the mapping and the position in it.
    mapped: Option<(MappedFile, usize)>,
    /// Set for compressed inputs, which then have no mapping.
    decompressor: Option<Decompressor>,
    /// Whether the check for compression has been made; for a pipe, the first read makes it.
    is_recognised: bool,
    /// Bytes that were peeked at and not yet read.
    peeked: Vec<u8>,
    /// The copied parts of the mapping whose pages have not been given back yet.
    copied: Copied,
    /// Memory of earlier bodies, for reuse.
    recycled: BufferPool,
}

/// Where the bytes come from.
#[derive(Debug)]
enum Raw {
    File(File),
    Object(Box<ObjectBytes>),
    /// They were passed to the decompressor.
    Taken,
}

/// A header may claim any length, so memory for a body is allocated as its bytes arrive. Up to this
/// size it is allocated at once, because untouched pages cost nothing and growing means copying.
const FIRST_BODY_BYTES: usize = 64 << 20;

impl Input {
    /// Opens an operand.
    ///
    /// # Errors
    /// A file that cannot be opened; a directory; a terminal (exit status 2), because a binary
    /// format is not typed by hand.
    pub fn open(operand: &Operand) -> Result<Self> {
        heap::keep_pages();
        let name = operand.name();
        if *operand == Operand::Stdin && was_closed(0) {
            return Err(Error::failed(format!("cannot read {name}: it is closed")));
        }
        let cannot = |e| Error::io(format_args!("cannot open {name}"), &e);
        let file = match operand {
            Operand::Stdin => {
                File::from(rustix::io::dup(rustix::stdio::stdin()).map_err(|e| cannot(e.into()))?)
            }
            Operand::Path(path) => File::open(path).map_err(cannot)?,
            Operand::Url(url) => {
                let object = ObjectBytes::open(url).map_err(|error| error.with(&name))?;
                return Ok(Self::of_raw(name, Raw::Object(Box::new(object)), None));
            }
        };
        if rustix::termios::isatty(&file) {
            return Err(Error::usage(format!(
                "{name} is a terminal: pipe data in, or name a file"
            )));
        }
        let metadata = file.metadata().map_err(cannot)?;
        if metadata.is_dir() {
            return Err(Error::failed(format!("cannot read {name}: is a directory")));
        }
        pipe::enlarge(&file);
        // Files in /proc claim to be empty and are not, so they are read.
        let mapped = if metadata.is_file() && metadata.len() > 0 {
            let start = rustix::fs::tell(&file).map_err(|e| cannot(e.into()))? as usize;
            let map = MappedFile::from_file(&file, &name).map_err(cannot)?;
            let start = start.min(map.len());
            Some((map, start))
        } else {
            None
        };
        let mut input = Self::of_raw(name, Raw::File(file), mapped);
        if input.mapped.is_some() {
            input.recognise()?;
        }
        Ok(input)
    }

    /// An input that was copied into a temporary file.
    pub(super) fn spooled(name: &str, file: &File, map: MappedFile) -> Result<Self> {
        let file =
            file.try_clone().map_err(|e| Error::io(format_args!("cannot read {name}"), &e))?;
        let mut input = Self::of_raw(name.to_owned(), Raw::File(file), Some((map, 0)));
        input.is_recognised = true;
        Ok(input)
    }

    fn of_raw(name: String, raw: Raw, mapped: Option<(MappedFile, usize)>) -> Self {
        Self {
            name,
            raw,
            mapped,
            decompressor: None,
            is_recognised: false,
            peeked: Vec::new(),
            copied: Copied::default(),
            recycled: BufferPool::default(),
        }
    }

    /// The name to show in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a read would return at once: bytes are available, or the end is reached.
    pub fn is_ready(&self) -> bool {
        self.mapped.is_some()
            || !self.peeked.is_empty()
            || match &self.raw {
                Raw::File(file) => pipe::is_readable(file),
                Raw::Object(object) => object.is_ready(),
                // Rows that are there are passed on rather than held back.
                Raw::Taken => false,
            }
    }

    /// The number of bytes left if it is known, which is the case for regular files.
    pub fn remaining_bytes(&self) -> Option<u64> {
        self.mapped.as_ref().map(|(map, position)| (map.len() - position) as u64)
    }

    /// The position in a regular file; 0 for everything else.
    pub fn place(&self) -> usize {
        self.mapped.as_ref().map_or(0, |(_, position)| *position)
    }

    /// Goes back to an earlier [`Input::place`]; only a regular file can.
    pub fn return_to(&mut self, place: usize) {
        if let Some((_, position)) = &mut self.mapped {
            *position = place;
        }
    }

    /// Marks all of a regular file as read, for a program that continues with the same descriptor.
    pub fn leave_at_end(&mut self) {
        if let Some((map, position)) = &mut self.mapped {
            *position = map.len();
        }
    }

    /// The descriptor, unless it is an object.
    pub(super) fn file(&self) -> Option<&File> {
        match &self.raw {
            Raw::File(file) => Some(file),
            Raw::Object(_) | Raw::Taken => None,
        }
    }

    /// The mapping, if it is a regular file.
    pub(super) fn mapping(&self) -> Option<&MappedFile> {
        self.mapped.as_ref().map(|(map, _)| map)
    }

    /// The mapping of the whole file, if it is a regular file that was not read yet.
    pub(super) fn whole_file(&self) -> Option<MappedFile> {
        let unread = self.mapped.as_ref().filter(|(_, position)| *position == 0);
        unread.map(|(map, _)| map.clone())
    }

    /// Peeks at the next bytes without reading them; returns fewer if the input ends first.
    ///
    /// # Errors
    /// I/O errors.
    pub fn peek<const N: usize>(&mut self) -> Result<Vec<u8>> {
        if let Some((map, position)) = &self.mapped {
            return Ok(map.bytes()[*position..].iter().copied().take(N).collect());
        }
        let mut bytes = [0; N];
        let length = self.read_full(&mut bytes)?;
        self.peeked.splice(..0, bytes[..length].iter().copied());
        Ok(bytes[..length].to_vec())
    }

    /// Reads the bytes that are available, at most as many as fit; 0 bytes mean the end.
    ///
    /// # Errors
    /// I/O errors.
    pub fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        if !self.peeked.is_empty() {
            let length = bytes.len().min(self.peeked.len());
            bytes[..length].copy_from_slice(&self.peeked[..length]);
            self.peeked.drain(..length);
            return Ok(length);
        }
        if !self.is_recognised {
            self.recognise()?;
            return self.read(bytes);
        }
        if let Some(decompressor) = &mut self.decompressor {
            let read = decompressor.read(bytes);
            return read.map_err(|e| Error::failed(format!("cannot read {}: {e}", self.name)));
        }
        match &mut self.mapped {
            Some((map, position)) => Ok(self.copied.read(map, position, bytes)),
            None => self.read_file(bytes),
        }
    }

    fn read_file(&mut self, bytes: &mut [u8]) -> Result<usize> {
        match &mut self.raw {
            Raw::File(file) => {
                pipe::read_patiently(&*file, || rustix::io::read(&*file, &mut *bytes))
                    .inspect(|length| bytes_read::add(*length))
                    .map_err(|e| self.cannot_read(e))
            }
            Raw::Object(object) => object.read(bytes).map_err(|error| error.with(&self.name)),
            Raw::Taken => Ok(0),
        }
    }

    /// Advances in the mapping.
    fn advance(&mut self, length: usize) {
        bytes_read::add(length);
        if let Some((_, position)) = &mut self.mapped {
            *position += length;
        }
    }

    fn cannot_read(&self, cause: rustix::io::Errno) -> Error {
        Error::io(format_args!("cannot read {}", self.name), &cause.into())
    }
}

impl Drop for Input {
    /// Sets the descriptor's offset to the end of the bytes that were used, so that the next
    /// program in `{ a; b; } < file` continues there.
    fn drop(&mut self) {
        if let (Some((_, position)), Raw::File(file)) = (&self.mapped, &self.raw) {
            let _refused = rustix::fs::seek(file, SeekFrom::Start(*position as u64));
        }
    }
}

/// Whether an operand names a regular file, which can be read more than once.
///
/// # Errors
/// A file that does not exist: better reported before any work is done.
pub fn is_regular_file(operand: &Operand) -> Result<bool> {
    let Operand::Path(path) = operand else { return Ok(false) };
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_file()),
        Err(e) => Err(Error::io(format_args!("cannot open {}", operand.name()), &e)),
    }
}

/// Whether operands that are regular files have this many bytes together; `None` if that depends on
/// others.
pub fn have_bytes(operands: &[Operand], least: u64) -> Option<bool> {
    let mut bytes: u64 = 0;
    let stdin = [Operand::Stdin];
    let operands = if operands.is_empty() { &stdin } else { operands };
    for operand in operands {
        bytes = bytes.saturating_add(metadata(operand).filter(Metadata::is_file)?.len());
        if least <= bytes {
            return Some(true);
        }
    }
    Some(false)
}

fn metadata(operand: &Operand) -> Option<Metadata> {
    let metadata = match operand {
        Operand::Stdin => File::from(rustix::io::dup(rustix::stdio::stdin()).ok()?).metadata(),
        Operand::Path(path) => std::fs::metadata(path),
        Operand::Url(_) => return None,
    };
    metadata.ok()
}

/// The device and inode of an operand, if it is a regular file: two operands with the same identity
/// are the same file.
pub(super) fn identity(operand: &Operand) -> Option<(u64, u64)> {
    metadata(operand).filter(Metadata::is_file).map(|m| (m.dev(), m.ino()))
}
