//! Sessions: what the aggregates read through. A session is a connection that knows the schedules compiled so far.

use std::sync::Arc;

use crate::{
    database::{Driver, Queryable, connections::ReadConnection, sealed::HasDriver},
    schedule_cache::ScheduleCache,
};

pub(crate) mod sealed {
    pub trait HasSchedules {
        /// The schedules compiled so far.
        #[expect(private_interfaces, reason = "only this crate compiles what it reads")]
        fn schedules(&self) -> &super::ScheduleCache;

        /// Whether it sees what may yet be rolled back.
        fn sees_uncommitted(&self) -> bool;
    }
}

/// What one can read through: a [`Read`] or a [`Tx`](crate::Tx).
pub trait Session: Queryable + sealed::HasSchedules {}

/// A connection that cannot write.
#[derive(Debug)]
pub struct Read {
    connection: ReadConnection,
    schedules: Arc<ScheduleCache>,
}

impl Read {
    pub(crate) fn new(connection: ReadConnection, schedules: Arc<ScheduleCache>) -> Self {
        Self { connection, schedules }
    }
}

impl HasDriver for Read {
    #[expect(private_interfaces, reason = "only this crate speaks SQL")]
    fn driver(&mut self) -> Driver<'_> {
        self.connection.driver()
    }
}

impl sealed::HasSchedules for Read {
    #[expect(private_interfaces, reason = "only this crate compiles what it reads")]
    fn schedules(&self) -> &ScheduleCache {
        &self.schedules
    }

    fn sees_uncommitted(&self) -> bool {
        false
    }
}

impl Queryable for Read {}
impl Session for Read {}
