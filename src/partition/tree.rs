//! The tree that a partitioned stream is written to: the files that it may replace, the names of its own
//! files, and their contents.

use super::tree_names::{NameTemplate, run_id};
use super::tree_options::{METADATA, Publish, TreeOptions};
use super::tree_place::TreePlace;
use super::tree_summary::TreeSummary;
use crate::dataset::hive;
use crate::error::{Error, Result};
use crate::io::{EntryKind, Existing, Output};
use crate::options::Destination;
use crate::parquet_file::{Footer, Footers};
use crate::text::escaped;
use arrow::datatypes::Schema;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// The tree being written. If it is dropped without [`Tree::commit`], only published files
/// remain.
#[derive(Debug)]
pub struct Tree {
    place: TreePlace,
    template: NameTemplate,
    summary: TreeSummary,
    footers: Option<Footers>,
    success_marker: bool,
}

impl Tree {
    /// Starts a tree, after checking what exists.
    ///
    /// # Errors
    /// Conflicting options; a directory that must not be replaced, or whose parent is not writable.
    pub fn create(options: &TreeOptions) -> Result<Self> {
        let (existing, is_url) =
            (options.existing, matches!(options.destination, Destination::Url(_)));
        let usual = || NameTemplate::usual(existing == Existing::Append || is_url);
        let template = options.template.clone().unwrap_or_else(usual);
        if existing == Existing::Append && !template.has_uuid() {
            return Err(Error::usage(
                "--existing append needs {uuid} in --name-template: other names may collide with \
                 existing files",
            ));
        }
        if is_url && !template.has_uuid() {
            return Err(Error::usage(
                "a tree of objects needs {uuid} in --name-template: after a failure, the objects of the \
                 run are deleted, and no others may have their names",
            ));
        }
        if options.metadata_file && existing == Existing::Append {
            return Err(Error::usage(
                "--metadata-file cannot be combined with --existing append: it would not list the \
                 existing files",
            ));
        }
        if options.publish == Publish::Each && existing != Existing::Append {
            return Err(Error::usage(
                "--publish each needs --existing append: other trees appear as a whole",
            ));
        }
        Ok(Self {
            place: TreePlace::create(options, is_expected)?,
            template: template.with_run(&run_id()?),
            summary: TreeSummary::default(),
            footers: options.metadata_file.then(Footers::default),
            success_marker: options.success_marker,
        })
    }

    /// Checks that rows of this schema, with these partition keys, fit the existing files.
    ///
    /// # Errors
    /// No reader would read the new and the existing files together.
    pub(super) fn check_schema(&self, by: &[String], schema: &Schema) -> Result<()> {
        self.place.check_schema(by, schema)
    }

    /// Starts the file with this number in a partition, given by its path in the tree: components
    /// made by [`hive::encode`], none for a flat tree.
    ///
    /// # Errors
    /// A path that would leave the tree, or that readers skip; I/O errors.
    pub fn create_file(&mut self, partition: &Path, number: u64) -> Result<Output> {
        check(partition)?;
        self.place.create_file(&partition.join(self.template.name(number)))
    }

    /// Finishes a file of the partition.
    ///
    /// # Errors
    /// I/O errors.
    pub fn finish_file(&mut self, output: Output, partition: &Path, footer: Footer) -> Result<()> {
        let path = output.path_in_directory().map(Path::to_owned);
        let rows = footer.rows();
        let bytes = self.place.finish_file(output)?;
        self.summary.add(partition, rows, bytes);
        if let (Some(footers), Some(path)) = (&mut self.footers, path) {
            footers.add(path.to_string_lossy().into_owned(), footer)?;
        }
        Ok(())
    }

    /// Puts the tree in its place.
    ///
    /// # Errors
    /// I/O errors; everything is then as it was before.
    pub fn commit(mut self) -> Result<TreeSummary> {
        if let Some(footers) = self.footers.take().filter(|footers| !footers.is_empty()) {
            let output = self.place.create_file(Path::new(METADATA))?;
            self.place.finish_file(footers.write(output)?)?;
        }
        self.summary.warning = self.place.commit(self.success_marker)?;
        Ok(self.summary)
    }
}

/// Refuses to write a single file if the path is a directory.
///
/// # Errors
/// A directory, with the ways to write into it.
pub fn refuse_directory(path: &Path) -> Result<()> {
    if !path.is_dir() {
        return Ok(());
    }
    Err(Error::failed(format!(
        "cannot write {}: is a directory (--partition-by writes a tree into it, --file-rows or \
         --file-bytes several files)",
        escaped(&path.to_string_lossy())
    )))
}

/// Whether an entry may occur in a tree that we wrote: hive partitions, Parquet files, and other
/// files that readers skip (`_SUCCESS`, `_metadata`). Everything else belongs to others, including
/// hidden directories (`.git`, `_delta_log`).
fn is_expected(name: &OsStr, kind: EntryKind) -> bool {
    let name = name.as_encoded_bytes();
    match kind {
        EntryKind::File => {
            name.starts_with(b".") || name.starts_with(b"_") || name.ends_with(b".parquet")
        }
        EntryKind::Directory => {
            !name.starts_with(b".") && hive::decode(name).is_some_and(|key| !key.name.is_empty())
        }
    }
}

/// Paths consist of encoded components only, so none can leave the tree or be hidden in it; this is
/// enforced where files are created.
fn check(partition: &Path) -> Result<()> {
    let is_fit = |component: Component<'_>| match component {
        Component::Normal(name) => {
            let name = name.as_encoded_bytes();
            !name.starts_with(b".") && !name.starts_with(b"_") && !name.contains(&0)
        }
        _ => false,
    };
    // `Components` skips superfluous dots and slashes, which must not occur either.
    let again: PathBuf = partition.components().collect();
    if partition.components().all(is_fit) && again.as_os_str() == partition.as_os_str() {
        return Ok(());
    }
    let shown = escaped(&partition.to_string_lossy());
    Err(Error::failed(format!("cannot write a partition \"{shown}\": no reader would find it")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::SUCCESS;

    #[test]
    fn paths_that_leave_the_tree_or_hide_in_it_are_refused() {
        for fit in ["", "k=1", "k=1/l=..", "k=", "=", "a b=\u{1b}"] {
            assert_eq!(check(Path::new(fit)), Ok(()), "{fit}");
        }
        for unfit in [
            "..", ".", "/", "/k=1", "k=1/..", "k=1/.", "./k=1", "k=1/", "k=1//l=2", "_k=1",
            "k=1/.l=1", "k=\0",
        ] {
            assert!(check(Path::new(unfit)).is_err(), "{unfit}");
        }
    }

    #[test]
    fn whatever_a_key_holds_its_files_lie_in_the_tree() {
        let place = tempfile::tempdir().unwrap();
        let options = TreeOptions {
            destination: Destination::Path(place.path().join("out")),
            existing: Existing::Error,
            publish: Publish::All,
            sync: false,
            template: None,
            metadata_file: false,
            success_marker: true,
        };
        let mut tree = Tree::create(&options).unwrap();
        let names = ["k", "_k", ".", "..", "a/b", "../../etc", "=", "%", "\0"];
        let values =
            ["", ".", "..", "../../etc/passwd", "a/b", "=", "%2F", "%", "\0", "\u{1}\n", "_", "/"];
        for name in names {
            for value in values.into_iter().map(Some).chain([None]) {
                let component = hive::encode(name, value.map(str::as_bytes)).unwrap();
                let output = tree.create_file(Path::new(&component), 0).unwrap();
                tree.place.finish_file(output).unwrap();
            }
        }
        tree.commit().unwrap();
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
        let partitions = std::fs::read_dir(place.path().join("out")).unwrap();
        let expected = |entry: std::fs::DirEntry| {
            if entry.file_name() == SUCCESS {
                return;
            }
            assert!(is_expected(&entry.file_name(), EntryKind::Directory), "{entry:?}");
            assert!(entry.path().join("part-00000.parquet").is_file());
        };
        let found = partitions.map(|entry| expected(entry.unwrap())).count();
        assert_eq!(found, names.len() * (values.len() + 1) + 1);
    }

    #[test]
    fn only_what_a_run_may_have_written_is_expected() {
        for file in ["x.parquet", "_SUCCESS", "_metadata", ".x.parquet.crc"] {
            assert!(is_expected(OsStr::new(file), EntryKind::File), "{file}");
        }
        for file in ["x", "x.parquet.txt", "k=1", "notes.txt"] {
            assert!(!is_expected(OsStr::new(file), EntryKind::File), "{file}");
        }
        for directory in ["k=1", "k=", "_k=1", "a%2Fb=__HIVE_DEFAULT_PARTITION__"] {
            assert!(is_expected(OsStr::new(directory), EntryKind::Directory), "{directory}");
        }
        for directory in ["k", "=1", ".git", "_delta_log", ".k=1", "x.parquet"] {
            assert!(!is_expected(OsStr::new(directory), EntryKind::Directory), "{directory}");
        }
    }
}
