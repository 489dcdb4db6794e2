//! Versions and version ranges as Helm compares them.
//!
//! Owns the loose version syntax (`v1.2`, `01.2.3`) and the constraint grammar of Helm's library: operators,
//! wildcards, hyphen ranges, `,` and `||`. Knows nothing of charts.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use super::eval::{Fault, Result};
use super::value::Value;

/// A version; build metadata does not order it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) major: u64,
    pub(crate) minor: u64,
    pub(crate) patch: u64,
    pub(crate) pre: String,
    pub(crate) metadata: String,
    original: String,
}

const LONGEST: usize = 256;

impl Version {
    /// Reads a version; one to three numbers and a leading `v` are fine.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let scanned = scan(text, false)?;
        if !scanned.rest.is_empty() {
            return None;
        }
        let number = |part: &str| {
            if part.is_empty() {
                Some(0)
            } else {
                part.parse().ok()
            }
        };
        let leading = |part: &str| {
            part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit())
        };
        if scanned.pre.split('.').any(leading) {
            return None;
        }
        Some(Self {
            major: number(scanned.parts[0])?,
            minor: number(scanned.parts[1])?,
            patch: number(scanned.parts[2])?,
            pre: scanned.pre.to_owned(),
            metadata: scanned.metadata.to_owned(),
            original: text.to_owned(),
        })
    }

    /// The order of versions; metadata does not count.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_pre(&self.pre, &other.pre),
            })
    }

    /// The methods that templates may call on a version.
    pub(crate) fn method(&self, name: &str, args: &[Value]) -> Result<Option<Value>> {
        let other = || match args {
            [Value::Version(other)] => Ok(Rc::clone(other)),
            _ => Err(Fault::of("chart-type", format!("`{name}` takes a version"))),
        };
        let next = |major, minor, patch| {
            Value::Version(Rc::new(Self {
                major,
                minor,
                patch,
                pre: String::new(),
                metadata: String::new(),
                original: format!("{}{major}.{minor}.{patch}", self.prefix()),
            }))
        };
        Ok(Some(match name {
            "Major" => Value::Uint(self.major),
            "Minor" => Value::Uint(self.minor),
            "Patch" => Value::Uint(self.patch),
            "Prerelease" => Value::from(self.pre.as_str()),
            "Metadata" => Value::from(self.metadata.as_str()),
            "Original" => Value::from(self.original.as_str()),
            "String" => Value::from(self.to_string()),
            "Compare" => Value::Int(match self.compare(&*other()?) {
                Ordering::Less => -1,
                Ordering::Equal => 0,
                Ordering::Greater => 1,
            }),
            "Equal" => Value::Bool(self.compare(&*other()?).is_eq()),
            "LessThan" => Value::Bool(self.compare(&*other()?).is_lt()),
            "LessThanEqual" => Value::Bool(self.compare(&*other()?).is_le()),
            "GreaterThan" => Value::Bool(self.compare(&*other()?).is_gt()),
            "GreaterThanEqual" => Value::Bool(self.compare(&*other()?).is_ge()),
            "IncMajor" => next(self.major.saturating_add(1), 0, 0),
            "IncMinor" => next(self.major, self.minor.saturating_add(1), 0),
            "IncPatch" if self.pre.is_empty() => {
                next(self.major, self.minor, self.patch.saturating_add(1))
            }
            "IncPatch" => next(self.major, self.minor, self.patch),
            _ => return Ok(None),
        }))
    }

    fn prefix(&self) -> &'static str {
        if self.original.starts_with('v') {
            "v"
        } else {
            ""
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

fn compare_pre(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => (x, y),
        };
        let order = match (x.parse::<u64>(), y.parse::<u64>()) {
            (Ok(x), Ok(y)) => x.cmp(&y),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => x.cmp(y),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The parts of a version as written.
struct Scanned<'a> {
    parts: [&'a str; 3],
    pre: &'a str,
    metadata: &'a str,
    /// From the number to the end of the metadata.
    text: &'a str,
    rest: &'a str,
}

/// Reads a version from the start of `text`; `wild` lets `x`, `X` and `*` stand for numbers.
fn scan(text: &str, wild: bool) -> Option<Scanned<'_>> {
    let digit = |c: char| c.is_ascii_digit() || (wild && matches!(c, 'x' | 'X' | '*'));
    let body = text.strip_prefix('v').unwrap_or(text);
    let take = |from: &str| from.find(|c| !digit(c)).unwrap_or(from.len());
    let mut parts = [""; 3];
    let mut at = take(body);
    if at == 0 {
        return None;
    }
    parts[0] = &body[..at];
    for part in &mut parts[1..] {
        let Some(after) = body[at..].strip_prefix('.') else {
            break;
        };
        let length = take(after);
        if length == 0 {
            break;
        }
        *part = &after[..length];
        at += 1 + length;
    }
    let (pre, at) = suffix(body, at, '-');
    let (metadata, at) = suffix(body, at, '+');
    Some(Scanned {
        parts,
        pre,
        metadata,
        text: &text[..text.len() - (body.len() - at)],
        rest: &body[at..],
    })
}

/// Dotted identifiers behind `sign`.
fn suffix(body: &str, at: usize, sign: char) -> (&str, usize) {
    let Some(after) = body[at..].strip_prefix(sign) else {
        return ("", at);
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut end = after.find(|c| !plain(c)).unwrap_or(after.len());
    if end == 0 {
        return ("", at);
    }
    while let Some(more) = after[end..].strip_prefix('.') {
        let length = more.find(|c| !plain(c)).unwrap_or(more.len());
        if length == 0 {
            break;
        }
        end += 1 + length;
    }
    (&after[..end], at + 1 + end)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

const OPERATORS: [(&str, Operator); 11] = [
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterEqual),
    ("=>", Operator::GreaterEqual),
    ("<=", Operator::LessEqual),
    ("=<", Operator::LessEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
];

/// One comparison; a part that is missing or wild is dirty.
#[derive(Debug, Clone)]
struct Comparison {
    operator: Operator,
    version: Version,
    minor_dirty: bool,
    patch_dirty: bool,
    dirty: bool,
}

/// Alternatives of comparisons that must all hold.
#[derive(Debug, Clone)]
pub(crate) struct Constraint {
    alternatives: Vec<Vec<Comparison>>,
}

impl Constraint {
    /// Reads a constraint such as `>=1.2 <2 || ~3.1`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > 2 * LONGEST {
            return None;
        }
        let alternatives: Vec<_> = text.split("||").collect();
        if alternatives.len() > 32 {
            return None;
        }
        Some(Self {
            alternatives: alternatives
                .into_iter()
                .map(all_of)
                .collect::<Option<_>>()?,
        })
    }

    /// Whether the version is in the range; pre-releases only where the range names one.
    pub(crate) fn allows(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|all| {
            let pre = all.iter().any(|one| !one.version.pre.is_empty());
            (version.pre.is_empty() || pre) && all.iter().all(|one| one.holds(version))
        })
    }
}

fn all_of(text: &str) -> Option<Vec<Comparison>> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let (operator, after) = OPERATORS
            .iter()
            .find_map(|(sign, operator)| Some((Some(*operator), rest.strip_prefix(sign)?)))
            .unwrap_or((None, rest));
        let scanned = scan(after.trim_start(), true)?;
        let upper = operator.is_none().then(|| hyphen(scanned.rest)).flatten();
        let ranged = upper.is_some();
        if let Some(upper) = upper {
            all.push(comparison(Operator::GreaterEqual, &scanned)?);
            all.push(comparison(Operator::LessEqual, &upper)?);
            rest = upper.rest;
        } else {
            all.push(comparison(operator.unwrap_or(Operator::Equal), &scanned)?);
            rest = scanned.rest;
        }
        let trimmed = rest.trim_start();
        if trimmed.is_empty() {
            return Some(all);
        }
        rest = match trimmed.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if trimmed.len() < rest.len() || ranged => trimmed,
            None => return None,
        };
    }
}

/// The upper end of `1.2 - 3.4`, where `rest` goes on so.
fn hyphen(rest: &str) -> Option<Scanned<'_>> {
    let after = rest.trim_start();
    if after.len() == rest.len() {
        return None;
    }
    let upper = after.strip_prefix('-')?;
    let trimmed = upper.trim_start();
    if trimmed.len() == upper.len() {
        return None;
    }
    scan(trimmed, true)
}

fn comparison(operator: Operator, scanned: &Scanned<'_>) -> Option<Comparison> {
    let wild = |part: &str| part.is_empty() || matches!(part, "x" | "X" | "*");
    let [major, minor, patch] = scanned.parts;
    let pre = if scanned.pre.is_empty() {
        String::new()
    } else {
        format!("-{}", scanned.pre)
    };
    let (text, minor_dirty, patch_dirty, dirty) = if wild(major) {
        (format!("0.0.0{pre}"), false, false, true)
    } else if wild(minor) {
        (format!("{major}.0.0{pre}"), true, false, true)
    } else if wild(patch) {
        (format!("{major}.{minor}.0{pre}"), false, true, true)
    } else {
        (scanned.text.to_owned(), false, false, false)
    };
    Some(Comparison {
        operator,
        version: Version::parse(&text)?,
        minor_dirty,
        patch_dirty,
        dirty,
    })
}

impl Comparison {
    fn holds(&self, v: &Version) -> bool {
        let c = &self.version;
        let order = v.compare(c);
        match self.operator {
            Operator::NotEqual => self.differs(v),
            Operator::Greater if !self.dirty => order.is_gt(),
            Operator::Greater => {
                if v.major != c.major {
                    v.major > c.major
                } else if self.minor_dirty {
                    false
                } else if self.patch_dirty {
                    v.minor > c.minor
                } else {
                    order.is_gt()
                }
            }
            Operator::Less => order.is_lt(),
            Operator::GreaterEqual => order.is_ge(),
            Operator::LessEqual if !self.dirty => order.is_le(),
            Operator::LessEqual => {
                v.major < c.major
                    || (v.major == c.major && (v.minor <= c.minor || self.minor_dirty))
            }
            Operator::Equal if !self.dirty => order.is_eq(),
            Operator::Equal | Operator::Tilde => self.tilde(v),
            Operator::Caret => self.caret(v),
        }
    }

    fn differs(&self, v: &Version) -> bool {
        let c = &self.version;
        if !self.dirty {
            return v.compare(c).is_ne();
        }
        if v.major != c.major {
            return true;
        }
        if self.minor_dirty {
            return false;
        }
        if v.minor != c.minor {
            return true;
        }
        if self.patch_dirty {
            return (!v.pre.is_empty() || !c.pre.is_empty()) && v.pre != c.pre;
        }
        v.patch != c.patch || v.compare(c).is_ne()
    }

    fn tilde(&self, v: &Version) -> bool {
        let c = &self.version;
        if v.compare(c).is_lt() {
            return false;
        }
        let zero = (c.major, c.minor, c.patch) == (0, 0, 0);
        if zero && !self.minor_dirty && !self.patch_dirty {
            return true;
        }
        v.major == c.major && (self.minor_dirty || v.minor == c.minor)
    }

    fn caret(&self, v: &Version) -> bool {
        let c = &self.version;
        if v.compare(c).is_lt() || v.major != c.major {
            return false;
        }
        if c.major > 0 || self.minor_dirty {
            return true;
        }
        if v.minor != c.minor {
            return false;
        }
        c.minor > 0 || self.patch_dirty || v.patch == c.patch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(constraint: &str, version: &str) -> bool {
        Constraint::parse(constraint)
            .expect(constraint)
            .allows(&Version::parse(version).expect(version))
    }

    #[test]
    fn ranges_are_those_of_helm() {
        assert!(allows(">=1.19-0", "v1.36.0"));
        assert!(allows(">= 1.2, < 2 || ~3.1", "3.1.9"));
        assert!(!allows(">= 1.2, < 2 || ~3.1", "3.2.0"));
        assert!(allows("1.2 - 1.4", "1.4.9"));
        assert!(allows("^0.2.3", "0.2.9"));
        assert!(!allows("^0.2.3", "0.3.0"));
        assert!(allows("1.x", "1.9.0"));
        assert!(!allows(">1.0.0", "1.1.0-beta"));
        assert!(allows("*", "0.1.0"));
        assert!(Constraint::parse("").is_none());
        assert!(Constraint::parse(">=1.0.0<2.0.0").is_none());
    }
}
