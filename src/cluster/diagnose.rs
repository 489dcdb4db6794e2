//! Live drift where formats know diagnostics only.

use super::{Cause, Object, Report, State};
use crate::diagnostic::{Diagnostic, Reporter};
use crate::source::Span;

impl Report {
    /// Everything that is not what the artifacts say, at the spec or the manifest that says it.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let mut report = Reporter::new();
        for object in &self.objects {
            self.tell(object, &mut report);
        }
        for extra in &self.extras {
            let title = format!("{}/{}", extra.kind, extra.name);
            let message = format!("`{title}` is in `{}` and in no artifact", extra.namespace);
            report
                .warning("extra-object", message)
                .at(&self.source, Span::default(), "")
                .help(format!(
                    "`{}` made it; delete it, or give it a place in the chart",
                    extra.manager
                ));
        }
        report.into_diagnostics()
    }

    fn tell(&self, object: &Object, report: &mut Reporter) {
        let title = object.wanted.title();
        let place = match self.environment {
            // A rendered template is in no file that anybody could open.
            Some(_) => (&self.source, Span::default()),
            None => (&object.wanted.source, object.wanted.span),
        };
        let at = |d: &mut Diagnostic| {
            d.at(place.0, place.1, "");
        };
        match &object.state {
            State::Absent => {
                at(report.error("absent-object", format!("`{title}` is not in the cluster")));
            }
            State::Refused(answer) => {
                let message = format!("the cluster refuses `{title}`: {answer}");
                at(report.error("refused-object", message));
            }
            State::Same | State::Changed | State::Unknown(_) => {}
        }
        for change in object.changes.iter().filter(|change| change.drift) {
            let id = match change.cause {
                Cause::Hand(_) => "changed-by-hand",
                Cause::Manager(_) => "other-manager",
                Cause::Deployer(_) => "not-deployed",
                Cause::Unknown => "changed-live",
            };
            let message = format!("`{title}`: {} {}", change.path, change.sentence());
            at(report.warning(id, message));
        }
    }
}
