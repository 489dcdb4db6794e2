//! Paths as a forge wants them: from the root of the repository, or as a URI.

use std::fmt::Write as _;

/// Puts `base` in front of `path` and resolves `.` and `..` where they can be.
pub(super) fn from_root(base: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let mut names: Vec<&str> = Vec::new();
    for name in base.split('/').chain(path.split('/')) {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|&last| last != "..") => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}

/// Writes a path as a URI reference: everything but unreserved characters and `/` in percent form.
pub(super) fn to_uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").expect("internal error: writing to memory");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_at_the_root_of_the_repository() {
        assert_eq!(from_root("", "./a//b"), "a/b");
        assert_eq!(
            from_root("services/api/", "spec.yaml"),
            "services/api/spec.yaml"
        );
        assert_eq!(from_root("services/api", "../web/x"), "services/web/x");
        assert_eq!(from_root("", "../x"), "../x");
        assert_eq!(from_root("a", "/etc/x"), "/etc/x");
    }

    #[test]
    fn uris_hold_nothing_but_unreserved_characters() {
        assert_eq!(to_uri("a b/ä{0}.yaml"), "a%20b/%C3%A4%7B0%7D.yaml");
        assert_eq!(to_uri("javascript:x"), "javascript%3Ax");
        assert_eq!(to_uri("/a"), "file:///a");
    }
}
