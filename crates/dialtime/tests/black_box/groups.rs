//! Dial time groups, as documented and beyond.

use rstest::rstest;
use serde_json::json;

use crate::support::{Database, World, group};

#[rstest]
fn a_free_group_is_deleted_with_the_documented_answer(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let id = world.group("周末拨打组");
    let answer = world.client.delete(&world.path(&format!("/dial-time-group/{id}")));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, json!({"code": 200, "status": "success", "message": "删除成功", "data": []}));
    assert_eq!(world.client.delete(&world.path(&format!("/dial-time-group/{id}"))).status, 404);
}

#[rstest]
fn a_group_in_use_is_kept_with_the_documented_answer(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let world = World::new(database);
    let id = world.group("周一周三拨打");
    let task = world.task(id);
    let path = world.path(&format!("/dial-time-group/{id}"));
    let answer = world.client.delete(&path);
    assert_eq!(answer.status, 409);
    let message = "呼叫时间组已关联任务,不可删除";
    assert_eq!(answer.body, json!({"code": 8101, "status": "error", "message": message, "data": []}));
    assert_eq!(world.client.get(&path).data()["name"], group("周一周三拨打")["name"]);
    world.client.delete(&world.path(&format!("/task/{task}"))).data();
    assert_eq!(world.client.delete(&path).status, 200);
}
