//! The files that `--install` makes: which, and where.

use super::completions::script;
use super::manuals::pages;
use super::{NAME, Tools};
use crate::command::Tool;
use crate::completion::Shell;
use crate::error::{Error, Result};
use crate::text::escaped;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A line near the start of every manual and completion of any version. Files that have it may be
/// replaced and removed.
pub(super) const MARK: &str = "Part of arrow-pipes";

/// The directory below `share` for completions of zsh.
pub(super) const ZSH_DIRECTORY: &str = "zsh/site-functions";

/// The files of one installation.
pub(super) struct Layout {
    /// The directory of the commands; no part of its path is a symbolic link.
    pub(super) directory: PathBuf,
    /// The directory that contains `bin` and `share`; `None` if the commands are not in a `bin`.
    pub(super) prefix: Option<PathBuf>,
    /// The files; links after their targets.
    pub(super) entries: Vec<Entry>,
}

/// A file to be made.
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) path: PathBuf,
    pub(super) content: Content,
}

/// The purpose of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A link to the executable.
    Command,
    Manual,
    Completion,
}

pub(super) enum Content {
    /// A symbolic link, and its target as it is written.
    Link(PathBuf),
    Text(String),
}

impl Layout {
    /// The files of an installation into `directory`, which need not exist.
    ///
    /// # Errors
    /// A path that cannot be resolved.
    pub(super) fn new(
        tools: &Tools,
        own: &dyn Tool,
        executable: &Path,
        directory: &Path,
    ) -> Result<Self> {
        let directory = resolved(directory)?;
        // Not `sbin`: two directories would share their manuals, and the first to be uninstalled
        // would take them along.
        let is_bin = directory.file_name().is_some_and(|name| name == "bin");
        let prefix = directory.parent().filter(|_| is_bin).map(Path::to_owned);
        let mut entries = commands(tools, executable, &directory);
        if let Some(prefix) = &prefix {
            entries.extend(manuals(tools, own, &prefix.join("share/man")));
            entries.extend(completions(tools, &prefix.join("share")));
        }
        Ok(Self { directory, prefix, entries })
    }

    /// The directories that contain the files, parents first.
    pub(super) fn directories(&self) -> Vec<PathBuf> {
        let files = self.entries.iter().map(|entry| entry.path.as_path());
        let mut found: Vec<PathBuf> =
            files.flat_map(|path| path.ancestors().skip(1)).map(Path::to_owned).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// A link per tool to `arrow-pipes` in the same directory. If the executable is elsewhere, that is a
/// link, too: the only one that has to change if the executable moves.
fn commands(tools: &Tools, executable: &Path, directory: &Path) -> Vec<Entry> {
    let link = |name: &str, target: PathBuf| Entry {
        kind: Kind::Command,
        path: directory.join(name),
        content: Content::Link(target),
    };
    let mut entries = Vec::new();
    if executable != directory.join(NAME) {
        let target = executable.strip_prefix(directory).unwrap_or(executable);
        entries.push(link(NAME, target.to_owned()));
    }
    entries.extend(tools.iter().map(|tool| link(tool.name(), NAME.into())));
    entries
}

fn manuals(tools: &Tools, own: &dyn Tool, directory: &Path) -> Vec<Entry> {
    let pages = pages(tools, own).into_iter();
    let entries = pages.map(|(name, section, text)| Entry {
        kind: Kind::Manual,
        path: directory.join(format!("man{section}/{name}.{section}")),
        content: Content::Text(text),
    });
    entries.collect()
}

/// A script per shell. bash and fish look for one by the name of each command, so there are links to
/// theirs; zsh reads the names in the script.
fn completions(tools: &Tools, directory: &Path) -> Vec<Entry> {
    let scripts = [
        (Shell::Bash, "bash-completion/completions", NAME.to_owned()),
        (Shell::Zsh, ZSH_DIRECTORY, format!("_{NAME}")),
        (Shell::Fish, "fish/vendor_completions.d", format!("{NAME}.fish")),
    ];
    let mut entries = Vec::new();
    for (shell, place, name) in scripts {
        let mut add = |name: &str, content| {
            let path = directory.join(place).join(name);
            entries.push(Entry { kind: Kind::Completion, path, content });
        };
        add(&name, Content::Text(script(shell, tools)));
        for tool in tools {
            match shell {
                Shell::Bash => add(tool.name(), Content::Link(name.clone().into())),
                Shell::Fish => {
                    add(&format!("{}.fish", tool.name()), Content::Link(name.clone().into()));
                }
                Shell::Zsh => {}
            }
        }
    }
    entries
}

/// The path without symbolic links, as far as it exists.
fn resolved(path: &Path) -> Result<PathBuf> {
    let failed = |error| Error::io(escaped(&path.to_string_lossy()), &error);
    match path.canonicalize() {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let path = std::path::absolute(path).map_err(failed)?;
            match (path.parent(), path.file_name()) {
                (Some(parent), Some(name)) => Ok(resolved(parent)?.join(name)),
                _ => Err(failed(error)),
            }
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(executable: &str) -> Vec<(String, String)> {
        let entries = commands(&[], Path::new(executable), Path::new("/usr/local/bin"));
        let texts = entries.into_iter().map(|entry| match entry.content {
            Content::Link(target) => (entry.path, target),
            Content::Text(_) => unreachable!(),
        });
        texts
            .map(|(path, target)| (path.display().to_string(), target.display().to_string()))
            .collect()
    }

    #[test]
    fn an_executable_elsewhere_is_linked_itself() {
        let link =
            |target: &str| vec![("/usr/local/bin/arrow-pipes".to_owned(), target.to_owned())];
        assert_eq!(links("/usr/local/bin/arrow-pipes"), []);
        assert_eq!(links("/usr/local/bin/arrow-pipes-0.2"), link("arrow-pipes-0.2"));
        assert_eq!(links("/opt/arrow-pipes"), link("/opt/arrow-pipes"));
    }

    #[test]
    fn a_path_is_resolved_as_far_as_it_exists() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        std::fs::create_dir(place.join("real")).unwrap();
        std::os::unix::fs::symlink("real", place.join("link")).unwrap();
        assert_eq!(resolved(&place.join("link/a/bin")), Ok(place.join("real/a/bin")));
        assert_eq!(resolved(&place.join("link")), Ok(place.join("real")));
        assert!(resolved(&place.join("missing/../bin")).is_err());
    }
}
