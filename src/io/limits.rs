//! What the system allows this process.

/// How many outputs may be open at a time, by default: half of the files that the process may open,
/// since inputs, temporary files, directories and what was inherited are open, too; 4096 at most, more
/// than that gains nothing.
pub fn most_open_files() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let half = limit.map_or(usize::MAX, |limit| usize::try_from(limit / 2).unwrap_or(usize::MAX));
    half.clamp(1, 4096)
}
