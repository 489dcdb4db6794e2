//! What a single value of a spec must look like: names, quantities, hosts, branches, addresses.
//!
//! Each [`Format`] is one line of the contract with the outside world: the regular expression that
//! editors see, the sentence that a person sees, and the check that decides.

use crate::encode::chars;

/// The form of a text value.
#[derive(Debug)]
pub struct Format {
    /// What was expected, to read behind "expected": "a port between 1 and 65535".
    pub expected: &'static str,
    /// The same as a regular expression for editors; the check may be stricter, never laxer.
    pub pattern: Option<&'static str>,
    /// Longest text in bytes.
    pub max: usize,
    /// Whether an unquoted number is a usual spelling, so that editors must not object.
    pub numeric: bool,
    /// The check; the error says what is wrong with this very text, if more is known than `expected`.
    pub check: fn(&str) -> bool,
}

macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident: $expected:literal, $pattern:expr, $max:literal, $check:expr;)*) => {
        $($(#[$doc])* pub static $name: Format = Format {
            expected: $expected, pattern: $pattern, max: $max, numeric: false, check: $check,
        };)*
    };
}

formats! {
    /// Name of a service: also its Helm release, so that 53 bytes are the limit.
    NAME: "a name of lower-case letters, digits and `-`, starting with a letter, at most 53 characters",
        Some("^[a-z]([a-z0-9-]*[a-z0-9])?$"), 53, is_label;
    /// Name of an environment.
    ENVIRONMENT: "an environment name of lower-case letters, digits and `-`, at most 20 characters",
        Some("^[a-z]([a-z0-9-]*[a-z0-9])?$"), 20, is_label;
    /// A Kubernetes name of one label.
    DNS_LABEL: "a Kubernetes name of lower-case letters, digits and `-`, at most 63 characters",
        Some("^[a-z]([a-z0-9-]*[a-z0-9])?$"), 63, is_label;
    /// A Kubernetes name that may have dots.
    DNS_SUBDOMAIN: "a Kubernetes name of lower-case letters, digits, `-` and `.`",
        Some("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"), 253, is_subdomain;
    /// A key of a Kubernetes Secret or ConfigMap.
    SECRET_KEY: "a key of letters, digits, `-`, `_` and `.`, not starting with `-`",
        Some("^[A-Za-z0-9._][A-Za-z0-9._-]*$"), 253, |s| !s.starts_with('-') && s != "." && s != ".." && all(s, |c| c.is_ascii_alphanumeric() || "._-".contains(c));
    /// Python module and attribute of the WSGI application.
    MODULE: "a Python module and its application as in `run:app`",
        Some("^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$"), 200, is_module;
    /// Name of an environment variable.
    VARIABLE: "a variable name of letters, digits and `_`, not starting with a digit",
        Some("^[A-Za-z_][A-Za-z0-9_]*$"), 128, is_identifier;
    /// Value of an environment variable.
    VALUE: "a text without control characters other than line breaks and tabs",
        None, 32768, |s| !s.chars().any(|c| c.is_control() && !"\n\r\t".contains(c));
    /// One line for people.
    LINE: "one line of visible text", None, 200, |s| {
        !s.is_empty() && s.chars().all(chars::is_printable)
    };
    /// A path prefix that the service answers under.
    PREFIX: "`/`, or a path as in `/flask-app` without a trailing slash, wildcards or escapes",
        Some("^/([A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*)?$"), 200, is_prefix;
    /// A path that the application answers.
    ROUTE: "a path as in `/livez`, without query or wildcards",
        Some("^/[A-Za-z0-9._~/-]*$"), 200, |s| s.starts_with('/') && !s.contains("//") && !s.contains("/../") && all(s, |c| c.is_ascii_alphanumeric() || "._~/-".contains(c));
    /// A folder or file of the repository.
    PATH: "a relative path inside the repository, or `.`",
        Some("^[A-Za-z0-9._][A-Za-z0-9._-]*(/[A-Za-z0-9._][A-Za-z0-9._-]*)*$"), 500, is_path;
    /// A path of a rendered tree in which parts may be left open.
    PATTERN: "a path of the rendered tree as in `README.md`, `chart/` or `terraform/**/*.tfvars`",
        Some("^[A-Za-z0-9._@+*?-]+(/[A-Za-z0-9._@+*?-]+)*/?$"), 200, |s| s.strip_suffix('/').unwrap_or(s).split('/').all(|name| !matches!(name, "" | "." | "..") && all(name, |c| c.is_ascii_alphanumeric() || "._@+*?-".contains(c)));
    /// A public host name.
    HOST: "a host name of at least two labels as in `app.example.com`",
        Some("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$"), 253, is_host;
    /// Name of a record inside a zone.
    RECORD: "a record name relative to the zone, `@` for the zone itself",
        Some("^(@|(\\*\\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*|\\*)$"), 200, is_record;
    /// Size of a volume.
    VOLUME_SIZE: "a size as in `5Gi`, of at least 1Mi",
        Some("^[1-9][0-9]{0,5}(Mi|Gi|Ti)$"), 10, |s| ["Mi", "Gi", "Ti"].iter().any(|unit| s.strip_suffix(unit).is_some_and(|number| number.len() <= 6 && !number.starts_with('0') && all(number, |c| c.is_ascii_digit())));
    /// A folder inside a container.
    MOUNT: "an absolute path as in `/data`, of letters, digits, `-`, `_` and `.`",
        Some("^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$"), 200, |s| s.strip_prefix('/').is_some_and(|rest| rest.split('/').all(|name| !name.starts_with('.') && all(name, |c| c.is_ascii_alphanumeric() || "._-".contains(c))));
    /// A disk's name for its driver.
    HANDLE: "the name of a disk as in `vol-0123456789abcdef0`",
        Some("^[A-Za-z0-9/][A-Za-z0-9/._:-]*$"), 500, |s| s.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/') && all(s, |c| c.is_ascii_alphanumeric() || "/._:-".contains(c));
    /// A span of time for keeping things.
    PERIOD: "a number of days, weeks, months or years as in `30d` or `3y`, at most 10 years",
        Some("^[1-9][0-9]{0,3}[dwmy]$"), 5, is_period;
    /// One word of a command.
    WORD: "one word of a command, without control characters",
        None, 1000, |s| !s.is_empty() && !s.chars().any(char::is_control);
    /// Azure region in its short form.
    LOCATION: "an Azure region as in `westeurope`",
        Some("^[a-z]+[a-z0-9]*$"), 40, |s| s.starts_with(|c: char| c.is_ascii_lowercase()) && all(s, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
    /// Azure resource group.
    RESOURCE_GROUP: "a resource group name of letters, digits, `-`, `_` and `.`, starting with a letter or digit, not ending in `.`, at most 66 characters",
        Some("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_-])?$"), 66, |s| s.starts_with(|c: char| c.is_ascii_alphanumeric()) && !s.ends_with('.') && all(s, |c| c.is_ascii_alphanumeric() || "._-".contains(c));
    /// Azure Container Registry; its login server is lower case, so the name is too.
    ACR: "a registry name of 5 to 50 lower-case letters and digits",
        Some("^[a-z0-9]{5,50}$"), 50, |s| s.len() >= 5 && all(s, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
    /// AKS cluster; short enough to be its DNS prefix.
    AKS: "a cluster name of letters, digits and `-`, starting and ending with a letter or digit, at most 54 characters",
        Some("^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$"), 54, |s| !s.starts_with('-') && !s.ends_with('-') && all(s, |c| c.is_ascii_alphanumeric() || c == '-');
    /// Azure virtual machine size.
    VM_SIZE: "an Azure VM size as in `Standard_B2s`",
        Some("^Standard_[A-Za-z0-9_]+$"), 60, |s| s.strip_prefix("Standard_").is_some_and(|rest| !rest.is_empty() && all(rest, |c| c.is_ascii_alphanumeric() || c == '_'));
    /// Azure storage account.
    STORAGE_ACCOUNT: "a storage account name of 3 to 24 lower-case letters and digits",
        Some("^[a-z0-9]{3,24}$"), 24, |s| s.len() >= 3 && all(s, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
    /// Azure blob container.
    CONTAINER: "a container name of 3 to 63 lower-case letters, digits and single `-`",
        Some("^[a-z0-9](-?[a-z0-9])+$"), 63, |s| s.len() >= 3 && !s.contains("--") && !s.starts_with('-') && !s.ends_with('-') && all(s, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    /// AWS region.
    REGION: "an AWS region as in `eu-west-1`",
        Some("^[a-z]{2}(-[a-z]+)+-[0-9]$"), 30, is_region;
    /// Name of an EKS cluster; short enough for the roles that are named after it.
    EKS_NAME: "a cluster name of lower-case letters, digits and `-`, starting with a letter, at most 40 characters",
        Some("^[a-z]([a-z0-9-]*[a-z0-9])?$"), 40, is_label;
    /// EC2 instance type.
    INSTANCE_TYPE: "an EC2 instance type as in `t3.large`",
        Some("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$"), 40, |s| s.split_once('.').is_some_and(|(family, size)| family.starts_with(|c: char| c.is_ascii_lowercase()) && [family, size].iter().all(|part| all(part, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')));
    /// Class of an RDS server.
    INSTANCE_CLASS: "a class of RDS as in `db.t4g.small`",
        Some("^db\\.[a-z0-9-]+\\.[a-z0-9-]+$"), 40, |s| s.strip_prefix("db.").and_then(|s| s.split_once('.')).is_some_and(|(family, size)| [family, size].iter().all(|part| all(part, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')));
    /// An IAM role or user.
    ARN: "the ARN of an IAM role or user as in `arn:aws:iam::123456789012:role/admin`",
        Some("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]+$"), 300, is_principal;
    /// Name of an S3 bucket; without dots, which break TLS names.
    BUCKET: "a bucket name of 3 to 63 lower-case letters, digits and `-`",
        Some("^[a-z0-9][a-z0-9-]+[a-z0-9]$"), 63, |s| s.len() >= 3 && !s.starts_with('-') && !s.ends_with('-') && all(s, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    /// Addresses of a VPC, wide enough for six subnets.
    VPC_CIDR: "a private IPv4 network of 16 to 24 bits as in `10.30.0.0/16`",
        Some("^[0-9.]+/(1[6-9]|2[0-4])$"), 20, is_vpc;
    /// Host and namespace of a container registry.
    REGISTRY: "a registry and its namespace as in `docker.io/example`",
        Some("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-][a-z0-9]+)*)*$"), 200, is_registry;
    /// An image that names its version.
    IMAGE: "an image with its registry and a tag or digest as in `registry.example.com/platform/gen:0.1.0`, not `latest`",
        Some("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?(@sha256:[0-9a-f]{64})?$"), 500, is_image;
    /// When a CronJob starts.
    SCHEDULE: "a schedule of five fields as in `17 5 * * *`",
        Some("^[0-9*,/-]+( [0-9*,/-]+){4}$"), 100, is_schedule;
    /// Where git clones from.
    CLONE_URL: "an address that git clones from over HTTPS as in `https://git.example.com/team/service.git`",
        Some("^https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)+$"), 300, is_clone_url;
    /// A network in CIDR form.
    CIDR: "a network as in `10.0.0.0/16`",
        Some("^[0-9a-fA-F.:]+/[0-9]{1,3}$"), 50, is_cidr;
    /// An Entra object id.
    GUID: "an object id as in `00000000-0000-0000-0000-000000000000`",
        Some("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"), 36, is_guid;
    /// A repository on GitHub.
    REPOSITORY: "a GitHub repository as in `owner/name`",
        Some("^[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?/[A-Za-z0-9._-]{1,100}$"), 140, is_repository;
    /// A git branch, in the characters that trust policies and workflow filters take literally.
    BRANCH: "a branch name of letters, digits, `-`, `_`, `.` and `/`, as in `main`",
        Some("^[A-Za-z0-9_][A-Za-z0-9._/-]*$"), 200, is_branch;
    /// An e-mail address.
    EMAIL: "an e-mail address as in `team@example.com`",
        Some("^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}$"), 254, is_email;
    /// Digest of an image.
    DIGEST: "a digest as in `sha256:` and 64 hexadecimal digits",
        Some("^sha256:[0-9a-f]{64}$"), 71, |s| s.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && all(hex, |c| c.is_ascii_digit() || ('a'..='f').contains(&c)));
}

/// CPU in cores or thousandths of one.
pub static CPU: Format = Format {
    expected: "an amount of CPU as in `100m`, `1` or `0.5`",
    pattern: Some("^([0-9]+m|[0-9]+(\\.[0-9]{1,3})?)$"),
    max: 20,
    numeric: true,
    check: |s| cpu_millis(s).is_some_and(|millis| millis > 0),
};

/// Memory in bytes with an optional unit.
pub static MEMORY: Format = Format {
    expected: "an amount of memory as in `128Mi` or `1Gi`",
    pattern: Some("^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$"),
    max: 20,
    numeric: true,
    check: |s| memory_bytes(s).is_some_and(|bytes| bytes >= 1 << 20),
};

/// Number of an AWS account.
pub static ACCOUNT: Format = Format {
    expected: "the twelve digits of an account",
    pattern: Some("^[0-9]{12}$"),
    max: 12,
    numeric: true,
    check: |s| s.len() == 12 && all(s, |c| c.is_ascii_digit()),
};

fn is_principal(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, name] = parts[..] else {
        return false;
    };
    arn == "arn"
        && partition
            .strip_prefix("aws")
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        && service == "iam"
        && region.is_empty()
        && ACCOUNT.accepts(account)
        && ["role/", "user/"].iter().any(|kind| {
            name.strip_prefix(kind).is_some_and(|name| {
                all(name, |c| {
                    c.is_ascii_alphanumeric() || "+=,.@_/-".contains(c)
                })
            })
        })
}

/// Ten years at most, in whatever unit: no cloud keeps a schedule for longer.
fn is_period(text: &str) -> bool {
    let Some((number, most)) = [("d", 3650), ("w", 520), ("m", 120), ("y", 10)]
        .iter()
        .find_map(|(unit, most)| Some((text.strip_suffix(unit)?, *most)))
    else {
        return false;
    };
    all(number, |c| c.is_ascii_digit())
        && !number.starts_with('0')
        && number.parse::<u32>().is_ok_and(|number| number <= most)
}

fn all(text: &str, accepts: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(accepts)
}

fn is_label(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && all(text, |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
        })
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(|part| {
        !part.starts_with('-')
            && !part.ends_with('-')
            && all(part, |c| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
            })
    })
}

fn is_identifier(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && all(text, |c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_module(text: &str) -> bool {
    text.split_once(':').is_some_and(|(module, attribute)| {
        is_identifier(attribute) && module.split('.').all(is_identifier)
    })
}

fn is_prefix(text: &str) -> bool {
    text == "/"
        || text.strip_prefix('/').is_some_and(|rest| {
            rest.split('/').all(|segment| {
                segment != "."
                    && segment != ".."
                    && all(segment, |c| c.is_ascii_alphanumeric() || "._~-".contains(c))
            })
        })
}

/// Names that start with `-` would be read as options by the programs that are given them.
fn is_path(text: &str) -> bool {
    text == "."
        || crate::plan::RelPath::new(text).is_ok()
            && !text.contains(['@', '+'])
            && text.split('/').all(|name| !name.starts_with('-'))
}

fn is_host(text: &str) -> bool {
    let mut labels = text.split('.').rev();
    text.contains('.')
        && labels.clone().all(|label| {
            label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && all(label, |c| {
                    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
                })
        })
        && labels
            .next()
            .is_some_and(|top| top.len() > 1 && top.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn is_record(text: &str) -> bool {
    let rest = text.strip_prefix("*.").unwrap_or(text);
    text == "@"
        || text == "*"
        || rest.split('.').all(|label| {
            label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && all(label, |c| {
                    c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c)
                })
        })
}

fn is_image(text: &str) -> bool {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    };
    let Some((registry, path)) = name.rsplit_once('/') else {
        return false;
    };
    let (last, tag) = match path.split_once(':') {
        Some((last, tag)) => (last, Some(tag)),
        None => (path, None),
    };
    let is_tag = |tag: &str| {
        tag.len() <= 128
            && !tag.starts_with(['.', '-'])
            && all(tag, |c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    is_registry(&format!("{registry}/{last}"))
        && tag.is_none_or(is_tag)
        && digest.is_none_or(|digest| DIGEST.accepts(digest))
        && (digest.is_some() || tag.is_some_and(|tag| tag != "latest"))
}

/// What every cron takes: numbers within their bounds, ranges, lists and steps; no names and no `@daily`.
fn is_schedule(text: &str) -> bool {
    const BOUNDS: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
    let fields: Vec<&str> = text.split(' ').collect();
    fields.len() == BOUNDS.len()
        && fields.iter().zip(BOUNDS).all(|(field, bounds)| {
            field.split(',').all(|part| {
                let (range, step) = match part.split_once('/') {
                    Some((range, step)) => (range, Some(step)),
                    None => (part, None),
                };
                let number = |text: &str| match all(text, |c| c.is_ascii_digit()) {
                    true => text.parse::<u32>().ok(),
                    false => None,
                };
                let within =
                    |text: &str| number(text).filter(|n| (bounds.0..=bounds.1).contains(n));
                let ranged = match range.split_once('-') {
                    Some((from, to)) => {
                        within(from).is_some_and(|from| within(to).is_some_and(|to| from <= to))
                    }
                    // A step from a single number means something else to every cron.
                    None => range == "*" || within(range).is_some() && step.is_none(),
                };
                ranged
                    && step.is_none_or(|step| {
                        number(step).is_some_and(|step| (1..=bounds.1).contains(&step))
                    })
            })
        })
}

fn is_clone_url(text: &str) -> bool {
    let Some((host, path)) = text
        .strip_prefix("https://")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let (host, port) = match host.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (host, None),
    };
    is_host(host)
        && port.is_none_or(|port| {
            all(port, |c| c.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
        })
        && path.split('/').all(|name| {
            !matches!(name, "." | "..")
                && all(name, |c| c.is_ascii_alphanumeric() || "._~-".contains(c))
        })
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let Ok(length) = length.parse::<u8>() else {
        return false;
    };
    match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(_)) => length <= 32,
        Ok(std::net::IpAddr::V6(_)) => length <= 128,
        Err(_) => false,
    }
}

fn is_region(text: &str) -> bool {
    let words: Vec<&str> = text.split('-').collect();
    words.len() >= 3
        && words[0].len() == 2
        && words[words.len() - 1].len() == 1
        && words[words.len() - 1].bytes().all(|b| b.is_ascii_digit())
        && words[..words.len() - 1]
            .iter()
            .all(|word| all(word, |c| c.is_ascii_lowercase()))
}

/// Zero host bits, or AWS takes another network than the one written.
fn is_vpc(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let (Ok(address), Ok(length @ 16..=24)) =
        (address.parse::<std::net::Ipv4Addr>(), length.parse::<u32>())
    else {
        return false;
    };
    address.is_private() && u32::from(address).trailing_zeros() >= 32 - length
}

/// The first part must look like a host, or Docker takes it for a namespace of its own registry.
fn is_registry(text: &str) -> bool {
    let mut parts = text.split('/');
    let host = parts.next().unwrap_or_default();
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let known = is_host(name) || (name == "localhost" && host != name);
    known
        && port.parse::<u16>().is_ok_and(|port| port > 0)
        && parts.all(|part| {
            part.split(['.', '_', '-'])
                .all(|word| all(word, |c| c.is_ascii_lowercase() || c.is_ascii_digit()))
        })
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

fn is_repository(text: &str) -> bool {
    let Some((owner, name)) = text.split_once('/') else {
        return false;
    };
    owner.len() <= 39
        && !owner.starts_with('-')
        && !owner.ends_with('-')
        && !owner.contains("--")
        && all(owner, |c| c.is_ascii_alphanumeric() || c == '-')
        && name.len() <= 100
        && name != "."
        && name != ".."
        && !name.ends_with(".git")
        && all(name, |c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// The rules of `git check-ref-format --branch`, narrowed to plain characters.
fn is_branch(text: &str) -> bool {
    !text.starts_with(['-', '.', '/'])
        && !text.ends_with(['/', '.'])
        && !["..", "//", "/."].iter().any(|bad| text.contains(bad))
        && text.split('/').all(|part| !part.ends_with(".lock"))
        && text != "HEAD"
        && all(text, |c| c.is_ascii_alphanumeric() || "._/-".contains(c))
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && all(local, |c| c.is_ascii_alphanumeric() || "._%+-".contains(c))
            && is_host(&domain.to_ascii_lowercase())
    })
}

/// Thousandths of a core that a CPU quantity names.
pub fn cpu_millis(text: &str) -> Option<u64> {
    if let Some(millis) = text.strip_suffix('m') {
        return digits(millis);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if part.is_empty() || part.len() > 3 {
        return None;
    }
    let scale = 10_u64.pow(3 - u32::try_from(part.len()).ok()?);
    digits(whole)?
        .checked_mul(1000)?
        .checked_add(digits(part)? * scale)
}

/// Bytes that a memory quantity names, fractions rounded down.
pub fn memory_bytes(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 8] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
    ];
    let (number, unit) = UNITS
        .iter()
        .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit)))
        .unwrap_or((text, 1));
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if part.is_empty() || part.len() > 6 {
        return None;
    }
    let fraction = unit.checked_mul(digits(part)?)? / 10_u64.pow(u32::try_from(part.len()).ok()?);
    digits(whole)?.checked_mul(unit)?.checked_add(fraction)
}

fn digits(text: &str) -> Option<u64> {
    all(text, |c| c.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &Format, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(
                (format.check)(text),
                "{text:?} was refused: {}",
                format.expected
            );
        }
        for text in bad {
            assert!(
                !(format.check)(text),
                "{text:?} was accepted: {}",
                format.expected
            );
        }
    }

    #[test]
    fn names_and_hosts() {
        check(
            &NAME,
            &["a", "flask-application", "a1"],
            &["", "A", "1a", "a-", "-a", "a_b", "a.b", "é"],
        );
        check(
            &HOST,
            &["flask-test.duckdns.org", "a.io"],
            &[
                "a", "a..b", "-a.io", "a.1", "a.io.", "*.a.io", "A.io", "a b.io",
            ],
        );
        check(
            &RECORD,
            &["@", "*", "*.a", "flask", "_acme-challenge.flask"],
            &["", "a.", "-a", "a b", "*a"],
        );
        check(
            &ACR,
            &["flaskapplication", "abc12"],
            &["abcd", "flask-application", "Flask1"],
        );
        check(
            &REPOSITORY,
            &["example/flask-application", "a/b.c"],
            &[
                "a", "a/b/c", "-a/b", "a--b/c", "a/..", "a/b.git", "a/b:c", "a/b@1",
            ],
        );
        check(
            &BRANCH,
            &["main", "release/1.2", "feature_x"],
            &[
                "", "-x", "a..b", "a*", "a b", "x.lock", "a//b", "HEAD", "${{x}}",
            ],
        );
        check(
            &EMAIL,
            &["team@example.com"],
            &[
                "team",
                "a@b",
                "a b@example.com",
                "a@example.com\nBcc: x@y.zz",
                ".a@b.cc",
            ],
        );
        check(
            &MODULE,
            &["run:app", "pkg.mod:create_app"],
            &["run", "run:", "run:app()", "1:app", "a..b:c"],
        );
    }

    #[test]
    fn paths_and_networks() {
        check(
            &PREFIX,
            &["/", "/flask-app", "/a/b"],
            &["", "a", "/a/", "//", "/a(.*)", "/../a", "/a b", "/a?x"],
        );
        check(
            &ROUTE,
            &["/", "/livez", "/a/b/"],
            &["livez", "/a?b", "//", "/a b"],
        );
        check(
            &CIDR,
            &["10.0.0.0/16", "::/0"],
            &["10.0.0.0", "10.0.0/16", "10.0.0.0/33", "x/1"],
        );
        check(
            &PATH,
            &[".", "app", "services/a"],
            &["..", "/a", "a/../b", "", ".git"],
        );
    }

    #[test]
    fn names_in_aws_and_registries() {
        check(
            &REGION,
            &["eu-west-1", "us-gov-east-1", "ap-southeast-2"],
            &[
                "eu",
                "eu-west",
                "EU-west-1",
                "eu-west-10",
                "europe-west-1",
                "eu--1",
            ],
        );
        check(
            &BUCKET,
            &["abc", "hello-world-tfstate"],
            &["ab", "-abc", "abc-", "a.b.c", "ABC"],
        );
        check(
            &VPC_CIDR,
            &["10.30.0.0/16", "192.168.4.0/24", "172.16.0.0/20"],
            &[
                "10.30.0.0/15",
                "10.30.0.0/25",
                "10.30.1.0/16",
                "8.8.0.0/16",
                "::/20",
                "10.0.0.0",
            ],
        );
        check(
            &REGISTRY,
            &[
                "docker.io/example",
                "ghcr.io",
                "localhost:5000",
                "r.example.com:5000/a/b_c",
            ],
            &[
                "example",
                "docker.io/",
                "docker.io/A",
                "https://docker.io/a",
                "localhost/a",
                "a.io:0/b",
                "a.io/b:c",
            ],
        );
        check(
            &ACCOUNT,
            &["012345678901"],
            &["12345678901", "a12345678901"],
        );
    }

    #[test]
    fn patterns_stay_inside_the_tree() {
        check(
            &PATTERN,
            &["README.md", "chart/", "a/**/b?.y*", ".github/**"],
            &["/a", "a//b", "..", "a/../b", "", "/", "a b", "[a]"],
        );
    }

    #[test]
    fn quantities_are_numbers() {
        assert_eq!(cpu_millis("100m"), Some(100));
        assert_eq!(cpu_millis("0.5"), Some(500));
        assert_eq!(cpu_millis("2"), Some(2000));
        assert_eq!(cpu_millis("1.0005"), None);
        assert_eq!(memory_bytes("1Gi"), memory_bytes("1024Mi"));
        assert_eq!(memory_bytes("1.5Gi"), Some(1536 << 20));
        assert_eq!(memory_bytes("128"), Some(128));
        check(&CPU, &["100m", "1"], &["0", "0m", "-1", "1e3", "1.5m", ""]);
        check(
            &MEMORY,
            &["128Mi", "1Gi", "268435456"],
            &["128", "128mb", "128MB", "1e9", "", "100m"],
        );
    }
}
