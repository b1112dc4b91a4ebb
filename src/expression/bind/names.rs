//! Binds names: the column or the field of a struct that a name means.

use super::binder::{Binder, Reference, Term};
use crate::error::Result;
use crate::expression::evaluate::node::{Column, Node};
use crate::expression::syntax::name::{Found, resolve};
use crate::expression::syntax::refused_syntax::must_be_quoted;
use crate::expression::syntax::tokens::is_reserved;
use crate::expression::values::kind::plain_type;
use sqlparser::ast::Ident;
use sqlparser::tokenizer::Span;

impl Binder<'_> {
    pub(crate) fn column(&self, parts: &[Ident]) -> Result<Term> {
        let found = self.found(parts)?;
        let data_type = plain_type(&found.data_type).clone();
        Ok(Term::Node(Node::Column(Column { index: found.column, path: found.path, data_type })))
    }

    /// The column that a name refers to.
    pub(crate) fn found(&self, parts: &[Ident]) -> Result<Found> {
        let found = self.find(parts)?;
        // The parts after the column name fields inside it.
        let own = parts.len().saturating_sub(found.path.len()).max(1);
        if let [first, ..] = parts
            && let Some(last) = parts.get(own - 1)
        {
            let span = Span { start: first.span.start, end: last.span.end };
            self.references.borrow_mut().push(Reference { span, column: found.column });
        }
        Ok(found)
    }

    fn find(&self, parts: &[Ident]) -> Result<Found> {
        if let [name] = parts
            && name.quote_style.is_none()
            && is_reserved(&name.value)
        {
            return Err(must_be_quoted(&self.source, name.span, &name.value));
        }
        if let [name] = parts
            && let Some(column) = self.exact_column(&name.value)
        {
            let data_type = self.schema.field(column).data_type().clone();
            return Ok(Found { column, path: Vec::new(), data_type });
        }
        let found = resolve(&self.source, parts, self.schema)?;
        let name = parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".");
        if self.is_exact
            && (!found.path.is_empty() || *self.schema.field(found.column).name() != name)
        {
            return Err(self.source.error_at(parts[0].span, "not the name of a whole column"));
        }
        Ok(found)
    }
}
