//! The documents that fuzzing starts from and those it found a fault with, checked on every run of the tests.

use std::{fs, panic::catch_unwind, path::Path};

use crate::document::Document;

/// Seeds whose name begins so are refused by a rule; the rest are taken.
const REFUSED: &str = "refused-";

#[test]
fn what_must_hold_holds_for_every_seed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/decide");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let document: Document = serde_json::from_slice(&fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let taken = catch_unwind(|| document.check());
        assert_eq!(taken.ok(), Some(!name.starts_with(REFUSED)), "{name}");
        count += 1;
    }
    assert!(count >= 12, "only {count} seeds");
}
