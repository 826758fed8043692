//! What differs between the two databases in SQL.

/// Which database a connection speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// A row lock for the rest of the transaction. SQLite has one writer at a time and needs none.
    pub(crate) const fn lock(self, lock: RowLock) -> &'static str {
        match (self, lock) {
            (Self::Sqlite, _) => "",
            (Self::Postgres, RowLock::Change) => " FOR NO KEY UPDATE",
            (Self::Postgres, RowLock::ChangeIfFree) => " FOR NO KEY UPDATE SKIP LOCKED",
            (Self::Postgres, RowLock::Delete) => " FOR UPDATE",
            (Self::Postgres, RowLock::Keep) => " FOR SHARE",
            (Self::Postgres, RowLock::Refer) => " FOR KEY SHARE",
        }
    }

    /// Whether `column` holds the text `parameter`, letter case and wildcards taken literally.
    pub(crate) fn contains(self, column: &str, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("instr({column}, {parameter}) > 0"),
            Self::Postgres => format!("strpos({column}, {parameter}) > 0"),
        }
    }

    /// Whether `column` is among the integers of the JSON array `parameter`.
    pub(crate) fn among(self, column: &str, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} IN (SELECT value FROM json_each({parameter}))"),
            Self::Postgres => format!(
                "{column} IN (SELECT value::bigint FROM json_array_elements_text({parameter}::json) AS entry (value))"
            ),
        }
    }

    /// Whether `column` is among what a query chooses. PostgreSQL asks the query once: within `IN` it would ask one with a LIMIT again for
    /// each row, where it believes that there are few, as in a list that was imported a moment ago.
    pub(crate) fn chosen(self, column: &str, query: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} IN ({query})"),
            Self::Postgres => format!("{column} = ANY (ARRAY({query}))"),
        }
    }

    /// Whether a row of `table` is among those that `choice`, conditions with an order and a LIMIT, takes of the rows of each owner of the JSON
    /// array `parameter`; two integers tell rows apart, the owner and an id. Asked once, like [`Dialect::chosen`].
    pub(crate) fn chosen_of_each(
        self,
        parameter: &str,
        table: &str,
        (owner, id): (&str, &str),
        choice: &str,
        lock: RowLock,
    ) -> String {
        match self {
            Self::Sqlite => format!(
                "({owner}, {id}) IN (SELECT due.{owner}, due.{id} FROM json_each({parameter}) AS wanted \
                 JOIN {table} AS due ON due.{owner} = wanted.value AND due.{id} IN \
                     (SELECT {id} FROM {table} WHERE {owner} = wanted.value AND {choice}))"
            ),
            Self::Postgres => format!(
                "ctid = ANY (ARRAY(SELECT due.place FROM json_array_elements_text({parameter}::json) AS wanted (owner) \
                 CROSS JOIN LATERAL (SELECT ctid AS place FROM {table} \
                     WHERE {owner} = wanted.owner::bigint AND {choice}{}) AS due))",
                self.lock(lock)
            ),
        }
    }

    /// Whether `column` is among the UUIDs of the JSON array `parameter`, each written as 32 hexadecimal digits.
    pub(crate) fn among_uuids(self, column: &str, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} IN (SELECT unhex(value) FROM json_each({parameter}))"),
            Self::Postgres => format!(
                "{column} IN (SELECT value::uuid FROM json_array_elements_text({parameter}::json) AS entry (value))"
            ),
        }
    }

    /// Whether `column` is among the texts of the JSON array `parameter`.
    pub(crate) fn among_texts(self, column: &str, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} IN (SELECT value FROM json_each({parameter}))"),
            Self::Postgres => format!(
                "{column} IN (SELECT value FROM json_array_elements_text({parameter}::json) AS entry (value))"
            ),
        }
    }

    /// Whether `column`, a JSON array of texts, holds any text of the JSON array `parameter`.
    pub(crate) fn holds_any(self, column: &str, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "EXISTS (SELECT 1 FROM json_each({column}) AS held WHERE held.value IN (SELECT value FROM json_each({parameter})))"
            ),
            Self::Postgres => format!(
                "EXISTS (SELECT 1 FROM json_array_elements_text({column}::json) AS held (value) \
                 WHERE held.value IN (SELECT value FROM json_array_elements_text({parameter}::json) AS entry (value)))"
            ),
        }
    }

    /// A UUID as text.
    pub(crate) fn uuid_text(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("hex({column})"),
            Self::Postgres => format!("{column}::text"),
        }
    }

    /// The texts of all rows as one, with a separator between them; NULL when there are no rows.
    pub(crate) fn joined(self, text: &str, separator: char) -> String {
        match self {
            Self::Sqlite => format!("group_concat({text}, '{separator}')"),
            Self::Postgres => format!("string_agg({text}, '{separator}')"),
        }
    }

    /// The integer `member` of `column`, a JSON object; NULL when it has none.
    pub(crate) fn integer_member(self, column: &str, member: &str) -> String {
        match self {
            Self::Sqlite => format!("json_extract({column}, '$.{member}')"),
            Self::Postgres => format!("({column}::json ->> '{member}')::bigint"),
        }
    }

    /// Whether the instant `parameter` lies in one of the spans of `column`, a JSON array of `[begin, end]`.
    pub(crate) fn inside_span(self, column: &str, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "EXISTS (SELECT 1 FROM json_each({column}) AS span \
                 WHERE json_extract(span.value, '$[0]') <= {parameter} \
                 AND {parameter} < json_extract(span.value, '$[1]'))"
            ),
            Self::Postgres => format!(
                "EXISTS (SELECT 1 FROM json_array_elements({column}::json) AS span \
                 WHERE (span ->> 0)::bigint <= {parameter} AND {parameter} < (span ->> 1)::bigint)"
            ),
        }
    }

    /// Takes the next id of a table that counts its ids. SQLite keeps the counter for good once it was set.
    pub(crate) fn take_id(self, table: &str) -> String {
        match self {
            Self::Sqlite => {
                format!("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = '{table}' RETURNING seq")
            }
            Self::Postgres => format!("SELECT nextval('{table}_id_seq')"),
        }
    }

    /// Makes `$1` the next id of a table that counts its ids, unless a later one was given already.
    pub(crate) fn count_ids_from(self, table: &str) -> String {
        match self {
            Self::Sqlite => {
                format!("UPDATE sqlite_sequence SET seq = max(seq, $1 - 1) WHERE name = '{table}'")
            }
            Self::Postgres => format!(
                "SELECT setval('{table}_id_seq', \
                 greatest($1, (SELECT last_value + is_called::int FROM {table}_id_seq)), false)"
            ),
        }
    }

    /// Has this transaction alone write to a table. SQLite has one writer at a time: empty there.
    pub(crate) fn lock_table(self, table: &str) -> String {
        match self {
            Self::Sqlite => String::new(),
            Self::Postgres => format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"),
        }
    }

    /// The present microsecond by the database's own clock.
    pub(crate) const fn now(self) -> &'static str {
        match self {
            Self::Sqlite => "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
            Self::Postgres => "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
        }
    }

    /// The lesser of two numbers, of which either may be NULL and is then passed over.
    pub(crate) fn least(self, one: &str, other: &str) -> String {
        match self {
            Self::Sqlite => format!("coalesce(min({one}, {other}), {one}, {other})"),
            Self::Postgres => format!("least({one}, {other})"),
        }
    }

    /// `parameter`, a JSON array of arrays, as rows of these columns.
    pub(crate) fn rows(self, parameter: &str, columns: &[(&str, Column)]) -> String {
        let column = |(place, (name, column)): (usize, &(&str, Column))| match (self, column) {
            (Self::Sqlite, Column::Uuid | Column::Bytes) => {
                format!("unhex(json_extract(value, '$[{place}]')) AS {name}")
            }
            (Self::Sqlite, _) => format!("json_extract(value, '$[{place}]') AS {name}"),
            (Self::Postgres, Column::Integer) => format!("(value ->> {place})::bigint AS {name}"),
            (Self::Postgres, Column::Boolean) => format!("(value ->> {place})::boolean AS {name}"),
            (Self::Postgres, Column::Uuid) => format!("(value ->> {place})::uuid AS {name}"),
            (Self::Postgres, Column::Bytes) => format!("decode(value ->> {place}, 'hex') AS {name}"),
            (Self::Postgres, Column::Text) => format!("value ->> {place} AS {name}"),
        };
        let columns: Vec<String> = columns.iter().enumerate().map(column).collect();
        let columns = columns.join(", ");
        match self {
            // Unless they are kept, each of the columns writes the whole row as text once more.
            Self::Sqlite => format!(
                "(WITH entry (value) AS MATERIALIZED (SELECT value FROM json_each({parameter})) SELECT {columns} FROM entry)"
            ),
            // As text each of the columns would read the whole row once more.
            Self::Postgres => {
                format!("(SELECT {columns} FROM jsonb_array_elements({parameter}::jsonb) AS entry (value))")
            }
        }
    }

    /// Deletes the rows of a table whose instant in `column` is before `$1` and that meet a condition: at most `$2` of
    /// them, the oldest first. Two nodes that delete at once pass over each other's. `key` tells the rows apart.
    pub(crate) fn delete_oldest(self, table: &str, key: &str, column: &str, condition: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} \
                 WHERE {column} < $1 AND {condition} ORDER BY {column} LIMIT $2)"
            ),
            Self::Postgres => format!(
                "DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} \
                 WHERE {column} < $1 AND {condition} ORDER BY {column} LIMIT $2 FOR UPDATE SKIP LOCKED))"
            ),
        }
    }
}

/// What a column of [`Dialect::rows`] holds; a UUID is written as 32 hexadecimal digits, and bytes as two each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    Integer,
    Boolean,
    Uuid,
    Bytes,
    /// Without the character NUL, which PostgreSQL takes in no text.
    Text,
}

/// What a row is locked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowLock {
    /// It, or what hangs on it, changes.
    Change,
    /// Like [`RowLock::Change`], but rows that someone else has are passed over.
    ChangeIfFree,
    /// It goes.
    Delete,
    /// Nobody else may change it.
    Keep,
    /// Nobody else may delete it.
    Refer,
}

#[cfg(test)]
impl RowLock {
    /// Every one.
    pub(crate) const ALL: [Self; 5] =
        [Self::Change, Self::ChangeIfFree, Self::Delete, Self::Keep, Self::Refer];
}
