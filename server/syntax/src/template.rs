//! `{{ … }}` expressions in a text.

use crate::{MappedText, Span, slice};

/// One expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// From the first brace to the last.
    pub span: Span,
    /// What stands between the braces, without blank space around it.
    pub expression: Span,
}

/// The expressions of a text: two braces, anything without a closing brace, two braces.
pub fn sites(text: &str) -> Vec<Site> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text.get(from..).and_then(|rest| rest.find("{{")) {
        let start = from + open;
        let inside = text.get(start + 2..).unwrap_or_default();
        let length = inside.find('}').unwrap_or(inside.len());
        if !inside.get(length..).is_some_and(|rest| rest.starts_with("}}")) {
            from = start + 1;
            continue;
        }
        let inner = slice(inside, Span::new(0, length));
        let lead = inner.len() - inner.trim_start().len();
        let expression = Span::new(lead, lead + inner.trim().len()).shifted(start + 2);
        from = start + 2 + length + 2;
        found.push(Site { span: Span::new(start, from), expression });
    }
    found
}

/// The text with its expressions replaced by their values, in one pass; those without a value stay
/// as they are. The result still knows its way to the file.
pub fn render(source: &MappedText, value: &dyn Fn(&str) -> Option<String>) -> MappedText {
    let mut rendered = MappedText::default();
    let mut from = 0;
    for site in sites(&source.text) {
        let Some(value) = value(slice(&source.text, site.expression)) else { continue };
        rendered.push_part(source, Span::new(from, site.span.start));
        rendered.push_replaced(&value, source.map.span_to_file(site.span));
        from = site.span.end;
    }
    rendered.push_part(source, Span::new(from, source.text.len()));
    rendered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{embed, yaml};

    #[test]
    fn expressions_are_found_where_braces_close() {
        let text = "a {{ x }} {{y}} {{ {{ z }} {{ open } {{}}";
        let found: Vec<&str> =
            sites(text).iter().map(|site| slice(text, site.expression)).collect();
        assert_eq!(found, ["x", "y", "{{ z", ""]);
    }

    #[test]
    fn a_value_takes_the_place_of_its_expression_and_of_nothing_else() {
        let file = "transform: |\n  SELECT {{ col }},\n    {{ other }} FROM t\n";
        let tree = yaml::parse(file);
        let root = tree.documents[0].root.clone().unwrap();
        let sql = embed::embedded(file, &root.entries().unwrap()[0].value).unwrap();
        let value = |name: &str| (name == "col").then(|| "amount_in_cents".to_owned());
        let rendered = render(&sql, &value);
        assert_eq!(rendered.text, "SELECT amount_in_cents,\n  {{ other }} FROM t\n");
        let place = |part: &str| {
            let at = rendered.text.find(part).unwrap();
            slice(file, rendered.map.span_to_file(Span::new(at, at + part.len())))
        };
        assert_eq!(place("cents"), "{{ col }}");
        assert_eq!(place("FROM"), "FROM");
        assert_eq!(place("{{ other }}"), "{{ other }}");
    }
}
