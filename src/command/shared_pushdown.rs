//! Options shared by tools that read only what is needed.

use super::group::Shared;
use super::table::{Command, Flag, option};
use super::value::store;
use crate::completion::{Complete, names};
use crate::explain::Explanation;
use crate::options::{ExplainForm, Pushdown};
use std::io::{IsTerminal, Write};

impl Shared for Pushdown {
    const FLAGS: &'static [Flag<Self>] = &[
        option("explain", "show what was read and pruned, on standard error: table, json")
            .details(
                "After the work, prints how much of the input there was, how much was not read and \
                 why, and what the program downstream needs; see \"Hints through the pipe\" in \
                 arrow-pipes(1). Bytes are counted as they are stored. json prints one object on \
                 one line. Its keys are tool; total and read, with the numbers of what is counted \
                 (files, row_groups or record_batches, pages, rows, bytes); pruned, with the same \
                 numbers for each cause (columns, limit, partition_keys, statistics, \
                 always_true, bloom_filter, page_index, late_decoding); and reader, with the \
                 columns, the expression (where) and the limit that the program downstream gave, \
                 each null if it gave none, and whether columns may be encoded in transit \
                 (encodings). \
                 stream-filter also has writer: what it told the program upstream. Nothing is \
                 printed after a failure.",
            )
            .completes(Complete::Choices(|| names(ExplainForm::WORDS)))
            .optional("FORM", |pushdown, value| {
                let form = value.map_or(Ok(ExplainForm::Table), |v| v.one_of(ExplainForm::WORDS));
                store(&mut pushdown.explain, form)
            }),
        option("no-pushdown", "read and filter everything")
            .details(
                "Nothing is pruned: all rows of all inputs are decoded, and filtered afterwards. \
                 Hints of the program downstream are not used, and none are given. The result is \
                 the same, but damage in parts that are otherwise skipped is found, and an \
                 expression that fails on a row in them is an error.",
            )
            .switch(|pushdown| pushdown.is_off = true),
    ];
}

impl<O> Command<O> {
    /// Shows what was read, on standard error.
    pub fn explain(&self, form: ExplainForm, explanation: &Explanation) {
        let text = match form {
            ExplainForm::Table => explanation.text(),
            ExplainForm::Json => explanation.json(),
        };
        let mut stderr = std::io::stderr().lock();
        // Erase a progress line that may be there.
        let clear = if stderr.is_terminal() { "\r\x1b[K" } else { "" };
        let _ignored = stderr.write_all(format!("{clear}{text}").as_bytes());
    }
}
