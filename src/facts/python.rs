//! Python files: the names of a module, its application objects, routes and what it wants from outside.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::source::python::{self as syntax, Call, Kind, Value};
use crate::source::{Source, Span};

use super::At;
use super::tree;

/// One Python file.
#[derive(Debug)]
pub struct Module {
    /// Path below the root.
    pub path: String,
    /// The file.
    pub source: Arc<Source>,
    /// Its tokens, lines and calls.
    pub syntax: syntax::Module,
    /// Names that the module has when it was imported.
    pub names: BTreeSet<String>,
    /// Whether it may have more names than those: `from x import *`, `globals()`.
    pub open: bool,
    /// Every import: the module as written, the level of a relative one, the names taken from it.
    pub imports: Vec<Import>,
    /// Application objects: `app = Flask(…)` at the level of the module, or inside a function.
    pub apps: Vec<App>,
    /// Paths that it answers.
    pub routes: Vec<Route>,
    /// Calls of a development server.
    pub runs: Vec<Run>,
    /// Variables of the environment that it reads.
    pub environment: Vec<Environment>,
}

/// One import.
#[derive(Debug)]
pub struct Import {
    /// The module, `a.b`; empty for `from . import x`.
    pub module: String,
    /// Number of dots in front.
    pub level: usize,
    /// The names taken from it; none for `import a`.
    pub names: Vec<String>,
    /// Where it stands.
    pub span: Span,
    /// Whether it runs when the module is imported.
    pub always: bool,
    /// Whether it is at the level of the module at all, be it below `try` or `if`.
    pub top: bool,
}

/// An application object.
#[derive(Debug)]
pub struct App {
    /// The name that it is given.
    pub name: String,
    /// `Flask`, `FastAPI` …
    pub framework: String,
    /// Where the call stands.
    pub span: Span,
    /// `root_path`, `static_url_path` or the like make its paths differ from what is written.
    pub plain: bool,
    /// Whether it is made at the level of the module.
    pub top: bool,
}

/// A path that an application answers.
#[derive(Debug)]
pub struct Route {
    /// The path as written; nothing where it is computed.
    pub path: Option<String>,
    /// The object that it is registered on.
    pub on: String,
    /// The methods, where they are given.
    pub methods: Option<Vec<String>>,
    /// Where it stands.
    pub span: Span,
}

/// `app.run(…)` or `uvicorn.run(…)`.
#[derive(Debug)]
pub struct Run {
    /// The names in front of the bracket.
    pub path: String,
    /// `host`.
    pub host: Option<(Value, Span)>,
    /// `port`.
    pub port: Option<(Value, Span)>,
    /// `debug`.
    pub debug: Option<(Value, Span)>,
    /// The first argument, where it is a string: `module:app`.
    pub target: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// Whether it stands below `if __name__ == "__main__":`, or in a function.
    pub main: bool,
}

/// A variable that is read.
#[derive(Debug)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Whether the program fails without it: `os.environ["X"]`.
    pub required: bool,
    /// Whether it is read as soon as the module is imported.
    pub always: bool,
    /// Where.
    pub span: Span,
}

const FRAMEWORKS: [&str; 9] = [
    "Flask",
    "FastAPI",
    "Starlette",
    "Quart",
    "Sanic",
    "Bottle",
    "APIFlask",
    "Litestar",
    "OpenAPI",
];

/// Reads a file.
pub fn read(path: &str, source: &Arc<Source>) -> Module {
    let text = source.text();
    let syntax = syntax::read(text);
    let mut module = Module {
        path: path.to_owned(),
        source: Arc::clone(source),
        names: BTreeSet::new(),
        open: false,
        imports: Vec::new(),
        apps: Vec::new(),
        routes: Vec::new(),
        runs: Vec::new(),
        environment: Vec::new(),
        syntax,
    };
    module.lines();
    module.calls();
    module.subscripts();
    module
}

impl Module {
    /// Where bytes of it stand.
    pub fn at(&self, span: Span) -> At {
        At::new(&self.source, span)
    }

    /// The dotted name of the module, seen from a folder that is on the path; nothing where it is not
    /// below.
    pub fn dotted(&self, root: &str) -> Option<String> {
        let name = tree::beneath(root, &self.path)?.strip_suffix(".py")?;
        Some(
            name.strip_suffix("/__init__")
                .unwrap_or(name)
                .replace('/', "."),
        )
    }

    /// The value that a name gets at the level of the module, where it gets one only.
    pub fn assigned(&self, name: &str) -> Option<(Value, Span)> {
        let text = self.source.text();
        let mut found = None;
        for line in &self.syntax.lines {
            let first = line.tokens.start;
            let own = line.depth == 0 && !line.main && self.syntax.text(text, first) == name;
            let second = self.syntax.text(text, first + 1);
            if !own || line.tokens.len() < 3 {
                continue;
            }
            if second == "=" {
                let tokens = first + 2..line.tokens.end;
                let value = self.syntax.value(text, &tokens);
                let span = self.syntax.span(&tokens);
                if found.is_some() || line.conditional {
                    return Some((Value::Unknown, span));
                }
                found = Some((value, span));
            } else if second.ends_with('=') {
                return Some((Value::Unknown, self.syntax.span(&line.tokens)));
            }
        }
        found
    }

    /// What tokens give, names of this module followed once.
    pub fn value(&self, tokens: &std::ops::Range<usize>) -> Value {
        match self.syntax.value(self.source.text(), tokens) {
            Value::Name(name) if !name.contains('.') => self
                .assigned(&name)
                .map_or(Value::Unknown, |(value, _)| value),
            value => value,
        }
    }

    fn lines(&mut self) {
        let source = Arc::clone(&self.source);
        let text = source.text();
        for line in &self.syntax.lines {
            let first = line.tokens.start;
            let word = |at: usize| {
                if first + at < line.tokens.end {
                    self.syntax.text(text, first + at)
                } else {
                    ""
                }
            };
            match word(0) {
                "import" | "from" => {
                    let imports = import(text, &self.syntax, line);
                    for import in &imports {
                        if line.depth == 0 && import.names.iter().any(|name| name == "*") {
                            self.open = true;
                        }
                    }
                    if line.depth == 0 {
                        self.names.extend(bound(text, &self.syntax, line));
                    }
                    self.imports.extend(imports);
                }
                "def" | "class" if line.depth == 0 => {
                    self.names.insert(word(1).to_owned());
                }
                "async" if line.depth == 0 && word(1) == "def" => {
                    self.names.insert(word(2).to_owned());
                }
                "global" => self.open = true,
                "with" | "for" if line.depth == 0 => {
                    // `as x` and the loop's variable.
                    for at in line.tokens.clone() {
                        if self.syntax.tokens[at].kind == Kind::Name {
                            self.names.insert(self.syntax.text(text, at).to_owned());
                        }
                    }
                }
                _ if line.depth == 0 => {
                    let Some(equals) = self.syntax.top(text, &line.tokens, "=").or_else(|| {
                        self.syntax
                            .top(text, &line.tokens, ":")
                            .filter(|_| line.tokens.len() > 2)
                    }) else {
                        continue;
                    };
                    let mut equals = equals;
                    // `a = b = c` binds both.
                    while let Some(next) =
                        self.syntax.top(text, &(equals + 1..line.tokens.end), "=")
                    {
                        equals = next;
                    }
                    for at in first..equals {
                        let plain = self.syntax.tokens[at].kind == Kind::Name
                            && (at == first || self.syntax.text(text, at - 1) != ".");
                        if plain {
                            self.names.insert(self.syntax.text(text, at).to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn calls(&mut self) {
        let source = Arc::clone(&self.source);
        let text = source.text();
        let (mut apps, mut routes, mut runs, mut environment) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut open = self.open;
        for call in &self.syntax.calls {
            let line = &self.syntax.lines[call.line];
            if FRAMEWORKS.contains(&call.name()) && call.first >= line.tokens.start + 2 {
                let name = self.syntax.text(text, call.first - 2);
                let assigned = self.syntax.text(text, call.first - 1) == "=";
                if assigned {
                    apps.push(App {
                        name: name.to_owned(),
                        framework: call.name().to_owned(),
                        span: call.path_span,
                        plain: call.keyword("root_path").is_none(),
                        top: line.depth == 0,
                    });
                }
            }
            routes.extend(self.route(text, call));
            runs.extend(self.run(text, call, line));
            if matches!(call.path.join(".").as_str(), "globals" | "setattr" | "exec")
                && line.depth == 0
            {
                open = true;
            }
            environment.extend(self.variable(text, call, line.depth == 0 && !line.main));
        }
        self.apps = apps;
        self.routes = routes;
        self.runs = runs;
        self.environment = environment;
        self.open = open;
    }

    fn route(&self, text: &str, call: &Call) -> Option<Route> {
        let on = call.path[..call.path.len().saturating_sub(1)].join(".");
        let name = call.name();
        let verbs = [
            "get",
            "post",
            "put",
            "delete",
            "patch",
            "head",
            "options",
            "websocket",
            "api_route",
        ];
        let decorated = call.decorator && (name == "route" || verbs.contains(&name));
        let added = matches!(
            name,
            "add_url_rule" | "add_api_route" | "add_route" | "add_resource"
        ) || name == "mount";
        if on.is_empty() || !(decorated || added) {
            return None;
        }
        // Flask-RESTful: the class stands first.
        let at = usize::from(name == "add_resource");
        let argument = call
            .positional(at)
            .or_else(|| call.keyword("rule"))
            .or_else(|| call.keyword("path"));
        let path = argument.and_then(|argument| match self.value(&argument.tokens) {
            Value::Text(path) => Some(path),
            _ => None,
        });
        let methods = match call.keyword("methods") {
            Some(argument) => match self.syntax.value(text, &argument.tokens) {
                Value::List(items) => items
                    .into_iter()
                    .map(|item| match item {
                        Value::Text(method) => Some(method.to_uppercase()),
                        _ => None,
                    })
                    .collect(),
                _ => None,
            },
            None if verbs.contains(&name) && name != "api_route" => Some(vec![name.to_uppercase()]),
            None if name == "route" => Some(vec!["GET".to_owned()]),
            None => None,
        };
        Some(Route {
            path,
            on,
            methods,
            span: call.span,
        })
    }

    fn run(&self, text: &str, call: &Call, line: &syntax::Line) -> Option<Run> {
        if call.name() != "run" || call.path.len() < 2 {
            return None;
        }
        let on = call.path[..call.path.len() - 1].join(".");
        if matches!(
            on.as_str(),
            "subprocess" | "asyncio" | "anyio" | "mcp" | "trio"
        ) {
            return None;
        }
        let get = |name: &str| {
            call.keyword(name).map(|argument| {
                (
                    self.value(&argument.tokens),
                    self.syntax.span(&argument.tokens),
                )
            })
        };
        let first = call.positional(0).map(|argument| {
            (
                self.syntax.value(text, &argument.tokens),
                self.syntax.span(&argument.tokens),
            )
        });
        let second = call.positional(1).map(|argument| {
            (
                self.syntax.value(text, &argument.tokens),
                self.syntax.span(&argument.tokens),
            )
        });
        let uvicorn = on == "uvicorn";
        Some(Run {
            path: call.path.join("."),
            host: get("host").or_else(|| first.clone().filter(|_| !uvicorn)),
            port: get("port").or_else(|| second.filter(|_| !uvicorn)),
            debug: get("debug"),
            target: match first {
                Some((Value::Text(target), _)) if uvicorn => Some(target),
                _ => None,
            },
            span: call.span,
            main: line.main || line.depth > 0,
        })
    }

    fn variable(&self, text: &str, call: &Call, always: bool) -> Option<Environment> {
        let path = call.path.join(".");
        let reads = matches!(
            path.as_str(),
            "os.environ.get"
                | "environ.get"
                | "os.getenv"
                | "getenv"
                | "os.environ.setdefault"
                | "os.environ.pop"
        );
        let argument = call.positional(0).filter(|_| reads)?;
        match self.syntax.value(text, &argument.tokens) {
            Value::Text(name) => Some(Environment {
                name,
                required: false,
                always,
                span: call.span,
            }),
            _ => None,
        }
    }

    /// `os.environ["X"]`, where it is not assigned to.
    fn subscripts(&mut self) {
        let source = Arc::clone(&self.source);
        let text = source.text();
        let mut found = Vec::new();
        for line in &self.syntax.lines {
            for at in line.tokens.clone() {
                if self.syntax.text(text, at) != "environ"
                    || at + 3 >= line.tokens.end
                    || self.syntax.text(text, at + 1) != "["
                    || self.syntax.text(text, at + 3) != "]"
                {
                    continue;
                }
                let Kind::Text {
                    value,
                    partial: false,
                } = &self.syntax.tokens[at + 2].kind
                else {
                    continue;
                };
                let next = if at + 4 < line.tokens.end {
                    self.syntax.text(text, at + 4)
                } else {
                    ""
                };
                if next == "=" {
                    continue;
                }
                found.push(Environment {
                    name: value.clone(),
                    required: true,
                    always: line.depth == 0 && !line.main && !line.conditional,
                    span: self.syntax.span(&(at..at + 4)),
                });
            }
        }
        self.environment.extend(found);
    }
}

fn import(text: &str, syntax: &syntax::Module, line: &syntax::Line) -> Vec<Import> {
    let mut at = line.tokens.start + 1;
    let word = |at: usize| {
        if at < line.tokens.end {
            syntax.text(text, at)
        } else {
            ""
        }
    };
    let make = |module: String, level: usize, names: Vec<String>, from: usize, to: usize| Import {
        module,
        level,
        names,
        span: syntax.span(&(from..to)),
        always: line.depth == 0 && !line.main && !line.conditional,
        top: line.depth == 0 && !line.main,
    };
    if word(line.tokens.start) == "from" {
        let mut level = 0;
        while word(at) == "." {
            level += 1;
            at += 1;
        }
        let from = at;
        let mut module = String::new();
        while at < line.tokens.end && word(at) != "import" {
            module.push_str(word(at));
            at += 1;
        }
        let to = at.max(from + 1);
        let inner = at + 1..line.tokens.end;
        let mut names = Vec::new();
        for item in syntax.split(text, &inner) {
            let first = item.clone().find(|&at| !matches!(word(at), "(" | ")"));
            names.extend(first.map(|at| word(at).to_owned()));
        }
        // The brackets around a list of names hide its commas.
        if word(at + 1) == "(" {
            names = (at + 2..line.tokens.end)
                .filter(|&at| matches!(word(at - 1), "(" | ",") && word(at) != ")")
                .map(|at| word(at).to_owned())
                .collect();
        }
        return vec![make(
            module,
            level,
            names,
            from.min(line.tokens.end - 1),
            to.min(line.tokens.end),
        )];
    }
    syntax
        .split(text, &(at..line.tokens.end))
        .into_iter()
        .map(|item| {
            let end = item
                .clone()
                .find(|&at| word(at) == "as")
                .unwrap_or(item.end);
            let module: String = (item.start..end).map(word).collect();
            make(module, 0, Vec::new(), item.start, end)
        })
        .collect()
}

/// The names that an import binds.
fn bound(text: &str, syntax: &syntax::Module, line: &syntax::Line) -> Vec<String> {
    let words: Vec<&str> = line
        .tokens
        .clone()
        .map(|at| syntax.text(text, at))
        .collect();
    let from = match words.first() {
        Some(&"from") => words.iter().position(|word| *word == "import").unwrap_or(0) + 1,
        _ => 1,
    };
    let mut names = Vec::new();
    for item in words[from.min(words.len())..].split(|word| *word == ",") {
        let item: Vec<&&str> = item
            .iter()
            .filter(|word| !matches!(**word, "(" | ")"))
            .collect();
        match item.iter().position(|word| **word == "as") {
            Some(at) => names.extend(item.get(at + 1).map(|name| (**name).to_owned())),
            None => names.extend(item.first().map(|name| (**name).to_owned())),
        }
    }
    names
}

/// The module of a dotted name, seen from a folder: a file or a package.
pub fn find<'a>(modules: &'a [Module], root: &str, dotted: &str) -> Option<&'a Module> {
    let below = dotted.replace('.', "/");
    let base = if root.is_empty() {
        below
    } else {
        format!("{root}/{below}")
    };
    let file = format!("{base}.py");
    let package = format!("{base}/__init__.py");
    let at = |path: &str| {
        modules
            .binary_search_by(|module| module.path.as_str().cmp(path))
            .ok()
            .map(|at| &modules[at])
    };
    at(&file).or_else(|| at(&package))
}

/// The folder that a module's absolute imports start from when it is run as a script.
pub fn root_of(path: &str) -> &str {
    tree::folder(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Module {
        read("app.py", &Source::new("app.py", text))
    }

    #[test]
    fn names_of_a_module_are_what_an_import_would_find() {
        let read = module(
            "import a.b, c as d\nfrom x import (\n  y,\n  z as w,\n)\ntry:\n    t = 1\nexcept E:\n    t = 2\ndef f():\n    g = 1\nm, n = 1, 2\nk: int = 3\n",
        );
        for name in ["a", "d", "y", "w", "t", "f", "m", "n", "k"] {
            assert!(read.names.contains(name), "{name}: {:?}", read.names);
        }
        assert!(!read.names.contains("g") && !read.open);
    }

    #[test]
    fn applications_routes_and_servers_are_found() {
        let read = module(
            "from flask import Flask\napp = Flask(__name__)\nPORT = 8080\n@app.route('/x', methods=['POST'])\ndef x(): pass\n@app.get('/y')\ndef y(): pass\nif __name__ == '__main__':\n    app.run(host='0.0.0.0', port=PORT, debug=True)\n",
        );
        assert_eq!(read.apps[0].name, "app");
        assert_eq!(read.routes.len(), 2);
        assert_eq!(
            read.routes[0].methods.as_deref(),
            Some(&["POST".to_owned()][..])
        );
        assert_eq!(read.runs[0].port.as_ref().unwrap().0, Value::Int(8080));
        assert!(read.runs[0].main);
    }

    #[test]
    fn required_variables_are_told_from_optional_ones() {
        let read =
            module("import os\na = os.environ['A']\nb = os.getenv('B')\nos.environ['C'] = '1'\n");
        let found: Vec<(&str, bool)> = read
            .environment
            .iter()
            .map(|one| (one.name.as_str(), one.required))
            .collect();
        assert_eq!(found, [("B", false), ("A", true)]);
    }
}
