//! Clients that race over the numbers of one task. After each round the counts are those of the rows.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    races::{Account, at_once, rounds, uuid},
    support::{Client, Database, Reply},
};

impl Account {
    fn add(&self, task: &str, phones: &[&str], skips: bool) -> Reply {
        let data: Vec<Value> = phones.iter().map(|phone| json!({"phone": phone})).collect();
        let body = json!({"data": data, "skip_error": skips});
        self.client.post(&self.path(&format!("/task/{task}/number")), &body)
    }

    fn numbers(&self, task: &str) -> Reply {
        self.client.get(&self.path(&format!("/task/{task}/number?per_page=100")))
    }

    /// The total, which comes from the counts, is the number of rows.
    fn assert_counted(&self, task: &str) -> usize {
        let list = self.numbers(task);
        let rows = list.data().as_array().unwrap().len();
        assert_eq!(list.body["meta"]["total"], rows);
        rows
    }

    fn change(&self, client: &Client, method: &str, task: &str, rest: &str, body: &Value) -> Reply {
        client.json(method, &self.path(&format!("/task/{task}/{rest}")), &[], body)
    }
}

#[rstest]
fn of_two_that_add_one_number_one_does(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let outcomes = rounds(database, |account, round| {
        let task = uuid(&account.attach(round, account.group()));
        let [one, other] = at_once(
            round,
            [&|| account.add(&task, &["13800138000"], true), &|| {
                account.add(&task, &["+8613800138000"], true)
            }],
        );
        assert_eq!(account.assert_counted(&task), 1);
        match (one.data()["added"].as_i64().unwrap(), other.data()["added"].as_i64().unwrap()) {
            (1, 0) => "the first",
            (0, 1) => "the second",
            both => panic!("{both:?}"),
        }
    });
    assert_eq!(outcomes.len(), 2, "each comes first at times");
}

#[rstest]
fn numbers_that_are_added_while_their_task_is_deleted_go_with_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let outcomes = rounds(database, |account, round| {
        let group = account.group();
        let task = account.task(group);
        account.add(&task, &["13800138000"], true).data();
        let path = account.path(&format!("/task/{task}"));
        let [added, deleted] = at_once(
            round,
            [&|| account.add(&task, &["13800138001", "13800138002"], false), &|| {
                account.client.delete(&path)
            }],
        );
        deleted.data();
        account.delete(group).data();
        assert_eq!(account.numbers(&task).status, 404);
        match added.status {
            200 => "added first",
            404 => "deleted first",
            other => panic!("{other}: {}", added.body),
        }
    });
    assert_eq!(outcomes.len(), 2, "each comes first at times");
}

#[rstest]
fn a_reset_and_a_delete_of_the_same_numbers_leave_the_counts_right(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let outcomes = rounds(database, |account, round| {
        let task = account.task(account.group());
        account.add(&task, &["13800138000", "13800138001", "13800138002"], false).data();
        let named = json!({"customer_info_list": [{"phone": "13800138000"}, {"phone": "13800138002"}]});
        let selected = json!({"status": [0]});
        let [reset, deleted, added] = at_once(
            round,
            [
                &|| account.change(&account.client, "PUT", &task, "number-batch-reset", &selected),
                &|| account.change(&account.client, "DELETE", &task, "number-batch-delete", &named),
                &|| account.add(&task, &["13800138000", "13800138003"], true),
            ],
        );
        assert_eq!(deleted.data()["deleted"], 2);
        let rows = account.assert_counted(&task);
        assert_eq!(rows, 1 + usize::try_from(added.data()["added"].as_u64().unwrap()).unwrap());
        match reset.data()["reset"].as_i64().unwrap() {
            1 => "of what was left by the delete",
            2 | 3 => "of what there was, or of what was added again",
            4 => "of all",
            other => panic!("{other}"),
        }
    });
    assert!(outcomes.len() >= 2, "each comes first at times");
}
