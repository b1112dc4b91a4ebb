//! Which leaf columns of a Parquet file a projection needs.

use crate::schema::{Kept, Projection};
use parquet::arrow::ProjectionMask;
use parquet::schema::types::{SchemaDescriptor, Type};

/// The leaf columns to decode.
pub(super) fn mask(projection: &Projection, schema: &SchemaDescriptor) -> ProjectionMask {
    let mut leaves = Leaves { next: 0, kept: Vec::new() };
    for (place, root) in schema.root_schema().get_fields().iter().enumerate() {
        leaves.pass(root, projection.kept().get(&place));
    }
    ProjectionMask::leaves(schema, leaves.kept)
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
