//! What `encode` lets pass reads back as the value, through a parser of the language.

use delivery::encode::{Context, encode};
use delivery::source::yaml::{Limits, read};
use proptest::prelude::*;

use crate::hostile;

fn encoded(context: Context, text: &str) -> Option<String> {
    encode(context, text).ok().map(|e| e.into_string())
}

/// The text that comrak, a GitHub-flavoured CommonMark, shows for `markdown`; panics on any structure.
fn rendered(markdown: &str) -> String {
    use comrak::nodes::NodeValue;
    let arena = comrak::Arena::new();
    let mut options = comrak::Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.math_dollars = true;
    options.extension.math_code = true;
    options.extension.alerts = true;
    let root = comrak::parse_document(&arena, markdown, &options);
    let mut text = String::new();
    for node in root.descendants() {
        match &node.data.borrow().value {
            NodeValue::Document | NodeValue::Paragraph => {}
            NodeValue::Text(part) => text.push_str(part),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::HtmlInline(html)
                if ["<!-- -->", "<code>", "</code>"].contains(&html.as_str()) => {}
            other => panic!("{other:?} in {markdown:?}"),
        }
    }
    text
}

proptest! {
    #![proptest_config(hostile::cases(3000))]

    #[test]
    fn yaml_scalars_read_back_in_block_and_flow(text in hostile::text(hostile::YAML)) {
        for context in [Context::YamlScalar, Context::Workflow] {
            let Some(scalar) = encoded(context, &text) else { continue };
            let document = format!("a: {scalar}\nb: [{scalar}, {scalar}]\nc: {{d: {scalar}}}\ne:\n- {scalar} # x\n");
            let node = read(&document, &Limits::SPEC).unwrap_or_else(|e| panic!("{e:?}\n{document}"));
            let node = &node.documents[0];
            let found = [
                node.get("a"),
                node.get("b").map(|b| &b.items()[0]),
                node.get("b").map(|b| &b.items()[1]),
                node.get("c").and_then(|c| c.get("d")),
                node.get("e").map(|e| &e.items()[0]),
            ];
            for found in found {
                prop_assert_eq!(found.and_then(|f| f.text()), Some(text.as_str()), "{}", document);
            }
            prop_assert!(context == Context::YamlScalar || !document.contains("${{"), "{}", document);
        }
    }

    #[test]
    fn markdown_shows_the_text_and_nothing_else(text in hostile::text(hostile::MARKDOWN)) {
        let Some(prose) = encoded(Context::Markdown, &text) else { return Ok(()) };
        prop_assert_eq!(rendered(&prose), text.clone(), "{}", prose);
        prop_assert_eq!(rendered(&format!("a {prose} b")), format!("a {text} b"), "{}", prose);
    }

    #[test]
    fn markdown_code_shows_the_text_and_nothing_else(text in hostile::text(hostile::MARKDOWN)) {
        let Some(code) = encoded(Context::MarkdownCode, &text) else { return Ok(()) };
        prop_assert_eq!(rendered(&format!("a {code} b")), format!("a {text} b"), "{}", code);
    }

    #[test]
    fn hcl_strings_read_back(text in hostile::text(hostile::HCL)) {
        let Some(string) = encoded(Context::Hcl, &text) else { return Ok(()) };
        let expression: hcl_edit::expr::Expression = string.parse().unwrap_or_else(|e| panic!("{e}\n{string}"));
        prop_assert_eq!(expression.as_str(), Some(text.as_str()), "{}", string);
    }

    #[test]
    fn docker_json_reads_back(text in hostile::text(hostile::DOCKER)) {
        let Some(element) = encoded(Context::DockerJson, &text) else { return Ok(()) };
        let back: String = serde_json::from_str(&element).expect("JSON");
        prop_assert_eq!(back, text);
    }

    #[test]
    fn nothing_but_a_shell_word_has_a_line_break(text in hostile::text(hostile::YAML)) {
        for context in [
            Context::YamlScalar, Context::Workflow, Context::Dockerfile, Context::DockerQuoted,
            Context::DockerJson, Context::Python, Context::Markdown, Context::MarkdownCode,
            Context::MarkdownShell, Context::Hcl, Context::IgnoreFile, Context::Comment,
        ] {
            if let Some(written) = encoded(context, &text) {
                prop_assert!(!written.contains(['\n', '\r']), "{:?}: {}", context, written);
            }
        }
    }
}
