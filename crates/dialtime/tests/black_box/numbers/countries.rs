//! Lists of another country than the server's: what is shown of a number is that number wherever it is sent again.

use rstest::rstest;
use serde_json::{Value, json};

use super::importing::outcome;
use crate::{
    dialing::{line, script, start, task_with_script},
    support::{Database, World, dialtime, until},
};

/// Numbers of files of a country, and what is shown of each where the server's is China.
const FILES: [(&str, &str, &[&str]); 3] = [
    (
        "US",
        "phone\n2125550123\n+1 (212) 555-0124\n\"(212) 555-0125 x12_ab1\"\n",
        &["+12125550123", "+1 (212) 555-0124", "+12125550125x12_ab1"],
    ),
    // Under China's it is a fixed line of Nanchang.
    ("GB", "phone\n07912345678\n", &["+447912345678"]),
    (
        "HK",
        "{\"phone\": \"91234567\"}\n{\"phone\": \"+86 13800138000\"}\n",
        &["+85291234567", "+86 13800138000"],
    ),
];

fn shown() -> Vec<&'static str> {
    FILES.iter().flat_map(|(_, _, shown)| *shown).copied().collect()
}

/// The numbers of a task, oldest first.
fn oldest_first(world: &World, task: &str) -> Vec<Value> {
    world.phones(task).into_iter().rev().collect()
}

#[rstest]
fn what_is_shown_of_an_imported_number_is_that_number_everywhere(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    world.add_numbers(&task, &["07912345678"]).data();
    for (country, file, shown) in FILES {
        let added = i64::try_from(shown.len()).unwrap();
        let query = format!("?default_country={country}");
        let import = world.imported(&task, &query, file.as_bytes());
        assert_eq!(outcome(&import), ("finished", [added, added, 0, 0, 0]), "{import}");
        let again = world.imported(&task, &format!("{query}&duplicates=replace"), file.as_bytes());
        assert_eq!(outcome(&again), ("finished", [added, 0, added, 0, 0]), "{again}");
    }
    let listed = oldest_first(&world, &task);
    assert_eq!(listed, [&["07912345678"][..], &shown()].concat());
    for phone in &listed {
        let escaped = phone.as_str().unwrap().replace(' ', "%20");
        let number = world.client.get(&world.task_path(&task, &format!("number/detail/{escaped}")));
        assert_eq!(&number.data()["phone"], phone);
    }
    assert_eq!(world.reset(&task, &json!({"phones": listed})).data()["reset"], listed.len());
    let erased = world.client.post(&world.path("/erase-number"), &json!({"phone": "+447912345678"}));
    assert_eq!(erased.data()["numbers"], 1);
    assert_eq!(oldest_first(&world, &task)[0], "07912345678", "another person's");
    let barred: Vec<Value> = shown().iter().map(|phone| json!({"phone": phone})).collect();
    world.client.post(&world.path("/do-not-call"), &json!({"data": barred})).data();
    assert_eq!(world.client.get(&world.path("/do-not-call/+12125550123")).status, 200);
    assert_eq!(world.delete_numbers(&task, &shown()).data()["deleted"], shown().len() - 1);
    assert_eq!(world.phones(&task), ["07912345678"]);
}

#[rstest]
fn records_show_what_the_list_shows(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let world = World::new(database);
    let task = task_with_script(&world, &line(&world, "busy"), script(&world), 0);
    world.imported(&task, "?default_country=US", b"phone\n2125550123\n");
    start(&world, &task);
    let records = world.path(&format!("/task/{task}/record"));
    until("it was called", || !world.client.get(&records).column("phone").is_empty());
    assert_eq!(world.client.get(&records).column("phone"), ["+12125550123"]);
}

#[rstest]
fn the_command_line_reads_a_list_of_another_country(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let task = world.list();
    let folder = tempfile::tempdir().unwrap();
    for (country, rows, _) in FILES {
        let file = folder.path().join(country);
        std::fs::write(&file, rows).unwrap();
        let file = file.to_str().unwrap();
        let import = ["numbers", "import", file, "--task", &task, "--default-country", country];
        dialtime(&world.database.url, &import);
    }
    assert_eq!(oldest_first(&world, &task), shown());
    let erase = ["numbers", "erase", "2125550123", "--default-country", "US", "--user", &world.user];
    let said = dialtime(&world.database.url, &erase);
    assert!(said.contains("erased 1 numbers"), "{said}");
    // Where servers are of that country, too, what is written stays.
    let file = folder.path().join("US");
    let import = ["numbers", "import", file.to_str().unwrap(), "--task", &task, "--server-country", "US"];
    dialtime(&world.database.url, &import);
    assert_eq!(world.phones(&task)[0], "2125550123");
}
