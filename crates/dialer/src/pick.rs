//! Which tasks start calls next, and over which line. Accounts take turns, and so do the tasks of each: who was served longest ago
//! comes first.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use domain::{AccountId, LineId};

/// A task that may start calls.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Its list.
    pub(crate) list: i64,
    /// Its account.
    pub(crate) account: AccountId,
    /// The user whose shares of lines it uses.
    pub(crate) user: AccountId,
    /// How many calls it may start.
    pub(crate) room: usize,
    /// The routes it may use.
    pub(crate) routes: Vec<CandidateRoute>,
}

/// A route by which a task may start calls.
#[derive(Clone, Debug)]
pub(crate) struct CandidateRoute {
    /// How many calls it may start by it.
    pub(crate) room: usize,
    /// Its lines, in the order in which they are used.
    pub(crate) lines: Vec<LineId>,
}

/// How many calls may start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rooms {
    /// Over each line.
    pub(crate) lines: HashMap<LineId, usize>,
    /// Of each user over each line.
    pub(crate) shares: HashMap<(AccountId, LineId), usize>,
}

impl Rooms {
    /// How many calls of a user may start over a line.
    pub(crate) fn of(&self, user: AccountId, line: LineId) -> usize {
        let line_room = self.lines.get(&line).copied().unwrap_or(0);
        line_room.min(self.shares.get(&(user, line)).copied().unwrap_or(0))
    }

    /// Notes the start of a call.
    pub(crate) fn take(&mut self, user: AccountId, line: LineId) {
        let rooms = self.lines.get_mut(&line).into_iter().chain(self.shares.get_mut(&(user, line)));
        rooms.for_each(|room| *room = room.saturating_sub(1));
    }
}

/// When accounts and tasks were last served: counted, not timed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns {
    served: u64,
    accounts: HashMap<AccountId, u64>,
    lists: HashMap<i64, u64>,
}

impl Turns {
    /// Forgets all but these lists and their accounts, so that what is remembered is bounded by what there is to dial.
    pub(crate) fn keep(&mut self, lists: &HashMap<i64, AccountId>) {
        let accounts: BTreeSet<&AccountId> = lists.values().collect();
        self.accounts.retain(|account, _| accounts.contains(account));
        self.lists.retain(|list, _| lists.contains_key(list));
    }

    fn of_account(&self, account: AccountId) -> u64 {
        self.accounts.get(&account).copied().unwrap_or(0)
    }

    /// When the tasks of a list were last served; 0: never.
    pub(crate) fn of_list(&self, list: i64) -> u64 {
        self.lists.get(&list).copied().unwrap_or(0)
    }

    fn serve(&mut self, account: AccountId, list: i64) {
        self.served += 1;
        self.accounts.insert(account, self.served);
        self.lists.insert(list, self.served);
    }
}

/// Chooses calls to start, at most `most`: of which list, and over which line.
pub(crate) fn pick(
    mut candidates: Vec<Candidate>,
    rooms: &mut Rooms,
    turns: &mut Turns,
    most: usize,
) -> Vec<(i64, LineId)> {
    let mut tasks: HashMap<AccountId, BTreeSet<(u64, usize)>> = HashMap::new();
    for (place, one) in candidates.iter().enumerate() {
        tasks.entry(one.account).or_default().insert((turns.of_list(one.list), place));
    }
    let mut accounts: BTreeSet<(u64, AccountId)> =
        tasks.keys().map(|account| (turns.of_account(*account), *account)).collect();
    let mut picked = Vec::new();
    while picked.len() < most {
        let Some((_, account)) = accounts.pop_first() else { break };
        let Some(of_account) = tasks.get_mut(&account) else { continue };
        // Tasks that can start nothing now are passed over for good.
        while let Some((_, place)) = of_account.pop_first() {
            let Some(one) = candidates.get_mut(place) else { continue };
            let Some(line) = take_line(one, rooms) else { continue };
            turns.serve(account, one.list);
            picked.push((one.list, line));
            of_account.insert((turns.of_list(one.list), place));
            accounts.insert((turns.of_account(account), account));
            break;
        }
    }
    picked
}

/// Takes room for a call: by the route with the most room, so that all are used evenly, over its first line with room.
fn take_line(one: &mut Candidate, rooms: &mut Rooms) -> Option<LineId> {
    let user = one.user;
    let room = |route: &CandidateRoute| {
        let of_lines: usize = route.lines.iter().map(|line| rooms.of(user, *line)).sum();
        route.room.min(of_lines)
    };
    let best =
        one.routes.iter_mut().max_by_key(|route| (room(route), Reverse(route.lines.first().copied())))?;
    if one.room == 0 || room(best) == 0 {
        return None;
    }
    let line = best.lines.iter().copied().find(|line| rooms.of(user, *line) > 0)?;
    best.room -= 1;
    one.room -= 1;
    rooms.take(user, line);
    Some(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn line(number: u128) -> LineId {
        LineId::new(Uuid::from_u128(number))
    }

    fn account(number: u128) -> AccountId {
        AccountId::new(Uuid::from_u128(number))
    }

    fn candidate(list: i64, owner: u128, room: usize) -> Candidate {
        Candidate {
            list,
            account: account(owner),
            user: account(owner),
            room,
            routes: vec![CandidateRoute { room: 100, lines: vec![line(1)] }],
        }
    }

    fn rooms(starts: usize, owners: u128) -> Rooms {
        Rooms {
            lines: [(line(1), starts)].into(),
            shares: (0..owners).map(|owner| ((account(owner), line(1)), 100)).collect(),
        }
    }

    #[test]
    fn accounts_and_tasks_take_turns_over_many_rounds() {
        let mut turns = Turns::default();
        let mut served: HashMap<i64, usize> = HashMap::new();
        // Account 0 has nine tasks, account 1 has one; the line starts one call a round.
        for _ in 0..180 {
            let mut candidates: Vec<Candidate> = (0..9).map(|list| candidate(list, 0, 5)).collect();
            candidates.push(candidate(9, 1, 5));
            for (list, _) in pick(candidates, &mut rooms(1, 2), &mut turns, 100) {
                *served.entry(list).or_default() += 1;
            }
        }
        assert_eq!(served[&9], 90);
        assert!((0..9).all(|list| served[&list] == 10), "{served:?}");
    }

    #[test]
    fn the_lines_of_a_group_are_used_in_order_and_within_its_limit() {
        let group = CandidateRoute { room: 3, lines: vec![line(2), line(1)] };
        let one = Candidate { routes: vec![group], ..candidate(0, 0, 10) };
        let mut rooms = Rooms {
            lines: [(line(1), 5), (line(2), 2)].into(),
            shares: [((account(0), line(1)), 100), ((account(0), line(2)), 100)].into(),
        };
        let picked = pick(vec![one], &mut rooms, &mut Turns::default(), 100);
        assert_eq!(picked, [(0, line(2)), (0, line(2)), (0, line(1))]);
    }

    proptest! {
        #[test]
        fn no_room_is_taken_twice_and_none_is_left_that_somebody_wants(
            tasks in proptest::collection::vec(
                (0..4_u128, 0..4_usize, proptest::collection::vec((proptest::collection::vec(0..4_u128, 1..3), 0..3_usize), 0..3)),
                0..12,
            ),
            lines in proptest::collection::vec(0..5_usize, 4),
            shares in proptest::collection::vec(0..5_usize, 16),
        ) {
            let candidates: Vec<Candidate> = (0..).zip(&tasks).map(|(list, (owner, room, named))| {
                // As in a task, each line stands in one route alone.
                let mut seen = BTreeSet::new();
                let mut routes = Vec::new();
                for (ids, room) in named {
                    let lines: Vec<LineId> = ids.iter().map(|id| line(*id)).filter(|line| seen.insert(*line)).collect();
                    if !lines.is_empty() {
                        routes.push(CandidateRoute { room: *room, lines });
                    }
                }
                Candidate { list, account: account(*owner), user: account(*owner), room: *room, routes }
            }).collect();
            let mut rooms = Rooms {
                lines: (0..).zip(&lines).map(|(id, room)| (line(id), *room)).collect(),
                shares: (0..).zip(&shares).map(|(place, room)| ((account(place / 4), line(place % 4)), *room)).collect(),
            };
            let before = rooms.clone();
            let picked = pick(candidates.clone(), &mut rooms, &mut Turns::default(), 1_000);
            for (id, room) in &before.lines {
                let used = picked.iter().filter(|(_, line)| line == id).count();
                prop_assert_eq!(rooms.lines[id], room - used);
            }
            for one in &candidates {
                let own: Vec<LineId> = picked.iter().filter(|(list, _)| *list == one.list).map(|(_, line)| *line).collect();
                prop_assert!(own.len() <= one.room);
                for route in &one.routes {
                    let used = own.iter().filter(|line| route.lines.contains(line)).count();
                    prop_assert!(used <= route.room);
                    // Whoever has room left by a route with room left would have been served.
                    let has_room = route.lines.iter().any(|line| rooms.of(one.user, *line) > 0);
                    let could = own.len() < one.room && used < route.room && has_room;
                    prop_assert!(!could);
                }
            }
        }
    }
}
