//! Limits that the system sets for this process.

/// The default number of outputs that may be open at a time. It is half of the files that the
/// process may open, because inputs, temporary files, directories and inherited descriptors are
/// open, too; at most 4096, since more gains nothing.
pub fn most_open_files() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let half = limit.map_or(usize::MAX, |limit| usize::try_from(limit / 2).unwrap_or(usize::MAX));
    half.clamp(1, 4096)
}
