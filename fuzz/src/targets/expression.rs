//! SQL expressions: parsed, bound to columns and evaluated.

use super::columns::batch;
use arrow_pipes::Result;
use arrow_pipes::expression::{Predicate, SelectList};

pub(super) fn condition(bytes: &[u8]) -> Result<()> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    let predicate = Predicate::bind(text, batch().schema_ref())?;
    if let Ok(columns) = batch().project(predicate.columns()) {
        predicate.evaluate(&columns)?;
    }
    Ok(())
}

pub(super) fn list(bytes: &[u8]) -> Result<()> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
    let list = SelectList::bind(text, batch().schema_ref(), false)?;
    if let Ok(columns) = batch().project(list.columns()) {
        list.evaluate(&columns)?;
    }
    Ok(())
}
