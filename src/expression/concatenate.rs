//! `||`: the concatenation of texts or of binary values; null if any operand is null.

use super::bind::{Binder, Term};
use super::bind_value::{default_constant, shown};
use super::cast::Conversion;
use super::kind::{Kind, describe};
use super::node::{Node, Rows};
use super::read::{self, Reader, Values};
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, GenericBinaryBuilder, GenericStringBuilder, OffsetSizeTrait};
use arrow::datatypes::DataType;
use sqlparser::ast::{BinaryOperator, Expr};
use std::fmt::Write;
use std::sync::Arc;

/// A chain of `||`; all operands are text, or all are binary.
#[derive(Debug, Clone)]
pub(super) struct Concatenation {
    pub(super) operands: Vec<Node>,
    /// Text or binary, with 64-bit offsets if any operand has them.
    pub(super) data_type: DataType,
    /// The expression's text, for messages.
    text: String,
}

impl Binder<'_> {
    /// A chain of `||` of any length; it leans to the left. Other types are converted to text,
    /// unless all operands are binary.
    pub(super) fn concatenation(&mut self, expression: &Expr) -> Result<Term> {
        let (mut backwards, mut rest) = (Vec::new(), expression);
        while let Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } = rest {
            backwards.push(&**right);
            rest = left;
        }
        backwards.push(rest);
        let mut operands = Vec::with_capacity(backwards.len());
        for operand in backwards.into_iter().rev() {
            let node = match self.term(operand)? {
                Term::Literal(literal) => default_constant(&literal),
                Term::Node(node) => self.with_uuid_as_text(node, operand),
            };
            operands.push((operand, node));
        }
        let any = |wanted: &[DataType]| {
            operands.iter().any(|(_, node)| wanted.contains(node.data_type()))
        };
        let binary = operands
            .iter()
            .all(|(_, node)| matches!(Kind::of(node.data_type()), Kind::Binary | Kind::Null))
            && operands.iter().any(|(_, node)| Kind::of(node.data_type()) == Kind::Binary);
        let large = any(&[DataType::LargeUtf8, DataType::LargeBinary]);
        let data_type = match (binary, large) {
            (true, true) => DataType::LargeBinary,
            (true, false) => DataType::Binary,
            (false, true) => DataType::LargeUtf8,
            (false, false) => DataType::Utf8,
        };
        if operands.iter().any(|(_, node)| Kind::of(node.data_type()) == Kind::Null) {
            let null = arrow::array::new_null_array(&data_type, 1);
            return Ok(Term::Node(Node::Constant(null)));
        }
        let wanted = if binary { Kind::Binary } else { Kind::Text };
        let nodes = operands
            .into_iter()
            .map(|(operand, node)| self.joined(operand, node, wanted))
            .collect::<Result<_>>()?;
        let joined = Concatenation { operands: nodes, data_type, text: shown(expression) };
        Ok(Term::Node(Node::Concatenate(Box::new(joined))))
    }

    fn joined(&self, expression: &Expr, operand: Node, wanted: Kind) -> Result<Node> {
        let from = operand.data_type();
        match Kind::of(from) {
            kind if kind == wanted => Ok(operand),
            _ if Conversion::is_possible(from, &DataType::Utf8) => {
                Ok(Conversion::exact(operand, DataType::Utf8, expression))
            }
            _ => {
                let what = describe(from);
                Err(self.error(expression, format!("|| needs text, but this is {what}")))
            }
        }
    }
}

impl Concatenation {
    /// The joined value of each row.
    ///
    /// # Errors
    /// Errors of the operands; more bytes in one batch than the type's offsets can address.
    pub(super) fn values(&self, rows: &Rows) -> Result<Values> {
        let operands: Vec<Values> =
            self.operands.iter().map(|operand| operand.values(rows)).collect::<Result<_>>()?;
        let array = match &self.data_type {
            DataType::LargeUtf8 => self.texts::<i64>(&operands, rows)?,
            DataType::Binary => self.bytes::<i32>(&operands, rows)?,
            DataType::LargeBinary => self.bytes::<i64>(&operands, rows)?,
            _ => self.texts::<i32>(&operands, rows)?,
        };
        Ok(Values { array, constant: false })
    }

    fn texts<O: OffsetSizeTrait>(&self, operands: &[Values], rows: &Rows) -> Result<ArrayRef> {
        let readers = self.readers(operands, read::text)?;
        let bytes = self.reached::<O>(total(operands, &readers, rows, str::len))?;
        let mut builder = GenericStringBuilder::<O>::with_capacity(rows.count, bytes);
        for row in 0..rows.count {
            if operands.iter().any(|operand| operand.is_null(row)) {
                builder.append_null();
                continue;
            }
            for reader in &readers {
                // Writing to a builder cannot fail.
                let _ = builder.write_str(reader(row));
            }
            builder.append_value("");
        }
        Ok(Arc::new(builder.finish()))
    }

    fn bytes<O: OffsetSizeTrait>(&self, operands: &[Values], rows: &Rows) -> Result<ArrayRef> {
        let readers = self.readers(operands, read::bytes)?;
        let bytes = self.reached::<O>(total(operands, &readers, rows, <[u8]>::len))?;
        let mut builder = GenericBinaryBuilder::<O>::with_capacity(rows.count, bytes);
        let mut joined = Vec::new();
        for row in 0..rows.count {
            if operands.iter().any(|operand| operand.is_null(row)) {
                builder.append_null();
                continue;
            }
            joined.clear();
            readers.iter().for_each(|reader| joined.extend_from_slice(reader(row)));
            builder.append_value(&joined);
        }
        Ok(Arc::new(builder.finish()))
    }

    fn readers<'a, T: 'a>(
        &self,
        operands: &'a [Values],
        read: impl Fn(&'a dyn Array) -> Option<Reader<'a, T>>,
    ) -> Result<Vec<Reader<'a, T>>> {
        let reader = |operand: &'a Values| {
            let reader = read(operand.array.as_ref())
                .ok_or_else(|| Error::failed(format!("{} needs text", self.text)))?;
            Ok(operand.by_row(reader))
        };
        operands.iter().map(reader).collect()
    }

    /// The builders would panic if the bytes exceeded the range of the offsets.
    fn reached<O: OffsetSizeTrait>(&self, bytes: usize) -> Result<usize> {
        match O::from_usize(bytes) {
            Some(_) => Ok(bytes),
            None => Err(Error::failed(format!(
                "{} produces more than 2 GiB in one batch; cast an operand to a LARGE_ type",
                self.text
            ))),
        }
    }
}

/// The number of bytes of the result.
fn total<'a, T: ?Sized>(
    operands: &[Values],
    readers: &[Reader<'a, &'a T>],
    rows: &Rows,
    length: impl Fn(&T) -> usize,
) -> usize {
    let known = |row: &usize| !operands.iter().any(|operand| operand.is_null(*row));
    let of_row = |row| readers.iter().map(|reader| length(reader(row))).sum::<usize>();
    (0..rows.count).filter(known).map(of_row).sum()
}
