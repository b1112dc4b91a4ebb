//! Which leaf columns of a Parquet file a projection needs.

use crate::schema::Kept;
use parquet::schema::types::{SchemaDescriptor, Type};
use std::collections::BTreeMap;

/// The leaf columns to decode for each column that is kept, by its place in the file.
pub(super) fn of_columns(
    kept: &BTreeMap<usize, Kept>,
    schema: &SchemaDescriptor,
) -> BTreeMap<usize, Vec<usize>> {
    let mut leaves = Leaves { next: 0, kept: Vec::new() };
    let mut columns = BTreeMap::new();
    for (place, root) in schema.root_schema().get_fields().iter().enumerate() {
        let kept = kept.get(&place);
        leaves.pass(root, kept);
        let of_root = std::mem::take(&mut leaves.kept);
        if kept.is_some() {
            columns.insert(place, of_root);
        }
    }
    columns
}

/// Walks a Parquet schema, whose leaves are numbered depth first.
struct Leaves {
    next: usize,
    kept: Vec<usize>,
}

impl Leaves {
    fn pass(&mut self, column: &Type, kept: Option<&Kept>) {
        if column.is_primitive() {
            if kept.is_some() {
                self.kept.push(self.next);
            }
            self.next += 1;
            return;
        }
        for (place, child) in column.get_fields().iter().enumerate() {
            self.pass(
                child,
                match kept {
                    Some(Kept::Children(children)) => children.get(&place),
                    whole_or_nothing => whole_or_nothing,
                },
            );
        }
    }
}
