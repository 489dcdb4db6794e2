//! What the providers of Terraform declare: their resources and data sources, the arguments and blocks of each.
//!
//! Owns the reading of the embedded tables, which `.ci/tables/terraform.py` makes from the providers' own schemas
//! and the build packs. Nothing is read before it is asked for. Knows nothing of rules.

include!(concat!(env!("OUT_DIR"), "/providers.rs"));

/// A provider and the version that its table was made from.
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// Its name, `aws`.
    pub name: &'static str,
    /// The version, `6.25.0`.
    pub version: &'static str,
    /// A line `kind place` for each kind, sorted.
    kinds: &'static str,
}

/// What the table says of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The provider has no such kind.
    No,
    /// It has, and its arguments are not kept.
    Named,
    /// It has these arguments.
    Shape(Shape),
}

/// The arguments of a resource or block: where they stand in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape(usize);

/// An argument or a block.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// Whether it has to be there.
    pub required: bool,
    /// Whether it can only be read.
    pub computed: bool,
    /// How it is written.
    pub written: Written,
}

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// `name = …`.
    Argument,
    /// `name { … }`.
    Block,
    /// Either way.
    Either,
}

/// What an argument holds, from the outside in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Type {
    /// As the table writes it.
    text: &'static str,
    shape: Option<Shape>,
}

/// The outermost part of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outer {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A truth value.
    Boolean,
    /// Anything.
    Any,
    /// A list or set.
    List(Type),
    /// A map with keys of the user's.
    Map(Type),
    /// A mapping, or a block, with these fields.
    Shape(Shape),
}

/// The provider in front of a kind: `aws` of `aws_lb`.
pub fn of(kind: &str) -> Option<Provider> {
    let prefix = kind.split('_').next()?;
    PROVIDERS
        .iter()
        .find(|(name, ..)| *name == prefix)
        .map(|&(name, version, kinds)| Provider {
            name,
            version,
            kinds,
        })
}

impl Provider {
    /// What is known of a resource or data source.
    pub fn kind(&self, data: bool, kind: &str) -> Known {
        let Some(short) = kind
            .strip_prefix(self.name)
            .and_then(|rest| rest.strip_prefix('_'))
        else {
            return Known::No;
        };
        let key = if data {
            format!("data.{short}")
        } else {
            short.to_owned()
        };
        self.line(&key)
    }

    /// What the provider itself is configured with.
    pub fn configuration(&self) -> Known {
        self.line("provider")
    }

    /// All resources, or all data sources, without the provider's name in front.
    pub fn kinds(&self, data: bool) -> impl Iterator<Item = &'static str> {
        self.kinds.lines().filter_map(move |line| {
            let name = line.split(' ').next().filter(|name| *name != "provider")?;
            match name.strip_prefix("data.") {
                Some(name) => data.then_some(name),
                None => (!data).then_some(name),
            }
        })
    }

    fn line(&self, key: &str) -> Known {
        let text = self.kinds;
        let (mut low, mut high) = (0, text.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let start = text[..middle].rfind('\n').map_or(0, |at| at + 1);
            let end = text[middle..]
                .find('\n')
                .map_or(text.len(), |at| middle + at);
            let Some((name, place)) = text[start..end].split_once(' ') else {
                break;
            };
            match key.cmp(name) {
                std::cmp::Ordering::Less => high = start,
                std::cmp::Ordering::Greater => low = end + 1,
                std::cmp::Ordering::Equal => {
                    return place
                        .parse()
                        .map_or(Known::Named, |at| Known::Shape(Shape(at)));
                }
            }
        }
        Known::No
    }
}

impl Shape {
    /// Its fields, sorted by name.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        let count = number(self.0, 2);
        (0..count).scan(self.0 + 2, |at, _| {
            let name = NAMES[number(*at, 3)..].lines().next().unwrap_or("");
            let text = TYPES[number(*at + 3, 1)];
            *at += 4;
            let shape = text.contains('#').then(|| {
                *at += 3;
                Self(number(*at - 3, 3))
            });
            Some(Field {
                name,
                kind: Type {
                    text: &text[1..],
                    shape,
                },
                required: text.contains('!'),
                computed: text.contains('~'),
                written: match text.as_bytes()[0] {
                    b':' => Written::Block,
                    _ if text.contains('*') => Written::Either,
                    _ => Written::Argument,
                },
            })
        })
    }

    /// The field of that name.
    pub fn field(self, name: &str) -> Option<Field> {
        self.fields().find(|field| field.name == name)
    }
}

impl Type {
    /// Its outermost part.
    pub fn outer(self) -> Outer {
        let inner = Self {
            text: self.text.get(1..).unwrap_or(""),
            ..self
        };
        match (self.text.as_bytes().first(), self.shape) {
            (Some(b's'), _) => Outer::Text,
            (Some(b'n'), _) => Outer::Number,
            (Some(b'b'), _) => Outer::Boolean,
            (Some(b'['), _) => Outer::List(inner),
            // `{#` is a mapping of known fields, and `{{#` a map of those.
            (Some(b'{'), Some(shape)) if inner.text.starts_with('#') => Outer::Shape(shape),
            (Some(b'{'), _) => Outer::Map(inner),
            (Some(b'#'), Some(shape)) => Outer::Shape(shape),
            _ => Outer::Any,
        }
    }
}

/// A number of so many bytes.
fn number(at: usize, bytes: usize) -> usize {
    SHAPES[at..at + bytes]
        .iter()
        .fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_and_every_shape_can_be_read() {
        let mut shapes = 0;
        for &(name, version, kinds) in PROVIDERS {
            let provider = Provider {
                name,
                version,
                kinds,
            };
            for line in kinds.lines() {
                let key = line.split(' ').next().unwrap();
                let known = provider.line(key);
                assert_ne!(known, Known::No, "{name} {key}");
                let Known::Shape(shape) = known else {
                    continue;
                };
                let mut open = vec![shape];
                while let Some(shape) = open.pop() {
                    shapes += 1;
                    for field in shape.fields() {
                        assert!(!field.name.is_empty(), "{name} {key}");
                        if let Outer::Shape(inner) = field.kind.outer() {
                            open.push(inner);
                        }
                    }
                }
            }
        }
        assert!(shapes > 10_000, "{shapes}");
    }

    #[test]
    fn a_cluster_needs_a_node_pool_and_a_group_lists_its_rules_either_way() {
        let azure = of("azurerm_kubernetes_cluster").unwrap();
        let Known::Shape(cluster) = azure.kind(false, "azurerm_kubernetes_cluster") else {
            panic!("no cluster");
        };
        let pool = cluster.field("default_node_pool").unwrap();
        assert!(pool.required && pool.written == Written::Block);
        assert_eq!(cluster.field("sku_tier").unwrap().kind.outer(), Outer::Text);
        assert!(cluster.field("kube_config").unwrap().computed);
        assert_eq!(azure.kind(false, "azurerm_app_service"), Known::No);
        let aws = of("aws_security_group").unwrap();
        let Known::Shape(group) = aws.kind(false, "aws_security_group") else {
            panic!("no group");
        };
        let rules = group.field("ingress").unwrap();
        assert_eq!(rules.written, Written::Either);
        assert!(matches!(rules.kind.outer(), Outer::List(_)));
        assert!(matches!(
            group.field("tags").unwrap().kind.outer(),
            Outer::Map(_)
        ));
    }
}
