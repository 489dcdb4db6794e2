//! What a careless tool does, so that each rig is seen to catch it.

use std::io;

use delivery::output::{Disk, FolderDisk};
use delivery::plan::Plan;

/// Opens a folder for the naive writer.
pub(crate) fn open(root: &std::path::Path) -> FolderDisk {
    let dir = cap_std::fs::Dir::open_ambient_dir(root, cap_std::ambient_authority());
    FolderDisk::new(dir.unwrap())
}

/// Writes every file of the plan in place, one after the other, and then a lock of sorts.
pub(crate) fn write_loop(disk: &dyn Disk, plan: &Plan) -> io::Result<()> {
    for (path, artifact) in plan.artifacts() {
        for folder in path.folders() {
            let _ = disk.create_folder(folder);
        }
        let _ = disk.remove_file(path.as_str());
        let mut file = disk.create(path.as_str(), 0o644)?;
        disk.write(&mut file, &artifact.bytes)?;
    }
    Ok(())
}
