//! Random histories of renders and hand edits: no line of a person is ever lost, and none goes unseen.
//!
//! A person writes lines that occur nowhere else, so that a loss is seen without knowing how files are
//! merged. The plan changes, moves, drops and adds files between the renders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;

use delivery::output::{self, Error, Merge, Policy, Root, State};
use delivery::plan::{Pattern, Plan, RelPath};
use rayon::prelude::*;

use crate::support::random::Random;
use crate::support::tree::{Shot, Temp, artifact, files, meta, picture, put};

mod writers;

use writers::{Writer, careful, own_side, without_lock};

const STEPS: usize = 14;
const PATHS: [&str; 10] = [
    "Dockerfile",
    "README.md",
    "chart/values.yaml",
    "chart/templates/a.yaml",
    "chart/templates/b.yaml",
    "chart/templates/c.yaml",
    "chart/templates/tests/a.yaml",
    "scripts/next.sh",
    "terraform/main.tf",
    "terraform/modules/main.tf",
];

/// How many histories to try: few in every test run, more where the rigs are asked for.
fn histories() -> u64 {
    let told = std::env::var("GEN_EDITS").ok();
    let told = told.map(|count| count.parse().expect("GEN_EDITS is a number"));
    let rigs = std::env::var_os("GEN_RIGS").is_some_and(|value| value == "1");
    told.unwrap_or(if rigs { 500 } else { 60 })
}

/// One tree and what is known of it.
struct History {
    random: Random,
    root: Temp,
    /// The text of each planned file, as lines.
    planned: BTreeMap<String, Vec<String>>,
    owned: Vec<&'static str>,
    /// What the last render recorded.
    rendered: BTreeMap<String, (Vec<u8>, bool)>,
    lines: usize,
    /// How many renders met with an edit, were merged, had conflicts, followed a move, were refused.
    seen: [usize; 5],
}

impl History {
    fn new(seed: u64) -> Self {
        let mut history = Self {
            random: Random::new(seed),
            root: Temp::new(),
            planned: BTreeMap::new(),
            owned: Vec::new(),
            rendered: BTreeMap::new(),
            lines: 0,
            seen: [0; 5],
        };
        for path in PATHS.iter().take(5) {
            let lines = (0..12).map(|_| history.line("gen")).collect();
            history.planned.insert((*path).to_owned(), lines);
        }
        history
    }

    /// A line that there is only once.
    fn line(&mut self, who: &str) -> String {
        self.lines += 1;
        format!("{who}-{}", self.lines)
    }

    fn plan(&self) -> Plan {
        let mut plan = Plan::new();
        for (path, lines) in &self.planned {
            let text = lines.join("\n") + "\n";
            plan.insert(RelPath::new(path.as_str()).unwrap(), artifact(path, &text))
                .unwrap();
        }
        plan.leave(self.owned.iter().map(|pattern| Pattern::new(*pattern)));
        plan
    }

    /// What a new version of the spec or the blueprint does.
    fn change_plan(&mut self) {
        let keys: Vec<String> = self.planned.keys().cloned().collect();
        let path = self.random.pick(&PATHS).to_string();
        let free = !self.planned.contains_key(&path);
        match self.random.below(8) {
            0 if free => {
                let lines = (0..6).map(|_| self.line("gen")).collect();
                self.planned.insert(path, lines);
            }
            1 if keys.len() > 1 => {
                let gone = self.random.pick(&keys).clone();
                self.planned.remove(&gone);
            }
            2 | 4 => {
                let folder = |path: &str| path.split('/').next().map(str::to_owned);
                let from = self.random.pick(&keys).clone();
                let known = |to: &&str| !self.planned.contains_key(*to);
                let to = PATHS.iter().copied().filter(known);
                let to: Vec<&str> = to.filter(|to| folder(to) == folder(&from)).collect();
                if !to.is_empty() {
                    let to = (*self.random.pick(&to)).to_owned();
                    let lines = self.planned.remove(&from).unwrap();
                    self.planned.insert(to, lines);
                }
            }
            3 => {
                let all = ["README.md", "chart/templates/", "**/*.sh"];
                let pattern = *self.random.pick(&all);
                match self.owned.iter().position(|known| *known == pattern) {
                    Some(at) => drop(self.owned.remove(at)),
                    None => self.owned.push(pattern),
                }
            }
            _ if !keys.is_empty() => {
                let path = self.random.pick(&keys).clone();
                let line = self.line("gen");
                let length = self.planned[&path].len();
                let at = self.random.below(length + 1);
                let add = self.random.below(2) == 0;
                let lines = self.planned.get_mut(&path).unwrap();
                match lines.get_mut(at) {
                    Some(old) if !add => *old = line,
                    _ => lines.insert(at, line),
                }
            }
            _ => {}
        }
    }

    /// What a person does to the files.
    fn edit(&mut self) {
        let there: Vec<String> = files(self.root.path())
            .into_keys()
            .filter(|path| path != "gen.lock" && !path.starts_with(".gen/"))
            .collect();
        if there.is_empty() || self.random.below(25) == 0 {
            let path = (*self.random.pick(&PATHS)).to_owned();
            let line = self.line("mine");
            if !self.root.join(&path).exists() {
                put(self.root.path(), &path, &format!("{line}\n"));
            }
            return;
        }
        let path = self.random.pick(&there).clone();
        let at = self.root.join(&path);
        let text = fs::read_to_string(&at).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let position = self.random.below(lines.len() + 1);
        let line = self.line("mine");
        match self.random.below(12) {
            0 => return fs::remove_file(at).unwrap(),
            1 => {
                let mode = fs::metadata(&at).unwrap().permissions().mode() ^ 0o100;
                return fs::set_permissions(at, fs::Permissions::from_mode(mode)).unwrap();
            }
            2 if !text.contains('\r') => {
                return fs::write(at, text.replace('\n', "\r\n")).unwrap();
            }
            3 if position < lines.len() => drop(lines.remove(position)),
            4 if position < lines.len() => lines[position] = line,
            5 => lines = vec![line],
            // Resolves what a merge left.
            6 | 7 => lines.retain(|line| !is_marker(line)),
            _ => lines.insert(position, line),
        }
        let end = if text.contains('\r') { "\r\n" } else { "\n" };
        fs::write(at, lines.join(end) + end).unwrap();
    }

    /// The lines that a person wrote and that are on disk.
    fn mine(&self) -> BTreeSet<String> {
        let mut mine = BTreeSet::new();
        for (path, shot) in files(self.root.path()) {
            if let Shot::File(bytes, _) = shot
                && !path.starts_with(".gen/")
            {
                let text = String::from_utf8(bytes).unwrap();
                let lines = text.lines().filter(|line| line.starts_with("mine-"));
                mine.extend(lines.map(str::to_owned));
            }
        }
        mine
    }

    /// Compares what `output` says of each file with what is known of it.
    fn check_states(&self, plan: &Plan, version: &str) -> Result<(), String> {
        let root = Root::at(self.root.path());
        let found = output::compare(&root, plan, &meta(version), &[]).unwrap();
        let on_disk = files(self.root.path());
        for change in &found.changes {
            let path = change.path.as_str();
            let lf = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
            let disk = match on_disk.get(path) {
                Some(Shot::File(bytes, executable)) => Some((lf(bytes), *executable)),
                _ => None,
            };
            let locked = self.rendered.get(path);
            let locked = locked.map(|(bytes, executable)| (lf(bytes), *executable));
            let planned = plan.artifacts().get(path);
            let planned = planned.map(|artifact| (lf(&artifact.bytes), artifact.executable));
            let clean = disk.is_some() && disk == planned;
            let risk = disk.is_some() && disk != planned && disk != locked;
            let right = if plan.is_owned(path) {
                (change.state == State::Clean) == clean && (change.state == State::Owned) != clean
            } else {
                (change.state == State::Clean) == (clean && locked == planned)
                    && change.state.is_at_risk() == risk
            };
            if !right {
                return Err(format!("{path} is said to be {}", change.state.name()));
            }
        }
        let told: BTreeSet<&str> = found.changes.iter().map(|c| c.path.as_str()).collect();
        let known = plan.artifacts().keys().map(RelPath::as_str);
        let known = known.chain(self.rendered.keys().map(String::as_str));
        match known.into_iter().find(|path| !told.contains(path)) {
            Some(path) => Err(format!("{path} is not told")),
            None => Ok(()),
        }
    }

    /// One render, and everything that must hold of it.
    fn render(&mut self, writer: Writer, version: &str) -> Result<(), String> {
        let plan = self.plan();
        self.check_states(&plan, version)?;
        let merges = [Merge::Off, Merge::Clean, Merge::Markers, Merge::Markers];
        let policy = Policy {
            force: self.random.below(12) == 0,
            merge: *self.random.pick(&merges),
            targets: &[],
        };
        let (mine, before) = (self.mine(), picture(self.root.path()));
        let applied = match writer(self.root.path(), &plan, policy, version) {
            Ok(applied) => applied,
            Err(Error::Refused(changes)) => {
                self.seen[4] += 1;
                if before != picture(self.root.path()) {
                    return Err("a refused render wrote".to_owned());
                }
                // The person gives in, so that the history goes on.
                for change in changes {
                    let path = self.root.join(change.path.as_str());
                    if self.random.below(2) == 0 && path.is_file() {
                        fs::remove_file(path).unwrap();
                    }
                }
                return Ok(());
            }
            Err(error) => return Err(format!("the render failed: {error}")),
        };
        let shown: String = applied.lost.iter().map(output::Change::diff).collect();
        let after = self.mine();
        for line in mine.difference(&after) {
            if !policy.force || !shown.contains(line.as_str()) {
                return Err(format!("{line} is lost"));
            }
        }
        self.check_removed(&before, &applied)?;
        self.record(&plan, &applied)?;
        Ok(())
    }

    /// Whatever is gone was as it was rendered, or went on under another path, or was shown.
    fn check_removed(
        &self,
        before: &BTreeMap<String, Shot>,
        applied: &output::Applied,
    ) -> Result<(), String> {
        let after = files(self.root.path());
        for (path, shot) in before {
            let Shot::File(bytes, _) = shot else { continue };
            if after.contains_key(path) || path.starts_with(".gen") {
                continue;
            }
            let lf = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
            let known = self.rendered.get(path);
            let unchanged = known.is_some_and(|(known, _)| lf(known) == lf(bytes));
            let changes = &applied.comparison.changes;
            let moved = changes.iter().any(|change| {
                change.path.as_str() == path && change.moved.as_ref().is_some_and(|moved| moved.to)
            });
            let shown = applied
                .lost
                .iter()
                .any(|change| change.path.as_str() == path);
            if !unchanged && !moved && !shown {
                return Err(format!("{path} was removed and nobody knows why"));
            }
        }
        Ok(())
    }

    /// Notes what is rendered now, and that the plan has arrived.
    fn record(&mut self, plan: &Plan, applied: &output::Applied) -> Result<(), String> {
        let edited = |change: &output::Change| change.state.is_at_risk();
        self.seen[0] += usize::from(applied.comparison.changes.iter().any(edited));
        self.seen[1] += usize::from(!applied.merged.is_empty());
        self.seen[2] += usize::from(!applied.conflicts.is_empty());
        let moved = |change: &output::Change| change.moved.is_some();
        self.seen[3] += usize::from(applied.comparison.changes.iter().any(moved));
        let mut rendered = BTreeMap::new();
        for (path, artifact) in plan.artifacts() {
            let path = path.as_str();
            if plan.is_owned(path) {
                let old = self.rendered.get(path).cloned();
                rendered.extend(old.map(|old| (path.to_owned(), old)));
                continue;
            }
            rendered.insert(
                path.to_owned(),
                (artifact.bytes.to_vec(), artifact.executable),
            );
            let change = applied
                .comparison
                .changes
                .iter()
                .find(|change| change.path.as_str() == path);
            let untouched = change.is_some_and(|change| !change.state.is_at_risk())
                && change.is_some_and(|change| change.moved.is_none());
            let text = fs::read_to_string(self.root.join(path)).unwrap_or_default();
            if untouched && text.replace("\r\n", "\n").as_bytes() != &artifact.bytes[..] {
                return Err(format!("{path} is not what was planned"));
            }
        }
        self.rendered = rendered;
        Ok(())
    }
}

fn is_marker(line: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
        .iter()
        .any(|marker| line.starts_with(marker))
}

/// Plays one history; what went wrong, or what was met on the way.
fn play(seed: u64, writer: Writer) -> Result<[usize; 5], String> {
    let mut history = History::new(seed);
    for step in 0..STEPS {
        for _ in 0..history.random.below(4) {
            history.edit();
        }
        for _ in 0..history.random.below(4) {
            history.change_plan();
        }
        let version = history.random.below(3).to_string();
        history
            .render(writer, &version)
            .map_err(|why| format!("history {seed}, step {step}: {why}"))?;
    }
    Ok(history.seen)
}

fn play_all(count: u64, writer: Writer) -> Vec<Result<[usize; 5], String>> {
    let seeds: Vec<u64> = (1..=count).collect();
    seeds
        .into_par_iter()
        .map(|seed| play(seed, writer))
        .collect()
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures are the point")]
fn no_line_of_a_person_is_lost_and_none_goes_unseen() {
    let count = histories();
    let mut seen = [0; 5];
    for history in play_all(count, careful) {
        let history = history.unwrap_or_else(|why| panic!("{why}"));
        for (sum, one) in seen.iter_mut().zip(history) {
            *sum += one;
        }
    }
    let [edited, merged, conflicts, moved, refused] = seen;
    println!(
        "{count} histories of {STEPS} renders: {edited} met edits, {merged} merged, {conflicts} with \
         conflicts, {moved} followed a move, {refused} were refused; nothing lost"
    );
    let least = usize::try_from(count / 10).unwrap();
    assert!(seen.iter().all(|seen| *seen >= least), "{seen:?}");
}

#[test]
fn the_rig_finds_the_loss_of_careless_writers() {
    let writers: [(Writer, &str); 2] = [(without_lock, "without a lock"), (own_side, "own side")];
    for (writer, name) in writers {
        let losses = play_all(20, writer).into_iter().filter_map(Result::err);
        let losses: Vec<String> = losses.collect();
        let lost = losses.iter().filter(|why| why.contains("is lost")).count();
        assert!(lost >= 10, "{name}: {lost} of 20 found: {losses:#?}");
    }
}
