//! The whole program as a caller: a server on a database of its own, with a list of numbers and a SIP line.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use domain::{CallRate, LineKind, LineSettings, MAXIMUM_CHANNELS, SipAddress, SipTrunk, TraceKeeping};
use test_support::{DatabaseKind, Program, SetClock, create_line};

use super::{
    Measured, processor,
    sipp::Callee,
    world::{HANGS_UP, TaskLike, World, daily_from},
};

/// How long all calls may take.
const PATIENCE: Duration = Duration::from_mins(10);

pub(crate) async fn call(database: DatabaseKind, calls: usize, rate: usize) -> Measured {
    let callee = Callee::start();
    let world = World::new(database, SetClock::real()).await;
    make_list(&world, &Plan { port: callee.port, script: HANGS_UP, calls, rate }).await;
    let data = tempfile::tempdir().unwrap();
    let server = Program::start(&mut serve(&world, data.path()));
    until_called(&world, calls).await;
    let processor = processor::of(server.process_id());
    let [all, answered, microseconds] = records(&world).await;
    assert_eq!((all, answered), (calls, calls), "not every call was answered");
    Measured { calls, seconds: microseconds as f64 / 1e6, processor }
}

/// What is called.
pub(crate) struct Plan {
    pub(crate) port: u16,
    pub(crate) script: i64,
    pub(crate) calls: usize,
    pub(crate) rate: usize,
}

/// A server on a world's database.
pub(crate) fn serve(world: &World, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dialtime"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--sip-listen", "127.0.0.1:0"]);
    command.args(["--database-url", &world.database.url, "--data-folder"]).arg(data);
    command
}

/// Waits until so many calls are over.
pub(crate) async fn until_called(world: &World, calls: usize) {
    let begun = Instant::now();
    while records(world).await[0] < calls {
        assert!(begun.elapsed() < PATIENCE, "only {:?} calls", records(world).await);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Makes a task that is switched on, over a line to this port.
pub(crate) async fn make_list(world: &World, plan: &Plan) {
    let Plan { port, script, calls, rate } = *plan;
    let (numbers, rate) = (i64::try_from(calls).unwrap(), i64::try_from(rate).unwrap());
    let mut trunk = SipTrunk::new(vec![SipAddress::parse(&format!("127.0.0.1:{port}")).unwrap()]);
    trunk.trace = TraceKeeping::Unanswered;
    let kind = LineKind::Sip(Box::new(trunk));
    let cps = CallRate::from_thousandths(rate * 1_000).unwrap();
    let settings = LineSettings { cps, ..LineSettings::new(kind, MAXIMUM_CHANNELS) };
    let (user, partner) = (world.accounts.user, world.accounts.partner);
    let shares = (&[user][..], MAXIMUM_CHANNELS);
    let line = create_line(&world.store, partner, settings, shares, &world.change()).await;
    let group = world.group(user, &daily_from("00:00")).await;
    world.tasks(user, &TaskLike { group, lines: vec![line], script, calls: 1_000, numbers }, &[0]).await;
}

/// How many records there are, how many of them of answered calls, and how long all took.
pub(crate) async fn records(world: &World) -> [usize; 3] {
    let sql = "SELECT count(*) || ' ' || coalesce(sum(CASE WHEN class = 'answered' THEN 1 ELSE 0 END), 0) || ' ' || \
               coalesce(max(ended_at) - min(dialed_at), 0) FROM attempts";
    let texts = world.database.texts(sql).await;
    let mut values = texts[0].split(' ').map(|value| value.parse().unwrap());
    std::array::from_fn(|_| values.next().unwrap())
}
