//! A list that is dialed by one or several nodes over the network.

use std::{
    thread,
    time::{Duration, Instant},
};

use domain::LineId;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::network::NetworkProgram;
use crate::support::{Client, Database, Program, ProgramWorld, World};

/// How long a list may show no progress before a test gives up.
const STANDSTILL: Duration = Duration::from_mins(2);

/// What is dialed, and how.
pub(super) struct Dialed {
    /// How many numbers the list has: 138 0000 0000 and so on.
    pub(super) numbers: u32,
    /// How many calls at once.
    pub(super) calls: i64,
    /// How many starts a second.
    pub(super) rate: i64,
    /// What comes of the calls.
    pub(super) simulation: Value,
    /// What else the task has.
    pub(super) fields: Value,
}

/// Nodes that dial a list.
pub(super) struct Dialing {
    // Before the database and the network, which nodes must not outlive.
    pub(super) nodes: Vec<Program>,
    pub(super) task: String,
    pub(super) line: LineId,
    pub(super) world: World,
    pub(super) network: NetworkProgram,
    pub(super) database: Database,
    url: String,
}

impl Dialing {
    /// One node with a list that is off. Nodes reach the database by the address that this makes of the real one.
    pub(super) fn new(database: Database, dialed: &Dialed, address: impl FnOnce(&str) -> String) -> Self {
        let network = NetworkProgram::start();
        let ProgramWorld { mut server, world } =
            ProgramWorld::with(database, &["--simulated-network", &network.address]);
        let url = address(&world.database.url);
        if url != world.database.url {
            server.kill();
            server = Program::start(&url, &["--simulated-network", &network.address]);
        }
        let client = world.client.at(&server.base);
        let line = line(&client, &world, dialed);
        let task = task(&client, &world, &line, dialed);
        let line = LineId::new(line.parse().unwrap());
        Self { nodes: vec![server], task, line, world, network, database, url }
    }

    /// One more node.
    pub(super) fn start_node(&mut self) {
        let node = self.new_node();
        self.nodes.push(node);
    }

    /// A node that is not among the others yet.
    pub(super) fn new_node(&self) -> Program {
        Program::start(&self.url, &["--access-log", "none", "--simulated-network", &self.network.address])
    }

    pub(super) fn signal(&self, place: usize, signal: Signal) {
        let process = Pid::from_raw(self.nodes[place].process_id().try_into().unwrap()).unwrap();
        kill_process(process, signal).unwrap();
    }

    /// A client of a node.
    pub(super) fn client(&self, place: usize) -> Client {
        self.world.client.at(&self.nodes[place].base)
    }

    /// Switches the task on.
    pub(super) fn start(&self) {
        self.client(0).put(&self.world.path(&format!("/task_start/{}", self.task)), &json!({})).data();
    }

    pub(super) fn progress(&self) -> Value {
        self.client(0).get(&self.world.path(&format!("/task/{}/progress", self.task))).data().clone()
    }

    /// Waits until the list is finished, for as long as it gets on.
    pub(super) fn finish(&self) {
        let (mut seen, mut since) = (Value::Null, Instant::now());
        loop {
            let progress = self.progress();
            if progress["reason"]["code"] == "finished" {
                return;
            }
            let numbers = json!([progress["numbers"], progress["calls"]]);
            if numbers != seen {
                (seen, since) = (numbers, Instant::now());
            }
            assert!(since.elapsed() < STANDSTILL, "no progress: {progress}");
            thread::sleep(Duration::from_millis(300));
        }
    }

    /// The node and the attempt of each row of attempts under way, as digits of UUIDs.
    pub(super) fn open_attempts(&self) -> Vec<(String, String)> {
        let (node, id) = (self.digits("node_id"), self.digits("id"));
        let rows =
            self.world.database.texts_in_order(&format!("SELECT {node} || ' ' || {id} FROM open_attempts"));
        rows.iter()
            .map(|row| row.split_once(' ').unwrap())
            .map(|(node, id)| (node.into(), id.into()))
            .collect()
    }

    /// SQL for the digits of a column of UUIDs.
    pub(super) fn digits(&self, column: &str) -> String {
        match self.database {
            Database::Sqlite => format!("lower(hex({column}))"),
            Database::Postgres => format!("replace({column}::text, '-', '')"),
        }
    }
}

fn line(client: &Client, world: &World, dialed: &Dialed) -> String {
    let body = json!({
        "name": "line", "kind": "simulated", "channels": dialed.calls, "cps": dialed.rate, "simulation": dialed.simulation,
    });
    let line = client.post("/agent-api/line", &body).data()["id"].as_str().unwrap().to_owned();
    let share = json!({"line_concurrency": dialed.calls});
    client.post(&world.new_path(&format!("/line/{line}")), &share).data();
    line
}

/// A task with its numbers, which is off.
fn task(client: &Client, world: &World, line: &str, dialed: &Dialed) -> String {
    let script = json!({"name": "script", "steps": [{"action": "hang_up"}]});
    let script = client.post(&world.path("/script"), &script).data()["id"].clone();
    let group = json!({
        "name": "always", "content": crate::support::always(), "is_default": false, "skip_holiday": false,
    });
    let group = client.post(&world.path("/dial-time-group"), &group).data()["id"].clone();
    let mut body = json!({
        "name": "list", "dial_time_id": group, "destination_extension": script, "maximumcall": dialed.calls, "caller_line_id": line,
    });
    body.as_object_mut().unwrap().extend(dialed.fields.as_object().unwrap().clone());
    let task = client.post(&world.path("/task"), &body).data()["uuid"].as_str().unwrap().to_owned();
    let phones: Vec<Value> =
        (0..dialed.numbers).map(|number| json!({"phone": format!("138{number:08}")})).collect();
    for some in phones.chunks(100) {
        client.post(&world.path(&format!("/task/{task}/number")), &json!({"data": some})).data();
    }
    task
}
