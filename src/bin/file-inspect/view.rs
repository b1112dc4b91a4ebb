//! The view that the options of file-inspect ask for.

use super::{COMMAND, Options};
use arrow_pipes::inspect::{Form, Show, View};
use arrow_pipes::parquet_file::KeyFile;
use arrow_pipes::{Error, Result};

impl Options {
    pub(crate) fn view(&self, width: Option<usize>) -> Result<View> {
        let show = self.show.unwrap_or(Show::Files);
        if self.total && self.count.is_none() {
            return Err(Error::usage("--total requires --count"));
        }
        if let Some(probe) = &self.probe {
            return match (self.show, self.count) {
                (None, None) => self.form(width).map(|form| View::Probe(probe.clone(), form)),
                _ => Err(Error::usage("--bloom-probe cannot be combined with --show or --count")),
            };
        }
        match (self.count, self.json, self.stream) {
            (Some(counted), false, false) if self.show.is_none() => {
                Ok(View::Count { counted, total: self.total })
            }
            (Some(_), _, _) => {
                Err(Error::usage("--count cannot be combined with --show, --json or --stream"))
            }
            (None, true, false) if self.show.is_none() => Ok(View::Everything),
            (None, _, _) => self.form(width).map(|form| View::Rows(show, form)),
        }
    }

    /// The form of faults.
    pub(crate) fn verify_form(&self) -> Result<Form> {
        if self.show.is_some() || self.count.is_some() || self.probe.is_some() || self.total {
            return Err(Error::usage(
                "--verify cannot be combined with --show, --count, --total or --bloom-probe",
            ));
        }
        self.form(None)
    }

    /// Warns about the key file.
    pub(crate) fn warn(&self) {
        let warning = self.read.keys.as_ref().and_then(KeyFile::warning);
        warning.into_iter().for_each(|warning| COMMAND.tell(warning));
    }

    fn form(&self, width: Option<usize>) -> Result<Form> {
        match (self.json, self.stream) {
            (true, true) => Err(Error::usage("--json cannot be combined with --stream")),
            (true, false) => Ok(Form::Json),
            (false, true) => Ok(Form::Stream),
            (false, false) => Ok(Form::Text { width }),
        }
    }
}
