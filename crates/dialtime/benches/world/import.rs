//! An import of a file of numbers, worked at as a node does.

use std::{fmt::Write as _, fs, path::PathBuf, sync::Arc, time::Duration};

use domain::{ImportOptions, NumberFileKey, NumberJobId};
use runner::{ImportTurn, ImportWorker};
use store::{
    DataFolder, edits,
    numbers::{self, NewImport},
};
use test_support::{FixedRandom, anything};
use uuid::Uuid;

use super::{HANGS_UP, TaskLike, World, daily_from};

/// An import into a task of its own; its file goes with it.
pub(crate) struct FileImport {
    _place: tempfile::TempDir,
    folder: Uuid,
    file: PathBuf,
}

impl FileImport {
    /// Takes an import of so many rows.
    pub(crate) async fn begin(world: &World, rows: i64) -> Self {
        let user = world.accounts.user;
        let like = TaskLike {
            script: HANGS_UP,
            group: world.group(user, &daily_from("00:00")).await,
            lines: world.lines(1, &[user]).await,
            calls: 1,
            numbers: 1,
        };
        let task = world.tasks(user, &like, &[99_999_999]).await[0];
        let place = tempfile::tempdir().unwrap();
        let data = DataFolder::new(place.path().to_owned());
        let folder = data.make(anything()).unwrap();
        let id = NumberJobId::new(anything());
        let file = data.import_file(id);
        let mut text = "phone\n".to_owned();
        (0..rows).for_each(|row| writeln!(text, "139{row:08}").unwrap());
        fs::write(&file, &text).unwrap();
        let options: ImportOptions = serde_json::from_str(r#"{"default_country":"CN"}"#).unwrap();
        let size = i64::try_from(text.len()).unwrap();
        let file_key = NumberFileKey::generate(&FixedRandom::new(3));
        let mut tx = world.store.begin().await.unwrap();
        let locked = edits::numbers::lock(&mut tx, user, task, &world.change()).await.unwrap();
        let new = NewImport { id, options, size, folder, file_key };
        numbers::begin_import(&mut tx, &locked.list, &new, &world.change()).await.unwrap();
        tx.commit().await.unwrap();
        Self { _place: place, folder, file }
    }

    /// Works at it until it has ended.
    pub(crate) fn work(&self, world: &World) -> impl Future<Output = ()> + Send + use<> {
        let (store, clock) = (world.store.clone(), Arc::clone(&world.clock));
        let (folder, file) = (self.folder, self.file.clone());
        async move {
            let mut worker = ImportWorker::new(store.clone(), clock);
            loop {
                let mut read = store.read().await.unwrap();
                let import = numbers::running_imports(&mut read, folder, 1).await.unwrap().remove(0);
                drop(read);
                let until = tokio::time::Instant::now() + Duration::from_secs(1);
                if worker.turn(import, &file, until).await.unwrap() == ImportTurn::Ended {
                    return;
                }
            }
        }
    }
}
