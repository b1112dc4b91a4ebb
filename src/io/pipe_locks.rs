//! A short message from the reader of a pipe to its writer, spelled by advisory locks.
//!
//! A pipe has no way back, but its inode takes POSIX locks, which vanish with the process that
//! holds them. The reader locks ranges of bytes that do not exist; where a range starts and ends
//! spells twelve bytes. The writer asks for each range. Follows fcntl(2), "Advisory record locking".
//! Any process that holds the reading end may place any locks, so the message proves nothing about
//! its content.

use super::pipe;
use rustix::fd::{AsFd, AsRawFd};
use std::fs::File;

/// The most bytes of a message: 342 locks, which take about 0.1 ms to place.
pub const MOST_MESSAGE_BYTES: usize = 4096;

/// The bytes that the start of a range spells, and those that its end spells.
const HALF_BYTES: usize = 6;
const SLOT_BYTES: usize = 2 * HALF_BYTES;

/// The offsets of a slot: the first half for the start of the range, the second for its end. Ranges
/// in adjacent slots never touch, because the system would merge them.
const SLOT_LENGTH: i64 = 1 << 50;
const HALF_LENGTH: i64 = 1 << 49;

/// The slot that is locked as long as a message may come.
const MARK: usize = 8190;

/// The slot of the length and checksum of a message. It is placed last.
const HEAD: usize = 8191;

/// The state of a pipe as its writer finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// No reader that leaves messages, or none yet.
    Nothing,
    /// A message may come.
    Mark,
    /// A message whose checksum is right.
    Message(Vec<u8>),
}

/// One end of a pipe.
#[derive(Debug)]
pub struct PipeEnd(File);

impl PipeEnd {
    /// The end of a pipe that a file is; `None` if it is something else. The locks of a process
    /// vanish when it closes any descriptor of the pipe.
    pub(super) fn of(file: &File) -> Option<Self> {
        if !pipe::is_pipe(file) {
            return None;
        }
        file.try_clone().ok().map(Self)
    }

    /// Tells the writer that a message may come.
    pub fn mark(&self) {
        place(&self.0, MARK, &[0; SLOT_BYTES]);
    }

    /// Leaves a message for the writer; the mark is no longer needed. One that is too long is not
    /// left.
    pub fn publish(&self, message: &[u8]) {
        if MOST_MESSAGE_BYTES < message.len() {
            return self.withdraw();
        }
        let mut is_placed = true;
        for (slot, piece) in message.chunks(SLOT_BYTES).enumerate() {
            let mut bytes = [0; SLOT_BYTES];
            bytes[..piece.len()].copy_from_slice(piece);
            is_placed = is_placed && place(&self.0, slot, &bytes);
        }
        if !is_placed || !place(&self.0, HEAD, &head(message)) {
            self.withdraw();
        }
    }

    /// Takes back the mark and the message. A writer that read them before may still act on them.
    pub fn withdraw(&self) {
        set(&self.0, libc::F_UNLCK, 0, 0);
    }

    /// The message that the reader at the other end has left, or its mark.
    pub fn hear(&self) -> Heard {
        let Some((head, process)) = held(&self.0, HEAD) else {
            return if held(&self.0, MARK).is_some() { Heard::Mark } else { Heard::Nothing };
        };
        match self.message(head, process) {
            Some(message) => Heard::Message(message),
            None => Heard::Nothing,
        }
    }

    /// The message of one process, if its locks spell one.
    fn message(&self, head: [u8; SLOT_BYTES], process: libc::pid_t) -> Option<Vec<u8>> {
        let length = usize::from(u16::from_le_bytes([head[0], head[1]]));
        if MOST_MESSAGE_BYTES < length {
            return None;
        }
        let mut message = Vec::with_capacity(length + SLOT_BYTES);
        for slot in 0..length.div_ceil(SLOT_BYTES) {
            let (bytes, holder) = held(&self.0, slot)?;
            if holder != process {
                return None;
            }
            message.extend_from_slice(&bytes);
        }
        message.truncate(length);
        (self::head(&message) == head).then_some(message)
    }

    /// Whether other processes can open the pipe by its name.
    pub fn has_name(&self) -> bool {
        /// The magic number of the file system of pipes without names.
        #[cfg(target_os = "linux")]
        const PIPE_FS: u64 = 0x5049_5045;
        #[cfg(target_os = "linux")]
        return rustix::fs::fstatfs(&self.0).is_ok_and(|system| system.f_type as u64 != PIPE_FS);
        #[cfg(not(target_os = "linux"))]
        return true;
    }

    /// The number of bytes that can be read without waiting.
    pub fn readable_bytes(&self) -> u64 {
        rustix::io::ioctl_fionread(&self.0).unwrap_or_default()
    }
}

/// The length and the checksum of a message.
fn head(message: &[u8]) -> [u8; SLOT_BYTES] {
    let mut head = [0; SLOT_BYTES];
    head[..2].copy_from_slice(&(message.len() as u16).to_le_bytes());
    head[2..6].copy_from_slice(&crc32fast::hash(message).to_le_bytes());
    head
}

/// Locks the range of a slot that spells these bytes; whether the system took it.
fn place(file: &File, slot: usize, bytes: &[u8; SLOT_BYTES]) -> bool {
    let (start, end) = bytes.split_at(HALF_BYTES);
    let base = base(slot);
    let (start, end) = (base + number(start), base + HALF_LENGTH + number(end));
    set(file, libc::F_RDLCK, start, end - start + 1)
}

/// The bytes that the locked range of a slot spells, and the process that holds it.
fn held(file: &File, slot: usize) -> Option<([u8; SLOT_BYTES], libc::pid_t)> {
    let base = base(slot);
    let lock = find(file, base, SLOT_LENGTH)?;
    let start = lock.l_start.checked_sub(base)?;
    let end = start.checked_add(lock.l_len)?.checked_sub(1 + HALF_LENGTH)?;
    let mut bytes = [0; SLOT_BYTES];
    let (first, second) = bytes.split_at_mut(HALF_BYTES);
    for (half, number) in [(first, start), (second, end)] {
        if !(0..1 << (8 * HALF_BYTES)).contains(&number) {
            return None;
        }
        half.copy_from_slice(&number.to_le_bytes()[..HALF_BYTES]);
    }
    Some((bytes, lock.l_pid))
}

fn base(slot: usize) -> i64 {
    slot as i64 * SLOT_LENGTH
}

fn number(half: &[u8]) -> i64 {
    let mut bytes = [0; 8];
    bytes[..half.len()].copy_from_slice(half);
    i64::from_le_bytes(bytes)
}

/// Sets or takes back a lock. Systems without locks on pipes refuse, which is no error.
fn set(file: &File, kind: libc::c_int, start: i64, length: i64) -> bool {
    let lock = lock(kind, start, length);
    // SAFETY: the descriptor is open, and the call only reads the structure, which is initialized.
    let result = unsafe { libc::fcntl(file.as_fd().as_raw_fd(), libc::F_SETLK, &raw const lock) };
    result == 0
}

/// The first lock of another process in a range.
fn find(file: &File, start: i64, length: i64) -> Option<libc::flock> {
    let mut lock = lock(libc::F_WRLCK, start, length);
    // SAFETY: the descriptor is open, and the call reads and writes the structure, which is
    // initialized and borrowed for it alone.
    let result = unsafe { libc::fcntl(file.as_fd().as_raw_fd(), libc::F_GETLK, &raw mut lock) };
    (result == 0 && libc::c_int::from(lock.l_type) != libc::F_UNLCK).then_some(lock)
}

fn lock(kind: libc::c_int, start: i64, length: i64) -> libc::flock {
    // SAFETY: the structure consists of numbers, for which zero is a valid value.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as libc::c_short;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    lock.l_start = start;
    lock.l_len = length;
    lock
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    /// A pipe whose reading end another process holds, with locks as a Python program places them:
    /// the writer sees none of its own process. Returns what the writer hears.
    fn heard(program: &str) -> Heard {
        let (read, write) = std::io::pipe().unwrap();
        let mut child = Command::new("python3")
            .args(["-c", &format!("{HEADER}\n{program}\nprint('placed', flush=True)\ninput()")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(std::os::fd::OwnedFd::from(read)))
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut output, &mut line).unwrap();
        assert_eq!(line, "placed\n", "the program failed");
        let end = PipeEnd::of(&File::from(std::os::fd::OwnedFd::from(write))).unwrap();
        let heard = end.hear();
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(end.hear(), Heard::Nothing, "locks vanish with their process");
        heard
    }

    /// Standard error is the reading end of the pipe.
    const HEADER: &str = "
import fcntl, os, zlib
SLOT, HALF = 1 << 50, 1 << 49
def place(slot, data, kind=fcntl.LOCK_SH):
    data = data.ljust(12, b'\\0')
    start, end = (int.from_bytes(half, 'little') for half in (data[:6], data[6:]))
    start, end = slot * SLOT + start, slot * SLOT + HALF + end
    fcntl.lockf(2, kind, end - start + 1, start, os.SEEK_SET)
def message(data, head=None):
    for slot in range(0, len(data), 12):
        place(slot // 12, data[slot:slot + 12])
    place(8191, head or len(data).to_bytes(2, 'little') + zlib.crc32(data).to_bytes(4, 'little'))
";

    #[test]
    fn a_writer_hears_what_the_locks_of_another_process_spell() {
        assert_eq!(heard(""), Heard::Nothing);
        assert_eq!(heard("place(8190, b'')"), Heard::Mark);
        for length in [0, 1, 12, 13, 4096] {
            let expected = (0..length).map(|number| (number * 7) as u8 | 1).collect();
            let program = format!("message(bytes(n * 7 & 255 | 1 for n in range({length})))");
            assert_eq!(heard(&program), Heard::Message(expected));
        }
        assert_eq!(heard("message(b'\\xff' * 24)"), Heard::Message(vec![0xff; 24]));
    }

    #[test]
    fn other_locks_are_no_message() {
        for program in [
            "message(b'x' * 4097)",
            "message(b'x' * 40, (40).to_bytes(2, 'little') + b'abcd')",
            "message(b'x' * 40); fcntl.lockf(2, fcntl.LOCK_UN, SLOT, SLOT, os.SEEK_SET)",
            "message(b'x' * 40); fcntl.lockf(2, fcntl.LOCK_SH, 5, SLOT, os.SEEK_SET)",
            "fcntl.lockf(2, fcntl.LOCK_SH, 0, 0, os.SEEK_SET)",
            "fcntl.lockf(2, fcntl.LOCK_SH, 1, 8191 * SLOT, os.SEEK_SET)",
            "fcntl.lockf(2, fcntl.LOCK_SH, 0, 8191 * SLOT + 5, os.SEEK_SET)",
        ] {
            assert_eq!(heard(program), Heard::Nothing, "{program}");
        }
    }

    #[test]
    fn what_a_reader_leaves_can_be_taken_back() {
        // The locks of a process do not conflict with its own, so another one looks. Afterwards its
        // descriptor is closed here, and all locks vanish.
        let (read, write) = std::io::pipe().unwrap();
        let end = PipeEnd::of(&File::from(std::os::fd::OwnedFd::from(read))).unwrap();
        let write = File::from(std::os::fd::OwnedFd::from(write));
        let look = "
import fcntl, os, struct
found = []
for slot in (0, 8190, 8191):
    ask = struct.pack('hhqqi4x', fcntl.F_WRLCK, os.SEEK_SET, slot << 50, 1 << 50, 0)
    found.append(struct.unpack('hhqqi4x', fcntl.fcntl(1, fcntl.F_GETLK, ask))[0] != fcntl.F_UNLCK)
os.write(2, bytes(found))";
        let seen = |leave: &dyn Fn(&PipeEnd)| {
            let mut python = Command::new("python3");
            python.args(["-c", look]).stdout(write.try_clone().unwrap());
            leave(&end);
            python.output().unwrap().stderr
        };
        assert_eq!(seen(&|_| ()), [0, 0, 0]);
        assert_eq!(seen(&|end| end.mark()), [0, 1, 0]);
        assert_eq!(seen(&|_| ()), [0, 0, 0]);
        let publish = |end: &PipeEnd| {
            end.mark();
            end.publish(b"hello");
        };
        assert_eq!(seen(&publish), [1, 1, 1]);
        let take_back = |end: &PipeEnd| {
            publish(end);
            end.withdraw();
        };
        assert_eq!(seen(&take_back), [0, 0, 0]);
        let too_long = |end: &PipeEnd| {
            publish(end);
            end.publish(&[0; MOST_MESSAGE_BYTES + 1]);
        };
        assert_eq!(seen(&too_long), [0, 0, 0]);
    }
}
