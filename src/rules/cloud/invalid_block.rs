//! A block that Terraform itself does not take.

use crate::diagnostic::Level;
use crate::facts::terraform::{Heading, Module, is_override};
use crate::facts::{At, Facts};
use crate::rules::{Docs, Findings, Group, Rule, suggestion};
use crate::source::hcl::{Block, Body};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "invalid-block",
    group: Group::Cloud,
    level: Level::Error,
    summary: "a block that Terraform itself does not take",
    docs: Docs {
        what: "A block at the top of a `.tf` file that Terraform does not know, or that has more or fewer labels than it asks for; a `module` without `source`; a `dynamic` block without a name, `for_each` or `content`.",
        why: "terraform init, validate and plan fail before any provider is asked.",
        bad: "resource \"aws_ecs_cluster\" {\n}",
        good: "resource \"aws_ecs_cluster\" \"main\" {\n}",
        allow: "When the file is for another program that has blocks of its own, as OpenTofu.",
    },
    check,
};

/// The blocks at the top of a file, and what their labels say.
const BLOCKS: [(&str, &[&str]); 14] = [
    ("action", &["kind", "name"]),
    ("check", &["name"]),
    ("data", &["kind", "name"]),
    ("ephemeral", &["kind", "name"]),
    ("import", &[]),
    ("locals", &[]),
    ("module", &["name"]),
    ("moved", &[]),
    ("output", &["name"]),
    ("provider", &["name"]),
    ("removed", &[]),
    ("resource", &["kind", "name"]),
    ("terraform", &[]),
    ("variable", &["name"]),
];

fn check(facts: &Facts, findings: &mut Findings<'_>) {
    for module in &facts.terraform {
        for heading in &module.headings {
            top(heading, findings);
        }
        called(module, findings);
        let resources = module.resources.iter().map(|one| (&one.body, &one.at));
        let configured = module.configurations.iter().map(|one| (&one.body, &one.at));
        for (body, at) in resources.chain(configured) {
            dynamic(body, at, findings);
        }
    }
}

fn top(heading: &Heading, findings: &mut Findings<'_>) {
    let kind = heading.kind.as_str();
    let Some((_, labels)) = BLOCKS.iter().find(|(known, _)| *known == kind) else {
        let told = findings
            .tell(format!("Terraform has no block `{kind}`"))
            .at(&heading.at, "no such block");
        if let Some(near) = suggestion(kind, BLOCKS.iter().map(|(known, _)| *known)) {
            told.help(format!("did you mean `{near}`?"));
        }
        return;
    };
    if heading.labels == labels.len() {
        return;
    }
    let wanted = match labels {
        [] => format!("`{kind}` has no labels"),
        labels => format!("`{kind}` has a label for its {}", labels.join(" and its ")),
    };
    let found = match heading.labels {
        0 => "without a label".to_owned(),
        1 => "with one label".to_owned(),
        more => format!("with {more} labels"),
    };
    let quoted: String = labels
        .iter()
        .map(|label| format!(" \"{}\"", label.to_uppercase()))
        .collect();
    findings
        .tell(format!("{wanted}, and this one is {found}"))
        .at(&heading.at, found)
        .help(format!("write `{kind}{quoted} {{ … }}`"));
}

/// Calls that name no module. In a file that only changes others they need not.
fn called(module: &Module, findings: &mut Findings<'_>) {
    for call in &module.calls {
        if call.body.get("source").is_none() && !is_override(call.file.path()) {
            findings
                .tell(format!("the module `{}` has no `source`", call.name))
                .at(&call.at, "taken from nowhere")
                .help("say where it comes from: `source = \"./modules/NAME\"`");
        }
    }
}

fn dynamic(body: &Body, owner: &At, findings: &mut Findings<'_>) {
    for block in &body.blocks {
        if block.kind == "dynamic" {
            repeated(block, owner, findings);
        }
        dynamic(&block.body, owner, findings);
    }
}

fn repeated(block: &Block, owner: &At, findings: &mut Findings<'_>) {
    let lacks = if block.labels.len() != 1 {
        "one label, the name of the blocks that it makes"
    } else if block.body.get("for_each").is_none() {
        "`for_each`, which it makes a block for each of"
    } else if block.body.blocks("content").count() != 1 {
        "one block `content`, which says what is in each"
    } else {
        return;
    };
    let at = At::new(&owner.source, block.kind_span);
    findings
        .tell(format!("a `dynamic` block needs {lacks}"))
        .at(&at, "not so here")
        .also(owner, "of this");
}
