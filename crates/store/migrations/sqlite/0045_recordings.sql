-- Recordings of calls that were made; the files are elsewhere. `folder_id`: the folder that has the file; NULL: a bucket has it. `gaps`: JSON.
-- `state`: 0 whole, 1 cut short, 2 deleted. One that is forgotten is nobody's any more, and goes with its file.
CREATE TABLE recordings (
    account_id   BLOB    NOT NULL,
    attempt_id   BLOB    NOT NULL,
    task_id      BLOB    NOT NULL,
    folder_id    BLOB,
    begun_at     INTEGER NOT NULL,
    duration_ms  INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    sha256       BLOB    NOT NULL,
    gaps         TEXT    NOT NULL,
    state        INTEGER NOT NULL,
    delete_at    INTEGER NOT NULL,
    is_forgotten INTEGER NOT NULL,
    PRIMARY KEY (account_id, attempt_id)
) STRICT;
CREATE INDEX recordings_to_delete ON recordings (delete_at) WHERE state <> 2;
CREATE INDEX recordings_deleted ON recordings (begun_at) WHERE state = 2;
CREATE INDEX recordings_in_folder ON recordings (folder_id, begun_at) WHERE folder_id IS NOT NULL AND state <> 2;

-- Keys of this installation, by what they are for.
CREATE TABLE installation_keys (
    name TEXT NOT NULL PRIMARY KEY,
    key  BLOB NOT NULL
) STRICT;
