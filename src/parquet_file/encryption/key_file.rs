//! Files of decryption keys, named by `--key-file`.
//!
//! One entry per line: `footer KEY`, `column PATH KEY`, `id NAME KEY` or `aad-prefix TEXT`; a line
//! that begins with `#` is a comment. KEY is 16, 24 or 32 bytes in hexadecimal or base64. Errors
//! never quote a line: it may hold a key.

use super::cipher::Cipher;
use crate::error::{Error, Result};
use crate::text::escaped;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

/// The largest file that is read: a larger one is not a key file.
const MOST_BYTES: u64 = 1 << 20;

/// The keys of encrypted files.
#[derive(Debug, Clone, Default)]
pub struct KeyFile {
    footer: Option<Arc<Cipher>>,
    columns: BTreeMap<String, Arc<Cipher>>,
    ids: BTreeMap<String, Arc<Cipher>>,
    aad_prefix: Option<String>,
    warning: Option<String>,
}

impl KeyFile {
    /// Reads the keys in a file.
    ///
    /// # Errors
    /// A file that cannot be read; an invalid line (usage errors).
    pub fn read(path: &Path) -> Result<Self> {
        let name = escaped(&path.to_string_lossy());
        let cannot = |cause| Error::io(format_args!("cannot read the keys in {name}"), &cause);
        let file = File::open(path).map_err(cannot).map_err(Error::as_usage)?;
        let metadata = file.metadata().map_err(cannot)?;
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(cannot)
            .map_err(Error::as_usage)?;
        let text = String::from_utf8(bytes).ok().filter(|text| text.len() as u64 <= MOST_BYTES);
        let text = text.ok_or_else(|| Error::usage(format!("{name} is not a key file")))?;
        let mut keys = Self::parse(&text).map_err(|error| error.with(&name))?;
        let mode = metadata.permissions().mode() & 0o777;
        // The mode of a pipe does not matter: only this process reads it.
        if metadata.is_file() && mode & 0o044 != 0 {
            keys.warning = Some(format!(
                "other users can read the keys in {name} (mode {mode:03o}); chmod 600 prevents it"
            ));
        }
        Ok(keys)
    }

    /// A warning about the file's permissions.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    fn parse(text: &str) -> Result<Self> {
        let mut keys = Self::default();
        for (number, line) in text.lines().enumerate() {
            keys.take(line.trim())
                .map_err(|why| Error::usage(format!("line {}: {why}", number + 1)))?;
        }
        Ok(keys)
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim_start();
        let is_new = match word {
            "footer" => self.footer.replace(key(rest)?).is_none(),
            "column" => {
                let (path, key) = named_key(rest, "column PATH KEY")?;
                self.columns.insert(path, key).is_none()
            }
            "id" => {
                let (id, key) = named_key(rest, "id NAME KEY")?;
                self.ids.insert(id, key).is_none()
            }
            "aad-prefix" if !rest.is_empty() => self.aad_prefix.replace(rest.to_owned()).is_none(),
            _ => {
                return Err("expected footer KEY, column PATH KEY, id NAME KEY or aad-prefix TEXT"
                    .to_owned());
            }
        };
        if is_new { Ok(()) } else { Err(format!("this {word} is given twice")) }
    }

    /// The key of a footer, whose key metadata in the file may name it.
    pub(crate) fn of_footer(&self, metadata: Option<&[u8]>) -> Option<&Arc<Cipher>> {
        self.of_id(metadata).or(self.footer.as_ref())
    }

    /// The key of a leaf column: by its path, the path of a column that contains it, or its key
    /// metadata.
    pub(crate) fn of_column(&self, path: &str, metadata: Option<&[u8]>) -> Option<&Arc<Cipher>> {
        let dots = path.rmatch_indices('.').map(|(place, _)| &path[..place]);
        let mut paths = std::iter::once(path).chain(dots);
        paths.find_map(|path| self.columns.get(path)).or_else(|| self.of_id(metadata))
    }

    pub(crate) fn aad_prefix(&self) -> Option<&str> {
        self.aad_prefix.as_deref()
    }

    fn of_id(&self, metadata: Option<&[u8]>) -> Option<&Arc<Cipher>> {
        self.ids.get(std::str::from_utf8(metadata?).ok()?)
    }
}

/// A name, which may contain spaces, followed by a key.
fn named_key(text: &str, form: &str) -> Result<(String, Arc<Cipher>), String> {
    let (name, text) =
        text.rsplit_once(char::is_whitespace).ok_or_else(|| format!("expected {form}"))?;
    Ok((name.trim_end().to_owned(), key(text)?))
}

fn key(text: &str) -> Result<Arc<Cipher>, String> {
    let bytes = match text.len() {
        32 | 48 | 64 if text.bytes().all(|digit| digit.is_ascii_hexdigit()) => from_hex(text),
        _ => STANDARD.decode(text).ok(),
    };
    bytes
        .and_then(|bytes| Cipher::new(&bytes))
        .map(Arc::new)
        .ok_or_else(|| "a key must be 16, 24 or 32 bytes in hexadecimal or base64".to_owned())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = (0..text.len()).step_by(2).map(|place| text.get(place..place + 2));
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "30313233343536373839303132333435";
    const BASE64: &str = "MDEyMzQ1Njc4OTAxMjM0NQ==";

    fn told(text: &str) -> String {
        let error = KeyFile::parse(text).unwrap_err();
        assert_eq!(error.exit_status(), 2);
        error.to_string()
    }

    #[test]
    fn keys_are_found_by_path_and_by_id() {
        let text = format!(
            "# keys\n\nfooter {HEX}\n  column a b.c {BASE64}\ncolumn s\t{HEX}\nid kc 1 {HEX}\naad-prefix x y \n"
        );
        let keys = KeyFile::parse(&text).unwrap();
        assert!(keys.of_footer(None).is_some() && keys.of_footer(Some(b"other")).is_some());
        assert!(keys.of_column("a b.c", None).is_some() && keys.of_column("a b", None).is_none());
        assert!(keys.of_column("s.list.element", None).is_some());
        assert!(keys.of_column("st", None).is_none());
        assert!(keys.of_column("st", Some(b"kc 1")).is_some());
        assert_eq!(keys.aad_prefix(), Some("x y"));
    }

    #[test]
    fn an_invalid_line_is_reported_by_its_number_alone() {
        let key = "line 2: a key must be 16, 24 or 32 bytes in hexadecimal or base64";
        for wrong in [&HEX[1..], "!", "", &format!("{HEX}00"), "MDEyMzQ1Njc4OTAxMjM0NQ"] {
            assert_eq!(told(&format!("#\nfooter {wrong}")), key);
        }
        let form = "line 1: expected footer KEY, column PATH KEY, id NAME KEY or aad-prefix TEXT";
        assert_eq!(told(HEX), form);
        assert_eq!(told(&format!("column {HEX}")), "line 1: expected column PATH KEY");
        let twice = format!("footer {HEX}\nfooter {BASE64}");
        assert_eq!(told(&twice), "line 2: this footer is given twice");
        let shown = format!("{:?}", KeyFile::parse(&format!("footer {HEX}")).unwrap());
        assert!(!shown.contains("48, 49") && !shown.contains(HEX), "{shown}");
    }
}
