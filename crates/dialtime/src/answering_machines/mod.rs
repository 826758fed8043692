//! `dialtime amd`: who answered, in recordings, and how often that is right where it is known.

mod labels;
mod table;

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use media::{
    answering_machine::{AnswerDetector, DetectionEvent, HeardBeep, HeardVerdict},
    wav::{WavError, convert_channels},
};
use serde::Serialize;

use self::{labels::Labels, table::AccuracyTable};
use crate::{
    command::AnsweringMachines,
    output::{complain, say, told},
};

/// The longest recording, in seconds.
const LONGEST: u32 = 3_600;

/// What was found in a recording.
#[derive(Debug, Serialize)]
struct JudgedRecording {
    file: String,
    /// Who really answered, where that is known.
    label: Option<&'static str>,
    verdicts: Vec<VerdictLine>,
    beeps: Vec<BeepLine>,
}

/// Milliseconds since the answer.
#[derive(Debug, Serialize)]
struct VerdictLine {
    verdict: &'static str,
    reason: &'static str,
    at: u32,
}

#[derive(Debug, Serialize)]
struct BeepLine {
    from: u32,
    to: u32,
}

#[derive(Serialize)]
struct JsonAnswer<'a> {
    files: &'a [JudgedRecording],
    table: &'a AccuracyTable,
}

pub(crate) fn run(amd: &AnsweringMachines) -> ExitCode {
    match judge_all(amd) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            complain(&format!("dialtime: {}", told(&error)));
            ExitCode::FAILURE
        }
    }
}

/// Prints what was found; says whether all files could be read.
fn judge_all(amd: &AnsweringMachines) -> anyhow::Result<bool> {
    let labels = Labels::read(amd.labels.as_deref())?;
    let mut judged = Vec::new();
    for file in &amd.files {
        match judge(amd, file, &labels) {
            Ok(recording) => {
                if !amd.json {
                    say(&recording.to_line());
                }
                judged.push(recording);
            }
            Err(error) => complain(&format!("dialtime: {}", told(&error))),
        }
    }
    let table = AccuracyTable::of(&judged);
    if amd.json {
        say(&serde_json::to_string_pretty(&JsonAnswer { files: &judged, table: &table })?);
    } else if !table.is_empty() {
        say(&format!("\n{table}"));
    }
    Ok(judged.len() == amd.files.len())
}

fn judge(amd: &AnsweringMachines, file: &Path, labels: &Labels) -> anyhow::Result<JudgedRecording> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let sound = convert_channels(&bytes, LONGEST, amd.channel.channels());
    let sound = sound.map_err(|error| explained(error, file))?;
    let mut detector = AnswerDetector::new(amd.timings.settings());
    let mut recording = JudgedRecording {
        file: file.display().to_string(),
        label: labels.of(file).map(media::answering_machine::AnswererKind::code),
        verdicts: Vec::new(),
        beeps: Vec::new(),
    };
    for event in detector.hear(sound.samples) {
        match event {
            DetectionEvent::Verdict(HeardVerdict { verdict, reason, at }) => {
                recording.verdicts.push(VerdictLine { verdict: verdict.code(), reason: reason.code(), at });
            }
            DetectionEvent::Beep(HeardBeep { from, to }) => recording.beeps.push(BeepLine { from, to }),
            DetectionEvent::Quiet(_) => {}
        }
    }
    Ok(recording)
}

fn explained(error: WavError, file: &Path) -> anyhow::Error {
    match error {
        WavError::TooLong => anyhow::anyhow!("{}: it lasts longer than an hour", file.display()),
        error => anyhow::Error::new(error).context(format!("{} cannot be judged", file.display())),
    }
}

impl JudgedRecording {
    fn to_line(&self) -> String {
        let verdict =
            |found: &VerdictLine| format!("{} ({}) at {} ms", found.verdict, found.reason, found.at);
        let mut parts: Vec<String> = self.verdicts.iter().map(verdict).collect();
        if parts.is_empty() {
            parts.push("no verdict".to_owned());
        }
        let beeps = self.beeps.iter().map(|beep| format!("beep at {} to {} ms", beep.from, beep.to));
        let line = format!("{}: {}", self.file, parts.join(", then "));
        beeps.fold(line, |line, beep| format!("{line}; {beep}"))
    }

    /// The verdict that holds in the end.
    fn last(&self) -> Option<&VerdictLine> {
        self.verdicts.last()
    }
}
