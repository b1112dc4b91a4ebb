//! Partition keys as parts of paths, `name=value`: the only place where they are written and read.
//!
//! An encoded key always names a single directory entry, whatever the value contains: never `.` or
//! `..`, no slash, no NUL, not hidden. [`encode`] and [`decode`] are exact inverses. Values have no
//! types here: they are bytes.

use crate::error::{Error, Result};
use crate::text::{Cut, escaped, shortened};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode, percent_encode};
use std::borrow::Cow;

/// The value that means null, in all programs that write such trees.
pub const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The maximum length of a directory entry's name in bytes: `NAME_MAX` of Linux and macOS, and of
/// all file systems in use there.
pub const MOST_NAME_BYTES: usize = 255;

/// Characters to encode in values: all except RFC 3986's unreserved ones, as in pyarrow and DuckDB.
/// All readers decode values, so nothing is lost, and DuckDB takes a `?` or a `*` for a pattern.
const IN_VALUES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Characters to encode in names: as few as possible, because DuckDB and Polars do not decode
/// names. These are the separators of the path, the name and the escapes, characters that DuckDB
/// takes for a pattern, and characters that Hadoop's paths do not allow.
const IN_NAMES: &AsciiSet = &CONTROLS.add(b'%').add(b'/').add(b'=').add(b'?').add(b':').add(b'\\');

/// A key read from a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key<'a> {
    /// The name of the column; it need not be UTF-8.
    pub name: Cow<'a, [u8]>,
    /// The value as text, which need not be UTF-8 either; `None` is null.
    pub value: Option<Cow<'a, [u8]>>,
}

impl Key<'_> {
    /// The same key, independent of the path.
    pub(super) fn into_owned(self) -> Key<'static> {
        let owned = |text: Cow<'_, [u8]>| Cow::Owned(text.into_owned());
        Key { name: owned(self.name), value: self.value.map(owned) }
    }
}

/// Encodes a key as the name of a directory: `city=K%C3%B6ln`. `None` is null.
///
/// # Errors
/// A name of more than [`MOST_NAME_BYTES`], which no file system accepts.
pub fn encode(name: &str, value: Option<&[u8]>) -> Result<String> {
    let mut component =
        String::with_capacity(name.len() + 1 + value.map_or(NULL.len(), <[u8]>::len));
    // pyarrow skips directories that begin with one of these, and Spark those with a dot.
    let (first, rest) = match name.as_bytes().first() {
        Some(b'_') => ("%5F", &name[1..]),
        Some(b'.') => ("%2E", &name[1..]),
        _ => ("", name),
    };
    component.push_str(first);
    for letter in rest.chars() {
        match u8::try_from(letter) {
            Ok(byte) if byte.is_ascii() => component.extend(percent_encode(&[byte], IN_NAMES)),
            _ => component.push(letter),
        }
    }
    component.push('=');
    match value {
        None => component.push_str(NULL),
        // This text as a value, escaped as DuckDB does, which also reads it back.
        Some(text) if text == NULL.as_bytes() => component.extend(["%5F", &NULL[1..]]),
        Some(text) => component.extend(percent_encode(text, IN_VALUES)),
    }
    if component.len() <= MOST_NAME_BYTES {
        return Ok(component);
    }
    let shown = value.map_or(Cow::Borrowed("null"), String::from_utf8_lossy);
    Err(Error::failed(format!(
        "column \"{}\": the value \"{}\" makes a directory name of {} bytes (at most {MOST_NAME_BYTES})",
        escaped(name),
        shortened(&escaped(&shown), Cut::End, 40),
        component.len()
    )))
}

/// Decodes a part of a path as a key; `None` if it has no `=`. A `%` without two hexadecimal digits
/// is literal, as in all other readers.
pub fn decode(component: &[u8]) -> Option<Key<'_>> {
    let equals = memchr::memchr(b'=', component)?;
    let (name, value) = (&component[..equals], &component[equals + 1..]);
    let value = (value != NULL.as_bytes()).then(|| percent_decode(value).into());
    Some(Key { name: percent_decode(name).into(), value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::{RngCore, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    fn encoded(value: &str) -> String {
        encode("k", Some(value.as_bytes())).unwrap()
    }

    #[test]
    fn values_are_written_as_pyarrow_and_duckdb_do() {
        assert_eq!(encoded("a b/Köln"), "k=a%20b%2FK%C3%B6ln");
        assert_eq!(encoded("../../etc"), "k=..%2F..%2Fetc");
        assert_eq!(encoded(""), "k=");
        assert_eq!(encoded("\0%2F=*?"), "k=%00%252F%3D%2A%3F");
        assert_eq!(encode("k", None).unwrap(), "k=__HIVE_DEFAULT_PARTITION__");
        assert_eq!(encoded(NULL), "k=%5F_HIVE_DEFAULT_PARTITION__");
    }

    #[test]
    fn names_keep_what_can_be_kept() {
        let of = |name: &str| encode(name, Some(b"v")).unwrap();
        assert_eq!(of("unit price"), "unit price=v");
        assert_eq!(of("größe"), "größe=v");
        assert_eq!(of("_year"), "%5Fyear=v");
        assert_eq!(of(".."), "%2E.=v");
        assert_eq!(of("a=b/c?%\u{1}"), "a%3Db%2Fc%3F%25%01=v");
        assert_eq!(of(""), "=v");
    }

    #[test]
    fn what_others_write_is_read() {
        // Spark escapes few characters, and Polars fewer.
        let key = decode(b"k=a b&c%3D*%zz%").unwrap();
        assert_eq!(key.value.unwrap().as_ref(), b"a b&c=*%zz%");
        // pyarrow and Polars leave a second `=` in the value; DuckDB and Spark escape names.
        assert_eq!(decode(b"x=a=b").unwrap().value.unwrap().as_ref(), b"a=b");
        assert_eq!(decode(b"a%20b=1").unwrap().name.as_ref(), b"a b");
        assert_eq!(decode(b"k=%ff\xfe").unwrap().value.unwrap().as_ref(), b"\xff\xfe");
        assert_eq!(decode(b"k=__HIVE_DEFAULT_PARTITION__").unwrap().value, None);
        assert_eq!(decode(b"part-0.parquet"), None);
    }

    #[test]
    fn a_name_too_long_for_a_directory_is_an_error() {
        assert_eq!(encoded(&"a".repeat(253)).len(), MOST_NAME_BYTES);
        let error = encode("k", Some(&[b'/'; 85])).unwrap_err().to_string();
        assert!(error.starts_with("column \"k\": the value \"//"), "{error}");
        assert!(error.ends_with("makes a directory name of 257 bytes (at most 255)"), "{error}");
    }

    /// A text of few parts, each special to some program, so that their combinations occur often.
    fn text(random: &mut impl RngCore, most: u32) -> String {
        const PARTS: [&str; 24] = [
            "/", "..", ".", "=", "%", "2", "F", "%2F", "_", NULL, "\0", "\n", "\u{7f}", " ", "+",
            "a", "ä", "日", "\u{202e}", "\\", "?", "*", "-", "\"",
        ];
        let count = random.next_u32() % most;
        (0..count).map(|_| PARTS[random.next_u32() as usize % PARTS.len()]).collect()
    }

    #[test]
    fn reading_undoes_writing_and_nothing_escapes() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
        for _ in 0..20_000 {
            let name = text(&mut random, 4);
            let mut value = text(&mut random, 5).into_bytes();
            if random.next_u32().is_multiple_of(4) {
                value.push(random.next_u32() as u8);
            }
            let value = (!random.next_u32().is_multiple_of(16)).then_some(value);
            let Ok(component) = encode(&name, value.as_deref()) else { continue };
            let key = decode(component.as_bytes()).unwrap();
            assert_eq!(key.name.as_ref(), name.as_bytes(), "{component}");
            assert_eq!(key.value.as_deref(), value.as_deref(), "{component}");
            assert!(!component.starts_with(['.', '_']), "{component}");
            assert!(!component.contains(['/', '\0']), "{component}");
        }
    }

    #[test]
    fn different_values_have_different_directories() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(6);
        let mut seen = std::collections::HashMap::new();
        for _ in 0..20_000 {
            let value = text(&mut random, 4);
            let Ok(component) = encode("k", Some(value.as_bytes())) else { continue };
            let before = seen.insert(component.clone(), value.clone());
            assert!(before.is_none_or(|before| before == value), "{component}");
        }
    }
}
