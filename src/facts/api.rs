//! The shapes of Kubernetes objects: which fields a kind has, of which type, and which have to be there.
//!
//! Owns the reading of the embedded table, which `.ci/tables/kubernetes.py` makes from the published
//! definitions. Knows nothing of rules.

use std::sync::OnceLock;

/// The table; a line for each kind, an empty line, a line for each shape.
const TABLE: &str = include_str!("../../schemas/kubernetes.txt");

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type<'t> {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A whole number or text.
    Either,
    /// Anything.
    Any,
    /// A mapping with the fields of a shape.
    Shape(Shape),
    /// A list; what it holds is written as the table does.
    List(&'t str),
    /// A mapping with keys of the user's.
    Map(&'t str),
}

/// The fields of a mapping: a line of the table, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape(usize);

/// One field of a shape.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type, as the table writes it.
    pub kind: &'static str,
    /// Whether it has to be there.
    pub required: bool,
}

/// The table, parted once; the fields of a shape are read when they are first asked for.
struct Table {
    kinds: Vec<(&'static str, &'static str, usize)>,
    shapes: Vec<(&'static str, OnceLock<Vec<Field>>)>,
}

fn table() -> &'static Table {
    static ONE: OnceLock<Table> = OnceLock::new();
    ONE.get_or_init(|| {
        let (kinds, shapes) = TABLE.split_once("\n\n").unwrap_or((TABLE, ""));
        Table {
            kinds: kinds
                .lines()
                .filter_map(|line| {
                    let mut words = line.split(' ');
                    Some((words.next()?, words.next()?, words.next()?.parse().ok()?))
                })
                .collect(),
            shapes: shapes.lines().map(|line| (line, OnceLock::new())).collect(),
        }
    })
}

fn numbered(number: usize) -> Option<Shape> {
    (number < table().shapes.len()).then_some(Shape(number))
}

/// The shape of a kind in an API version, `apps/v1`.
pub fn shape(api_version: &str, kind: &str) -> Option<Shape> {
    let (_, _, number) = table()
        .kinds
        .iter()
        .find(|(own, own_kind, _)| *own == api_version && *own_kind == kind)?;
    numbered(*number)
}

/// The API versions that the table has for a kind.
pub fn versions(kind: &str) -> Vec<&'static str> {
    table()
        .kinds
        .iter()
        .filter(|(_, own, _)| *own == kind)
        .map(|(version, _, _)| *version)
        .collect()
}

impl Shape {
    /// Its fields, sorted by name.
    pub fn fields(self) -> &'static [Field] {
        let (line, fields) = &table().shapes[self.0];
        fields.get_or_init(|| line.split(' ').filter_map(field).collect())
    }

    /// The field of that name.
    pub fn field(self, name: &str) -> Option<Field> {
        self.fields()
            .iter()
            .find(|field| field.name == name)
            .copied()
    }
}

/// `name=type`, or `name=type!` where the field has to be there.
fn field(word: &'static str) -> Option<Field> {
    let (name, kind) = word.split_once('=')?;
    let (kind, required) = match kind.strip_suffix('!') {
        Some(kind) => (kind, true),
        None => (kind, false),
    };
    Some(Field {
        name,
        kind,
        required,
    })
}

/// Reads a type as the table writes it.
pub fn read(kind: &str) -> Type<'_> {
    match kind.as_bytes().first() {
        Some(b's') => Type::Text,
        Some(b'i') => Type::Integer,
        Some(b'n') => Type::Number,
        Some(b'b') => Type::Boolean,
        Some(b'q') => Type::Either,
        Some(b'[') => Type::List(&kind[1..]),
        Some(b'{') => Type::Map(&kind[1..]),
        Some(b'0'..=b'9') => kind
            .parse()
            .ok()
            .and_then(numbered)
            .map_or(Type::Any, Type::Shape),
        _ => Type::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_the_table_names_is_there() {
        for (version, kind, number) in &table().kinds {
            assert!(numbered(*number).is_some(), "{version} {kind}");
        }
        for number in 0..table().shapes.len() {
            for field in Shape(number).fields() {
                let kind = field.kind.trim_start_matches(['[', '{']);
                let known = matches!(kind, "s" | "i" | "n" | "b" | "q" | "o")
                    || kind.parse().ok().and_then(numbered).is_some();
                assert!(known, "{} is {}", field.name, field.kind);
            }
        }
    }

    #[test]
    fn a_deployment_needs_a_selector_and_a_template() {
        let shape = shape("apps/v1", "Deployment").unwrap();
        let Type::Shape(spec) = read(shape.field("spec").unwrap().kind) else {
            panic!("spec is no mapping");
        };
        assert!(spec.field("selector").unwrap().required);
        assert!(spec.field("template").unwrap().required);
        assert!(spec.field("replica").is_none());
        assert_eq!(read(spec.field("replicas").unwrap().kind), Type::Integer);
    }
}
