//! Which objects an object means: those of its own bundle, and among manifests the nearest ones.

use super::object::Object;
use super::{Facts, tree};

/// The objects of `of` that fit, from the nearest place that has any: the same file, the same folder, the
/// folders above. Objects of a chart see only their own evaluation, those of a kustomization their own build first.
pub fn nearest<'a>(
    facts: &'a Facts,
    of: &Object,
    fits: impl Fn(&Object) -> bool,
) -> Vec<&'a Object> {
    let bundle = &facts.bundles[of.bundle];
    if bundle.chart.is_some() {
        return facts
            .objects
            .iter()
            .filter(|object| object.bundle == of.bundle && fits(object))
            .collect();
    }
    let all: Vec<&Object> = facts
        .objects
        .iter()
        .filter(|object| facts.together(of, object) && fits(object))
        .collect();
    if bundle.kustomized {
        let own = all.iter().copied().filter(|one| one.bundle == of.bundle);
        let own: Vec<&Object> = own.collect();
        return if own.is_empty() { all } else { own };
    }
    let at = |fits: &dyn Fn(&Object) -> bool| -> Vec<&'a Object> {
        all.iter().copied().filter(|object| fits(object)).collect()
    };
    let same = at(&|object| object.path == of.path);
    if !same.is_empty() {
        return same;
    }
    let mut folder = tree::folder(&of.path);
    loop {
        let here = at(&|object| tree::folder(&object.path) == folder);
        if !here.is_empty() {
            return here;
        }
        let below =
            at(&|object| folder.is_empty() || object.path.starts_with(&format!("{folder}/")));
        if !below.is_empty() || folder.is_empty() {
            return below;
        }
        folder = tree::folder(folder);
    }
}

/// Whether two objects are meant for the same namespace, as far as they say.
pub fn same_namespace(a: &Object, b: &Object) -> bool {
    match (&a.namespace, &b.namespace) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}
