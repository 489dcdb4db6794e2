//! Which environment a file is for, by its name.

/// The names of environments in a path: `values-production.yaml`, `production.tfvars`,
/// `overlays/production/…`.
pub(super) fn of(path: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let parts: Vec<&str> = path.split('/').collect();
    for pair in parts.windows(2) {
        if matches!(pair[0], "overlays" | "environments" | "envs" | "env")
            && pair[1] != parts[parts.len() - 1]
        {
            names.push(pair[1]);
        }
    }
    let file = parts.last().copied().unwrap_or("");
    for end in [".yaml", ".yml"] {
        let Some(stem) = file.strip_suffix(end) else {
            continue;
        };
        names.extend(stem.strip_prefix("values-"));
        names.extend(stem.strip_prefix("values."));
        names.extend(stem.strip_suffix(".values"));
        names.extend(stem.strip_suffix("-values"));
    }
    if let Some(stem) = file.strip_suffix(".tfvars") {
        let shared = stem == "terraform" || stem.ends_with(".auto");
        names.extend((!shared).then_some(stem));
    }
    names.extend(file.strip_suffix(".backend.hcl"));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_read_from_names() {
        for (path, names) in [
            ("chart/values-production.yaml", vec!["production"]),
            ("terraform/cluster/dev.tfvars", vec!["dev"]),
            ("terraform/terraform.tfvars", vec![]),
            ("k8s/overlays/dev/kustomization.yaml", vec!["dev"]),
            ("environments/dev", vec![]),
            ("chart/values.yaml", vec![]),
        ] {
            assert_eq!(of(path), names, "{path}");
        }
    }
}
