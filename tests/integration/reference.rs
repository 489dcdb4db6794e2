//! What the integration tests share: the reference spec, and the way from a spec to a plan.

use std::sync::{Arc, LazyLock};

use delivery::blueprint::Library;
use delivery::diagnostic::{Diagnostic, Reporter};
use delivery::plan::Plan;
use delivery::source::Source;
use delivery::spec::{self, Model};
use delivery::target::Renderer;

/// The reference spec as it ships.
pub(crate) const REFERENCE: &str = include_str!("../../blueprints/flask-aks/spec.yaml");

/// A spec as the file `spec.yaml`.
pub(crate) fn source(text: &str) -> Arc<Source> {
    Source::new("spec.yaml", text)
}

/// The model of a spec, or what is wrong with it.
pub(crate) fn load(text: &str) -> Result<Model, Vec<Diagnostic>> {
    let mut report = Reporter::new();
    spec::load(&source(text), &[], &mut report).ok_or_else(|| report.into_diagnostics())
}

/// The plan of a spec with the blueprints that are built in.
pub(crate) fn plan(text: &str) -> Plan {
    try_plan(text)
        .unwrap_or_else(|diagnostics| panic!("the spec was refused: {diagnostics:#?}\n{text}"))
}

/// The plan of a spec, or what is wrong with it.
pub(crate) fn try_plan(text: &str) -> Result<Plan, Vec<Diagnostic>> {
    plan_with(&source(text), &[])
}

/// The plan of a spec with settings over it, or what is wrong with them.
pub(crate) fn plan_with(spec: &Arc<Source>, settings: &[String]) -> Result<Plan, Vec<Diagnostic>> {
    let mut report = Reporter::new();
    let plan = delivery::spec::load(spec, settings, &mut report)
        .and_then(|model| renderer().render(&model, false, &mut report));
    plan.ok_or_else(|| report.into_diagnostics())
}

/// The blueprint of the reference, loaded once.
pub(crate) fn renderer() -> &'static Renderer {
    static RENDERER: LazyLock<Renderer> = LazyLock::new(|| {
        let mut report = Reporter::new();
        Renderer::new(Library::embedded(), "flask-aks", &mut report)
            .unwrap_or_else(|| panic!("{:#?}", report.diagnostics()))
    });
    &RENDERER
}

/// The varied specs: a name and the settings that are put over the reference.
pub(crate) fn varied() -> Vec<(&'static str, Vec<String>)> {
    include_str!("../varied/settings.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            let mut parts = line.split(" | ");
            let name = parts.next().expect("a line has a name").trim();
            (name, parts.map(|part| part.trim().to_owned()).collect())
        })
        .collect()
}
