//! What is wrong, where, and the way out.
//!
//! Owns [`Diagnostic`], [`Label`] and [`Reporter`]. Diagnostics are made only through a [`Reporter`];
//! how they look is the business of `report`.

use std::sync::Arc;

use crate::source::{Source, Span};

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing; never fails a run.
    Note,
    /// Works today and will hurt.
    Warning,
    /// Cannot work, or must not.
    Error,
}

impl Level {
    /// The word that every format prints.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A stretch of one file and what it has to do with the diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes meant.
    pub span: Span,
    /// What they are: "expected `image`, `port` or `env`"; may be empty.
    pub text: String,
}

/// New text for a stretch of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes that are replaced.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

/// Changes that end what a diagnostic tells, all of them or none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fix {
    /// Whether a person has to look at what comes of it.
    pub unsafe_to_apply: bool,
    /// The changes, in any number of files.
    pub edits: Vec<Edit>,
}

/// One thing to tell, located wherever it has a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Kebab-case name of the rule or the kind of error.
    pub id: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What is wrong: one lower-case phrase, no final period.
    pub message: String,
    /// Where it is decided.
    pub primary: Option<Label>,
    /// The other places involved.
    pub related: Vec<Label>,
    /// Actions the reader can take.
    pub help: Vec<String>,
    /// Changes that a program can make.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Points the primary label at `span` of `source`.
    pub fn at(&mut self, source: &Arc<Source>, span: Span, text: impl Into<String>) -> &mut Self {
        self.primary = Some(Label {
            source: Arc::clone(source),
            span,
            text: text.into(),
        });
        self
    }

    /// Adds another place that takes part.
    pub fn also(&mut self, source: &Arc<Source>, span: Span, text: impl Into<String>) -> &mut Self {
        self.related.push(Label {
            source: Arc::clone(source),
            span,
            text: text.into(),
        });
        self
    }

    /// Adds an action that the reader can take.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help.push(text.into());
        self
    }
}

/// Collects diagnostics in the order in which they are told.
#[derive(Debug, Default)]
pub struct Reporter {
    diagnostics: Vec<Diagnostic>,
}

impl Reporter {
    /// An empty reporter.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells an error; go on with [`Diagnostic::at`] and [`Diagnostic::help`].
    pub fn error(&mut self, id: &'static str, message: impl Into<String>) -> &mut Diagnostic {
        self.tell(id, Level::Error, message)
    }

    /// Tells a warning.
    pub fn warning(&mut self, id: &'static str, message: impl Into<String>) -> &mut Diagnostic {
        self.tell(id, Level::Warning, message)
    }

    /// Tells a note.
    pub fn note(&mut self, id: &'static str, message: impl Into<String>) -> &mut Diagnostic {
        self.tell(id, Level::Note, message)
    }

    /// Tells a diagnostic of any level.
    pub fn tell(
        &mut self,
        id: &'static str,
        level: Level,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.diagnostics.push(Diagnostic {
            id,
            level,
            message: message.into(),
            primary: None,
            related: Vec::new(),
            help: Vec::new(),
            fix: None,
        });
        self.diagnostics
            .last_mut()
            .expect("internal error: a diagnostic was pushed just now")
    }

    /// Whether an error was told.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.level == Level::Error)
    }

    /// What was told so far.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Gives up everything that was told.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Takes over what another reporter collected.
    pub fn extend(&mut self, other: Self) {
        self.adopt(other.diagnostics);
    }

    /// Takes over diagnostics that another reporter made.
    pub fn adopt(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.extend(diagnostics);
    }
}
