//! Random tables in files, and what their columns are.

use crate::support::{Python, Workplace};
use std::path::Path;

/// What can be asked of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Float,
    Decimal,
    Text,
    Bool,
    Date,
    Timestamp,
    List,
    Struct,
    Other,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

impl Column {
    pub(super) fn new(name: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), kind }
    }

    /// Its name in an expression.
    pub(super) fn quoted(&self) -> String {
        format!("\"{}\"", self.name.replace('"', "\"\""))
    }
}

/// For each table N: tN.parquet, tN.arrows, tN.arrow, and its halves in the tree treeN.
pub(super) struct Tables {
    place: Workplace,
    columns: Vec<Vec<Column>>,
}

impl Tables {
    pub(super) fn new(count: usize) -> Self {
        let place = Workplace::new();
        Python::run(include_str!("tables.py"), place.path(), [count.to_string()]).succeeds();
        let text = std::fs::read_to_string(place.file("columns.json")).unwrap();
        let tables: serde_json::Value = serde_json::from_str(&text).unwrap();
        let columns = tables.as_array().unwrap().iter().map(|table| {
            let columns = table.as_array().unwrap().iter();
            columns
                .map(|pair| column(pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
                .collect()
        });
        Self { columns: columns.collect(), place }
    }

    pub(super) fn path(&self) -> &Path {
        self.place.path()
    }

    pub(super) fn place(&self) -> &Workplace {
        &self.place
    }

    pub(super) fn count(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn columns(&self, table: usize) -> &[Column] {
        &self.columns[table]
    }
}

fn column(name: &str, kind: &str) -> Column {
    let kind = match kind {
        "int" => Kind::Int,
        "float" => Kind::Float,
        "decimal" => Kind::Decimal,
        "text" => Kind::Text,
        "bool" => Kind::Bool,
        "date" => Kind::Date,
        "timestamp" => Kind::Timestamp,
        "list" => Kind::List,
        "struct" => Kind::Struct,
        _ => Kind::Other,
    };
    Column::new(name, kind)
}
