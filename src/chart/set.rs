//! The grammar of `--set`.
//!
//! Owns keys with dots and indices, escapes, lists in braces and the typing of values. Knows nothing of charts.

use std::sync::Arc;

use super::data::{Data, Entries, Kind};
use super::number;

/// What a value on the right of `=` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Booleans, null and integers are themselves, everything else is a string.
    Typed,
    /// Everything is a string.
    Strings,
    /// JSON.
    Json,
}

const MAX_INDEX: usize = 65_536;
const MAX_NESTING: usize = 30;

/// Applies `key=value,key=value` to a map.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn apply(target: &mut Entries, text: &str, mode: Mode) -> Result<(), String> {
    let mut parser = Parser {
        chars: text.chars().collect(),
        at: 0,
        mode,
    };
    while parser.at < parser.chars.len() {
        parser.key(target, 0)?;
    }
    Ok(())
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    mode: Mode,
}

impl Parser {
    /// Text up to one of `stop`, which is passed over; a backslash takes the next character as it is.
    fn until(&mut self, stop: &[char]) -> (String, Option<char>) {
        let mut out = String::new();
        while let Some(&c) = self.chars.get(self.at) {
            self.at += 1;
            if stop.contains(&c) {
                return (out, Some(c));
            }
            if c == '\\' {
                match self.chars.get(self.at) {
                    Some(&next) => out.push(next),
                    None => return (out, None),
                }
                self.at += 1;
            } else {
                out.push(c);
            }
        }
        (out, None)
    }

    fn key(&mut self, target: &mut Entries, nesting: usize) -> Result<(), String> {
        let (name, last) = self.until(&['=', '[', ',', '.']);
        match last {
            None if name.is_empty() => Ok(()),
            None => Err(format!("the key `{name}` has no value")),
            Some('[') => {
                let index = self.index()?;
                let old = target.remove(name.as_str());
                let mut items = match old.map(|data| data.kind) {
                    None => Vec::new(),
                    Some(Kind::List(items)) => items,
                    Some(_) => return Err(format!("`{name}` is no list")),
                };
                let result = self.item(&mut items, index, nesting);
                put(target, &name, Data::from(Kind::List(items)));
                result
            }
            Some('=') => {
                let value = self.value()?;
                put(target, &name, value);
                Ok(())
            }
            Some(',') => {
                put(target, &name, Data::from(Kind::Str(Arc::from(""))));
                Err(format!(
                    "the key `{name}` has no value (it cannot end with `,`)"
                ))
            }
            Some(_) => {
                if nesting >= MAX_NESTING {
                    return Err(format!("a key has more than {MAX_NESTING} levels"));
                }
                let mut below = match target.remove(name.as_str()).map(|data| data.kind) {
                    None => Entries::new(),
                    Some(Kind::Map(below)) => below,
                    Some(_) => return Err(format!("`{name}` is no map")),
                };
                let result = self.key(&mut below, nesting + 1);
                if below.is_empty() {
                    return Err(format!("the key `{name}` has no value"));
                }
                put(target, &name, Data::from(Kind::Map(below)));
                result
            }
        }
    }

    fn index(&mut self) -> Result<usize, String> {
        let (text, last) = self.until(&[']']);
        let index = number::atoi(&text).filter(|_| last.is_some());
        match index.map(usize::try_from) {
            Some(Ok(index)) if index <= MAX_INDEX => Ok(index),
            _ => Err(format!("`{text}` is no index from 0 to {MAX_INDEX}")),
        }
    }

    fn item(&mut self, items: &mut Vec<Data>, index: usize, nesting: usize) -> Result<(), String> {
        let (text, last) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            return Err(format!("unexpected `{text}` behind an index"));
        }
        match last {
            None => Err("an index has no value".to_owned()),
            Some('=') => {
                let value = self.value()?;
                fill(items, index, value);
                Ok(())
            }
            Some('[') => {
                let next = self.index()?;
                if nesting >= MAX_NESTING {
                    return Err(format!("a key has more than {MAX_NESTING} levels"));
                }
                let mut inner = match items.get(index).map(|data| &data.kind) {
                    None | Some(Kind::Null) => Vec::new(),
                    Some(Kind::List(inner)) => inner.clone(),
                    Some(_) => return Err("an index is given to what is no list".to_owned()),
                };
                self.item(&mut inner, next, nesting + 1)?;
                fill(items, index, Data::from(Kind::List(inner)));
                Ok(())
            }
            Some(_) => {
                let mut inner = match items.get(index).map(|data| &data.kind) {
                    Some(Kind::Map(inner)) => inner.clone(),
                    _ => Entries::new(),
                };
                self.key(&mut inner, nesting)?;
                fill(items, index, Data::from(Kind::Map(inner)));
                Ok(())
            }
        }
    }

    fn value(&mut self) -> Result<Data, String> {
        if self.mode == Mode::Json {
            return self.json();
        }
        if self.chars.get(self.at) != Some(&'{') {
            let (text, _) = self.until(&[',']);
            return Ok(self.typed(&text));
        }
        self.at += 1;
        let mut items = Vec::new();
        loop {
            let (text, last) = self.until(&[',', '}']);
            match last {
                None => return Err("a list must end with `}`".to_owned()),
                Some('}') => {
                    items.push(self.typed(&text));
                    if self.chars.get(self.at) == Some(&',') {
                        self.at += 1;
                    }
                    return Ok(Data::from(Kind::List(items)));
                }
                Some(_) => items.push(self.typed(&text)),
            }
        }
    }

    fn json(&mut self) -> Result<Data, String> {
        if self.skip_blank() {
            return Ok(Data::from(Kind::Null));
        }
        let rest: String = self.chars[self.at..].iter().collect();
        let mut stream = serde_json::Deserializer::from_str(&rest).into_iter::<serde_json::Value>();
        let json = match stream.next() {
            Some(Ok(json)) => json,
            Some(Err(error)) => return Err(format!("no JSON: {error}")),
            None => return Err("no JSON".to_owned()),
        };
        self.at += rest[..stream.byte_offset()].chars().count();
        self.skip_blank();
        Ok(Data::from_json(&json))
    }

    /// Passes over space and one comma; whether that ended the value.
    fn skip_blank(&mut self) -> bool {
        while let Some(c) = self.chars.get(self.at) {
            if !c.is_whitespace() && *c != ',' {
                return false;
            }
            self.at += 1;
            if self.chars[self.at - 1] == ',' {
                return true;
            }
        }
        true
    }

    fn typed(&self, text: &str) -> Data {
        let string = || Kind::Str(Arc::from(text));
        let kind = if self.mode == Mode::Strings {
            string()
        } else if text.eq_ignore_ascii_case("true") {
            Kind::Bool(true)
        } else if text.eq_ignore_ascii_case("false") {
            Kind::Bool(false)
        } else if text.eq_ignore_ascii_case("null") {
            Kind::Null
        } else if text == "0" {
            Kind::Int(0)
        } else if text.starts_with('0') {
            string()
        } else {
            number::atoi(text).map_or_else(string, Kind::Int)
        };
        Data::from(kind)
    }
}

fn put(target: &mut Entries, key: &str, value: Data) {
    if !key.is_empty() {
        target.insert(Arc::from(key), value);
    }
}

fn fill(items: &mut Vec<Data>, index: usize, value: Data) {
    while items.len() <= index {
        items.push(Data::from(Kind::Null));
    }
    items[index] = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, mode: Mode) -> Result<String, String> {
        let mut map = Entries::new();
        apply(&mut map, text, mode)?;
        Ok(Data::from(Kind::Map(map)).to_json().to_string())
    }

    #[test]
    fn keys_lists_and_escapes_are_those_of_helm() {
        for (text, json) in [
            ("a=1,b=x", r#"{"a":1,"b":"x"}"#),
            ("a.b=true,a.c=null", r#"{"a":{"b":true,"c":null}}"#),
            ("a={x,y,1}", r#"{"a":["x","y",1]}"#),
            ("a[1].b=x", r#"{"a":[null,{"b":"x"}]}"#),
            (r"a\.b=c\,d", r#"{"a.b":"c,d"}"#),
            ("a=010", r#"{"a":"010"}"#),
            ("a=", r#"{"a":""}"#),
            ("a[0][1]=x", r#"{"a":[[null,"x"]]}"#),
        ] {
            assert_eq!(set(text, Mode::Typed).as_deref(), Ok(json), "{text}");
        }
        assert_eq!(set("a=1", Mode::Strings).as_deref(), Ok(r#"{"a":"1"}"#));
        assert_eq!(
            set(r#"a={"x":[1]},b=null"#, Mode::Json).as_deref(),
            Ok(r#"{"a":{"x":[1]},"b":null}"#)
        );
        assert!(set("a", Mode::Typed).is_err());
        assert!(set("a[99999]=x", Mode::Typed).is_err());
        assert!(set("a={x", Mode::Typed).is_err());
    }
}
