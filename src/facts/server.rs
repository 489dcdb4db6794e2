//! What a container starts, and where that listens.

use crate::source::python::Value;
use crate::source::shell;

use super::image::{Image, Start};
use super::link::{self, Found};
use super::text::Text;
use super::{At, Facts, python};

/// The program that answers requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// gunicorn.
    Gunicorn,
    /// uvicorn.
    Uvicorn,
    /// hypercorn.
    Hypercorn,
    /// waitress.
    Waitress,
    /// uWSGI.
    Uwsgi,
    /// `flask run`.
    FlaskRun,
    /// `fastapi dev` or `fastapi run`.
    Fastapi,
    /// `manage.py runserver`.
    Django,
    /// A Python file or module of its own.
    Script,
}

impl Kind {
    /// The package that brings the program.
    pub fn package(self) -> Option<&'static str> {
        Some(match self {
            Self::Gunicorn => "gunicorn",
            Self::Uvicorn => "uvicorn",
            Self::Hypercorn => "hypercorn",
            Self::Waitress => "waitress",
            Self::Uwsgi => "uwsgi",
            Self::FlaskRun => "flask",
            Self::Django => "django",
            Self::Fastapi => "fastapi",
            Self::Script => return None,
        })
    }
}

/// What a container starts.
#[derive(Debug, Clone)]
pub struct Server {
    /// The program.
    pub kind: Kind,
    /// Where it is started.
    pub at: At,
    /// `module:app`, and where it stands.
    pub target: Option<(String, At)>,
    /// The path in the image of the file that it runs or reads its settings from.
    pub file: Option<(String, At)>,
    /// The folder that it works in, in the image.
    pub folder: Option<String>,
    /// Where it listens.
    pub binds: Vec<Bind>,
    /// Whether it may listen elsewhere too.
    pub open: bool,
    /// `debug=True`, `--reload` or the like.
    pub debug: Option<At>,
}

/// One address that a server listens on.
#[derive(Debug, Clone)]
pub struct Bind {
    /// The address, where it is known.
    pub host: Option<String>,
    /// The port, where it is known.
    pub port: Option<u16>,
    /// The variable that changes the port.
    pub variable: Option<String>,
    /// Where that is said; where the program is started, when nothing says it.
    pub at: At,
    /// Whether it is what the program does unless told otherwise.
    pub default: bool,
}

impl Bind {
    /// Whether only the container itself can reach it.
    pub fn is_loopback(&self) -> bool {
        self.host.as_deref().is_some_and(|host| {
            host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.")
        })
    }
}

/// What an image starts.
pub fn of_image(facts: &Facts, image: &Image) -> Option<Server> {
    let read = |image: &Image| {
        let start = image.start()?;
        of_start(facts, image, &start)
    };
    let servers = facts
        .servers
        .get_or_init(|| facts.images.iter().map(read).collect());
    match facts.images.iter().position(|own| own.path == image.path) {
        Some(at) => servers[at].clone(),
        None => read(image),
    }
}

/// What a container of an image starts, where the manifest may say something else.
pub fn of_words(facts: &Facts, image: &Image, words: Vec<(Text, At)>) -> Option<Server> {
    Reader { facts, image }.words(&words, 0)
}

fn of_start(facts: &Facts, image: &Image, start: &Start) -> Option<Server> {
    let reader = Reader { facts, image };
    let source = &start.at.source;
    if !start.exec {
        return reader.script(&start.commands, source, &[], 0);
    }
    let words: Vec<(Text, At)> = start
        .words
        .iter()
        .map(|(text, span)| (text.clone(), At::new(source, *span)))
        .collect();
    reader.words(&words, 0)
}

struct Reader<'a> {
    facts: &'a Facts,
    image: &'a Image,
}

type Words<'w> = &'w [(Text, At)];

const WRAPPERS: [&str; 14] = [
    "exec",
    "env",
    "tini",
    "dumb-init",
    "--",
    "poetry",
    "pipenv",
    "uv",
    "pdm",
    "run",
    "ddtrace-run",
    "opentelemetry-instrument",
    "newrelic-admin",
    "run-program",
];

impl Reader<'_> {
    fn words(&self, words: Words<'_>, depth: usize) -> Option<Server> {
        let mut words = words;
        if depth > 6 {
            return None;
        }
        let base = |text: &Text| {
            text.known()
                .map(|text| text.rsplit('/').next().unwrap_or(text).to_owned())
        };
        loop {
            let program = base(&words.first()?.0)?;
            let option = matches!(program.as_str(), "-g" | "-s");
            let variable = program.contains('=') && depth > 0;
            if WRAPPERS.contains(&program.as_str()) || option || variable {
                words = &words[1..];
            } else {
                break;
            }
        }
        let program = base(&words.first()?.0)?;
        let at = words[0].1.clone();
        let rest = &words[1..];
        match program.as_str() {
            "sh" | "bash" | "ash" | "dash" => self.shell(rest, depth),
            "gunicorn" => Some(self.gunicorn(at, rest)),
            "uvicorn" => Some(self.uvicorn(at, rest)),
            "hypercorn" | "daphne" => Some(self.hypercorn(at, rest, &program)),
            "waitress-serve" => Some(self.waitress(at, rest)),
            "uwsgi" => Some(self.uwsgi(at, rest)),
            "flask" => self.flask(at, rest),
            "fastapi" => self.fastapi(at, rest),
            "manage.py" => self.django(at, rest),
            name if name.starts_with("python") && !name.contains('.')
                || name.starts_with("python3.") =>
            {
                self.python(at, rest, depth)
            }
            name if name.ends_with(".py") => self.file(&words[0], rest),
            name if name.ends_with(".sh") || !name.contains('.') => {
                self.script_file(&words[0], rest, depth)
            }
            _ => None,
        }
    }

    fn shell(&self, rest: Words<'_>, depth: usize) -> Option<Server> {
        let at = rest
            .iter()
            .position(|(word, _)| !word.prefix().starts_with('-'))?;
        let inline = rest[..at].iter().any(|(word, _)| {
            word.known()
                .is_some_and(|word| word.starts_with('-') && word.contains('c'))
        });
        let (text, place) = &rest[at];
        if !inline {
            return self.script_file(&rest[at], &rest[at + 1..], depth);
        }
        // The script is one string: its words all stand where the string stands.
        let script = text.known()?;
        let commands = shell::commands(script, 0);
        let last = commands.last()?;
        let stage = self.image.last();
        let words: Vec<(Text, At)> = stage
            .shell_words(&last.words)
            .into_iter()
            .map(|(word, _)| (word, place.clone()))
            .collect();
        self.words(&words, depth + 1)
    }

    fn script(
        &self,
        commands: &[shell::Command],
        source: &std::sync::Arc<crate::source::Source>,
        arguments: Words<'_>,
        depth: usize,
    ) -> Option<Server> {
        let last = commands
            .iter()
            .rev()
            .find(|command| command.words.first().is_some_and(|word| word.is("exec")))
            .or_else(|| {
                commands
                    .iter()
                    .rev()
                    .find(|command| !command.words.is_empty())
            })?;
        let passes = last
            .words
            .get(1)
            .is_some_and(|word| last.words[0].is("exec") && source.slice(word.span).contains("$@"));
        if passes {
            return self.words(arguments, depth + 1);
        }
        let words: Vec<(Text, At)> = self
            .image
            .last()
            .shell_words(&last.words)
            .into_iter()
            .map(|(word, span)| (word, At::new(source, span)))
            .collect();
        self.words(&words, depth + 1)
    }

    /// A script of the image.
    fn script_file(&self, word: &(Text, At), arguments: Words<'_>, depth: usize) -> Option<Server> {
        let path = self.in_image(word.0.known()?)?;
        let Found::File(file) = link::in_image(self.facts, self.image, &path) else {
            return None;
        };
        let source = self.facts.tree.source(&file)?;
        let shebang = source.text().lines().next().unwrap_or("");
        if !(file.ends_with(".sh") || shebang.starts_with("#!") && shebang.contains("sh")) {
            return None;
        }
        self.script(&shell::commands(source.text(), 0), source, arguments, depth)
    }

    fn in_image(&self, path: &str) -> Option<String> {
        super::image::absolute(self.image.last().workdir.as_deref(), path)
    }

    fn server(&self, kind: Kind, at: At) -> Server {
        Server {
            kind,
            at,
            target: None,
            file: None,
            folder: self.image.last().workdir.clone(),
            binds: Vec::new(),
            open: false,
            debug: None,
        }
    }

    fn python(&self, at: At, rest: Words<'_>, depth: usize) -> Option<Server> {
        let first = rest.iter().position(|(word, _)| {
            let word = word.prefix();
            !word.starts_with('-') || word == "-m" || word == "-c"
        })?;
        let rest = &rest[first..];
        if rest[0].0.is("-m") {
            let module = rest.get(1)?.0.known()?;
            return match module {
                "gunicorn" | "uvicorn" | "hypercorn" | "flask" | "waitress" | "fastapi" => {
                    let mut words = rest[1..].to_vec();
                    if module == "waitress" {
                        words[0].0 = Text::from("waitress-serve");
                    }
                    words[0].1 = at;
                    self.words(&words, depth + 1)
                }
                _ => {
                    let path = module.replace('.', "/");
                    let file = (Text::from(format!("{path}.py").as_str()), rest[1].1.clone());
                    let main = (
                        Text::from(format!("{path}/__main__.py").as_str()),
                        rest[1].1.clone(),
                    );
                    self.file(&file, &rest[2..])
                        .or_else(|| self.file(&main, &rest[2..]))
                }
            };
        }
        if rest[0].0.is("-c") {
            return None;
        }
        if rest[0]
            .0
            .known()
            .is_some_and(|file| file.ends_with("manage.py"))
        {
            return self.django(at, &rest[1..]);
        }
        self.file(&rest[0], &rest[1..])
    }

    /// A Python file that serves by itself.
    fn file(&self, word: &(Text, At), _rest: Words<'_>) -> Option<Server> {
        let path = self.in_image(word.0.known()?)?;
        let mut server = self.server(Kind::Script, word.1.clone());
        server.file = Some((path.clone(), word.1.clone()));
        let Found::File(file) = link::in_image(self.facts, self.image, &path) else {
            server.open = true;
            return Some(server);
        };
        let at = self
            .facts
            .python
            .binary_search_by(|module| module.path.as_str().cmp(&file))
            .ok()?;
        let module = &self.facts.python[at];
        self.runs(module, &mut server);
        Some(server)
    }

    fn runs(&self, module: &python::Module, server: &mut Server) {
        for run in &module.runs {
            let uvicorn = run.path == "uvicorn.run";
            let app = run.path.strip_suffix(".run").unwrap_or("");
            let known = module.apps.iter().any(|one| one.name == app)
                || matches!(app, "app" | "application" | "server" | "socketio");
            if !(uvicorn || known) {
                continue;
            }
            let at = module.at(run.span).through(&server.at, "started here");
            let mut bind = Bind {
                host: Some("127.0.0.1".to_owned()),
                port: Some(if uvicorn { 8000 } else { 5000 }),
                variable: None,
                at: at.clone(),
                default: run.host.is_none(),
            };
            if let Some((value, span)) = &run.host {
                bind.host = text_of(self.image, value);
                bind.at = module.at(*span).through(&server.at, "started here");
            }
            if let Some((value, span)) = &run.port {
                bind.port = number_of(self.image, value);
                if let Value::Environment { name, .. } = value {
                    bind.variable = Some(name.clone());
                }
                if run.host.is_none() {
                    bind.at = module.at(*span).through(&server.at, "started here");
                }
            }
            if let Some((Value::Bool(true), span)) = &run.debug {
                server.debug = Some(module.at(*span));
            }
            if let Some(target) = &run.target {
                server.target = Some((target.clone(), at));
            }
            server.binds.push(bind);
        }
        for call in &module.syntax.calls {
            let name = call.path.join(".");
            if name != "serve" && name != "waitress.serve" {
                continue;
            }
            let get = |key: &str| {
                call.keyword(key)
                    .map(|argument| module.value(&argument.tokens))
            };
            if call.keyword("listen").is_some() || call.keyword("unix_socket").is_some() {
                server.open = true;
                continue;
            }
            server.binds.push(Bind {
                host: get("host").map_or(Some("0.0.0.0".to_owned()), |value| {
                    text_of(self.image, &value)
                }),
                port: get("port").map_or(Some(8080), |value| number_of(self.image, &value)),
                variable: None,
                at: module.at(call.span).through(&server.at, "started here"),
                default: false,
            });
            server.kind = Kind::Waitress;
        }
        server.open |= server.binds.is_empty();
    }

    fn gunicorn(&self, at: At, rest: Words<'_>) -> Server {
        const VALUED: [&str; 40] = [
            "-b",
            "--bind",
            "-c",
            "--config",
            "-w",
            "--workers",
            "-k",
            "--worker-class",
            "--threads",
            "-t",
            "--timeout",
            "--graceful-timeout",
            "--keep-alive",
            "--max-requests",
            "--max-requests-jitter",
            "--log-level",
            "--access-logfile",
            "--error-logfile",
            "--access-logformat",
            "-n",
            "--name",
            "--chdir",
            "-p",
            "--pid",
            "--worker-tmp-dir",
            "-u",
            "--user",
            "-g",
            "--group",
            "--umask",
            "-e",
            "--env",
            "--log-config",
            "--certfile",
            "--keyfile",
            "--worker-connections",
            "--backlog",
            "--forwarded-allow-ips",
            "--pythonpath",
            "--statsd-host",
        ];
        let mut server = self.server(Kind::Gunicorn, at.clone());
        for value in options(rest, &["-b", "--bind"]) {
            server.binds.push(bind(&value.0, value.1, false));
        }
        if let Some((folder, _)) = options(rest, &["--chdir"]).pop() {
            server.folder = folder.known().and_then(|folder| self.in_image(folder));
        }
        let config = options(rest, &["-c", "--config"]).pop();
        if let Some((text, place)) = positional(rest, &VALUED).pop()
            && let Some(target) = text.known()
        {
            server.target = Some((target.to_owned(), place));
        }
        server.debug = flag(rest, "--reload");
        let settings = match &config {
            Some((path, place)) => match path.known() {
                Some(path) if !path.starts_with("python:") => {
                    let path = path.strip_prefix("file:").unwrap_or(path);
                    server.file = self.in_image(path).map(|path| (path, place.clone()));
                    server.file.clone()
                }
                _ => {
                    server.open = true;
                    None
                }
            },
            None => server.folder.as_ref().map(|folder| {
                (
                    format!("{}/gunicorn.conf.py", folder.trim_end_matches('/')),
                    at.clone(),
                )
            }),
        };
        if let Some((path, place)) = settings {
            match link::in_image(self.facts, self.image, &path) {
                Found::File(file) => self.settings(&file, &place, &mut server),
                _ => server.open |= config.is_some(),
            }
        }
        if self.image.variable("GUNICORN_CMD_ARGS").is_some() {
            server.open = true;
        }
        if server.binds.is_empty() && !server.open {
            let port = self.image.variable("PORT");
            server.binds.push(match port {
                Some((port, place)) => Bind {
                    host: Some("0.0.0.0".to_owned()),
                    port: port.known().and_then(|port| port.parse().ok()),
                    variable: Some("PORT".to_owned()),
                    at: place.clone(),
                    default: true,
                },
                None => Bind {
                    host: Some("127.0.0.1".to_owned()),
                    port: Some(8000),
                    variable: Some("PORT".to_owned()),
                    at,
                    default: true,
                },
            });
        }
        server
    }

    /// What a file of gunicorn's settings says.
    fn settings(&self, file: &str, place: &At, server: &mut Server) {
        let Ok(at) = self
            .facts
            .python
            .binary_search_by(|module| module.path.as_str().cmp(file))
        else {
            server.open = true;
            return;
        };
        let module = &self.facts.python[at];
        // The command line wins.
        if server.binds.is_empty() {
            match module.assigned("bind") {
                Some((value, span)) => {
                    let at = module.at(span).through(place, "read from here");
                    match value {
                        Value::List(items) => {
                            for item in items {
                                server.binds.push(bind_value(self.image, &item, at.clone()));
                            }
                        }
                        value => server.binds.push(bind_value(self.image, &value, at)),
                    }
                }
                None => server.open |= module.open || module.names.contains("bind"),
            }
        }
        if server.target.is_none()
            && let Some((Value::Text(target), span)) = module.assigned("wsgi_app")
        {
            server.target = Some((target, module.at(span)));
        }
        if module.names.contains("chdir") || module.names.contains("pythonpath") {
            server.folder = None;
        }
        if let Some((Value::Bool(true), span)) = module.assigned("reload") {
            server.debug = Some(module.at(span));
        }
    }

    fn uvicorn(&self, at: At, rest: Words<'_>) -> Server {
        const VALUED: [&str; 16] = [
            "--host",
            "--port",
            "--workers",
            "--log-level",
            "--app-dir",
            "--root-path",
            "--loop",
            "--http",
            "--uds",
            "--fd",
            "--env-file",
            "--log-config",
            "--timeout-keep-alive",
            "--forwarded-allow-ips",
            "--reload-dir",
            "--interface",
        ];
        let mut server = self.server(Kind::Uvicorn, at.clone());
        self.host_and_port(
            &mut server,
            rest,
            &["--host"],
            &["--port"],
            ("127.0.0.1", 8000),
        );
        server.open |= options(rest, &["--uds", "--fd"]).pop().is_some();
        if let Some((text, place)) = positional(rest, &VALUED).into_iter().next()
            && let Some(target) = text.known()
        {
            server.target = Some((target.to_owned(), place));
        }
        if let Some((folder, _)) = options(rest, &["--app-dir"]).pop() {
            server.folder = folder.known().and_then(|folder| self.in_image(folder));
        }
        server.debug = flag(rest, "--reload");
        server
    }

    fn host_and_port(
        &self,
        server: &mut Server,
        rest: Words<'_>,
        host_names: &[&str],
        port_names: &[&str],
        (host, port): (&str, u16),
    ) {
        let mut bind = Bind {
            host: Some(host.to_owned()),
            port: Some(port),
            variable: None,
            at: server.at.clone(),
            default: true,
        };
        if let Some((text, at)) = options(rest, port_names).pop() {
            bind.port = text.known().and_then(|port| port.parse().ok());
            bind.at = at;
        }
        if let Some((text, at)) = options(rest, host_names).pop() {
            bind.host = text.known().map(str::to_owned);
            bind.default = false;
            if options(rest, port_names).is_empty() {
                bind.at = at;
            } else {
                bind.at = bind
                    .at
                    .through(&At::new(&at.source, at.span), "the address is set here");
            }
        }
        server.binds.push(bind);
    }

    fn hypercorn(&self, at: At, rest: Words<'_>, program: &str) -> Server {
        let mut server = self.server(Kind::Hypercorn, at.clone());
        if program == "daphne" {
            self.host_and_port(
                &mut server,
                rest,
                &["-b", "--bind"],
                &["-p", "--port"],
                ("127.0.0.1", 8000),
            );
            return server;
        }
        for value in options(rest, &["-b", "--bind"]) {
            server.binds.push(bind(&value.0, value.1, false));
        }
        server.open = options(rest, &["-c", "--config"]).pop().is_some();
        if server.binds.is_empty() && !server.open {
            server.binds.push(Bind {
                host: Some("127.0.0.1".to_owned()),
                port: Some(8000),
                variable: None,
                at,
                default: true,
            });
        }
        if let Some((text, place)) = positional(
            rest,
            &["-b", "--bind", "-w", "--workers", "-k", "-c", "--config"],
        )
        .pop()
            && let Some(target) = text.known()
        {
            server.target = Some((target.to_owned(), place));
        }
        server
    }

    fn waitress(&self, at: At, rest: Words<'_>) -> Server {
        let mut server = self.server(Kind::Waitress, at);
        let listen = options(rest, &["--listen"]);
        if listen.is_empty() {
            self.host_and_port(
                &mut server,
                rest,
                &["--host"],
                &["--port"],
                ("0.0.0.0", 8080),
            );
        }
        for value in listen {
            server.binds.push(bind(&value.0, value.1, false));
        }
        if let Some((text, place)) =
            positional(rest, &["--listen", "--host", "--port", "--threads"]).pop()
            && let Some(target) = text.known().filter(|target| target.contains(':'))
        {
            server.target = Some((target.to_owned(), place));
        }
        server
    }

    fn uwsgi(&self, at: At, rest: Words<'_>) -> Server {
        let mut server = self.server(Kind::Uwsgi, at);
        for value in options(rest, &["--http", "--http-socket", "--socket", "-s"]) {
            server.binds.push(bind(&value.0, value.1, false));
        }
        server.open = server.binds.is_empty();
        server
    }

    fn flask(&self, at: At, rest: Words<'_>) -> Option<Server> {
        if !rest.iter().any(|(word, _)| word.is("run")) {
            return None;
        }
        let mut server = self.server(Kind::FlaskRun, at);
        self.host_and_port(
            &mut server,
            rest,
            &["--host", "-h"],
            &["--port", "-p"],
            ("127.0.0.1", 5000),
        );
        let bind = server.binds.last_mut()?;
        if bind.default
            && let Some((host, place)) = self.image.variable("FLASK_RUN_HOST")
        {
            bind.host = host.known().map(str::to_owned);
            bind.default = false;
            bind.at = place.clone();
        }
        if options(rest, &["--port", "-p"]).is_empty()
            && let Some((port, place)) = self.image.variable("FLASK_RUN_PORT")
        {
            bind.port = port.known().and_then(|port| port.parse().ok());
            bind.at = place.clone();
        }
        server.debug = flag(rest, "--debug").or_else(|| flag(rest, "--reload"));
        server.target = self.flask_app(rest);
        Some(server)
    }

    /// The module that `flask` is told to load, where it is a name or a file of the folder it works in.
    fn flask_app(&self, rest: Words<'_>) -> Option<(String, At)> {
        let by_option = options(rest, &["--app", "-A"]).into_iter().last();
        let (text, at) = match by_option {
            Some((text, at)) => (text, at),
            None => {
                let (text, at) = self.image.variable("FLASK_APP")?;
                (text.clone(), at.clone())
            }
        };
        let text = text.known()?;
        let (module, object) = text.split_once(':').unwrap_or((text, ""));
        let module = module.strip_prefix("./").unwrap_or(module);
        let module = module.strip_suffix(".py").unwrap_or(module);
        if module.is_empty() || module.contains(['/', ' ']) {
            return None;
        }
        let target = match object {
            "" => module.to_owned(),
            object => format!("{module}:{object}"),
        };
        Some((target, at))
    }

    fn fastapi(&self, at: At, rest: Words<'_>) -> Option<Server> {
        let mode = rest.first()?.0.known()?;
        let host = match mode {
            "run" => "0.0.0.0",
            "dev" => "127.0.0.1",
            _ => return None,
        };
        let mut server = self.server(Kind::Fastapi, at);
        self.host_and_port(&mut server, rest, &["--host"], &["--port"], (host, 8000));
        Some(server)
    }

    fn django(&self, at: At, rest: Words<'_>) -> Option<Server> {
        if !rest.iter().any(|(word, _)| word.is("runserver")) {
            return None;
        }
        let mut server = self.server(Kind::Django, at.clone());
        let address = positional(rest, &["--settings"]).into_iter().nth(1);
        server.binds.push(match address {
            Some((text, place)) => {
                let mut bind = bind(&text, place, true);
                if text.known().is_some_and(|text| text.parse::<u16>().is_ok()) {
                    bind.host = Some("127.0.0.1".to_owned());
                    bind.port = text.known().and_then(|text| text.parse().ok());
                }
                bind
            }
            None => Bind {
                host: Some("127.0.0.1".to_owned()),
                port: Some(8000),
                variable: None,
                at,
                default: true,
            },
        });
        Some(server)
    }
}

/// The values of an option, written apart, behind `=`, or glued to a short name.
fn options(words: Words<'_>, names: &[&str]) -> Vec<(Text, At)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((word, place)) = words.get(at) {
        at += 1;
        if names.iter().any(|name| word.is(name)) {
            found.extend(words.get(at).cloned());
            at += 1;
            continue;
        }
        if let Some((name, value)) = word.split_once('=')
            && names
                .iter()
                .any(|own| own.starts_with("--") && name.is(own))
        {
            found.push((value, place.clone()));
            continue;
        }
        for name in names.iter().filter(|name| name.len() == 2) {
            if let Some(rest) = word.known().and_then(|word| word.strip_prefix(name))
                && !word.prefix().starts_with("--")
                && !rest.is_empty()
            {
                found.push((Text::from(rest), place.clone()));
            }
        }
    }
    found
}

fn positional(words: Words<'_>, valued: &[&str]) -> Vec<(Text, At)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((word, place)) = words.get(at) {
        at += 1;
        if word.prefix().starts_with('-') && word.prefix().len() > 1 {
            if word.known().is_some_and(|word| valued.contains(&word)) {
                at += 1;
            }
            continue;
        }
        found.push((word.clone(), place.clone()));
    }
    found
}

fn flag(words: Words<'_>, name: &str) -> Option<At> {
    words
        .iter()
        .find(|(word, _)| word.is(name))
        .map(|(_, at)| at.clone())
}

/// `host:port`, `:port`, `[::]:port`, `unix:/path`.
fn bind(text: &Text, at: At, default: bool) -> Bind {
    let unknown = Bind {
        host: None,
        port: None,
        variable: None,
        at,
        default,
    };
    match (text.known(), text.split_once(':')) {
        (Some(known), _) if known.starts_with("unix:") || known.starts_with("fd://") => unknown,
        (Some(known), _) => match known.rsplit_once(':') {
            Some((host, port)) => Bind {
                host: Some(match host {
                    "" | "*" => "0.0.0.0".to_owned(),
                    host => host.to_owned(),
                }),
                port: port.parse().ok(),
                ..unknown
            },
            None => Bind {
                host: Some(known.to_owned()),
                ..unknown
            },
        },
        (None, Some((host, _))) => Bind {
            host: host
                .known()
                .map(|host| if host.is_empty() { "0.0.0.0" } else { host }.to_owned()),
            ..unknown
        },
        (None, None) => unknown,
    }
}

fn bind_value(image: &Image, value: &Value, at: At) -> Bind {
    match value {
        Value::Text(text) => bind(&Text::from(text.as_str()), at, false),
        Value::Prefix(prefix) => {
            let mut text = Text::from(prefix.as_str());
            text.append(&Text::unknown("…"));
            bind(&text, at, false)
        }
        Value::Environment { name, .. } => {
            let mut one = match text_of(image, value) {
                Some(text) => bind(&Text::from(text.as_str()), at, false),
                None => bind(&Text::unknown(name.as_str()), at, false),
            };
            one.variable = Some(name.clone());
            one
        }
        _ => bind(&Text::unknown("…"), at, false),
    }
}

/// A text, the image's variables and the defaults of what it does not set taken into account.
fn text_of(image: &Image, value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Environment { name, default } => match image.variable(name) {
            Some((value, _)) => value.known().map(str::to_owned),
            None => text_of(image, default.as_deref()?),
        },
        _ => None,
    }
}

fn number_of(image: &Image, value: &Value) -> Option<u16> {
    text_of(image, value)?.trim().parse().ok()
}
