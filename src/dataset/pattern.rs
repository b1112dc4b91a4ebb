//! Path patterns such as `data/**/year=202[0-4]/*.parquet`, matched part by part, so that a
//! directory in which nothing can match is never read.
//!
//! Within a part, `*`, `?`, `[a-z]`, `[!a]` and `{a,b}` mean what they mean to a shell, and a
//! backslash escapes them; `**` is any number of directories. This module does not read
//! directories.

use crate::error::{Error, Result};
use crate::text::escaped;
use globset::{GlobBuilder, GlobMatcher};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Possible positions in a pattern: a bit for each part that can come next. The bit after the last
/// part means that everything below matches.
pub(super) type Places = u64;

/// A path with wildcards, starting at the first part that has one.
pub(super) struct Pattern {
    parts: Vec<Part>,
}

enum Part {
    Name(Box<OsStr>),
    Glob { matcher: GlobMatcher, shows_hidden: bool },
    AnyDepth,
}

/// The result of matching a directory entry against a pattern.
pub(super) struct Step {
    /// Whether the entry matches the whole pattern, or is below such a match.
    pub(super) is_match: bool,
    /// The positions below the entry, if it is a directory.
    pub(super) below: Places,
}

impl Pattern {
    /// The pattern that matches everything below a directory.
    pub(super) fn everything() -> Self {
        Self { parts: Vec::new() }
    }

    /// The directory before the first part with a wildcard, and the rest as a pattern; `None`
    /// without a wildcard.
    ///
    /// # Errors
    /// An unclosed bracket or brace; `..` after a wildcard; too many parts.
    pub(super) fn parse(path: &Path) -> Result<Option<(PathBuf, Self)>> {
        let (mut base, mut parts) = (PathBuf::new(), Vec::new());
        for component in path.components() {
            let Component::Normal(name) = component else {
                if parts.is_empty() {
                    base.push(component)
                } else {
                    return Err(wrong(path, ".. is not allowed after a wildcard"));
                }
                continue;
            };
            match part(name).map_err(|cause| wrong(path, cause))? {
                Part::Name(name) if parts.is_empty() => base.push(&*name),
                part => parts.push(part),
            }
        }
        if Places::BITS as usize <= parts.len() {
            return Err(wrong(path, "too many parts"));
        }
        Ok((!parts.is_empty()).then_some((base, Self { parts })))
    }

    /// The positions before the first part.
    pub(super) fn start(&self) -> Places {
        self.with_skipped(1)
    }

    /// Matches an entry of a directory that is at `places`.
    pub(super) fn step(&self, places: Places, name: &OsStr) -> Step {
        let is_hidden = is_hidden(name);
        let end: Places = 1 << self.parts.len();
        let mut next: Places = if places & end != 0 && !is_hidden { end } else { 0 };
        for (place, part) in self.parts.iter().enumerate() {
            let (here, after): (Places, Places) = (1 << place, 2 << place);
            if places & here == 0 {
                continue;
            }
            next |= match part {
                Part::Name(wanted) if **wanted == *name => after,
                Part::Glob { matcher, shows_hidden }
                    if (*shows_hidden || !is_hidden) && matcher.is_match(name) =>
                {
                    after
                }
                // At the end of the pattern, it also matches the entry itself.
                Part::AnyDepth if !is_hidden => here | after & end,
                _ => 0,
            };
        }
        Step { is_match: next & end != 0, below: self.with_skipped(next) }
    }

    /// Whether everything below matches, as for an operand that is a directory.
    pub(super) fn is_everything(&self, places: Places) -> bool {
        places & (1 << self.parts.len()) != 0
    }

    /// The only name that can come next, if it is known without reading the directory.
    pub(super) fn only_name(&self, places: Places) -> Option<&OsStr> {
        let place = places.trailing_zeros() as usize;
        match self.parts.get(place) {
            Some(Part::Name(name)) if places.is_power_of_two() => Some(name),
            _ => None,
        }
    }

    /// Adds the positions after each `**`, which may match no directory at all.
    fn with_skipped(&self, mut places: Places) -> Places {
        for (place, part) in self.parts.iter().enumerate() {
            if matches!(part, Part::AnyDepth) && places & (1 << place) != 0 {
                places |= 2 << place;
            }
        }
        places
    }
}

/// Whether all readers of such trees skip the name: it begins with a dot, or it begins with an
/// underscore and is not a partition key (Spark's rule).
pub fn is_hidden(name: &OsStr) -> bool {
    let name = name.as_bytes();
    name.starts_with(b".") || name.starts_with(b"_") && !name.contains(&b'=')
}

fn part(name: &OsStr) -> std::result::Result<Part, String> {
    let bytes = name.as_bytes();
    if bytes == b"**" {
        return Ok(Part::AnyDepth);
    }
    if !bytes.iter().any(|byte| b"*?[{".contains(byte)) {
        return Ok(Part::Name(name.into()));
    }
    let text = name.to_str().ok_or("a pattern must be UTF-8")?;
    let glob = GlobBuilder::new(text).build().map_err(|error| error.kind().to_string())?;
    // A pattern that begins with a dot or an underscore is meant for such names.
    let shows_hidden = text.starts_with(['.', '_']);
    Ok(Part::Glob { matcher: glob.compile_matcher(), shows_hidden })
}

fn wrong(pattern: &Path, cause: impl std::fmt::Display) -> Error {
    Error::usage(format!("pattern {}: {cause}", escaped(&pattern.to_string_lossy())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::{RngCore, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn matches(pattern: &str, path: &str) -> bool {
        let (base, pattern) = Pattern::parse(Path::new(pattern)).unwrap().unwrap();
        let rest = Path::new(path).strip_prefix(base).unwrap();
        let mut places = pattern.start();
        let mut is_match = false;
        for name in rest {
            let step = pattern.step(places, name);
            (places, is_match) = (step.below, step.is_match);
        }
        is_match
    }

    #[test]
    fn parts_match_as_in_a_shell() {
        for (pattern, path, expected) in [
            ("d/*.parquet", "d/a.parquet", true),
            ("d/*.parquet", "d/e/a.parquet", false),
            ("d/**/*.parquet", "d/a.parquet", true),
            ("d/**/*.parquet", "d/e/f/a.parquet", true),
            ("d/**/*.parquet", "d/_temporary/a.parquet", false),
            ("d/**/*.parquet", "d/_year=2024/a.parquet", true),
            ("d/**/*.parquet", "d/.x=1/a.parquet", false),
            ("d/**/f/*", "d/f/f/a", true),
            ("d/**", "d/e/f", true),
            ("d/**/**/a", "d/a", true),
            ("year=202[0-4]/*", "year=2023/a", true),
            ("year=202[0-4]/*", "year=2025/a", false),
            ("year=202[0-4]", "year=2023/below/it", true),
            ("d/{a,b}?/x", "d/b1/x", true),
            ("d/[!a]/x", "d/a/x", false),
            ("d/_*", "d/_metadata", true),
            ("d/*", "d/.hidden", false),
            ("d/\\*/*", "d/*/x", true),
            ("d/\\*/*", "d/ab/x", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn invalid_patterns_are_refused() {
        assert!(Pattern::parse(Path::new("a/b")).unwrap().is_none());
        for wrong in ["a[", "{a,b/c}*", "*/../a"] {
            let error = Pattern::parse(Path::new(wrong)).err().unwrap();
            assert_eq!(error.exit_status(), 2, "{wrong}");
        }
    }

    /// The meaning of a pattern, written without positions: part by part against name by name.
    fn means(parts: &[&str], names: &[&str]) -> bool {
        let is_shown = |name: &&&str| !is_hidden(OsStr::new(**name));
        match (parts, names) {
            ([], names) => names.iter().all(|name| is_shown(&name)),
            (["**", after @ ..], []) => !after.is_empty() && means(after, &[]),
            (["**", after @ ..], [name, below @ ..]) => {
                !after.is_empty() && means(after, names)
                    || is_shown(&name) && means(parts, below)
                    || is_shown(&name) && after.is_empty() && means(&[], below)
            }
            (["*", after @ ..], [name, below @ ..]) => is_shown(&name) && means(after, below),
            (["_*", after @ ..], [name, below @ ..]) => {
                name.starts_with('_') && means(after, below)
            }
            ([part, after @ ..], [name, below @ ..]) => part == name && means(after, below),
            (_, []) => false,
        }
    }

    #[test]
    fn places_mean_what_the_pattern_does() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
        let mut draw = |from: &[&'static str], least: u32| -> Vec<&'static str> {
            let count = least + random.next_u32() % 5;
            (0..count).map(|_| from[random.next_u32() as usize % from.len()]).collect()
        };
        let mut met = 0;
        for _ in 0..20_000 {
            let parts = draw(&["**", "*", "_*", "a", "b"], 1);
            let names = draw(&["a", "b", "_x", "_k=1", ".y"], 1);
            let Some((base, pattern)) = Pattern::parse(Path::new(&parts.join("/"))).unwrap() else {
                continue;
            };
            let Ok(rest) = Path::new(&names.join("/")).strip_prefix(base).map(Path::to_owned)
            else {
                continue;
            };
            let mut places = pattern.start();
            let mut is_match = false;
            for name in &rest {
                let step = pattern.step(places, name);
                (places, is_match) = (step.below, step.is_match);
            }
            if rest.as_os_str().is_empty() {
                continue;
            }
            assert_eq!(is_match, means(&parts, &names), "{parts:?} {names:?}");
            met += usize::from(is_match);
        }
        assert!(met > 1000, "{met}");
    }
}
