//! Text inside YAML scalars, such as SQL, with its exact way to the file and back.
//!
//! The parser gives a scalar's decoded text but not which bytes of the file became which part of
//! it. Here the scalar is decoded a second time, piece by piece. The result must equal the
//! parser's; where it does not, the map falls back to one piece for the whole scalar, which is
//! coarse and never wrong.

mod block;
mod flow;

use crate::yaml::{Node, Scalar, Style};
use crate::{MappedText, Span, slice};

/// The decoded text of a scalar node with its way to the file `text`. Nothing for other nodes.
pub fn embedded(text: &str, node: &Node) -> Option<MappedText> {
    let scalar = node.scalar()?;
    Some(exact(text, node).unwrap_or_else(|| whole(scalar)))
}

/// The same where every piece is exact. A property test holds that this is all there is.
pub fn exact(text: &str, node: &Node) -> Option<MappedText> {
    let scalar = node.scalar()?;
    let place = node.target()?.span;
    let source = slice(text, scalar.content);
    let base = scalar.content.start;
    let mapped = match scalar.style {
        Style::Plain => Some(flow::plain(source, base)),
        Style::SingleQuoted => flow::single_quoted(source, base),
        Style::DoubleQuoted => flow::double_quoted(source, base),
        Style::Literal | Style::Folded => block::decode(text, place, scalar),
    };
    mapped.filter(|mapped| mapped.text == scalar.text)
}

/// Whether a block scalar's text is what its content decodes to.
pub(crate) fn is_exact_block(text: &str, place: Span, scalar: &Scalar) -> bool {
    block::decode(text, place, scalar).is_some()
}

fn whole(scalar: &Scalar) -> MappedText {
    let mut mapped = MappedText::default();
    mapped.push_replaced(&scalar.text, scalar.content);
    mapped
}
