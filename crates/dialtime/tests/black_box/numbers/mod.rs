//! Numbers of tasks, as documented and beyond.

mod adding;
mod callbacks;
mod changing;
mod countries;
mod erasing;
mod gone_files;
mod import_crashes;
mod import_files;
mod import_rows;
mod importing;
mod lists;
mod races;

use serde_json::{Value, json};

use crate::support::{Reply, World};

impl World {
    /// A 1.0 task; gives its id.
    fn list(&self) -> String {
        self.task(self.group("group"))
    }

    /// `.../task/{task}/` and then `rest`.
    fn task_path(&self, task: &str, rest: &str) -> String {
        self.path(&format!("/task/{task}/{rest}"))
    }

    fn add_numbers(&self, task: &str, phones: &[&str]) -> Reply {
        let data: Vec<Value> = phones.iter().map(|phone| json!({"phone": phone})).collect();
        self.client.post(&self.task_path(task, "number"), &json!({"data": data}))
    }

    /// The numbers of a task, newest first.
    fn phones(&self, task: &str) -> Vec<Value> {
        self.client.get(&self.task_path(task, "number?per_page=100")).column("phone")
    }

    fn reset(&self, task: &str, body: &Value) -> Reply {
        self.client.put(&self.task_path(task, "number-batch-reset"), body)
    }

    fn delete_numbers(&self, task: &str, phones: &[&str]) -> Reply {
        let named: Vec<Value> = phones.iter().map(|phone| json!({"phone": phone})).collect();
        let path = self.task_path(task, "number-batch-delete");
        self.client.json("DELETE", &path, &[], &json!({"customer_info_list": named}))
    }

    /// Moves numbers to another status and state as a dialer does. It is the only list there is.
    fn dialed(&self, phone: &str, status: u8, state: u8) {
        let counts = "INSERT INTO number_counts (list_id, status, state, numbers) \
                      SELECT list_id, status, state, count(*) FROM numbers GROUP BY list_id, status, state";
        self.database.execute_now(&format!(
            "UPDATE numbers SET status = {status}, state = {state}, tries = 1 WHERE phone = '{phone}'"
        ));
        self.database.execute_now("DELETE FROM number_counts");
        self.database.execute_now(counts);
    }
}

/// Telephone numbers that end so, from the first to before the last.
fn phones_from(first: u32, last: u32) -> Vec<String> {
    (first..last).map(|end| format!("139{end:08}")).collect()
}

/// Adds so many numbers to a task, 200 in a request.
fn add_many(world: &World, task: &str, count: u32) {
    for first in (0..count).step_by(200) {
        let phones = phones_from(first, count.min(first + 200));
        let data: Vec<Value> = phones.iter().map(|phone| json!({"phone": phone, "sort": 1})).collect();
        let added = world.client.post(&world.task_path(task, "async_number"), &json!({"data": data}));
        assert_eq!(added.data()["added"], phones.len());
    }
}
