//! Which tasks start calls next, and over which line. Accounts take turns, and so do the tasks of each: who was served longest ago
//! comes first.

use std::collections::{BTreeSet, HashMap};

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
    /// The lines it may use, each with how many calls it may start over it.
    pub(crate) lines: Vec<(LineId, usize)>,
    /// Whether the lines are used in this order, as those of a group are; else the one with the most room is.
    pub(crate) is_ordered: bool,
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
    fn of(&self, user: AccountId, line: LineId) -> usize {
        let line_room = self.lines.get(&line).copied().unwrap_or(0);
        line_room.min(self.shares.get(&(user, line)).copied().unwrap_or(0))
    }

    fn take(&mut self, user: AccountId, line: LineId) {
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
            let Some(line) = best_line(one, rooms) else { continue };
            take(one, line, rooms);
            turns.serve(account, one.list);
            picked.push((one.list, line));
            of_account.insert((turns.of_list(one.list), place));
            accounts.insert((turns.of_account(account), account));
            break;
        }
    }
    picked
}

/// The first line with room where they have an order; else the one with the most room, so that all are used evenly.
fn best_line(one: &Candidate, rooms: &Rooms) -> Option<LineId> {
    if one.room == 0 {
        return None;
    }
    let room = |(line, own): &(LineId, usize)| (rooms.of(one.user, *line).min(*own), *line);
    let mut open = one.lines.iter().map(room).filter(|(room, _)| *room > 0);
    if one.is_ordered {
        return open.next().map(|(_, line)| line);
    }
    open.max_by_key(|(room, line)| (*room, std::cmp::Reverse(*line))).map(|(_, line)| line)
}

fn take(one: &mut Candidate, line: LineId, rooms: &mut Rooms) {
    one.room -= 1;
    if let Some((_, own)) = one.lines.iter_mut().find(|(of, _)| *of == line) {
        *own -= 1;
    }
    rooms.take(one.user, line);
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
            lines: vec![(line(1), 100)],
            is_ordered: false,
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

    proptest! {
        #[test]
        fn no_room_is_taken_twice_and_none_is_left_that_somebody_wants(
            tasks in proptest::collection::vec((0..4_u128, 0..4_usize, proptest::collection::vec((0..3_u128, 0..3_usize), 0..3)), 0..12),
            lines in proptest::collection::vec(0..5_usize, 3),
            shares in proptest::collection::vec(0..5_usize, 12),
        ) {
            let candidates: Vec<Candidate> = (0..).zip(&tasks).map(|(list, (owner, room, routes))| {
                let mut own: Vec<(LineId, usize)> = Vec::new();
                for (id, limit) in routes {
                    if own.iter().all(|(of, _)| *of != line(*id)) {
                        own.push((line(*id), *limit));
                    }
                }
                Candidate { list, account: account(*owner), user: account(*owner), room: *room, lines: own, is_ordered: list % 2 == 0 }
            }).collect();
            let mut rooms = Rooms {
                lines: (0..).zip(&lines).map(|(id, room)| (line(id), *room)).collect(),
                shares: (0..).zip(&shares).map(|(place, room)| ((account(place / 3), line(place % 3)), *room)).collect(),
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
                for (of, limit) in &one.lines {
                    let used = own.iter().filter(|line| *line == of).count();
                    prop_assert!(used <= *limit);
                    // Whoever has room left on a line with room left would have been served.
                    let could = own.len() < one.room && used < *limit && rooms.of(one.user, *of) > 0;
                    prop_assert!(!could);
                }
            }
        }
    }
}
