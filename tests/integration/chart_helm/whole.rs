//! Whole charts: the one that helm itself starts people with, and the one that `gen` renders.

use std::path::{Path, PathBuf};

use super::judge::{Inputs, Verdict, annotated, compare, helm, helm_template, load, ours, stream};
use crate::rig::{self, Folder};

/// Panics where helm and we do not agree on a chart that is reproducible.
fn agree(chart: &Path, inputs: &Inputs) {
    let theirs = helm_template(chart, &inputs.arguments());
    let loaded = load(chart).expect("a chart that loads");
    let (rendered, diagnostics) = ours(&loaded, inputs);
    match (theirs, rendered) {
        (Ok(theirs), Some(rendered)) => {
            let ours = stream(&rendered, false);
            let verdict = compare(&theirs, &ours, None);
            assert_eq!(verdict, Verdict::Text, "{chart:?} {inputs:?}");
            let annotated = annotated(&loaded, inputs).expect("the same, explained");
            assert_eq!(compare(&ours, &annotated, None), Verdict::Data, "{chart:?}");
            assert!(
                !rendered.objects.is_empty(),
                "{chart:?} {inputs:?} gives nothing"
            );
        }
        (Err(_), None) => {}
        (theirs, _) => panic!("{chart:?} {inputs:?}: helm {theirs:?}, ours {diagnostics:#?}"),
    }
}

/// Every switch of the chart that `helm create` writes, alone and with the others.
const SWITCHES: [&str; 22] = [
    "autoscaling.enabled=true",
    "autoscaling.enabled=true,autoscaling.targetMemoryUtilizationPercentage=70",
    "ingress.enabled=true",
    "ingress.enabled=true,ingress.className=nginx,ingress.annotations.a/b=c,ingress.tls[0].secretName=s,ingress.tls[0].hosts={a.b,c.d}",
    "httpRoute.enabled=true",
    "httpRoute.enabled=true,httpRoute.hostnames={a.b},httpRoute.parentRefs[0].name=g,httpRoute.annotations.a=b",
    "serviceAccount.create=false",
    "serviceAccount.create=false,serviceAccount.name=other",
    "serviceAccount.annotations.a=b,serviceAccount.automount=false",
    "nameOverride=other",
    "fullnameOverride=whole",
    "nameOverride=a-name-that-is-much-longer-than-the-sixty-three-characters-which-a-label-may-have",
    "image.tag=1.10,image.pullPolicy=Always",
    "imagePullSecrets[0].name=secret",
    "podAnnotations.a=b,podLabels.c=d",
    "podSecurityContext.fsGroup=2000,securityContext.runAsNonRoot=true,securityContext.capabilities.drop={ALL}",
    "service.type=NodePort,service.port=8080",
    "resources.limits.cpu=100m,resources.requests.memory=128Mi",
    "livenessProbe=null,readinessProbe=null",
    "volumes[0].name=v,volumes[0].secret.secretName=s,volumes[0].secret.optional=false,volumeMounts[0].name=v,volumeMounts[0].mountPath=/etc/v",
    "nodeSelector.disk=ssd,tolerations[0].key=k,tolerations[0].operator=Exists,affinity.podAntiAffinity.x=y",
    "replicaCount=12345678",
];

#[test]
fn every_switch_of_helms_own_chart_gives_the_text_that_helm_gives() {
    if !rig::asked() {
        return;
    }
    let folder = Folder::new("create");
    let created = helm()
        .args(["create", "web"])
        .current_dir(folder.path())
        .output()
        .unwrap_or_else(|error| panic!("the rig needs helm: {error}"));
    assert!(created.status.success(), "helm create: {created:?}");
    let chart = folder.path().join("web");
    agree(&chart, &Inputs::default());
    for switch in SWITCHES {
        let sets = vec![switch.to_owned()];
        agree(
            &chart,
            &Inputs {
                sets,
                ..Inputs::default()
            },
        );
    }
    let sets = SWITCHES.map(str::to_owned).to_vec();
    agree(
        &chart,
        &Inputs {
            sets,
            ..Inputs::default()
        },
    );
}

#[test]
fn every_environment_of_every_rendered_chart_gives_the_text_that_helm_gives() {
    if !rig::asked() {
        return;
    }
    let out = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("out");
    let mut judged = 0;
    for entry in std::fs::read_dir(out).expect("out/") {
        let chart = entry.expect("an entry").path().join("chart");
        if !chart.join("Chart.yaml").is_file() {
            continue;
        }
        agree(&chart, &Inputs::default());
        for entry in std::fs::read_dir(&chart).expect("a chart") {
            let path = entry.expect("an entry").path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or("");
            if !name.starts_with("values-") {
                continue;
            }
            for set in ["image.tag=1.2.3", "image.tag=1.10,replicas=3"] {
                let inputs = Inputs {
                    files: vec![path.clone()],
                    sets: vec![set.to_owned()],
                    ..Inputs::default()
                };
                agree(&chart, &inputs);
                judged += 1;
            }
        }
    }
    assert!(judged > 0, "no chart of out/ has an environment");
}
