//! What stands in the way of a planned file and goes in the same commit.

use std::collections::BTreeSet;

use super::{Change, State};
use crate::output::disk::{Node, ObstacleKind};
use crate::output::error::Error;
use crate::output::view::View;

/// Lets a file take the place of a folder, or a folder that of a file, where all that stands in the way
/// goes in the same commit.
pub(super) fn give_way(view: &View<'_>, changes: &mut [Change]) -> Result<(), Error> {
    let going: BTreeSet<String> = changes
        .iter()
        .filter(|change| change.state == State::Orphan)
        .map(|change| change.path.as_str().to_owned())
        .collect();
    for change in changes {
        let Some(obstacle) = change.obstacle.as_ref().filter(|_| !going.is_empty()) else {
            continue;
        };
        let free = match obstacle.kind {
            ObstacleKind::File => going.contains(&obstacle.path),
            ObstacleKind::Folder => vanishes(view, &obstacle.path, &going)?,
            _ => false,
        };
        if free && change.plan.is_some() {
            change.state = State::Missing;
            change.obstacle = None;
        }
    }
    Ok(())
}

fn vanishes(view: &View<'_>, folder: &str, going: &BTreeSet<String>) -> Result<bool, Error> {
    for name in view.names(folder)? {
        let path = format!("{folder}/{name}");
        let gone = match view.node(&path)? {
            Node::File { .. } => going.contains(&path),
            Node::Folder => vanishes(view, &path, going)?,
            Node::Absent => true,
            Node::Obstacle(_) => false,
        };
        if !gone {
            return Ok(false);
        }
    }
    Ok(true)
}
