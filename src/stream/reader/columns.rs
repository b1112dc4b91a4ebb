//! The columns of the batches: those that are selected, of those that are sent.

use super::{Plain, Reader};
use crate::error::{Error, Result};
use crate::schema::plain_schema;
use crate::stream::undecoded_batch::places_among;
use std::sync::Arc;

impl Reader {
    /// Decodes only these columns from now on, in this order; the buffers of the others are not
    /// touched.
    ///
    /// # Errors
    /// A position outside the schema.
    pub fn project(&mut self, columns: Vec<usize>) -> Result<()> {
        if let Some(stream) = &mut self.stream {
            match &self.sent {
                None => stream.project(&columns)?,
                Some(sent) => stream.project(&places_among(sent, &columns)?)?,
            }
        }
        self.columns = Some(columns);
        self.choose_schema()
    }

    /// The schema of batches follows from that of all columns.
    pub(super) fn choose_schema(&mut self) -> Result<()> {
        let chosen = match &self.columns {
            None => Ok(self.whole_schema.clone()),
            Some(columns) => self.whole_schema.project(columns).map(Arc::new),
        };
        let chosen = chosen.map_err(|e| Error::failed(e.to_string()))?;
        self.encoded = self.encoded.as_ref().map(|_| chosen.clone());
        self.schema = if self.plain == Plain::No { chosen } else { plain_schema(&chosen) };
        Ok(())
    }

    /// Checks that all columns of the batches are sent.
    ///
    /// # Errors
    /// A tool that promised to need fewer columns than it reads.
    pub(super) fn check_columns(&self) -> Result<()> {
        let all = self.whole_schema.fields().len();
        if self.columns.is_none() && self.sent.as_ref().is_some_and(|sent| sent.len() < all) {
            return Err(Error::failed("the producer left out a column that is needed"));
        }
        Ok(())
    }
}
