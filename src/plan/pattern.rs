//! Patterns of paths, as a spec declares which files are the user's own.

/// A path in which `*` stands for any part of one name, `?` for one character, and `**` for any number
/// of names; with `/` at its end it means everything below a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Takes the pattern as written.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `path`, whose names are joined by `/`, is meant. Takes time in proportion to the product of
    /// both lengths, whatever the pattern.
    pub fn matches(&self, path: &str) -> bool {
        let mut wanted: Vec<&str> = self.0.split('/').collect();
        if wanted.last() == Some(&"") {
            wanted.pop();
            wanted.push("**");
        }
        let names: Vec<&str> = path.split('/').collect();
        // reached[n]: the names before the nth are matched by the part of the pattern seen so far.
        let mut reached = vec![false; names.len() + 1];
        reached[0] = true;
        for part in wanted {
            let mut next = vec![false; names.len() + 1];
            for at in 0..=names.len() {
                if part == "**" {
                    next[at] = reached[at] || at > 0 && next[at - 1];
                } else if at > 0 {
                    next[at] = reached[at - 1] && name_matches(part, names[at - 1]);
                }
            }
            reached = next;
        }
        reached[names.len()]
    }
}

fn name_matches(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for wanted in pattern.chars() {
        let mut next = vec![false; name.len() + 1];
        for at in 0..=name.len() {
            next[at] = match wanted {
                '*' => reached[at] || at > 0 && next[at - 1],
                '?' => at > 0 && reached[at - 1],
                other => at > 0 && reached[at - 1] && name[at - 1] == other,
            };
        }
        reached = next;
    }
    reached[name.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_ignore_files_taught() {
        for (pattern, path, matches) in [
            ("README.md", "README.md", true),
            ("README.md", "a/README.md", false),
            ("**/README.md", "README.md", true),
            ("**/README.md", "a/b/README.md", true),
            ("*.md", "a.md", true),
            ("*.md", "a/b.md", false),
            ("chart/", "chart/templates/a.yaml", true),
            ("chart/", "charts/a.yaml", false),
            ("chart", "chart/a.yaml", false),
            ("chart/**", "chart/a/b", true),
            ("chart/**/b", "chart/b", true),
            ("chart/values-*.yaml", "chart/values-dev.yaml", true),
            ("chart/values-?.yaml", "chart/values-dev.yaml", false),
            ("**", "a/b", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(path),
                matches,
                "{pattern} {path}"
            );
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let name = "a".repeat(255);
        let pattern = Pattern::new(format!("{}b", "*a".repeat(250)));
        assert!(!pattern.matches(&name));
        let pattern = Pattern::new(format!("{}b", "**/".repeat(150)));
        assert!(!pattern.matches(&"a/".repeat(500)));
    }
}
