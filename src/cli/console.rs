//! The one place that prints: results on standard output, everything else on standard error.

use std::io::{BufWriter, Write};

use super::Outcome;
use crate::diagnostic::{Diagnostic, Level};
use crate::report::{self, Format};
use crate::rules::RULES;

/// Where a command speaks.
pub(super) struct Console {
    format: Format,
    color: bool,
    quiet: bool,
    verbose: bool,
}

impl Console {
    pub(super) fn new(format: Format, color: bool, quiet: bool, verbose: bool) -> Self {
        Self {
            format,
            color,
            quiet,
            verbose,
        }
    }

    /// Prints a command's result. A reader that went away is no error.
    pub(super) fn result(&mut self, text: &str) -> Outcome {
        self.results(|out| out.write_all(text.as_bytes()))
    }

    /// Prints a command's result piece by piece, as [`Console::result`] does.
    pub(super) fn results(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Outcome {
        let mut out = BufWriter::with_capacity(64 << 10, std::io::stdout().lock());
        match write(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                self.fail(&format!("cannot write the result: {error}"))
            }
            _ => Outcome::Clean,
        }
    }

    /// Says how things went, unless quiet.
    pub(super) fn say(&mut self, text: &str) {
        if !self.quiet {
            err(text);
        }
    }

    /// Says how far a long work is, on one line of a terminal that is written over.
    #[cfg(feature = "live")]
    pub(super) fn progress(&self, done: usize, all: usize, what: &str) {
        if !self.quiet {
            let end = if done == all { "\r\x1b[K" } else { "" };
            let _ = write!(std::io::stderr().lock(), "\r{done}/{all} {what}{end}");
        }
    }

    /// Says a detail, when verbose.
    pub(super) fn detail(&mut self, text: &str) {
        if self.verbose {
            err(text);
        }
    }

    /// Whether diagnostics are for a program, so that nothing else may stand on standard output.
    pub(super) fn is_machine(&self) -> bool {
        self.format != Format::Text
    }

    /// Tells that the command cannot run.
    pub(super) fn fail(&mut self, text: &str) -> Outcome {
        err(&format!("error: {}", printable(text)));
        Outcome::Failed
    }

    /// How results are to be written.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Prints a command's result, or writes it into a file.
    pub(super) fn deliver(&mut self, text: &str, file: Option<&std::path::Path>) -> Outcome {
        let Some(path) = file.filter(|path| *path != std::path::Path::new("-")) else {
            return self.result(text);
        };
        match crate::output::write_report(path, text) {
            Ok(()) => Outcome::Clean,
            Err(error) => self.fail(&format!("cannot write `{}`: {error}", path.display())),
        }
    }

    /// Prints diagnostics: for people on standard error, for programs on standard output.
    pub(super) fn diagnostics(&mut self, diagnostics: &[Diagnostic]) -> Outcome {
        let options = report::Options {
            color: self.color,
            version: env!("CARGO_PKG_VERSION"),
            ..report::Options::default()
        };
        let text = report::write(self.format, diagnostics, &options);
        if self.is_machine() {
            self.result(&text);
        } else if !diagnostics.is_empty() {
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        }
        if diagnostics.iter().any(|d| d.level == Level::Error) {
            Outcome::Found
        } else {
            Outcome::Clean
        }
    }

    /// Prints what `gen lint` found: it is the command's result, so for people too it goes to standard
    /// output.
    pub(super) fn findings(&mut self, diagnostics: &[Diagnostic]) -> Outcome {
        // Only SARIF shows the pages.
        let listed = if self.format == Format::Sarif {
            RULES
        } else {
            &[]
        };
        let pages: Vec<String> = listed.iter().map(|rule| rule.page()).collect();
        let rules: Vec<report::RuleText<'_>> = listed
            .iter()
            .zip(&pages)
            .map(|(rule, docs)| report::RuleText {
                id: rule.name,
                level: rule.level,
                summary: rule.summary,
                docs,
            })
            .collect();
        let options = report::Options {
            color: self.color,
            version: env!("CARGO_PKG_VERSION"),
            rules: &rules,
            ..report::Options::default()
        };
        if diagnostics.is_empty() && !self.is_machine() {
            return Outcome::Clean;
        }
        let text = report::write(self.format, diagnostics, &options);
        self.result(&text)
    }
}

fn err(text: &str) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Text of several lines, with nothing in it that a terminal or a runner would obey.
pub(super) fn printable(text: &str) -> String {
    report::lines(text)
}
