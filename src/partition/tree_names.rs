//! Names of files in a tree: `part-{number}.parquet`.

use crate::error::{Error, Result};
use crate::text::escaped;
use std::time::SystemTime;
use uuid::Builder;

/// A file name template: text with `{number}` and `{uuid}` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTemplate(String);

const NUMBER: &str = "{number}";
const UUID: &str = "{uuid}";

impl NameTemplate {
    /// Parses a template: `{number}` is the number of the file in its partition, with at least five
    /// digits, so that names sort like numbers; `{uuid}` is the same for all files of a run, and
    /// unique to it.
    ///
    /// # Errors
    /// A name that readers of a directory do not find: a hidden file, one in another directory, one
    /// that does not end with `.parquet`; an unknown word in braces.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = |why: &str| Err(Error::usage(format!("\"{}\" {why}", escaped(text))));
        if text.contains(['/', '\0']) {
            return refused("must name a file in its partition, without / or NUL");
        }
        if text.starts_with(['.', '_']) {
            return refused("begins like a hidden file, which readers skip");
        }
        if !text.ends_with(".parquet") {
            return refused("must end with .parquet, by which readers recognise the files");
        }
        if text.replace(NUMBER, "").replace(UUID, "").contains(['{', '}']) {
            return refused("has braces that are neither {number} nor {uuid}");
        }
        Ok(Self(text.to_owned()))
    }

    /// The default template. Names of files that appear among others must differ from those, so they
    /// contain the run's ID.
    pub fn usual(among_others: bool) -> Self {
        let template =
            if among_others { "part-{uuid}-{number}.parquet" } else { "part-{number}.parquet" };
        Self(template.to_owned())
    }

    /// Whether a partition can have more than one file with such a name.
    pub fn has_number(&self) -> bool {
        self.0.contains(NUMBER)
    }

    /// Whether names are unique to a run.
    pub fn has_uuid(&self) -> bool {
        self.0.contains(UUID)
    }

    /// The template of one run.
    pub(super) fn with_run(self, run: &str) -> Self {
        Self(self.0.replace(UUID, run))
    }

    /// The name of a file by its number.
    pub(super) fn name(&self, number: u64) -> String {
        self.0.replace(NUMBER, &format!("{number:05}"))
    }
}

/// A unique ID for a run: a UUID of version 7 (RFC 9562, section 5.7), which begins with the time,
/// so that files of later runs are listed after those of earlier ones.
///
/// # Errors
/// The system gives no random numbers.
pub(super) fn run_id() -> Result<String> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut random = [0; 10];
    getrandom::fill(&mut random)
        .map_err(|error| Error::failed(format!("the system gives no random numbers: {error}")))?;
    let id = Builder::from_unix_timestamp_millis(now.as_millis() as u64, &random).into_uuid();
    Ok(id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_makes_names_that_readers_find() {
        let template = NameTemplate::parse("a-{number}-{uuid}.parquet").unwrap();
        assert_eq!(template.clone().with_run("id").name(7), "a-00007-id.parquet");
        assert_eq!(template.with_run("id").name(1_234_567), "a-1234567-id.parquet");
        for wrong in
            ["", ".parquet", "_a.parquet", "../a.parquet", "a", "{x}.parquet", "a{.parquet"]
        {
            assert_eq!(NameTemplate::parse(wrong).unwrap_err().exit_status(), 2, "{wrong}");
        }
    }

    #[test]
    fn ids_of_runs_differ_and_are_uuids() {
        let ids: std::collections::BTreeSet<String> =
            (0..1000).map(|_| run_id().unwrap()).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            assert_eq!(id.len(), 36, "{id}");
            assert_eq!((&id[14..15], id[19..20].contains(['8', '9', 'a', 'b'])), ("7", true));
        }
    }
}
