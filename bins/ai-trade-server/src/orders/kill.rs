//! The kill switch: a file, so that it outlives the process and needs nothing but a shell.

use std::{fs, io, io::Write, path::PathBuf};

use super::journal::sync_folder;
use crate::private;

/// The kill switch. While it is on, orders are cancelled only.
#[derive(Debug)]
pub(super) struct KillSwitch {
    path: PathBuf,
    /// Whether the configuration has it on for good.
    configured: bool,
}

impl KillSwitch {
    pub(super) fn new(folder: &std::path::Path, configured: bool) -> Self {
        Self { path: folder.join("KILL"), configured }
    }

    /// Whether it is on. Where that cannot be told, it is.
    pub(super) fn is_on(&self) -> bool {
        self.configured || self.path.try_exists().unwrap_or(true)
    }

    /// Whether only the configuration can switch it off.
    pub(super) fn is_configured(&self) -> bool {
        self.configured
    }

    /// Switches it on, for good.
    pub(super) fn switch_on(&self, by: &str) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            private::create_folder(folder)?;
        }
        let mut file = private::options().write(true).open(&self.path)?;
        writeln!(file, "switched on by {by}")?;
        file.sync_all()?;
        sync_folder(&self.path)
    }

    /// Switches it off.
    pub(super) fn switch_off(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => sync_folder(&self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_outlives_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let switch = || KillSwitch::new(folder.path(), false);
        assert!(!switch().is_on());
        switch().switch_off().unwrap();
        switch().switch_on("a").unwrap();
        switch().switch_on("b").unwrap();
        assert!(switch().is_on());
        switch().switch_off().unwrap();
        assert!(!switch().is_on());
        assert!(KillSwitch::new(folder.path(), true).is_on());
        // Not to be told, because the folder is none.
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(KillSwitch::new(&file, false).is_on());
    }
}
