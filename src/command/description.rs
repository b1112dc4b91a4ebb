//! A tool without its setters, from which help, manual and completions are rendered.

use super::group::Shared;
use super::table::{Command, Example, OptionText, Take, option};
use crate::completion::Complete;

/// The texts of a tool.
pub(super) struct Description {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) operands: &'static str,
    pub(super) description: &'static str,
    /// The last paragraph of the description, if inputs may be URLs.
    pub(super) urls: Option<&'static str>,
    pub(super) options: Vec<OptionText>,
    /// The kinds of candidates for the operands.
    pub(super) completes: &'static [Complete],
    pub(super) memory: &'static str,
    pub(super) statuses: &'static [(u8, &'static str)],
    pub(super) examples: &'static [Example],
}

impl<O> Command<O> {
    /// The texts of this tool, which has the groups of `S`.
    pub(super) fn describe<S: Shared>(&self) -> Description {
        let options =
            self.options.iter().copied().flatten().map(|flag| flag.text).chain(S::texts());
        Description {
            name: self.name,
            summary: self.summary,
            operands: self.operands,
            description: self.description,
            urls: (!matches!(self.take, Take::NoInputs(_))).then_some(URLS),
            options: options.chain(every_tool_has()).collect(),
            completes: self.completes,
            memory: self.memory,
            statuses: self.statuses,
            examples: self.examples,
        }
    }
}

const URLS: &str = "An input may be the URL of an object (https://HOST/PATH, s3://BUCKET/KEY, \
                    gs://BUCKET/KEY, az://CONTAINER/KEY) if the program was built with the feature \
                    remote. An existing path is never treated as a URL. parquet-to-stream(1) \
                    describes how objects are read.";

fn every_tool_has() -> [OptionText; 2] {
    [
        option("help", "show help: -h in brief, --help in full").short('h'),
        option("version", "show the version").short('V'),
    ]
}
