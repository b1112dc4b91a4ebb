//! Binds the items of a select list.

use super::binder::{Binder, once_per_stored_value};
use super::casts::encoding;
use super::select_output::{Output, kept_metadata, may_be_null, stored_field, stored_output};
use super::unnested::unnested;
use crate::error::Result;
use crate::expression::evaluate::node::Column;
use crate::expression::evaluate::uuid::is_uuid;
use crate::expression::syntax::error_place::Source;
use crate::expression::syntax::name::{Found, place_of};
use crate::expression::syntax::output_name::output_name;
use crate::expression::syntax::parse_list::{Changes, Item};
use crate::expression::values::kind::{Kind, describe, plain_type};
use crate::schema::has_equal_names;
use crate::text::escaped;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema};
use sqlparser::ast::{Expr, Ident};
use sqlparser::tokenizer::Location;
use std::collections::BTreeSet;
use std::iter::once;
use std::sync::Arc;

/// An output with its field, and its place in the list.
type Named = (Output, Field, Location);

/// The state while binding a list.
pub(crate) struct Binding<'a> {
    pub(crate) binder: Binder<'a>,
    pub(crate) warnings: Vec<String>,
}

impl Binding<'_> {
    /// `user price` renames one column to the other, which is rarely intended.
    fn warn_of_comma(&mut self, expression: &Expr, name: &str) {
        if self.binder.schema.fields().iter().any(|field| field.name() == name) {
            let (first, name) = (escaped(&expression.to_string()), escaped(name));
            self.warnings.push(format!(
                "{first} is renamed to \"{name}\", which is another column: is a comma missing? \
                 (write AS \"{name}\" if not)"
            ));
        }
    }

    pub(crate) fn item(&mut self, item: &Item) -> Result<Vec<Named>> {
        match item {
            Item::Value { expression, name, is_bare, start } => {
                let name = name.as_ref().map(|name| name.value.as_str());
                if *is_bare && let Some(name) = name {
                    self.warn_of_comma(expression, name);
                }
                let (output, field) = self.value(expression, name)?;
                Ok(vec![(output, field, *start)])
            }
            Item::Star { of, changes, start } => {
                let all = self.all(of)?;
                let fields: Fields = all.iter().map(|(_, field)| field.clone()).collect();
                self.changed(all, &fields, changes, *start)
            }
        }
    }

    /// A column of the schema.
    pub(crate) fn column(schema: &Schema, column: usize) -> Named {
        let field = schema.field(column);
        let data_type = plain_type(field.data_type()).clone();
        let output = Output::Stored(Column { index: column, path: Vec::new(), data_type });
        (output, field.clone(), Location::empty())
    }

    fn value(&mut self, expression: &Expr, name: Option<&str>) -> Result<(Output, Field)> {
        let mut inner = expression;
        while let Expr::Nested(nested) = inner {
            inner = nested;
        }
        if let Some(key) = self.binder.key_of_item(inner) {
            let (output, field, _) = Self::column(self.binder.schema, key);
            let name = name.unwrap_or(field.name()).to_owned();
            return Ok((output, field.with_name(name)));
        }
        if let Expr::Function(call) = inner
            && self.binder.groups.is_none()
            && let Some(unnested) = unnested(&mut self.binder, inner, call, name)?
        {
            return Ok(unnested);
        }
        let stored = match inner {
            _ if self.binder.groups.is_some() => None,
            Expr::Identifier(name) => Some(self.binder.found(std::slice::from_ref(name))?),
            Expr::CompoundIdentifier(parts) => Some(self.binder.found(parts)?),
            _ => None,
        };
        if let Some(found) = stored {
            let field = stored_field(self.binder.schema, &found);
            let name = name.unwrap_or(field.name()).to_owned();
            return Ok((stored_output(found), field.with_name(name)));
        }
        let node = self.binder.node(inner)?;
        let name = name.map_or_else(|| output_name(inner, self.binder.schema), str::to_owned);
        let packed = encoding(inner, node.data_type());
        if let Some(DataType::Dictionary(..)) = packed
            && let Kind::Null | Kind::Boolean | Kind::Duration | Kind::Interval | Kind::Other =
                Kind::of(node.data_type())
        {
            let message = format!("cannot encode {} as a dictionary", describe(node.data_type()));
            return Err(self.binder.error(inner, message));
        }
        let data_type = packed.clone().unwrap_or_else(|| node.data_type().clone());
        let field = Field::new(name, data_type, may_be_null(&node, self.binder.schema));
        let kept = if packed.is_none() && is_uuid(&node, self.binder.schema) {
            once(("ARROW:extension:name".to_owned(), "arrow.uuid".to_owned())).collect()
        } else {
            kept_metadata(inner, &node, self.binder.schema)
        };
        let node = once_per_stored_value(node, self.binder.schema);
        Ok((Output::Computed(node, packed), field.with_metadata(kept)))
    }

    /// The columns of a `*`: those of the schema, or of a struct.
    fn all(&mut self, of: &[Ident]) -> Result<Vec<(Output, FieldRef)>> {
        let Some(first) = of.first() else {
            let columns = self.binder.schema.fields().iter().enumerate();
            return Ok(columns
                .map(|(column, field)| {
                    let data_type = plain_type(field.data_type()).clone();
                    let column = Column { index: column, path: Vec::new(), data_type };
                    (Output::Stored(column), field.clone())
                })
                .collect());
        };
        let found = self.binder.found(of)?;
        let DataType::Struct(children) = &found.data_type else {
            let message =
                format!("\"{}\" is not a struct, so it has no columns", escaped(&first.value));
            return Err(self.binder.source.error_at(first.span, message));
        };
        let child = |place: usize| {
            let path = [found.path.as_slice(), &[place]].concat();
            let data_type = children[place].data_type().clone();
            let found = Found { column: found.column, path, data_type };
            let field = stored_field(self.binder.schema, &found);
            (stored_output(found), Arc::new(field))
        };
        Ok((0..children.len()).map(child).collect())
    }

    fn changed(
        &mut self,
        all: Vec<(Output, FieldRef)>,
        fields: &Fields,
        changes: &Changes,
        start: Location,
    ) -> Result<Vec<Named>> {
        let place = |name: &Ident| place_of(&self.binder.source, fields, name);
        let mut changed: Vec<Option<Named>> =
            all.into_iter().map(|(o, field)| Some((o, (*field).clone(), start))).collect();
        let mut renamed = Vec::new();
        for (old, new) in &changes.renamed {
            renamed.push((place(old)?, new));
        }
        let excluded = changes.excluded.iter().map(place).collect::<Result<Vec<_>>>()?;
        let replaced: Vec<(usize, &Expr, &Ident)> = changes
            .replaced
            .iter()
            .map(|(expression, name)| Ok((place(name)?, expression, name)))
            .collect::<Result<_>>()?;
        for (place, expression, name) in replaced {
            if excluded.contains(&place) {
                let message = format!("\"{}\" is already excluded", escaped(&name.value));
                return Err(self.binder.source.error_at(name.span, message));
            }
            let own = fields[place].name();
            let (output, field) = self.value(expression, Some(own))?;
            changed[place] = Some((output, field, start));
        }
        for (place, new) in renamed {
            if let Some((_, field, _)) = &mut changed[place] {
                field.set_name(&new.value);
            }
        }
        excluded.iter().for_each(|place| changed[*place] = None);
        let left: Vec<Named> = changed.into_iter().flatten().collect();
        if left.is_empty() {
            return Err(self.binder.source.error(start, "no column of * is left"));
        }
        Ok(left)
    }
}

pub(crate) fn refuse_doubles(source: &Source<'_>, schema: &Schema, named: &[Named]) -> Result<()> {
    let mut names = BTreeSet::new();
    for (_, field, start) in named {
        if !names.insert(field.name()) {
            let name = escaped(field.name());
            let hint = if has_equal_names(schema) {
                "rename or exclude one by its number, as in * RENAME (#2 AS z) or * EXCLUDE (#2), \
                     or number them with --unique-names"
            } else {
                "rename one with AS, or EXCLUDE it"
            };
            let message = format!("two columns would be named \"{name}\"; {hint}");
            return Err(source.error(*start, message));
        }
    }
    Ok(())
}
