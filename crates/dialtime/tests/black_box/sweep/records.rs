//! Of records.

use serde_json::json;

use super::{Row, Stranger};

pub(super) fn rows() -> Vec<Row> {
    let turns = json!({"turns": [{"offset": 0, "speaker": "bot", "text": "您好"}]});
    let mut rows: Vec<Row> = [
        "/agent-api/user/{user_id}/record",
        "/agent-api/user/{user_id}/record/export",
        "/agent-api/user/{user_id}/task/{task_id}/record",
        "/agent-api/user/{user_id}/task/{task_id}/detail/{record_id}",
        "/agent-api/user/{user_id}/record/{record_id}/evidence",
        "/agent-api/user/{user_id}/record/{record_id}/result",
        "/agent-api/task/{task_id}/record",
        "/agent-api/task/{task_id}/detail/{record_id}",
    ]
    .map(|path| ("get", path, None, Stranger::NotFound))
    .into();
    rows.extend([
        (
            "put",
            "/agent-api/user/{user_id}/record/{record_id}/result",
            Some(json!({"intention": "A"})),
            Stranger::NotFound,
        ),
        ("post", "/agent-api/user/{user_id}/record/{record_id}/transcript", Some(turns), Stranger::NotFound),
    ]);
    rows
}
