//! Documents of which only the head is wanted.
//!
//! Owns the way to know that nothing is wrong with a document without keeping it. Where that cannot be told, it
//! says nothing, and the document is read as a whole.

use std::borrow::Cow;

use crate::source::Span;
use crate::source::yaml::{self, Declined, Event, Limits, Style};

use super::super::data::{self, Kind};

/// What Helm reads of every document.
const HEAD: [&str; 3] = ["apiVersion", "kind", "metadata"];
/// Most keys of a mapping that are compared with each other one by one.
const KEYS: usize = 256;

/// The lines that hold the head of a document; nothing where the document is no mapping or anything about it,
/// wrong or not, has to be looked at more closely.
pub(super) fn head(text: &str, limits: &Limits) -> Option<String> {
    let mut skim = Skim {
        limits,
        open: Vec::new(),
        keys: Vec::new(),
        top: Vec::new(),
        nodes: 0,
        documents: 0,
    };
    yaml::events(text, limits, &mut |event, span| skim.take(event, span)).ok()?;
    let ends = skim.top.iter().skip(1).map(|(_, start)| *start);
    let ends = ends.chain([text.len()]);
    let entries = skim.top.iter().zip(ends);
    Some(
        entries
            .filter(|((wanted, _), _)| *wanted)
            .map(|((_, start), end)| &text[*start..end])
            .collect(),
    )
}

struct Skim<'t> {
    limits: &'t Limits,
    open: Vec<Open>,
    /// The keys of all open mappings.
    keys: Vec<Cow<'t, str>>,
    /// Where each key of the outermost mapping stands, and whether it belongs to the head.
    top: Vec<(bool, usize)>,
    nodes: usize,
    documents: usize,
}

/// A collection that is not over yet.
#[derive(Clone, Copy)]
enum Open {
    Sequence,
    /// How many keys were known before its own, and whether a key waits for its value.
    Mapping(usize, bool),
}

type Done = Result<(), Declined>;

fn demand(holds: bool) -> Done {
    if holds { Ok(()) } else { Err(Declined) }
}

impl<'t> Skim<'t> {
    fn take(&mut self, event: Event<'t>, span: Span) -> Done {
        match event {
            Event::Comment(..) => return Ok(()),
            Event::DocumentStart => {
                self.documents += 1;
                return demand(self.documents == 1);
            }
            Event::End => {
                if let Some(Open::Mapping(known, _)) = self.open.pop() {
                    self.keys.truncate(known);
                }
                return Ok(());
            }
            _ => {}
        }
        self.nodes += 1;
        demand(self.nodes <= self.limits.nodes)?;
        let key = match self.open.last_mut() {
            Some(Open::Mapping(_, waits)) => {
                *waits = !*waits;
                *waits
            }
            _ => false,
        };
        match event {
            Event::Scalar(text, style) if key => self.key(text, style, span),
            Event::Scalar(text, style) => {
                demand(!self.open.is_empty() && text.len() <= self.limits.scalar)?;
                demand(style != Style::Plain || is_finite(&text))
            }
            // A key that is a collection.
            _ if key => Err(Declined),
            Event::SequenceStart => {
                demand(!self.open.is_empty())?;
                self.open.push(Open::Sequence);
                Ok(())
            }
            _ => {
                self.open.push(Open::Mapping(self.keys.len(), false));
                Ok(())
            }
        }
    }

    fn key(&mut self, text: Cow<'t, str>, style: Style, span: Span) -> Done {
        let Some(Open::Mapping(known, _)) = self.open.last() else {
            return Err(Declined);
        };
        let others = &self.keys[*known..];
        demand(text.len() <= self.limits.key && others.len() < KEYS)?;
        demand(!others.contains(&text))?;
        let may_be_null = matches!(text.as_bytes().first(), None | Some(b'~' | b'n' | b'N'));
        let is_null = || matches!(data::plain(&text), Kind::Null);
        demand(style != Style::Plain || !may_be_null || !is_null())?;
        if self.open.len() == 1 {
            self.top.push((HEAD.contains(&&*text), span.start));
        }
        self.keys.push(text);
        Ok(())
    }
}

/// Whether a bare scalar is anything but infinity or not-a-number, which no object can hold.
fn is_finite(text: &str) -> bool {
    let numeric = matches!(
        text.as_bytes().first(),
        Some(b'+' | b'-' | b'.' | b'0'..=b'9')
    );
    !numeric || !matches!(data::plain(text), Kind::Float(value) if !value.is_finite())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::super::{head as told, parse, skimmed};
    use crate::source::yaml::plain::tests::{files, line};

    /// Whether the text was skimmed; fails where the whole document says anything else.
    fn is_skimmed(text: &str) -> bool {
        let Some(head) = skimmed(text) else {
            return false;
        };
        let (whole, duplicates) = parse(text).unwrap();
        let (node, data) = whole.unwrap();
        assert_eq!(duplicates, [], "{text}");
        assert_eq!(head, told(&node, &data).unwrap(), "{text}");
        true
    }

    #[test]
    fn files_that_are_skimmed_are_sound_and_say_the_same_as_a_whole() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        files(&root.join("out"), &mut found);
        let texts = found
            .iter()
            .map(|path| std::fs::read_to_string(path).unwrap());
        let documents: Vec<String> = texts
            .flat_map(|text| text.split("---\n").map(str::to_owned).collect::<Vec<_>>())
            .filter(|text| text.contains("\nkind: "))
            .collect();
        let skimmed = documents.iter().filter(|text| is_skimmed(text)).count();
        assert!(
            skimmed * 10 > documents.len() * 9,
            "{skimmed} of {}",
            documents.len()
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn what_is_skimmed_is_sound_and_says_the_same_as_a_whole(
            lines in prop::collection::vec(line(), 1..6),
            number in prop_oneof![Just("1"), Just("1e999"), Just(".inf"), Just("-.Inf"), Just("~")],
            key in prop_oneof![Just("b"), Just("null"), Just("~"), Just("kind"), Just("'null'")],
        ) {
            let lines = lines.join("\n");
            is_skimmed(&format!("kind: A\n{lines}\n{key}: {number}\n"));
            is_skimmed(&format!("kind: A\nmetadata:\n  name: {number}\n  {key}: b\n{lines}\n"));
        }
    }
}
