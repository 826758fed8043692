//! What a task needs to be dialed: a script, a group, and a line of which users have shares.

use calendar::{WeeklyWindows, Zone};
use domain::{
    AccountId, AllocationDraft, AllocationPrice, BotSecrets, DEFAULT_VISITS, DialTimeGroupId, GroupDraft,
    LineDraft, LineId, LineSettings, Name, OnMachine, PartnerId, ScriptDraft, ScriptFlow, ScriptId,
    ScriptStep, StepAction,
};
use store::{Store, audit::Change, edits, lines};

use crate::anything;

/// Makes a script of an account under an id; it hangs up.
pub async fn create_script(store: &Store, account: AccountId, id: i64, change: &Change) {
    create_script_of(store, account, id, vec![StepAction::HangUp], change).await;
}

/// Makes a script of an account whose steps do this one after the other.
pub async fn create_script_of(
    store: &Store,
    account: AccountId,
    id: i64,
    actions: Vec<StepAction>,
    change: &Change,
) {
    let step = |action| ScriptStep { label: None, visits: DEFAULT_VISITS, action };
    let flow = ScriptFlow::new(actions.into_iter().map(step).collect(), OnMachine::default()).unwrap();
    let draft = ScriptDraft { name: Name::parse("script").unwrap(), remark: None, flow };
    let (id, secrets) = (Some(ScriptId::new(id)), BotSecrets::default());
    let mut tx = store.begin().await.unwrap();
    edits::scripts::create(&mut tx, account, id, (&draft, &secrets), change).await.unwrap();
    tx.commit().await.unwrap();
}

/// Makes a group of an account with these windows, as JSON, in Shanghai; gives its id.
pub async fn create_group(
    store: &Store,
    account: AccountId,
    windows: &str,
    change: &Change,
) -> DialTimeGroupId {
    let content: WeeklyWindows = serde_json::from_str(windows).unwrap();
    let zone = Zone::parse("Asia/Shanghai").unwrap();
    let draft =
        GroupDraft { skip_holiday: false, ..GroupDraft::new(Name::parse("group").unwrap(), content, zone) };
    let mut tx = store.begin().await.unwrap();
    let group = edits::groups::create(&mut tx, account, &draft, change).await.unwrap();
    tx.commit().await.unwrap();
    group.id
}

/// Makes a line of a partner, of which each of these users has a share of so many calls; gives its id.
pub async fn create_line(
    store: &Store,
    partner: PartnerId,
    settings: LineSettings,
    (users, share): (&[AccountId], i64),
    change: &Change,
) -> LineId {
    let id = LineId::new(anything());
    let draft = LineDraft { name: Name::parse("line").unwrap(), secret: None, settings };
    let mut tx = store.begin().await.unwrap();
    lines::bring(&mut tx, partner, id, &draft, change).await.unwrap();
    let line = lines::lock(&mut tx, partner, id).await.unwrap();
    for user in users {
        let share =
            AllocationDraft { line_concurrency: share, deadline_at: None, price: AllocationPrice::default() };
        lines::allocate(&mut tx, &line, *user, &share, change).await.unwrap();
    }
    tx.commit().await.unwrap();
    id
}
