//! Who really answered.

use std::{collections::HashMap, path::Path};

use anyhow::{Context, anyhow, bail};
use media::answering_machine::AnswererKind;

/// Who answered in each recording, as far as somebody says.
pub(super) enum Labels {
    /// By the file's path or name.
    Listed(HashMap<String, AnswererKind>),
    /// By the folder that it is in.
    Folders,
}

impl Labels {
    /// Reads a list; without one folders say it.
    pub(super) fn read(list: Option<&Path>) -> anyhow::Result<Self> {
        let Some(list) = list else { return Ok(Self::Folders) };
        let name = list.display();
        let mut reader = csv::Reader::from_path(list).with_context(|| format!("cannot read {name}"))?;
        let headers = reader.headers().with_context(|| format!("cannot read {name}"))?.clone();
        let column = |wanted: &str| {
            headers
                .iter()
                .position(|header| header.trim_start_matches('\u{feff}').trim() == wanted)
                .ok_or_else(|| anyhow!("{name} has no column `{wanted}`"))
        };
        let (file, label) = (column("file")?, column("label")?);
        let mut listed = HashMap::new();
        for row in reader.records() {
            let row = row.with_context(|| format!("cannot read {name}"))?;
            let line = row.position().map_or(0, csv::Position::line);
            let word = row.get(label).unwrap_or_default().trim();
            let Some(kind) = kind(word) else {
                bail!("{name}, line {line}: `{word}` is neither human, machine nor unsure")
            };
            listed.insert(row.get(file).unwrap_or_default().trim().to_owned(), kind);
        }
        Ok(Self::Listed(listed))
    }

    pub(super) fn of(&self, file: &Path) -> Option<AnswererKind> {
        match self {
            Self::Listed(listed) => {
                let by_name = || listed.get(file.file_name()?.to_str()?);
                file.to_str().and_then(|path| listed.get(path)).or_else(by_name).copied()
            }
            Self::Folders => kind(file.parent()?.file_name()?.to_str()?),
        }
    }
}

fn kind(word: &str) -> Option<AnswererKind> {
    AnswererKind::ALL.into_iter().find(|kind| kind.code() == word)
}
