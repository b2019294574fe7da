//! The file in which orders survive the process: written, and on the disk, before anything is
//! sent.

use std::{
    collections::HashMap,
    fs::{self, File, TryLockError},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{OrdersError, record::Record};
use crate::private;

/// One record a line; of several of one order the last one holds.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Where the next line begins.
    end: u64,
    /// Whether something follows that is not known to be whole.
    spoilt: bool,
    /// Nobody else may write.
    _lock: File,
}

impl Journal {
    /// Opens the journal in `folder` and reads what `keep` holds for; the rest is dropped.
    pub(super) fn open(
        folder: &Path,
        keep: impl Fn(&Record) -> bool,
    ) -> Result<(Self, Vec<Record>), OrdersError> {
        let path = folder.join("journal.jsonl");
        let io = |error| OrdersError::Io { path: path.clone(), error };
        private::create_folder(folder).map_err(io)?;
        let lock = private::options().write(true).open(path.with_extension("lock")).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OrdersError::InUse(path)),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(io(error)),
        };
        let mut records =
            read(&text).map_err(|line| OrdersError::Damaged { path: path.clone(), line })?;
        records.retain(keep);
        let (file, end) = rewrite(&path, &records).map_err(io)?;
        Ok((Self { path, file, end, spoilt: false, _lock: lock }, records))
    }

    /// Adds a record. When this returns, it is on the disk.
    pub(super) fn append(&mut self, record: &Record) -> io::Result<()> {
        let line = line(record)?;
        if self.spoilt {
            // Half a line before this one would spoil both.
            self.file.set_len(self.end)?;
            self.file.seek(SeekFrom::Start(self.end))?;
        }
        self.spoilt = true;
        self.file.write_all(&line)?;
        self.file.sync_data()?;
        self.spoilt = false;
        self.end += line.len() as u64;
        Ok(())
    }

    /// Holds these records and no others from now on.
    pub(super) fn replace(&mut self, records: &[Record]) -> io::Result<()> {
        (self.file, self.end) = rewrite(&self.path, records)?;
        self.spoilt = false;
        Ok(())
    }
}

/// The records in the order of their first lines, or the number of the line that is none. The
/// last line may be half a one: whoever wrote it was stopped before he sent anything.
fn read(text: &[u8]) -> Result<Vec<Record>, usize> {
    let whole = text.iter().rposition(|it| *it == b'\n').map_or(0, |it| it + 1);
    let mut records: Vec<Record> = Vec::new();
    let mut places = HashMap::new();
    let lines = text.get(..whole).unwrap_or_default().split(|it| *it == b'\n');
    for (number, line) in (1_usize..).zip(lines).filter(|(_, line)| !line.is_empty()) {
        let record: Record = serde_json::from_slice(line).map_err(|_| number)?;
        match places.get(&record.id).and_then(|it: &usize| records.get_mut(*it)) {
            Some(place) => *place = record,
            None => {
                places.insert(record.id.clone(), records.len());
                records.push(record);
            }
        }
    }
    Ok(records)
}

/// Replaces the file as a whole: whoever is stopped meanwhile leaves the old one.
fn rewrite(path: &Path, records: &[Record]) -> io::Result<(File, u64)> {
    let draft = path.with_extension("tmp");
    let mut file = private::options().write(true).truncate(true).open(&draft)?;
    let mut end = 0;
    for record in records {
        let line = line(record)?;
        file.write_all(&line)?;
        end += line.len() as u64;
    }
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_folder(path)?;
    Ok((file, end))
}

fn line(record: &Record) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    Ok(line)
}

/// A name is on the disk when its folder is.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent().filter(|_| cfg!(unix)) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::record::{Action, Outcome};

    fn record(id: &str, outcome: Outcome) -> Record {
        let order = serde_json::json!({
            "market": "stock", "symbol": "005930", "side": "buy", "quantity": 1, "type": "market",
        });
        Record {
            id: id.to_owned(),
            key: format!("key of {id}"),
            by: None,
            action: Action::Place,
            of: None,
            original: None,
            body: order.clone(),
            order: serde_json::from_value(order).unwrap(),
            partial: true,
            at: 1_790_000_000,
            amount: None,
            outcome,
        }
    }

    #[test]
    fn the_last_line_holds_and_half_a_one_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let folder = &folder.path().join("new");
        let (mut journal, records) = Journal::open(folder, |_| true).unwrap();
        assert!(records.is_empty());
        assert!(matches!(Journal::open(folder, |_| true), Err(OrdersError::InUse(_))));
        journal.append(&record("a", Outcome::Sending)).unwrap();
        journal.append(&record("b", Outcome::Sending)).unwrap();
        journal.append(&record("a", Outcome::NotTaken)).unwrap();
        let path = journal.path.clone();
        drop(journal);
        let mut text = fs::read(&path).unwrap();
        text.extend_from_slice(b"{\"id\":\"c\",");
        fs::write(&path, &text).unwrap();

        let kept = [record("a", Outcome::NotTaken), record("b", Outcome::Sending)];
        let (mut journal, records) = Journal::open(folder, |_| true).unwrap();
        assert_eq!(records, kept);
        journal.append(&record("c", Outcome::Sending)).unwrap();
        drop(journal);
        let (journal, records) = Journal::open(folder, |it| it.id != "a").unwrap();
        assert_eq!(records.len(), 2);
        drop(journal);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2, "tidied up");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |it: &Path| fs::metadata(it).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(folder)), (0o600, 0o700));
        }
    }

    #[test]
    fn damage_before_the_end_is_said() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("journal.jsonl"), "{}\n{}\n").unwrap();
        let error = Journal::open(folder.path(), |_| true).unwrap_err();
        assert!(matches!(error, OrdersError::Damaged { line: 1, .. }), "{error}");
    }
}
