//! Rows a second: read from a file, checked and added by an import, beside the same numbers inserted by the driver in as large pieces.

use std::time::Instant;

use domain::IMPORT_CHUNK;
use sqlx::AssertSqlSafe;

use crate::world::{FileImport, Raw, World, raw};

/// The list of the raw rows: one that no task has.
const RAW_LIST: i64 = 1_000_000_000;

pub(crate) async fn measure(world: &World, list: i64, rows: i64) {
    let import = FileImport::begin(world, rows).await;
    let begun = Instant::now();
    import.work(world).await;
    let ours = rows as f64 / begun.elapsed().as_secs_f64();
    let floor = insert(&Raw::connect(&world.database.url).await, rows).await;
    println!("    import: {ours:.0} rows a second, {:.2} of the raw insert's {floor:.0}", ours / floor);
    // What comes next is about the list that was there before.
    let clean =
        format!("DELETE FROM numbers WHERE list_id <> {list}; DELETE FROM number_lists WHERE id <> {list}");
    world.database.execute(&clean).await;
}

async fn insert(raw: &Raw, rows: i64) -> f64 {
    let source = if raw.is_sqlite() {
        "(SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS e164, json_extract(value, '$[2]') AS phone \
          FROM json_each($1))"
    } else {
        "(SELECT (value ->> 0)::bigint AS id, (value ->> 1)::bigint AS e164, value ->> 2 AS phone \
          FROM json_array_elements($1::json) AS entry (value))"
    };
    let sql = format!(
        "INSERT INTO numbers (list_id, id, e164, extension, suffix, phone, sort, state, status, next_attempt_at, created_at) \
         SELECT {RAW_LIST}, id, e164, '', '', phone, 0, 0, 0, 0, 0 FROM {source} AS given WHERE true ON CONFLICT DO NOTHING"
    );
    let begun = Instant::now();
    let ids: Vec<i64> = (0..rows).collect();
    for ids in ids.chunks(IMPORT_CHUNK) {
        let row = |id: &i64| (*id, 8_613_900_000_000 + id, format!("139{id:08}"));
        let given = serde_json::to_string(&ids.iter().map(row).collect::<Vec<_>>()).unwrap();
        raw!(raw, pool => sqlx::query(AssertSqlSafe(sql.clone())).bind(given).execute(pool).await.map(drop))
            .unwrap();
    }
    rows as f64 / begun.elapsed().as_secs_f64()
}
