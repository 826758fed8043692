//! The scripts that calls run, and the prompts that they play.

use std::collections::{BTreeSet, HashMap};

use domain::{AccountId, BotSecrets, PromptAudio, PromptId, ScriptFlow, ScriptId};
use uuid::Uuid;

use crate::{
    Result, Session,
    database::{
        convert::{damaged, from_json, json, uuids},
        statement::query_as,
    },
};

/// A script that a call is about to run.
#[derive(Clone, Debug)]
pub struct ScriptToRun {
    /// Its steps.
    pub flow: ScriptFlow,
    /// The prompts that it plays.
    pub prompts: Vec<PromptToPlay>,
    /// The secrets of its bots.
    pub secrets: BotSecrets,
}

/// A prompt that a script plays, as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PromptToPlay {
    /// Whose it is.
    pub owner: AccountId,
    /// Which.
    pub id: PromptId,
    /// SHA-256 of its audio as a WAV file.
    pub sha256: [u8; 32],
}

#[derive(sqlx_macros::FromRow)]
struct ScriptToRunRow {
    list_id: i64,
    owner_id: Uuid,
    id: i64,
    flow: String,
    secrets: String,
}

/// The scripts that tasks name, each by the task's list and its id; what is not there is left out.
///
/// # Errors
/// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged).
pub async fn scripts_to_run(
    session: &mut dyn Session,
    named: &BTreeSet<(i64, ScriptId)>,
) -> Result<HashMap<(i64, ScriptId), ScriptToRun>> {
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = sql!(session, |dialect| format!(
        "SELECT number_lists.id AS list_id, scripts.account_id AS owner_id, scripts.id, scripts.flow, scripts.secrets FROM number_lists \
         JOIN task_scripts named ON named.account_id = number_lists.account_id AND named.task_id = number_lists.task_id \
         JOIN scripts ON scripts.account_id = named.owner_id AND scripts.id = named.script_id WHERE {} AND {}",
        dialect.among("number_lists.id", "$1"),
        dialect.among("scripts.id", "$2")
    ));
    let lists: BTreeSet<i64> = named.iter().map(|(list, _)| *list).collect();
    let ids: BTreeSet<i64> = named.iter().map(|(_, script)| script.get()).collect();
    let rows: Vec<ScriptToRunRow> =
        on!(session, c => query_as(sql).bind(json(&lists)?).bind(json(&ids)?).fetch_all(c).await)?;
    let rows: Vec<ScriptToRunRow> =
        rows.into_iter().filter(|row| named.contains(&(row.list_id, ScriptId::new(row.id)))).collect();
    let prompts = prompts_of(session, &rows).await?;
    let mut scripts = HashMap::with_capacity(rows.len());
    for row in rows {
        let script = ScriptToRun {
            flow: from_json(&row.flow)?,
            secrets: from_json(&row.secrets)?,
            prompts: prompts.get(&(row.owner_id, row.id)).cloned().unwrap_or_default(),
        };
        scripts.insert((row.list_id, ScriptId::new(row.id)), script);
    }
    Ok(scripts)
}

#[derive(sqlx_macros::FromRow)]
struct PlayedPromptRow {
    account_id: Uuid,
    script_id: i64,
    owner_id: Uuid,
    prompt_id: Uuid,
    sha256: Vec<u8>,
}

/// What scripts play, by their owners and ids.
async fn prompts_of(
    session: &mut dyn Session,
    scripts: &[ScriptToRunRow],
) -> Result<HashMap<(Uuid, i64), Vec<PromptToPlay>>> {
    let sql = sql!(session, |dialect| format!(
        "SELECT played.account_id, played.script_id, played.owner_id, played.prompt_id, prompts.sha256 \
         FROM script_prompts played JOIN prompts ON prompts.account_id = played.owner_id AND prompts.id = played.prompt_id \
         WHERE {} AND {}",
        dialect.among_uuids("played.account_id", "$1"),
        dialect.among("played.script_id", "$2")
    ));
    let owners: BTreeSet<Uuid> = scripts.iter().map(|row| row.owner_id).collect();
    let ids: BTreeSet<i64> = scripts.iter().map(|row| row.id).collect();
    let rows: Vec<PlayedPromptRow> =
        on!(session, c => query_as(sql).bind(uuids(owners)?).bind(json(&ids)?).fetch_all(c).await)?;
    let mut played: HashMap<(Uuid, i64), Vec<PromptToPlay>> = HashMap::new();
    for row in rows {
        let prompt = PromptToPlay {
            owner: AccountId::new(row.owner_id),
            id: PromptId::new(row.prompt_id),
            sha256: hash(row.sha256)?,
        };
        played.entry((row.account_id, row.script_id)).or_default().push(prompt);
    }
    Ok(played)
}

#[derive(sqlx_macros::FromRow)]
struct PromptAudioRow {
    wav: Vec<u8>,
    samples: i64,
    sha256: Vec<u8>,
    silent: bool,
}

/// The audio of a prompt; `None` where it is gone.
///
/// # Errors
/// [`DatabaseError::Damaged`](crate::DatabaseError::Damaged).
pub async fn prompt_audio(
    session: &mut dyn Session,
    owner: AccountId,
    id: PromptId,
) -> Result<Option<PromptAudio>> {
    let row: Option<PromptAudioRow> = on!(session, c => query_as(sql!(
        "SELECT audio.wav, prompts.samples, prompts.sha256, prompts.silent FROM prompts \
         JOIN prompt_audio audio ON audio.account_id = prompts.account_id AND audio.prompt_id = prompts.id \
         WHERE prompts.account_id = $1 AND prompts.id = $2"))
        .bind(owner.uuid()).bind(id.uuid()).fetch_optional(c).await)?;
    let audio = |row: PromptAudioRow| -> Result<PromptAudio> {
        let sha256 = hash(row.sha256)?;
        Ok(PromptAudio { wav: row.wav, samples: row.samples, sha256, is_silent: row.silent })
    };
    row.map(audio).transpose()
}

fn hash(bytes: Vec<u8>) -> Result<[u8; 32]> {
    Ok(bytes.try_into().map_err(|_| damaged("a hash of another length"))?)
}
