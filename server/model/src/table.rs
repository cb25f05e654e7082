//! The words in which kinds are declared: a kind has fields, a field has a shape and a class.
//!
//! Everything that knows keys is read from these tables: validation, and the texts that explain a
//! key. A key that is not in a table does not exist anywhere else either.

/// A kind of node.
#[derive(Debug)]
pub struct Kind {
    /// What `kind:` says.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// Its keys, without those that every kind has.
    pub fields: &'static [Field],
    /// Whether other nodes can read rows from it.
    pub has_rows: bool,
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// What an edit of it touches.
    pub class: Class,
    /// Whether the node cannot work without it.
    pub required: bool,
    /// What stands for it when it is absent, as it would be written.
    pub default: Option<&'static str>,
    /// What it means, in a sentence.
    pub doc: &'static str,
}

/// What an edit of a key touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Words for people.
    Documentation,
    /// What the node yields.
    Data,
    /// What is asserted of it.
    Check,
    /// Where it is written to besides.
    Target,
    /// Nothing: Seeknal reads past it.
    Ignored,
}

/// What a value looks like.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Anything.
    Any,
    /// A text; numbers and the like are taken as written.
    Text,
    /// A name that SQL takes without quotes.
    Identifier,
    /// SQL that may read other nodes.
    Sql,
    /// A condition or an expression in SQL.
    Expression,
    /// `kind.name`.
    Reference,
    /// `ref('kind.name')`.
    RefCall,
    /// Yes or no.
    Flag,
    /// A whole number of at least this.
    Whole(i64),
    /// A number.
    Number,
    /// `30s`, `5m`, `24h`, `2d` or a number of seconds.
    Duration,
    /// A path of a file.
    Path,
    /// A secret, which belongs into the environment.
    Secret,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list.
    List(&'static Shape),
    /// A list that must not be empty.
    Filled(&'static Shape),
    /// Keys that are known, and no other.
    Map(&'static [Field]),
    /// Keys that are known; others may stand there too.
    Open(&'static [Field]),
    /// Any keys, all with values of one shape.
    MapOf(&'static Shape),
    /// The first of these that fits the kind of value that is written.
    Either(&'static [Shape]),
}

impl Field {
    /// A key that may be absent.
    pub const fn new(name: &'static str, shape: Shape, class: Class, doc: &'static str) -> Field {
        Field { name, shape, class, required: false, default: None, doc }
    }

    /// The same key, needed.
    #[must_use]
    pub const fn needed(mut self) -> Field {
        self.required = true;
        self
    }

    /// The same key with what stands for it when it is absent.
    #[must_use]
    pub const fn or(mut self, default: &'static str) -> Field {
        self.default = Some(default);
        self
    }
}

impl Shape {
    /// What a value of this shape is called in a message.
    pub fn called(self) -> String {
        match self {
            Shape::Any => "any value".to_owned(),
            Shape::Text => "a text".to_owned(),
            Shape::Identifier => "a name of letters, digits and underscores".to_owned(),
            Shape::Sql => "SQL".to_owned(),
            Shape::Expression => "an SQL expression".to_owned(),
            Shape::Reference => "a node as `kind.name`".to_owned(),
            Shape::RefCall => "a node as `ref('kind.name')`".to_owned(),
            Shape::Flag => "true or false".to_owned(),
            Shape::Whole(least) => format!("a whole number of at least {least}"),
            Shape::Number => "a number".to_owned(),
            Shape::Duration => "a duration such as `30s`, `5m`, `24h` or `2d`".to_owned(),
            Shape::Path => "a path".to_owned(),
            Shape::Secret => "a text".to_owned(),
            Shape::OneOf(words) => format!("one of {}", words.join(", ")),
            Shape::List(item) | Shape::Filled(item) => {
                format!("a list, each item {}", item.called())
            }
            Shape::Map(_) | Shape::Open(_) | Shape::MapOf(_) => "a mapping of keys".to_owned(),
            Shape::Either(shapes) => {
                let all: Vec<String> = shapes.iter().map(|shape| shape.called()).collect();
                all.join(", or ")
            }
        }
    }
}
