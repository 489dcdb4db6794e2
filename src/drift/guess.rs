//! From changed lines to values that a field may have: guesses, best first.

use std::collections::BTreeSet;

use serde_json::Value;

use super::express::Setting;
use crate::output::{Block, blocks};
use crate::spec::outline::{Field, Holds};

/// One value for one field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Guess {
    /// How far-fetched it is; 0 is the least.
    pub(super) rank: u8,
    pub(super) setting: Setting,
}

/// How many lines differ.
pub(super) fn distance(from: &str, to: &str) -> usize {
    let blocks = blocks(from, to);
    let lines = blocks.iter();
    lines
        .map(|block| block.removed.len() + block.added.len())
        .sum()
}

/// The guesses that the difference of two texts gives, best first, each once.
pub(super) fn guesses(fields: &[Field], from: &str, to: &str) -> Vec<Guess> {
    let mut guesses = BTreeSet::new();
    for block in blocks(from, to) {
        for (old, new) in block.removed.iter().zip(&block.added) {
            for (old, new) in tokens(old, new) {
                for field in fields {
                    replaced(field, &old, &new, &mut guesses);
                }
            }
        }
        for field in fields {
            entries(field, &block, &mut guesses);
        }
    }
    for field in fields {
        toggled(field, &mut guesses);
    }
    let mut seen = BTreeSet::new();
    guesses
        .into_iter()
        .filter(|guess| seen.insert(guess.setting.clone()))
        .collect()
}

fn guess(rank: u8, field: &str, value: &Value) -> Guess {
    Guess {
        rank,
        setting: Setting {
            field: field.to_owned(),
            value: value.to_string(),
        },
    }
}

/// The words in which two lines differ, from the narrowest to the widest reading.
fn tokens(old: &str, new: &str) -> BTreeSet<(String, String)> {
    let same = |(a, b): &(char, char)| a == b;
    let prefix: usize = old
        .chars()
        .zip(new.chars())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let suffix: usize = old_rest
        .chars()
        .rev()
        .zip(new_rest.chars().rev())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let readings: [fn(char) -> bool; 3] = [
        |c| c.is_alphanumeric(),
        |c| c.is_alphanumeric() || "_-.".contains(c),
        |c| !c.is_whitespace() && !"\"'`,;()[]{}".contains(c),
    ];
    let mut tokens = BTreeSet::new();
    for is_word in readings {
        let start = prefix - tail(&old[..prefix], is_word);
        let end = |text: &str| {
            let rest = text.len() - suffix;
            rest + head(&text[rest..], is_word)
        };
        let pair = (&old[start..end(old)], &new[start..end(new)]);
        tokens.insert((pair.0.to_owned(), pair.1.to_owned()));
    }
    if let (Some(old), Some(new)) = (value_of(old), value_of(new)) {
        tokens.insert((old, new));
    }
    tokens.retain(|(old, new)| old != new);
    tokens
}

fn tail(text: &str, is_word: fn(char) -> bool) -> usize {
    let chars = text.chars().rev().take_while(|c| is_word(*c));
    chars.map(char::len_utf8).sum()
}

fn head(text: &str, is_word: fn(char) -> bool) -> usize {
    let chars = text.chars().take_while(|c| is_word(*c));
    chars.map(char::len_utf8).sum()
}

/// What stands behind `key:`, `key =` or `-` on a line, without quotes.
fn value_of(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("- ");
    let at = [": ", "= ", "="].iter().find_map(|sign| {
        let at = line.find(sign)?;
        Some(at + sign.len())
    });
    let value = line[at.unwrap_or(0)..].trim().trim_end_matches(',');
    Some(unquoted(value)).filter(|value| !value.is_empty())
}

fn unquoted(value: &str) -> String {
    match serde_json::from_str::<String>(value) {
        Ok(text) => text,
        Err(_) => {
            let inner = value
                .strip_prefix('\'')
                .and_then(|value| value.strip_suffix('\''));
            inner.unwrap_or(value).to_owned()
        }
    }
}

fn spelled(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value that a field of this kind has when it is written like `text`.
fn typed(holds: Holds, text: &str) -> Option<Value> {
    match holds {
        Holds::Text => Some(Value::from(text)),
        Holds::Number => text.parse::<i64>().ok().map(Value::from),
        Holds::Bool => text.parse::<bool>().ok().map(Value::from),
        Holds::Switch | Holds::List | Holds::Map => None,
    }
}

/// Guesses for a field that says `old`, or may be what `old` was made from.
fn replaced(field: &Field, old: &str, new: &str, guesses: &mut BTreeSet<Guess>) {
    let place = field.place.as_str();
    if field.holds == Holds::List {
        let Some(Value::Array(items)) = &field.value else {
            return;
        };
        for at in 0..items.len() {
            let mut list = items.clone();
            if exchange(&mut list[at], old, new) {
                guesses.insert(guess(0, place, &Value::from(list)));
            }
        }
        return;
    }
    let Some(value) = &field.value else {
        // What is derived from other fields unless it is said.
        if let Some(value) = typed(field.holds, new) {
            guesses.insert(guess(2, place, &value));
        }
        return;
    };
    let text = spelled(value);
    if text == old {
        if let Some(value) = typed(field.holds, new) {
            guesses.insert(guess(0, place, &value));
        }
    } else if field.holds == Holds::Text && old.len() > 1 && text.contains(old) {
        let value = Value::from(text.replacen(old, new, 1));
        guesses.insert(guess(1, place, &value));
    } else if field.holds == Holds::Text && text.len() > 1 && old.contains(&text) {
        // The field is part of the word: what is left around it is the same in both.
        let around: Vec<&str> = old.splitn(2, text.as_str()).collect();
        let inner = new
            .strip_prefix(around[0])
            .and_then(|new| new.strip_suffix(around[1]));
        if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
            guesses.insert(guess(1, place, &Value::from(inner)));
        }
    }
    if let (Holds::Number, Some(value), Ok(old), Ok(new)) = (
        field.holds,
        value.as_i64(),
        old.parse::<i64>(),
        new.parse::<i64>(),
    ) {
        // A number that is computed from this one.
        if let Some(moved) = new.checked_sub(old).and_then(|by| value.checked_add(by)) {
            guesses.insert(guess(3, place, &Value::from(moved)));
        }
    }
}

/// Replaces the one text or number in `value` that is spelled like `old`.
fn exchange(value: &mut Value, old: &str, new: &str) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().any(|item| exchange(item, old, new)),
        Value::Object(entries) => entries.values_mut().any(|item| exchange(item, old, new)),
        Value::String(text) if text == old => {
            *text = new.to_owned();
            true
        }
        Value::Number(number) if number.to_string() == old => match new.parse::<i64>() {
            Ok(new) => {
                *value = Value::from(new);
                true
            }
            Err(_) => false,
        },
        _ => false,
    }
}

/// Guesses for lists and mappings that gained or lost an entry.
fn entries(field: &Field, block: &Block, guesses: &mut BTreeSet<Guess>) {
    match (field.holds, &field.value) {
        (Holds::List, value) => {
            let items = value.as_ref().and_then(Value::as_array);
            let items = items.cloned().unwrap_or_default();
            for item in block.added.iter().filter_map(|line| item_of(line)) {
                let mut more = items.clone();
                more.push(Value::from(item));
                guesses.insert(guess(1, &field.place, &Value::from(more)));
            }
            for item in block.removed.iter().filter_map(|line| item_of(line)) {
                let mut fewer = items.clone();
                fewer.retain(|known| known.as_str() != Some(item.as_str()));
                if fewer.len() < items.len() {
                    guesses.insert(guess(1, &field.place, &Value::from(fewer)));
                }
            }
        }
        (Holds::Map, value) => {
            let known = |key: &str| value.as_ref().is_some_and(|map| map.get(key).is_some());
            for (key, value) in pairs(&block.added) {
                if !known(&key) {
                    let place = format!("{}.{key}", field.place);
                    guesses.insert(guess(1, &place, &Value::from(value)));
                }
            }
            for (key, _) in pairs(&block.removed) {
                if known(&key) && !pairs(&block.added).iter().any(|(other, _)| *other == key) {
                    let place = format!("{}.{key}", field.place);
                    guesses.insert(guess(1, &place, &Value::Null));
                }
            }
        }
        _ => {}
    }
}

fn item_of(line: &str) -> Option<String> {
    let line = line.trim();
    let item = line
        .strip_prefix("- ")
        .or_else(|| line.strip_suffix(','))
        .unwrap_or(line);
    Some(unquoted(item.trim())).filter(|item| !item.is_empty() && item.len() < 1000)
}

/// Names with their values: `KEY: value`, `KEY = value`, or `name: KEY` above `value: …`.
fn pairs(lines: &[String]) -> Vec<(String, String)> {
    let split = |line: &String| {
        let line = line.trim().trim_start_matches("- ");
        let (key, value) = line.split_once([':', '='])?;
        let key = unquoted(key.trim());
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let plain = !key.is_empty() && key.len() < 200 && key.chars().all(plain);
        plain.then(|| (key, unquoted(value.trim().trim_end_matches(','))))
    };
    let mut found: Vec<(String, String)> = lines.iter().filter_map(split).collect();
    let named: Vec<(String, String)> = found
        .windows(2)
        .filter(|pair| pair[0].0 == "name" && pair[1].0 == "value")
        .map(|pair| (pair[0].1.clone(), pair[1].1.clone()))
        .collect();
    found.extend(named);
    found
}

/// Guesses for what switches whole passages on and off.
fn toggled(field: &Field, guesses: &mut BTreeSet<Guess>) {
    let on = match (field.holds, &field.value) {
        (Holds::Bool, Some(Value::Bool(on))) => *on,
        (Holds::Switch, value) => value.as_ref().is_some_and(Value::is_object),
        _ => return,
    };
    guesses.insert(guess(4, &field.place, &Value::from(!on)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(place: &str, holds: Holds, value: Value) -> Field {
        Field {
            place: place.to_owned(),
            holds,
            value: (!value.is_null()).then_some(value),
        }
    }

    fn best(fields: &[Field], from: &str, to: &str) -> Vec<String> {
        let guesses = guesses(fields, from, to).into_iter();
        guesses.map(|guess| guess.setting.argument()).collect()
    }

    #[test]
    fn a_changed_scalar_is_read_in_every_width() {
        let pairs = tokens("  image: \"a.io/web-app:1\"", "  image: \"a.io/web-api:1\"");
        let has = |old: &str, new: &str| pairs.contains(&(old.to_owned(), new.to_owned()));
        assert!(has("app", "api") && has("web-app", "web-api"));
        assert!(has("a.io/web-app:1", "a.io/web-api:1"));
        assert!(tokens("é: ü", "é: ö").contains(&("ü".into(), "ö".into())));
    }

    #[test]
    fn the_field_that_says_the_old_value_comes_first() {
        let fields = [
            field("b", Holds::Number, 8.into()),
            field("a", Holds::Number, 2.into()),
            field("c", Holds::Bool, true.into()),
        ];
        let guesses = best(&fields, "x\nreplicas: 2\n", "x\nreplicas: 5\n");
        assert_eq!(guesses[0], "a=5");
        assert!(guesses.contains(&"b=11".to_owned()) && guesses.contains(&"c=false".to_owned()));
    }

    #[test]
    fn entries_are_added_and_taken_away() {
        let env = [field(
            "app.env",
            Holds::Map,
            serde_json::json!({ "OLD": "x" }),
        )];
        let added = "a:\n  - name: NEW\n    value: \"y: z\"\n";
        assert!(best(&env, "a:\n", added).contains(&"app.env.NEW=\"y: z\"".to_owned()));
        assert!(best(&env, "a:\n  OLD: x\n", "a:\n").contains(&"app.env.OLD=null".to_owned()));
        let list = [field("notify", Holds::List, serde_json::json!(["a@b.c"]))];
        let more = best(&list, "- a@b.c\n", "- a@b.c\n- d@e.f\n");
        assert!(more.contains(&"notify=[\"a@b.c\",\"d@e.f\"]".to_owned()));
        assert!(best(&list, "x\n- a@b.c\n", "x\n").contains(&"notify=[]".to_owned()));
    }
}
