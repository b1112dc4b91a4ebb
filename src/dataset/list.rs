//! Expansion of operands to files, in the order in which they are read.

use super::objects::{self, Named};
use super::pattern::Pattern;
use super::walk::{Content, walk};
use crate::error::{Error, Result};
use crate::io::{Input, SeenDirectory};
use crate::options::Operand;
use crate::text::escaped;
use memchr::memchr;
use std::ffi::OsString;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file, and the position of the partition keys in its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetFile {
    /// Its path, or another input.
    pub operand: Operand,
    /// Whether it is a regular file or an object, which may be opened when its turn comes.
    pub is_regular: bool,
    /// The directory in which it was found; `None` for a file that was named directly.
    pub directory: Option<Arc<SeenDirectory>>,
    /// The offset in its path at which keys may start; the length of the path if it has no keys.
    pub(super) keys_from: usize,
}

/// Which parts of a file's path are partition keys, such as `year=2024`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HiveKeys {
    /// Those below an operand that is a directory, and those of a pattern from its first wildcard
    /// on.
    Below,
    /// All, including those of files named directly.
    All,
    /// None.
    Never,
}

/// The files found so far, and the options for finding more.
#[derive(Debug)]
pub(super) struct List {
    pub(super) files: Vec<DatasetFile>,
    hive: HiveKeys,
    content: Content,
}

impl List {
    pub(super) fn new(hive: HiveKeys, content: Content) -> Self {
        Self { files: Vec::new(), hive, content }
    }

    /// Adds the files of an operand: those that match a pattern, else those of [`List::add_entry`].
    /// An existing path is never treated as a pattern.
    ///
    /// # Errors
    /// A pattern that matches no file; those of [`List::add_entry`].
    pub(super) fn add_operand(&mut self, operand: &Operand) -> Result<()> {
        let path = match operand {
            Operand::Path(path) => path,
            Operand::Url(url) => return self.add_url(url),
            Operand::Stdin => {
                let operand = Operand::Stdin;
                let (is_regular, directory, keys_from) = (false, None, 0);
                self.files.push(DatasetFile { operand, is_regular, directory, keys_from });
                return Ok(());
            }
        };
        // A dangling link is a file that cannot be opened.
        if path.symlink_metadata().is_err()
            && let Some((base, pattern)) = Pattern::parse(path)?
        {
            return self.add_below(&base, &pattern, path, "no file matches this pattern");
        }
        self.add_entry(path.clone())
    }

    /// Adds the file of that name, or all files below the directory of that name.
    ///
    /// # Errors
    /// A directory without files; those of [`walk`].
    pub(super) fn add_entry(&mut self, path: PathBuf) -> Result<()> {
        let kind = std::fs::metadata(&path).map(|metadata| metadata.file_type());
        if kind.as_ref().is_ok_and(|kind| kind.is_dir()) {
            let everything = Pattern::everything();
            return self.add_below(&path, &everything, &path, "no file in this directory");
        }
        let keys_from = if self.hive == HiveKeys::All { 0 } else { path.as_os_str().len() };
        let is_regular = kind.is_ok_and(|kind| kind.is_file());
        let operand = Operand::Path(path);
        self.files.push(DatasetFile { operand, is_regular, directory: None, keys_from });
        Ok(())
    }

    /// Adds an entry of a list: a path, or a URL, whose wildcards are ordinary characters.
    ///
    /// # Errors
    /// Those of [`List::add_entry`] and [`List::add_url`].
    pub(super) fn add_listed(&mut self, name: OsString) -> Result<()> {
        match Operand::of_name(name) {
            Operand::Url(url) if url.ends_with('/') => self.add_url(&url),
            Operand::Url(url) => {
                self.add_object(url);
                Ok(())
            }
            Operand::Path(path) => self.add_entry(path),
            Operand::Stdin => Ok(()),
        }
    }

    /// Adds the object of a URL, those below a prefix, or those that match a pattern.
    ///
    /// # Errors
    /// A server without listing; no such object; an invalid pattern.
    fn add_url(&mut self, url: &str) -> Result<()> {
        let (prefix, pattern) = match objects::named(url)? {
            Named::Object => {
                self.add_object(url.to_owned());
                return Ok(());
            }
            Named::Below(prefix, pattern) => (prefix, pattern),
        };
        let found = objects::below(&prefix, &pattern, self.content)?;
        if found.is_empty() {
            let is_all = pattern.is_everything(pattern.start());
            let what = if is_all {
                "no object below this prefix"
            } else {
                "no object matches this pattern"
            };
            return Err(objects::none(url, what));
        }
        let keys_from = if self.hive == HiveKeys::All { 0 } else { prefix.len() };
        self.files.extend(found.into_iter().map(|url| DatasetFile {
            keys_from: keys_from.max(objects::path_start(&url)),
            operand: Operand::Url(url),
            is_regular: true,
            directory: None,
        }));
        Ok(())
    }

    fn add_object(&mut self, url: String) {
        let start = objects::path_start(&url);
        let keys_from = if self.hive == HiveKeys::All { start } else { url.len() };
        let operand = Operand::Url(url);
        self.files.push(DatasetFile { operand, is_regular: true, directory: None, keys_from });
    }

    fn add_below(
        &mut self,
        base: &Path,
        pattern: &Pattern,
        typed: &Path,
        none: &str,
    ) -> Result<()> {
        let before = self.files.len();
        let keys_from = if self.hive == HiveKeys::All { 0 } else { base.as_os_str().len() };
        walk(base, pattern, self.content, &mut |path, directory| {
            let (operand, directory) = (Operand::Path(path), Some(Arc::clone(directory)));
            self.files.push(DatasetFile { operand, is_regular: true, directory, keys_from });
        })?;
        if before < self.files.len() {
            return Ok(());
        }
        let name = escaped(&typed.to_string_lossy());
        Err(Error::failed(format!("{name}: {none} (names that begin with . or _ are skipped)")))
    }
}

/// The paths and URLs in a list, separated by NUL if the list contains one, otherwise by line breaks. Each
/// is a literal name, neither a pattern nor `-`.
///
/// # Errors
/// A list that cannot be read; an empty list.
pub(super) fn read_list(list: &Operand) -> Result<Vec<OsString>> {
    let mut bytes = Vec::new();
    let read = match list {
        // A list is not typed by hand.
        Operand::Stdin if std::io::stdin().is_terminal() => {
            return Err(Error::usage(
                "standard input is a terminal: pipe the list in, or name a file",
            ));
        }
        Operand::Stdin => std::io::stdin().lock().read_to_end(&mut bytes),
        Operand::Url(_) => {
            let mut input = Input::open(list)?;
            let mut chunk = vec![0; 1 << 16];
            loop {
                match input.read(&mut chunk)? {
                    0 => break Ok(bytes.len()),
                    length => bytes.extend_from_slice(&chunk[..length]),
                }
            }
        }
        Operand::Path(path) => File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.map_err(|error| Error::io(format_args!("cannot read {}", list.name()), &error))?;
    let end = if memchr(0, &bytes).is_some() { 0 } else { b'\n' };
    let entries = bytes.split(|byte| *byte == end).filter(|entry| !entry.is_empty());
    let paths: Vec<OsString> = entries.map(|entry| OsString::from_vec(entry.to_vec())).collect();
    if paths.is_empty() {
        return Err(Error::failed(format!("the list in {} is empty", list.name())));
    }
    Ok(paths)
}
