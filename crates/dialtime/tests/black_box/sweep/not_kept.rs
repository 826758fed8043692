//! What is not kept of a call over a simulated line: its recording, and its signalling.

use super::{Stranger, try_others};
use crate::support::{Client, World};

/// Operations that ask for what is not there of a call over a simulated line.
pub(super) const OPERATIONS: [(&str, &str, &str); 4] = [
    ("get", "/agent-api/user/{user_id}/task/{task_id}/record/{record_id}/download-full-voice", NO_RECORDING),
    ("get", "/agent-api/user/{user_id}/task/{task_id}/batch_record/download-full-voice", NO_RECORDING),
    ("get", "/agent-api/task/{task_id}/record/{record_id}/download-full-voice", NO_RECORDING),
    ("get", "/agent-api/user/{user_id}/record/{record_id}/trace", "该通话没有信令记录"),
];
const NO_RECORDING: &str = "该通话没有录音";

/// Who may not ask for what is not kept of a call learns nothing, and who may is told that there is none.
pub(super) fn try_all(world: &World, stranger: &Client) {
    let task = world.task(world.group("recorded"));
    let record = world.record(&task);
    for (method, path, message) in OPERATIONS {
        let address = path.replace("{user_id}", &world.user).replace("{task_id}", &task);
        let of_several =
            if path.contains("batch_record") { format!("?recordIds[]={record}") } else { String::new() };
        let address = format!("{}{of_several}", address.replace("{record_id}", &record));
        let send = |client: &Client| client.get(&address);
        try_others(world, (method, path), (stranger, Stranger::NotFound), send);
        let own = send(&world.client);
        assert_eq!((own.status, own.body["message"].as_str()), (404, Some(message)), "{path}");
    }
}
