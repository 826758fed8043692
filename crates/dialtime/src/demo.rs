//! The documentation's own example data on a throw-away database, so that the documented requests work with only
//! the host replaced. Its token is known to everyone, so it listens on loopback only.

use anyhow::bail;
use calendar::{DayWindowsInput, WeeklyWindows, WindowInput, Zone};
use domain::{
    AccountId, AccountKind, AllocationDraft, AllocationPrice, CallPace, Clock, DialTimeGroupId,
    DialingSettings, Email, Generation, GroupDraft, LineDraft, LineId, LineKind, LineSettings, Name,
    NewAccount, NumberDisplay, Partner, PartnerId, Phone, Profile, Resume, ScriptChoice, Simulation,
    TaskBounds, TaskCourse, TaskDraft, TaskId, TaskLines, TaskSettings, Token, TokenId, TokenScope,
};
use store::{
    Connect, Store, Tx, accounts,
    audit::{Actor, Change},
    edits, groups, lines, partners,
};
use uuid::{Uuid, uuid};

use crate::{
    command::Demo,
    manage::{checked, hash},
    node::NodeSettings,
    output::say,
    serve,
    system::{SystemClock, SystemRandom},
};

const TOKEN: &str = "YOUR_TOKEN";
const USER: Uuid = uuid!("5832d184-dd53-42a0-8ace-0bf8d660f4cc");
const SUB_USER: Uuid = uuid!("dc53e7e7-3a68-40ae-adfe-63fc00e401d3");
const TASK: Uuid = uuid!("f232d184-dd54-42a0-8ace-0bf8d660f4cc");
const LINE: Uuid = uuid!("1b6a9a5e-3f0c-4b1e-9d6a-5a5e9f3f0c4b");
const FREE_GROUP: i64 = 427;
const DATABASE_CONNECTIONS: u32 = 4;

type Day = (i64, &'static [(&'static str, &'static str)]);

pub(crate) async fn run(demo: Demo) -> anyhow::Result<()> {
    if !demo.listen.ip().is_loopback() {
        bail!(
            "the demo's token is public, so it listens on loopback only; use `dialtime serve` for {}",
            demo.listen
        );
    }
    // Before the database, so that a taken port is told at once.
    let listener = serve::bind(demo.listen).await?;
    let folder = tempfile::Builder::new().prefix("dialtime-demo-").tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("demo.db").display());
    let data_folder = demo.service.data_folder(&url);
    let store = Store::connect(&Connect { url, connections: DATABASE_CONNECTIONS }).await?;
    store.migrate().await?;
    let used_group = fill(&store, demo.service.timezone).await?;
    introduce(&format!("http://{}", listener.local_addr()?), used_group);
    let limits = demo.service.connections.limits(DATABASE_CONNECTIONS);
    serve::answer(store, listener, NodeSettings { service: demo.service, limits, data_folder }).await
}

/// Makes the example data; gives the id of the group that a task uses.
async fn fill(store: &Store, zone: Zone) -> anyhow::Result<DialTimeGroupId> {
    let mut tx = store.begin().await?;
    let partner = create_partner(&mut tx).await?;
    let (user, sub_user) = (AccountId::new(USER), AccountId::new(SUB_USER));
    create_account(&mut tx, partner, user, AccountKind::User, "user@example.com", "13800000001").await?;
    let kind = AccountKind::SubUser(user);
    create_account(&mut tx, partner, sub_user, kind, "sub-user@example.com", "13800000002").await?;
    groups::number_from(&mut tx, DialTimeGroupId::new(FREE_GROUP)).await?;
    create_group(&mut tx, user, zone, "周末拨打组", &[(0, &[("09:00", "13:00")])]).await?;
    let windows = [
        (1, [("08:00", "20:00"), ("20:30", "22:00")].as_slice()),
        (3, [("08:00", "12:00"), ("20:30", "22:00")].as_slice()),
    ];
    let used_group = create_group(&mut tx, user, zone, "周一周三拨打", &windows).await?;
    create_line(&mut tx, partner, user).await?;
    create_task(&mut tx, user, used_group).await?;
    tx.commit().await?;
    Ok(used_group)
}

fn change() -> Change {
    Change { actor: Actor::CommandLine, at: SystemClock.now() }
}

async fn create_partner(tx: &mut Tx) -> anyhow::Result<PartnerId> {
    let id = PartnerId::generate(&SystemClock, &SystemRandom);
    let name = checked("the name", Name::parse("demo"))?;
    let created_at = SystemClock.now();
    partners::create(tx, &Partner { id, name: name.clone(), created_at, disabled_at: None }).await?;
    let token_id = TokenId::generate(&SystemClock, &SystemRandom);
    let token = Token {
        id: token_id,
        partner_id: id,
        name,
        created_at,
        expires_at: None,
        revoked_at: None,
        scope: TokenScope::All,
        numbers: NumberDisplay::Full,
        user: None,
        last_used_at: None,
    };
    partners::create_token(tx, &token, &api::hash_token(TOKEN)).await?;
    Ok(id)
}

async fn create_account(
    tx: &mut Tx,
    partner_id: PartnerId,
    id: AccountId,
    kind: AccountKind,
    email: &str,
    phone: &str,
) -> anyhow::Result<()> {
    let account = NewAccount {
        id,
        partner_id,
        kind,
        name: checked("the name", Name::parse(email.split('@').next().unwrap_or(email)))?,
        email: checked("the e-mail address", Email::parse(email))?,
        phone: checked("the phone number", Phone::parse(phone))?,
        password_hash: hash("demo-password")?,
        tenant_id: None,
        profile: Profile::default(),
        now: SystemClock.now(),
    };
    accounts::create(tx, &account).await?;
    Ok(())
}

async fn create_group(
    tx: &mut Tx,
    account: AccountId,
    zone: Zone,
    name: &str,
    days: &[Day],
) -> anyhow::Result<DialTimeGroupId> {
    let window = |(begin, end): &(&str, &str)| WindowInput {
        begin_time: (*begin).to_owned(),
        end_time: (*end).to_owned(),
    };
    let days = days
        .iter()
        .map(|(week, times)| DayWindowsInput { week: *week, times: times.iter().map(window).collect() });
    let content = WeeklyWindows::parse(days.collect()).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let name = checked("the name", Name::parse(name))?;
    let draft = GroupDraft { skip_holiday: true, ..GroupDraft::new(name, content, zone) };
    Ok(edits::groups::create(tx, account, &draft, &change()).await?.id)
}

/// A simulated line, and the user's share of it.
async fn create_line(tx: &mut Tx, partner: PartnerId, user: AccountId) -> anyhow::Result<()> {
    let settings = LineSettings {
        description: "模拟线路，不会真正呼叫".to_owned(),
        ..LineSettings::new(LineKind::Simulated(Simulation::default()), 100)
    };
    let draft = LineDraft { name: checked("the name", Name::parse("模拟线路"))?, secret: None, settings };
    let id = LineId::new(LINE);
    lines::bring(tx, partner, id, &draft, &change()).await?;
    let line = lines::lock(tx, partner, id).await?;
    let share =
        AllocationDraft { line_concurrency: 20, deadline_at: None, price: AllocationPrice::default() };
    lines::allocate(tx, &line, user, &share, &change()).await?;
    Ok(())
}

async fn create_task(tx: &mut Tx, account: AccountId, group: DialTimeGroupId) -> anyhow::Result<()> {
    let settings = TaskSettings {
        dialing: DialingSettings {
            lines: TaskLines { caller_line_id: Some(LINE), ..TaskLines::default() },
            pace: CallPace { maximumcall: 10, ..CallPace::default() },
            script: ScriptChoice { destination_extension: 1612, ..ScriptChoice::default() },
            course: TaskCourse { task_type: Some(1), ..TaskCourse::default() },
            ..DialingSettings::default()
        },
        ..TaskSettings::default()
    };
    let name = checked("the name", Name::parse("api创建任务"))?;
    let draft = TaskDraft {
        name,
        dial_time_id: group,
        bounds: TaskBounds::default(),
        resume: Resume::default(),
        settings,
    };
    let id = TaskId::new(TASK);
    edits::tasks::create(tx, account, id, Generation::V1, draft, &change()).await?;
    let change = change();
    let task = edits::tasks::lock(tx, account, id, None, change.at).await?;
    edits::tasks::set_enabled(tx, &task, true, &change).await?;
    Ok(())
}

fn introduce(base: &str, used_group: DialTimeGroupId) {
    let groups = format!("{base}/agent-api/user/{USER}/dial-time-group");
    let token = format!("-H \"Authorization: Bearer {TOKEN}\"");
    say(&format!(
        "Dialtime demo: the documented example data on a throw-away database. Try:

  # the groups of the example user
  curl \"{groups}?page=1\" {token}

  # delete group {FREE_GROUP}, which no task uses
  curl -X DELETE \"{groups}/{FREE_GROUP}\" \\
    -H \"Content-Type: application/json\" {token}

  # delete group {used_group}, which a task uses: code 8101
  curl -X DELETE \"{groups}/{used_group}\" \\
    -H \"Content-Type: application/json\" {token}

  # the tasks that use it
  curl \"{groups}/{used_group}/task\" {token}

The console, to see and edit it as a picture: {base}/console/ (sign in with {TOKEN})
The API to read and try: {base}/docs
Press Ctrl-C to stop; nothing is kept.
"
    ));
}
