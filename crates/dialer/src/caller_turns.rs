//! Whose turn it is among the numbers that a line's callees see: that of the number which was shown longest ago. Pure.

use std::{collections::HashMap, sync::Arc};

use domain::{CallerNumber, Line, LineId};

/// When each number of each line was shown last: counted, not timed. A node knows of its own calls alone.
#[derive(Debug, Default)]
pub(crate) struct CallerTurns {
    shown: u64,
    lines: HashMap<LineId, HashMap<CallerNumber, u64>>,
}

impl CallerTurns {
    /// The number among these whose turn it is over a line. A task that chooses among the line's numbers goes round in its own, for
    /// they are asked by when they were shown, not by their place.
    pub(crate) fn next(&mut self, line: LineId, numbers: &[&CallerNumber]) -> Option<CallerNumber> {
        let shown = self.lines.entry(line).or_default();
        let last = |number: &&CallerNumber| shown.get(*number).copied().unwrap_or(0);
        let next = numbers.iter().copied().min_by_key(last)?.clone();
        self.shown += 1;
        shown.insert(next.clone(), self.shown);
        Some(next)
    }

    /// Forgets all but these lines and the numbers that they have now, so that what is remembered is bounded by what there is to show.
    pub(crate) fn keep(&mut self, lines: &HashMap<LineId, Arc<Line>>) {
        self.lines.retain(|id, shown| {
            let Some(line) = lines.get(id) else { return false };
            let numbers = &line.draft.settings.caller_ids.numbers;
            shown.retain(|number, _| numbers.contains(number));
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn numbers_go_round_also_where_two_tasks_choose_among_them() {
        let numbers: Vec<CallerNumber> =
            ["1", "2", "3", "4"].map(|text| CallerNumber::parse(text).unwrap()).into();
        let all: Vec<&CallerNumber> = numbers.iter().collect();
        let line = LineId::new(Uuid::from_u128(1));
        let mut turns = CallerTurns::default();
        let shown: Vec<String> =
            (0..8).map(|_| turns.next(line, &all).unwrap().as_str().to_owned()).collect();
        assert_eq!(shown, ["1", "2", "3", "4", "1", "2", "3", "4"]);
        // Each of two tasks sees both of its numbers, though their calls alternate.
        let mut shown = HashMap::<String, usize>::new();
        for _ in 0..4 {
            for chosen in [&all[..2], &all[2..]] {
                *shown.entry(turns.next(line, chosen).unwrap().as_str().to_owned()).or_default() += 1;
            }
        }
        assert!(all.iter().all(|number| shown[number.as_str()] == 2), "{shown:?}");
        turns.keep(&HashMap::new());
        assert!(turns.lines.is_empty());
        assert_eq!(turns.next(line, &[]), None);
    }
}
