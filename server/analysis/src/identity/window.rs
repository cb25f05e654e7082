//! Window functions as values.

use super::eval::{Eval, Opaque};
use super::expr::{At, term_id};
use super::functions::{Nature, ONLY_WINDOWED, Total, canonical, nature};
use super::id::{Ids, Tag};
use super::value::{Class, Value, is_floating};
use seeknal_syntax::sql::tree::Window;
use std::collections::BTreeSet;

impl Eval<'_> {
    pub(crate) fn window(&mut self, window: &Window, at: At<'_, '_>) -> Result<Value, Opaque> {
        let call = &window.call;
        let name = canonical(&call.name);
        let Some(nature) = nature(name, call.arguments.len()) else {
            return Err(format!("the function {name}()"));
        };
        let arguments = self.exprs(&call.arguments, at)?;
        let filter = self.exprs(&call.filter, at)?;
        let partitions = self.exprs(&window.partitions, at)?;
        let mut class = at.rows.class;
        let (mut order, mut ordered_by) = (Vec::new(), BTreeSet::new());
        for term in &window.order {
            let value = self.expr(&term.expr, at)?;
            class = class.max(self.discretely(&value));
            ordered_by.insert(value.id);
            order.push(term_id(&value, term));
        }
        for value in &partitions {
            class = class.max(self.as_key(value));
            ordered_by.insert(value.id);
        }
        for value in &filter {
            class = class.max(self.discretely(value));
        }
        let own_order = self.terms(&call.order, at)?;
        let bounds = self.exprs(window.bounds.iter().flatten(), at)?;
        class = arguments.iter().chain(&bounds).map(|one| one.class).fold(class, Class::max);
        let is_total = at.rows.keys.iter().any(|key| key.is_subset(&ordered_by));
        class = class.max(self.of_window((name, nature), window, &arguments, is_total));
        let partition_ids = partitions.iter().map(|one| one.id);
        let partition_ids = match self.rigid {
            0 => Ids::set(partition_ids),
            _ => Ids::in_order(partition_ids),
        };
        let tag = Tag::new("window")
            .text(name)
            .ids(arguments.iter().map(|one| one.id))
            .number(usize::from(call.distinct))
            .number(usize::from(window.ignore_nulls))
            .ids(filter.iter().map(|one| one.id))
            .ids(own_order)
            .these(&partition_ids)
            .ids(order)
            .ids(bounds.iter().map(|one| one.id))
            .id(at.rows.windowed);
        let tag = window.frame.iter().fold(tag, |tag, word| tag.text(word));
        let mut value = Value::new(tag.end()).made_of(&arguments);
        value.class = class;
        match name {
            "row_number" | "rank" | "dense_rank" | "ntile" | "count" | "count_star" => {
                value = Value { raises: false, ..value.of_kind("BIGINT") };
            }
            "lag" | "lead" | "first_value" | "last_value" | "nth_value" | "first" | "last"
            | "min" | "max" => {
                let first = arguments.first();
                value.kind = first.and_then(|one| one.kind.clone());
                value.lossy = first.is_none_or(|one| one.lossy);
            }
            _ => {
                let plain = matches!(nature, Nature::Rank | Nature::Aggregate(Total::Exact));
                value.lossy = !plain && arguments.iter().any(|one| one.lossy);
            }
        }
        Ok(value)
    }

    /// How far a window function stays the same by the rows it looks at.
    fn of_window(
        &mut self,
        (name, nature): (&str, Nature),
        window: &Window,
        arguments: &[Value],
        is_total: bool,
    ) -> Class {
        let by_rows = window.frame.iter().any(|word| word.ends_with("ROWS"));
        // Equal rows have no order among them.
        if by_rows && !is_total && !spans_everything(window) {
            self.is_ordered = true;
            return Class::Unstable;
        }
        let floats = |value: &Value| value.kind.as_deref().is_none_or(is_floating);
        match nature {
            Nature::Rank | Nature::Aggregate(Total::Exact) => Class::Exact,
            Nature::Aggregate(Total::Adding) if !arguments.iter().any(floats) => Class::Exact,
            Nature::Aggregate(Total::Adding | Total::Rounding) => Class::Float,
            Nature::Aggregate(Total::Extreme) if !arguments.iter().any(|one| one.lossy) => {
                Class::Exact
            }
            Nature::OrderBound if is_total && follows_order(name) => Class::Exact,
            _ => {
                self.is_ordered = true;
                Class::Unstable
            }
        }
    }
}

/// Whether the frame is every row of the partition.
fn spans_everything(window: &Window) -> bool {
    let [start, end, exclude] = &window.frame;
    start == "UNBOUNDED_PRECEDING" && end == "UNBOUNDED_FOLLOWING" && exclude == "NO_OTHER"
}

/// Functions that depend on nothing but the order of rows: with a total one they are exact.
fn follows_order(name: &str) -> bool {
    ONLY_WINDOWED.contains(&name) || name == "first" || name == "last"
}
