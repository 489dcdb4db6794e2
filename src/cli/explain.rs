//! `gen explain`: the page of a rule, or the list of all.

use clap::Args;

use super::Outcome;
use super::console::Console;
use crate::rules::{self, RULES};

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The rule; without one all are listed.
    #[arg(value_name = "RULE")]
    rule: Option<String>,
}

pub(super) fn run(args: &ExplainArgs, console: &mut Console) -> Outcome {
    let Some(name) = &args.rule else {
        let mut text = String::new();
        for rule in RULES {
            text.push_str(&format!(
                "{:<28} {:<11} {:<8} {}\n",
                rule.name,
                rule.group.name(),
                rule.level.name(),
                rule.summary
            ));
        }
        return console.result(&text);
    };
    match rules::find(name) {
        Some(rule) => console.result(&rule.page()),
        None => {
            let near = rules::suggestion(name, RULES.iter().map(|rule| rule.name));
            let help = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            console.fail(&format!("there is no rule `{name}`{help}"))
        }
    }
}
