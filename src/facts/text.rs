//! Texts that are known in part: `registry/app:${{ github.sha }}`.

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Piece {
    /// Known.
    Known(String),
    /// Known only by the expression that gives it, as written.
    Unknown(String),
}

/// A text of known and unknown pieces; two neighbours are never both known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Text(Vec<Piece>);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let mut all = Self::default();
        all.push(text);
        all
    }
}

impl Text {
    /// A text of which only the expression is known.
    pub fn unknown(expression: impl Into<String>) -> Self {
        Self(vec![Piece::Unknown(expression.into())])
    }

    /// Adds known text.
    pub fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Known(last)) = self.0.last_mut() {
            last.push_str(text);
        } else {
            self.0.push(Piece::Known(text.to_owned()));
        }
    }

    /// Adds another text.
    pub fn append(&mut self, other: &Self) {
        for piece in &other.0 {
            match piece {
                Piece::Known(text) => self.push(text),
                Piece::Unknown(_) => self.0.push(piece.clone()),
            }
        }
    }

    /// The pieces.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The text, where all of it is known.
    pub fn known(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Known(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it is exactly this.
    pub fn is(&self, text: &str) -> bool {
        self.known() == Some(text)
    }

    /// The known text that it begins with.
    pub fn prefix(&self) -> &str {
        match self.0.first() {
            Some(Piece::Known(text)) => text,
            _ => "",
        }
    }

    /// The text for people, expressions between `${{` and `}}`.
    pub fn shown(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Known(text) => text.clone(),
                Piece::Unknown(expression) => format!("${{{{ {expression} }}}}"),
            })
            .collect()
    }

    /// Parts it at each line break or blank.
    pub fn split(&self, at: fn(char) -> bool) -> Vec<Self> {
        let mut all = vec![Self::default()];
        for piece in &self.0 {
            match piece {
                Piece::Unknown(_) => {
                    if let Some(last) = all.last_mut() {
                        last.0.push(piece.clone());
                    }
                }
                Piece::Known(text) => {
                    for (number, part) in text.split(at).enumerate() {
                        if number > 0 {
                            all.push(Self::default());
                        }
                        if let Some(last) = all.last_mut() {
                            last.push(part);
                        }
                    }
                }
            }
        }
        all.retain(|text| !text.0.is_empty());
        all
    }

    /// Parts it in front of and behind the first known `mark`.
    pub fn split_once(&self, mark: char) -> Option<(Self, Self)> {
        let at = self
            .0
            .iter()
            .position(|piece| matches!(piece, Piece::Known(text) if text.contains(mark)))?;
        let Piece::Known(text) = &self.0[at] else {
            return None;
        };
        let (left, right) = text.split_once(mark)?;
        let mut before = Self(self.0[..at].to_vec());
        before.push(left);
        let mut behind = Self::from(right);
        behind.append(&Self(self.0[at + 1..].to_vec()));
        Some((before, behind))
    }

    /// Parts it in front of and behind the last known `mark`.
    pub fn rsplit_once(&self, mark: char) -> Option<(Self, Self)> {
        let at = self
            .0
            .iter()
            .rposition(|piece| matches!(piece, Piece::Known(text) if text.contains(mark)))?;
        let Piece::Known(text) = &self.0[at] else {
            return None;
        };
        let (left, right) = text.rsplit_once(mark)?;
        let mut before = Self(self.0[..at].to_vec());
        before.push(left);
        let mut behind = Self::from(right);
        behind.append(&Self(self.0[at + 1..].to_vec()));
        Some((before, behind))
    }

    /// Whether it may be `text`, its unknown pieces standing for anything without a `/` or `:`.
    pub fn may_be(&self, text: &str) -> bool {
        fn fits(pieces: &[Piece], text: &str) -> bool {
            match pieces.split_first() {
                None => text.is_empty(),
                Some((Piece::Known(known), rest)) => text
                    .strip_prefix(known.as_str())
                    .is_some_and(|text| fits(rest, text)),
                Some((Piece::Unknown(_), rest)) => text
                    .char_indices()
                    .map(|(at, c)| (at + c.len_utf8(), c))
                    .take_while(|(_, c)| !matches!(c, '/' | ':'))
                    .any(|(at, _)| fits(rest, &text[at..])),
            }
        }
        fits(&self.0, text)
    }

    /// Whether any part of it is unknown.
    pub fn is_partial(&self) -> bool {
        self.known().is_none()
    }
}

/// The name of an image: where it is, and which of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageName {
    /// Registry and path, without tag.
    pub repository: Text,
    /// The tag, where one is given.
    pub tag: Option<Text>,
    /// Whether a digest is given.
    pub digest: bool,
}

impl ImageName {
    /// Reads `registry:5000/path/name:tag@sha256:…`.
    pub fn parse(text: &Text) -> Self {
        let (name, digest) = match text.split_once('@') {
            Some((name, _)) => (name, true),
            None => (text.clone(), false),
        };
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag))
                if !tag
                    .pieces()
                    .iter()
                    .any(|piece| matches!(piece, Piece::Known(text) if text.contains('/'))) =>
            {
                (repository, Some(tag))
            }
            _ => (name, None),
        };
        Self {
            repository,
            tag,
            digest,
        }
    }

    /// The repository in full, `docker.io/library/` spelled out, where it is known.
    pub fn full(&self) -> Option<String> {
        self.repository.known().map(full_repository)
    }

    /// The last part of the path.
    pub fn base(&self) -> Option<&str> {
        self.repository
            .known()
            .map(|name| name.rsplit('/').next().unwrap_or(name))
    }
}

/// `nginx` → `docker.io/library/nginx`, `owner/app` → `docker.io/owner/app`.
pub fn full_repository(name: &str) -> String {
    let first = name.split('/').next().unwrap_or("");
    let registry =
        name.contains('/') && (first.contains('.') || first.contains(':') || first == "localhost");
    let name = if registry {
        let name = name.strip_prefix("index.docker.io/").unwrap_or(name);
        name.strip_prefix("registry-1.docker.io/")
            .map_or_else(|| name.to_owned(), |name| format!("docker.io/{name}"))
    } else {
        format!("docker.io/{name}")
    };
    match name.strip_prefix("docker.io/") {
        Some(path) if !path.contains('/') => format!("docker.io/library/{path}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_names_part_at_the_tag_and_not_at_the_port() {
        let name = ImageName::parse(&Text::from("host:5000/a/b:1.2@sha256:00"));
        assert!(name.repository.is("host:5000/a/b") && name.digest);
        assert!(name.tag.unwrap().is("1.2"));
        let name = ImageName::parse(&Text::from("host:5000/a"));
        assert!(name.repository.is("host:5000/a") && name.tag.is_none());
        let mut text = Text::from("a/b:");
        text.append(&Text::unknown("github.sha"));
        let name = ImageName::parse(&text);
        assert!(name.repository.is("a/b") && name.tag.unwrap().is_partial());
    }

    #[test]
    fn short_names_are_those_of_docker_hub() {
        assert_eq!(full_repository("nginx"), "docker.io/library/nginx");
        assert_eq!(full_repository("a/b"), "docker.io/a/b");
        assert_eq!(full_repository("ghcr.io/a/b"), "ghcr.io/a/b");
        assert_eq!(full_repository("localhost/b"), "localhost/b");
    }
}
