//! Values as Go templates see them.
//!
//! Owns the dynamic types that Go code can tell apart (`int` and `int64`, `[]string` and `[]interface {}`),
//! their truth, equality and names. Maps are shared and mutable, because `set` changes them in place; lists
//! never change. Knows nothing of templates.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::data::{Data, Kind as DataKind};
use super::date::Time;
use super::origin::Mark;
use super::semver::Version;

/// A Go value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Go's `nil` without a type.
    Nil,
    Bool(bool),
    /// `int`.
    Int(i64),
    /// `int64`.
    Int64(i64),
    /// `uint64`.
    Uint(u64),
    /// `float64`.
    Float(f64),
    /// `string` that is valid UTF-8.
    Str(Text),
    /// `string` that is not, or `[]byte`.
    Bytes(Rc<Bytes>),
    List(Rc<List>),
    Map(Rc<Map>),
    Time(Rc<Time>),
    /// `time.Duration` in nanoseconds.
    Duration(i64),
    Version(Rc<Version>),
    Object(Rc<Object>),
}

/// A string, and where its parts come from when that is known.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) text: Arc<str>,
    pub(crate) marks: Option<Rc<[Mark]>>,
}

/// Bytes that are no text.
#[derive(Debug)]
pub(crate) struct Bytes {
    pub(crate) bytes: Vec<u8>,
    /// Whether Go's type is `string` rather than `[]byte`.
    pub(crate) string: bool,
}

/// What a list holds, as Go declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Elements {
    Any,
    Strings,
    Ints,
    Lists,
}

/// A list; a `nil` slice of Go is an empty one with `nil` set.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) items: Vec<Value>,
    pub(crate) elements: Elements,
    pub(crate) nil: bool,
    pub(crate) path: Option<Rc<Path>>,
}

/// What a map holds, as Go declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MapKind {
    /// `map[string]interface {}`.
    Any,
    /// `map[string]string`.
    Strings,
    /// `common.Values`.
    Values,
}

/// A map with string keys, in the order in which Go prints it.
#[derive(Debug)]
pub(crate) struct Map {
    pub(crate) entries: RefCell<BTreeMap<Arc<str>, Value>>,
    pub(crate) kind: MapKind,
    pub(crate) nil: bool,
    pub(crate) path: Option<Rc<Path>>,
}

/// The way from the root of the values to a map or list.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) parent: Option<Rc<Self>>,
    pub(crate) key: Arc<str>,
    /// Whether `key` is the index of a list.
    pub(crate) index: bool,
}

/// An object with methods.
#[derive(Debug)]
pub(crate) enum Object {
    /// `.Files`: name and bytes, in the order of names.
    Files(BTreeMap<Arc<str>, Arc<[u8]>>),
    /// `.Capabilities`.
    Capabilities(Rc<CapabilityValues>),
    /// `.Capabilities.APIVersions`.
    ApiVersions(Rc<CapabilityValues>),
    /// `.Capabilities.KubeVersion`.
    KubeVersion(Rc<CapabilityValues>),
    /// `.Capabilities.HelmVersion`.
    HelmVersion,
}

/// What `.Capabilities` answers.
#[derive(Debug)]
pub(crate) struct CapabilityValues {
    pub(crate) version: Arc<str>,
    pub(crate) normalized: Arc<str>,
    pub(crate) major: Arc<str>,
    pub(crate) minor: Arc<str>,
    pub(crate) api_versions: Vec<Arc<str>>,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(Text {
            text: Arc::from(text),
            marks: None,
        })
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(Text {
            text: Arc::from(text),
            marks: None,
        })
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::Str(Text { text, marks: None })
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl Value {
    /// A `[]interface {}`.
    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(List {
            items,
            elements: Elements::Any,
            nil: false,
            path: None,
        }))
    }

    /// A `[]string`.
    pub(crate) fn strings<S: Into<Self>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::List(Rc::new(List {
            items: items.into_iter().map(Into::into).collect(),
            elements: Elements::Strings,
            nil: false,
            path: None,
        }))
    }

    /// A list of another element type.
    pub(crate) fn list_of(elements: Elements, items: Vec<Self>) -> Self {
        Self::List(Rc::new(List {
            items,
            elements,
            nil: false,
            path: None,
        }))
    }

    /// The nil `[]interface {}` that Sprig gives back for the rest of an empty list.
    pub(crate) fn nil_list() -> Self {
        Self::List(Rc::new(List {
            items: Vec::new(),
            elements: Elements::Any,
            nil: true,
            path: None,
        }))
    }

    /// A `map[string]interface {}`.
    pub(crate) fn map(entries: BTreeMap<Arc<str>, Self>) -> Self {
        Self::map_of(MapKind::Any, entries)
    }

    /// A map of another type.
    pub(crate) fn map_of(kind: MapKind, entries: BTreeMap<Arc<str>, Self>) -> Self {
        Self::Map(Rc::new(Map {
            entries: RefCell::new(entries),
            kind,
            nil: false,
            path: None,
        }))
    }

    /// The value of read data; maps and lists remember their way from `path`.
    pub(crate) fn from_data(data: &Data, path: Option<&Rc<Path>>) -> Self {
        match &data.kind {
            DataKind::Null => Self::Nil,
            DataKind::Bool(value) => Self::Bool(*value),
            DataKind::Int(value) => Self::Int64(*value),
            DataKind::Float(value) => Self::Float(*value),
            DataKind::Str(text) => Self::from(Arc::clone(text)),
            DataKind::List(items) => Self::List(Rc::new(List {
                items: items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| {
                        let below = path.filter(|_| item.is_collection()).map(|path| {
                            Rc::new(Path {
                                parent: Some(Rc::clone(path)),
                                key: Arc::from(at.to_string()),
                                index: true,
                            })
                        });
                        Self::from_data(item, below.as_ref())
                    })
                    .collect(),
                elements: Elements::Any,
                nil: false,
                path: path.cloned(),
            })),
            DataKind::Map(entries) => Self::Map(Rc::new(Map {
                entries: RefCell::new(
                    entries
                        .iter()
                        .map(|(key, item)| {
                            let below = path.filter(|_| item.is_collection()).map(|path| {
                                Rc::new(Path {
                                    parent: Some(Rc::clone(path)),
                                    key: Arc::clone(key),
                                    index: false,
                                })
                            });
                            (Arc::clone(key), Self::from_data(item, below.as_ref()))
                        })
                        .collect(),
                ),
                kind: MapKind::Any,
                nil: false,
                path: path.cloned(),
            })),
        }
    }

    /// Go's truth in `if`, `and`, `or`, `not`, `with`.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Object(object) => match &**object {
                Object::Files(files) => !files.is_empty(),
                Object::ApiVersions(known) => !known.api_versions.is_empty(),
                _ => true,
            },
            Self::Time(_) | Self::Version(_) => true,
            _ => !self.is_empty(),
        }
    }

    /// Sprig's `empty`: the zero value of the type.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Nil => true,
            Self::Bool(value) => !value,
            Self::Int(value) | Self::Int64(value) | Self::Duration(value) => *value == 0,
            Self::Uint(value) => *value == 0,
            Self::Float(value) => *value == 0.0,
            Self::Str(text) => text.text.is_empty(),
            Self::Bytes(bytes) => bytes.bytes.is_empty(),
            Self::List(list) => list.items.is_empty(),
            Self::Map(map) => map.entries.borrow().is_empty(),
            Self::Object(object) => match &**object {
                Object::Files(files) => files.is_empty(),
                Object::ApiVersions(known) => known.api_versions.is_empty(),
                _ => false,
            },
            Self::Time(_) | Self::Version(_) => false,
        }
    }

    /// Whether Go calls the value nil: untyped, or a map or slice that was never made.
    pub(crate) fn is_nil(&self) -> bool {
        match self {
            Self::Nil => true,
            Self::List(list) => list.nil,
            Self::Map(map) => map.nil,
            _ => false,
        }
    }

    /// The type as `%T` prints it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Uint(_) => "uint64",
            Self::Float(_) => "float64",
            Self::Str(_) => "string",
            Self::Bytes(bytes) if bytes.string => "string",
            Self::Bytes(_) => "[]uint8",
            Self::List(list) => match list.elements {
                Elements::Any => "[]interface {}",
                Elements::Strings => "[]string",
                Elements::Ints => "[]int",
                Elements::Lists => "[][]interface {}",
            },
            Self::Map(map) => match map.kind {
                MapKind::Any => "map[string]interface {}",
                MapKind::Strings => "map[string]string",
                MapKind::Values => "common.Values",
            },
            Self::Time(_) => "time.Time",
            Self::Duration(_) => "time.Duration",
            Self::Version(_) => "*semver.Version",
            Self::Object(object) => match &**object {
                Object::Files(_) => "engine.files",
                Object::Capabilities(_) => "*common.Capabilities",
                Object::ApiVersions(_) => "common.VersionSet",
                Object::KubeVersion(_) => "common.KubeVersion",
                Object::HelmVersion => "version.BuildInfo",
            },
        }
    }

    /// The kind as `kindOf` prints it.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::Nil => "invalid",
            Self::Bytes(bytes) if !bytes.string => "slice",
            Self::Bytes(_) => "string",
            Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Time(_) => "struct",
            Self::Duration(_) => "int64",
            Self::Version(_) => "ptr",
            Self::Object(object) => match &**object {
                Object::Files(_) => "map",
                Object::ApiVersions(_) => "slice",
                Object::Capabilities(_) => "ptr",
                Object::KubeVersion(_) | Object::HelmVersion => "struct",
            },
            _ => self.type_name(),
        }
    }

    /// The text of a string; bytes that are no UTF-8 become replacement characters.
    pub(crate) fn as_text(&self) -> Option<Arc<str>> {
        match self {
            Self::Str(text) => Some(Arc::clone(&text.text)),
            Self::Bytes(bytes) if bytes.string => {
                Some(Arc::from(String::from_utf8_lossy(&bytes.bytes)))
            }
            _ => None,
        }
    }

    /// The text of a string that is valid UTF-8.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(&text.text),
            _ => None,
        }
    }

    /// A `string` of Go from any bytes.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::from(text),
            Err(error) => Self::Bytes(Rc::new(Bytes {
                bytes: error.into_bytes(),
                string: true,
            })),
        }
    }

    /// The way to the value, where it is a map or a list of the values.
    pub(crate) fn path(&self) -> Option<&Rc<Path>> {
        match self {
            Self::List(list) => list.path.as_ref(),
            Self::Map(map) => map.path.as_ref(),
            _ => None,
        }
    }

    /// Go's `reflect.DeepEqual`: types count.
    pub(crate) fn deep_equal(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nil, Self::Nil) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b))
            | (Self::Int64(a), Self::Int64(b))
            | (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::Uint(a), Self::Uint(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a.text == b.text,
            (Self::Bytes(a), Self::Bytes(b)) => a.string == b.string && a.bytes == b.bytes,
            (Self::List(a), Self::List(b)) => {
                a.elements == b.elements
                    && a.nil == b.nil
                    && a.items.len() == b.items.len()
                    && a.items.iter().zip(&b.items).all(|(a, b)| a.deep_equal(b))
            }
            (Self::Map(a), Self::Map(b)) => {
                if Rc::ptr_eq(a, b) {
                    return true;
                }
                let (left, right) = (a.entries.borrow(), b.entries.borrow());
                a.kind == b.kind
                    && a.nil == b.nil
                    && left.len() == right.len()
                    && left
                        .iter()
                        .zip(right.iter())
                        .all(|((ka, a), (kb, b))| ka == kb && a.deep_equal(b))
            }
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::Version(a), Self::Version(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Map {
    /// The value of `key`.
    pub(crate) fn get(&self, key: &str) -> Option<Value> {
        self.entries.borrow().get(key).cloned()
    }
}

impl Path {
    /// The keys from the root.
    pub(crate) fn keys(&self) -> Vec<(Arc<str>, bool)> {
        let mut keys = Vec::new();
        let mut step = Some(self);
        while let Some(path) = step {
            if path.parent.is_some() {
                keys.push((Arc::clone(&path.key), path.index));
            }
            step = path.parent.as_deref();
        }
        keys.reverse();
        keys
    }
}

/// Values nested a million deep come apart in a loop, where the compiler's own way would need the stack.
impl Drop for Map {
    fn drop(&mut self) {
        take_apart(
            std::mem::take(self.entries.get_mut())
                .into_values()
                .collect(),
        );
    }
}

impl Drop for List {
    fn drop(&mut self) {
        take_apart(std::mem::take(&mut self.items));
    }
}

fn take_apart(values: Vec<Value>) {
    let mut open = values;
    if !open
        .iter()
        .any(|value| matches!(value, Value::Map(_) | Value::List(_)))
    {
        return;
    }
    while let Some(value) = open.pop() {
        match value {
            Value::Map(map) => {
                if let Some(mut map) = Rc::into_inner(map) {
                    open.extend(std::mem::take(map.entries.get_mut()).into_values());
                }
            }
            Value::List(list) => {
                if let Some(mut list) = Rc::into_inner(list) {
                    open.append(&mut list.items);
                }
            }
            _ => {}
        }
    }
}
