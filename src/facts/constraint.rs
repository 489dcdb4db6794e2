//! Versions of Terraform's providers: what a constraint admits, and what a lock file says.
//!
//! Knows nothing of providers.

/// A version, without what follows its three numbers.
pub type Version = [u64; 3];

/// Reads `1.2.3`, and `1.2` and `1` with zeros; nothing for any other form.
pub fn version(text: &str) -> Option<Version> {
    let mut out = [0; 3];
    let mut count = 0;
    for part in text.trim().trim_start_matches('v').split('.') {
        *out.get_mut(count)? = part.parse().ok()?;
        count += 1;
    }
    (count > 0).then_some(out)
}

/// One part of a constraint: the operator, the version, and how many numbers it gives.
fn part(text: &str) -> Option<(&str, Version, usize)> {
    let text = text.trim();
    let at = text.find(|c: char| c.is_ascii_digit())?;
    let (operator, number) = text.split_at(at);
    let count = number.split('.').count();
    Some((operator.trim(), version(number)?, count))
}

/// Whether a constraint admits a version; nothing where it cannot be read.
pub fn admits(constraint: &str, wanted: Version) -> Option<bool> {
    constraint.split(',').try_fold(true, |all, one| {
        let (operator, version, count) = part(one)?;
        let fits = match operator {
            "" | "=" => wanted == version,
            "!=" => wanted != version,
            ">" => wanted > version,
            ">=" => wanted >= version,
            "<" => wanted < version,
            "<=" => wanted <= version,
            // The last number that is given may grow, though never the first.
            "~>" => {
                let fixed = count.saturating_sub(1).max(1);
                wanted >= version && wanted[..fixed] == version[..fixed]
            }
            _ => return None,
        };
        Some(all && fits)
    })
}

/// The major version below which a constraint admits nothing.
pub fn least_major(constraint: &str) -> Option<u64> {
    constraint
        .split(',')
        .filter_map(part)
        .filter(|(operator, ..)| matches!(*operator, "" | "=" | ">" | ">=" | "~>"))
        .map(|(_, version, _)| version[0])
        .max()
}

/// The version of a provider that a lock file holds it to.
pub fn locked(text: &str, source: &str) -> Option<Version> {
    let start = text.find(&format!("/{source}\" {{"))?;
    let block = text[start..].split('}').next()?;
    let line = block
        .lines()
        .find(|line| line.trim_start().starts_with("version"))?;
    version(line.split('"').nth(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_admit_what_terraform_would_take() {
        for (constraint, wanted, fits) in [
            ("~> 5.2", [5, 9, 0], true),
            ("~> 5.2", [6, 0, 0], false),
            ("~> 5.2", [5, 1, 0], false),
            ("~> 5.2.1", [5, 2, 9], true),
            ("~> 5.2.1", [5, 3, 0], false),
            ("~> 5", [6, 0, 0], false),
            ("~> 5", [5, 9, 0], true),
            (">= 3.0, < 6.0", [5, 2, 0], true),
            (">= 3.0, < 5.0", [5, 2, 0], false),
            ("5.2.0", [5, 2, 0], true),
            ("= 5.1.0", [5, 2, 0], false),
            ("!=5.2.0", [5, 2, 0], false),
        ] {
            assert_eq!(admits(constraint, wanted), Some(fits), "{constraint}");
        }
        assert_eq!(admits("${var.version}", [5, 2, 0]), None);
        assert_eq!(least_major(">= 4.1, < 6"), Some(4));
        assert_eq!(least_major("< 6"), None);
    }

    #[test]
    fn a_lock_file_tells_the_version_that_is_taken() {
        let text = "provider \"registry.terraform.io/hashicorp/aws\" {\n  version     = \"6.25.0\"\n  constraints = \"~> 6.0\"\n}\n";
        assert_eq!(locked(text, "hashicorp/aws"), Some([6, 25, 0]));
        assert_eq!(locked(text, "hashicorp/helm"), None);
    }
}
