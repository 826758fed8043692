//! The documentation's own example data on a throw-away database, so that the documented requests work with only
//! the host replaced. Its token is known to everyone, so it listens on loopback only. With `--sip` its calls are real SIP, to a phone in this
//! program.

mod callees;

use std::{sync::Arc, time::Duration};

use anyhow::bail;
use calendar::{DayWindowsInput, WeeklyWindows, WindowInput, Zone};
use domain::{
    AccountId, AccountKind, AllocationDraft, AllocationPrice, BotSecrets, CallPace, Clock, DialTimeGroupId,
    DialingSettings, Email, Generation, GroupDraft, LineId, Name, NewAccount, NewNumber, NumberDetails,
    NumberDisplay, Partner, PartnerId, Phone, Profile, RedialSettings, Resume, ScriptChoice, ScriptDraft,
    ScriptId, TaskBounds, TaskCourse, TaskDraft, TaskId, TaskLines, TaskSettings, Token, TokenId, TokenScope,
};
use phone::{Country, ListCountries, PhoneNumber};
use sip::DemoPhone;
use store::{
    Connect, Store, Tx, accounts, edits, groups, lines,
    numbers::{self, Duplicates},
    partners,
};
use uuid::{Uuid, uuid};

use self::callees::DemoCallees;
use crate::{
    command::{Demo, Service},
    manage::{change, checked, hash},
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
/// A task with numbers, which dials.
const LIST_TASK: Uuid = uuid!("0d3a1c2e-6f4b-4a8d-9c1e-2b7f5a9d8e01");
const SCRIPT: i64 = 1612;
/// How many numbers it has.
const NUMBERS: u32 = 2_000;
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
    let phone = if demo.sip { Some(DemoPhone::start(Arc::new(SystemRandom)).await?) } else { None };
    let callees = phone.as_ref().map_or(DemoCallees::Simulated, |phone| DemoCallees::Phone(phone.address()));
    let used_group = fill(&store, &demo.service, callees).await?;
    introduce(&format!("http://{}", listener.local_addr()?), used_group, callees);
    let limits = demo.service.connections.limits(DATABASE_CONNECTIONS);
    let sip = if demo.sip { demo.service.sip.on_loopback() } else { demo.service.sip };
    // Nothing is kept, and no person is on the line: its calls need not be waited for.
    let service = Service { drain: Duration::ZERO, sip, ..demo.service };
    let node = Box::pin(serve::answer(store, listener, NodeSettings { service, limits, data_folder }));
    match phone {
        Some(phone) => beside(phone, node).await,
        None => node.await,
    }
}

/// Runs the node, with the phone there until it has ended its calls.
async fn beside(mut phone: DemoPhone, node: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let ended = tokio::select! {
        ended = node => ended,
        () = phone.failed() => bail!("the phone of the demo has ended by itself"),
    };
    let left = phone.stop().await;
    tracing::info!("the phone of the demo has {left} calls left");
    ended
}

/// Makes the example data; gives the id of the group that a task uses.
async fn fill(store: &Store, service: &Service, callees: DemoCallees) -> anyhow::Result<DialTimeGroupId> {
    let zone = service.timezone;
    let mut tx = store.begin().await?;
    let partner = create_partner(&mut tx).await?;
    let (user, sub_user) = (AccountId::new(USER), AccountId::new(SUB_USER));
    create_account(&mut tx, partner, user, AccountKind::User, "user@example.com", "13800000001").await?;
    let kind = AccountKind::SubUser(user);
    create_account(&mut tx, partner, sub_user, kind, "sub-user@example.com", "13800000002").await?;
    groups::number_from(&mut tx, DialTimeGroupId::new(FREE_GROUP)).await?;
    create_group(&mut tx, user, zone, "周末拨打组", &[(0, &[("09:00", "13:00")])], true).await?;
    let windows = [
        (1, [("08:00", "20:00"), ("20:30", "22:00")].as_slice()),
        (3, [("08:00", "12:00"), ("20:30", "22:00")].as_slice()),
    ];
    let used_group = create_group(&mut tx, user, zone, "周一周三拨打", &windows, true).await?;
    create_line(&mut tx, partner, user, callees).await?;
    create_task(&mut tx, user, used_group).await?;
    tx.commit().await?;
    create_list_to_call(store, user, service, callees).await?;
    Ok(used_group)
}

/// A task that dials as soon as the server is up: a list of numbers in a group that is always open.
async fn create_list_to_call(
    store: &Store,
    user: AccountId,
    service: &Service,
    callees: DemoCallees,
) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    let days: Vec<Day> = (0..7).map(|week| (week, [("00:00", "24:00")].as_slice())).collect();
    let group = create_group(&mut tx, user, service.timezone, "全天拨打（演示）", &days, false).await?;
    create_script(&mut tx, user, callees).await?;
    let id = TaskId::new(LIST_TASK);
    let settings = list_settings();
    let draft = TaskDraft {
        name: checked("the name", Name::parse(callees.task_name()))?,
        dial_time_id: group,
        bounds: TaskBounds::default(),
        resume: Resume::default(),
        settings,
    };
    edits::tasks::create(&mut tx, user, id, Generation::V1, draft, &change()).await?;
    let mut locked = edits::numbers::lock(&mut tx, user, id, &change()).await?;
    let numbers = numbers_to_call(service.default_country)?;
    numbers::add(&mut tx, &mut locked.list, &numbers, Duplicates::Skip, &change()).await?;
    let change = change();
    let task = edits::tasks::lock(&mut tx, user, id, None, change.at).await?;
    edits::tasks::set_enabled(&mut tx, &task, true, &change).await?;
    Ok(tx.commit().await?)
}

/// Nobody answers or the phone is engaged: once more after a minute.
fn list_settings() -> TaskSettings {
    let redial = RedialSettings {
        redial_enabled: Some(1.into()),
        redial_interval: Some(1),
        redial_max_times: Some(1),
        redial_conditions: Some(serde_json::json!({ "da_status": [4, 8] })),
        ..RedialSettings::default()
    };
    let dialing = DialingSettings {
        lines: TaskLines { caller_line_id: Some(LINE), ..TaskLines::default() },
        pace: CallPace { maximumcall: 15, ..CallPace::default() },
        script: ScriptChoice { destination_extension: SCRIPT, ..ScriptChoice::default() },
        course: TaskCourse { task_type: Some(1), ..TaskCourse::default() },
        redial,
        ..DialingSettings::default()
    };
    TaskSettings { dialing, ..TaskSettings::default() }
}

/// Numbers that nobody is called at: the line is a simulated one, or leads to a phone in this program.
fn numbers_to_call(shown_in: Country) -> anyhow::Result<Vec<NewNumber>> {
    let countries = ListCountries { written_in: Country::CHINA, shown_in };
    let number = |number: u32| {
        let phone = PhoneNumber::parse_listed(&format!("1390000{number:04}"), countries);
        let phone = phone.map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
        let details = NumberDetails { name: Some(format!("演示{number}")), ..NumberDetails::default() };
        Ok(NewNumber { details, ..NewNumber::new(phone) })
    };
    (0..NUMBERS).map(number).collect()
}

async fn create_script(tx: &mut Tx, user: AccountId, callees: DemoCallees) -> anyhow::Result<()> {
    let flow = callees.script(tx, user).await?;
    let draft = ScriptDraft { name: checked("the name", Name::parse("演示话术"))?, remark: None, flow };
    let secrets = BotSecrets::default();
    edits::scripts::create(tx, user, Some(ScriptId::new(SCRIPT)), (&draft, &secrets), &change()).await?;
    Ok(())
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
    skip_holiday: bool,
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
    let draft = GroupDraft { skip_holiday, ..GroupDraft::new(name, content, zone) };
    Ok(edits::groups::create(tx, account, &draft, &change()).await?.id)
}

/// The line, and the user's share of it.
async fn create_line(
    tx: &mut Tx,
    partner: PartnerId,
    user: AccountId,
    callees: DemoCallees,
) -> anyhow::Result<()> {
    let draft = callees.line()?;
    let id = LineId::new(LINE);
    lines::bring(tx, partner, id, &draft, &change()).await?;
    let line = lines::lock(tx, partner, id).await?;
    let share =
        AllocationDraft { line_concurrency: 50, deadline_at: None, price: AllocationPrice::default() };
    lines::allocate(tx, &line, user, &share, &change()).await?;
    Ok(())
}

async fn create_task(tx: &mut Tx, account: AccountId, group: DialTimeGroupId) -> anyhow::Result<()> {
    let settings = TaskSettings {
        dialing: DialingSettings {
            lines: TaskLines { caller_line_id: Some(LINE), ..TaskLines::default() },
            pace: CallPace { maximumcall: 10, ..CallPace::default() },
            script: ScriptChoice { destination_extension: SCRIPT, ..ScriptChoice::default() },
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

fn introduce(base: &str, used_group: DialTimeGroupId, callees: DemoCallees) {
    let groups = format!("{base}/agent-api/user/{USER}/dial-time-group");
    let token = format!("-H \"Authorization: Bearer {TOKEN}\"");
    let dials = introduce_calls(base, &token, callees);
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

{dials}

The console, to see and edit it as a picture: {base}/console/ (sign in with {TOKEN})
The API to read and try: {base}/docs
Press Ctrl-C to stop; nothing is kept.
"
    ));
}

/// What is called, and how to see that.
fn introduce_calls(base: &str, token: &str, callees: DemoCallees) -> String {
    let user = format!("{base}/agent-api/user/{USER}");
    let task = format!("{user}/task/{LIST_TASK}");
    let seen = format!(
        "  curl \"{task}/progress\" {token}
  curl \"{task}/record?per_page=5\" {token}"
    );
    match callees {
        DemoCallees::Simulated => format!(
            "It dials: {NUMBERS} numbers over a simulated line, which calls nobody. See how far it is, and the calls that have ended:

{seen}"
        ),
        DemoCallees::Phone(address) => format!(
            "It dials: {NUMBERS} numbers over real SIP and RTP to a phone in this program, at {address}; nothing leaves this machine. Whoever is
called answers, is busy, declines, lets it ring and more, by the number's last digit. See how far it is, and the calls that have ended:

{seen}

  # the newest of them: its times (calldate, times), and each SIP message of it
  RECORD=$(curl -s \"{task}/record?per_page=1\" {token} | sed -E 's/.*\"record_id\":\"([^\"]*)\".*/\\1/')
  curl \"{task}/detail/$RECORD\" {token}
  curl \"{user}/record/$RECORD/trace\" {token}

The console shows both as a picture: choose a record there, and its SIP messages."
        ),
    }
}
