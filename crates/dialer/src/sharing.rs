//! Lines are shared by the nodes of one database: each has some channels and some starts a second for itself, so that a call costs
//! no question.

use std::{sync::Arc, time::Duration};

use domain::{Line, LineId, Present};
use jiff::SignedDuration;
use store::{
    Result,
    dialing::{self, LineShare},
};

use crate::{calls::NodeShare, dialer::Dialer};

/// How long before the end of its share a node stops starting calls.
const MARGIN: SignedDuration = SignedDuration::from_secs(2);

/// How soon a node asks again that was given less than its part: the others give way with their next renewals.
const WHILE_SHORT: Duration = Duration::from_secs(1);

impl Dialer {
    /// The only node has every line to itself.
    pub(crate) fn take_lines_whole(&self, now: Present) {
        for line in self.directory.lines.values() {
            let settings = &line.draft.settings;
            let (channels, rate) = (settings.channels, settings.cps.thousandths());
            let share = NodeShare { channels, rate, until: None, is_alone: true };
            self.calls.set_share(line, share, now);
        }
    }

    /// Takes this node's shares of the lines that tasks may use, and renews them.
    pub(crate) async fn keep_shares(&mut self) -> Result<()> {
        let now = self.now();
        let Some(lease) = self.lease.filter(|_| self.parts.store.is_shared()) else { return Ok(()) };
        let renewal = self.shares_at <= now.steady;
        let mut lines: Vec<Arc<Line>> = self.directory.lines.values().cloned().collect();
        let known = self.calls.lines_with_share();
        let under_way = self.calls.under_way();
        lines.retain(|line| renewal || !known.contains(&line.id));
        if lines.is_empty() {
            return Ok(());
        }
        lines.sort_by_key(|line| line.id);
        let lasts = self.parts.settings.line_share;
        let mut tx = self.parts.store.begin().await?;
        let mut taken: Vec<(Arc<Line>, LineShare)> = Vec::new();
        let mut is_short = false;
        for line in lines {
            let others = dialing::lock_line_shares(&mut tx, line.id).await?;
            let others: Vec<LineShare> =
                others.into_iter().filter(|share| share.node != lease.node).collect();
            let settings = &line.draft.settings;
            let (all, rate) = (settings.channels, settings.cps.thousandths());
            let registers = settings.kind.registers();
            let (channels, rate) =
                if registers { whole_or_none(all, rate, &others) } else { split(all, rate, &others) };
            // The channels of its calls are this node's until they end, whatever it may start.
            let channels = channels.max(under_way.get(&line.id).copied().unwrap_or(0));
            let share = LineShare { node: lease.node, channels, rate };
            is_short |= !registers && share_is_short(all, settings.cps.thousandths(), &share, others.len());
            dialing::save_share(&mut tx, line.id, &share, lasts).await?;
            taken.push((line, share));
        }
        tx.commit().await?;
        let until = now.after(lasts.saturating_sub(MARGIN));
        for (line, LineShare { channels, rate, .. }) in taken {
            let is_alone = line.draft.settings.kind.registers() && rate > 0;
            self.calls.set_share(&line, NodeShare { channels, rate, until: Some(until), is_alone }, now);
        }
        if renewal || is_short {
            let third = Duration::try_from(lasts).unwrap_or(Duration::ZERO) / 3;
            let wait = if is_short { third.min(WHILE_SHORT) } else { third };
            self.shares_at = now.steady.saturating_add(wait);
        }
        Ok(())
    }
}

impl Dialer {
    /// Gives up the lines that are registered from here, so that another node registers them at once: this one starts no calls any more. Channels
    /// stay its own as long as it has calls over them.
    pub(crate) async fn hand_over_registering_lines(&self) -> Result<()> {
        let Some(lease) = self.lease.filter(|_| self.parts.store.is_shared()) else { return Ok(()) };
        let under_way = self.calls.under_way();
        let mut lines: Vec<LineId> = self
            .directory
            .lines
            .values()
            .filter(|line| line.draft.settings.kind.registers())
            .map(|line| line.id)
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        lines.sort_unstable();
        let mut tx = self.parts.store.begin().await?;
        for line in lines {
            dialing::forget_registration(&mut tx, line, lease.node).await?;
            match under_way.get(&line).copied().filter(|calls| *calls > 0) {
                Some(channels) => {
                    let share = LineShare { node: lease.node, channels, rate: 0 };
                    dialing::save_share(&mut tx, line, &share, self.parts.settings.line_share).await?;
                }
                None => dialing::give_up_share(&mut tx, line, lease.node).await?,
            }
        }
        tx.commit().await
    }
}

/// What a node may have beside the others of a line that is one node's alone: all that is free, or nothing where another node starts calls over
/// it. So is a line that registers, whose carrier takes calls from that node only.
fn whole_or_none(channels: i64, rate: i64, others: &[LineShare]) -> (i64, i64) {
    if others.iter().any(|share| share.rate > 0) {
        return (0, 0);
    }
    let taken: i64 = others.iter().map(|share| share.channels).sum();
    ((channels - taken).max(0), rate)
}

/// Whether so many nodes cannot divide a line's starts, since each may start once at the beginning of any second. Such a line is one node's alone,
/// for good, with all of its channels: those of another would lie idle.
const fn is_too_slow_to_divide(rate: i64, holders: i64) -> bool {
    holders > 1 && rate <= 2_000 * holders
}

/// Whether a share is less than what is left to a node when each of so many others has its part.
fn share_is_short(channels: i64, rate: i64, share: &LineShare, others: usize) -> bool {
    let others = i64::try_from(others).unwrap_or(i64::MAX);
    let holders = others.saturating_add(1);
    if is_too_slow_to_divide(rate, holders) {
        return share.rate > 0 && share.channels < channels;
    }
    let fair_channels = (channels + holders - 1) / holders;
    let fair_rate = starts_to_divide(rate, holders) / holders;
    share.channels < channels - fair_channels * others || share.rate < fair_rate
}

/// The thousandths of starts a second that so many nodes divide: one a second less for each where there are several.
const fn starts_to_divide(rate: i64, holders: i64) -> i64 {
    if holders == 1 { rate } else { rate - 1_000 * holders }
}

/// What one more node may have beside the others: channels, and thousandths of starts a second.
fn split(channels: i64, rate: i64, others: &[LineShare]) -> (i64, i64) {
    let holders = i64::try_from(others.len()).unwrap_or(i64::MAX).saturating_add(1);
    if is_too_slow_to_divide(rate, holders) {
        return whole_or_none(channels, rate, others);
    }
    let taken: i64 = others.iter().map(|share| share.channels).sum();
    // Rounded up, so that a line with fewer channels than nodes is used at all.
    let fair = (channels + holders - 1) / holders;
    let own_channels = fair.min(channels - taken).max(0);
    let taken_rate: i64 = others.iter().map(|share| share.rate).sum();
    let all = starts_to_divide(rate, holders);
    (own_channels, (all / holders).min(all - taken_rate).max(0))
}

#[cfg(test)]
mod tests {
    use domain::NodeId;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    proptest! {
        /// Nodes come, renew in any order and go: their shares never sum to more than the line has.
        #[test]
        fn shares_never_exceed_the_line(
            channels in 1..50_i64, rate in 1..100_000_i64, turns in proptest::collection::vec((0..5_u128, 0..6_u8), 1..80),
        ) {
            let mut shares: Vec<LineShare> = Vec::new();
            for (node, what) in turns {
                let node = NodeId::new(Uuid::from_u128(node));
                shares.retain(|share| share.node != node);
                if what > 0 {
                    let (channels, rate) = split(channels, rate, &shares);
                    shares.push(LineShare { node, channels, rate });
                }
                prop_assert!(shares.iter().map(|share| share.channels).sum::<i64>() <= channels);
                let starting = shares.iter().filter(|share| share.rate > 0).count();
                let sum: i64 = shares.iter().map(|share| share.rate).sum();
                let one_each = if starting > 1 { 1_000 * i64::try_from(starting).unwrap() } else { 0 };
                prop_assert!(sum + one_each <= rate, "{:?} of {}", shares, rate);
            }
        }

        /// The same of a line that registers: at any time one node alone may start calls over it, and so registers it.
        #[test]
        fn a_line_that_registers_is_one_nodes_alone(
            channels in 1..50_i64, rate in 1..100_000_i64, turns in proptest::collection::vec((0..5_u128, 0..6_u8, 0..9_i64), 1..80),
        ) {
            let mut shares: Vec<LineShare> = Vec::new();
            for (node, what, under_way) in turns {
                let node = NodeId::new(Uuid::from_u128(node));
                let had = shares.iter().find(|share| share.node == node).map_or(0, |share| share.channels);
                shares.retain(|share| share.node != node);
                if what > 0 {
                    let (channels, rate) = whole_or_none(channels, rate, &shares);
                    shares.push(LineShare { node, channels: channels.max(under_way.min(had)), rate });
                    prop_assert_eq!(shares.iter().filter(|share| share.rate > 0).count(), 1);
                }
                prop_assert!(shares.iter().map(|share| share.channels).sum::<i64>() <= channels);
            }
        }

        /// Nodes come one after the other to a slow line, and renew: one of them has all that there is.
        #[test]
        fn a_line_that_is_too_slow_to_divide_is_used_whole(channels in 1..50_i64, rate in 1..4_000_i64, nodes in 2..6_u128) {
            let mut shares: Vec<LineShare> = Vec::new();
            for node in (1..=nodes).flat_map(|there| (0..there).chain(0..there)) {
                let node = NodeId::new(Uuid::from_u128(node));
                shares.retain(|share| share.node != node);
                let (channels, rate) = split(channels, rate, &shares);
                shares.push(LineShare { node, channels, rate });
            }
            let mut whole = shares.iter().filter(|share| share.channels > 0 || share.rate > 0);
            let one = whole.next().unwrap();
            prop_assert_eq!((one.channels, one.rate), (channels, rate));
            prop_assert!(whole.next().is_none());
            let is_short = |share| share_is_short(channels, rate, share, shares.len() - 1);
            prop_assert!(!shares.iter().any(is_short));
        }

        #[test]
        fn nodes_that_renew_twice_have_equal_shares(channels in 6..50_i64, nodes in 1..5_u128) {
            let mut shares: Vec<LineShare> = Vec::new();
            for node in (0..nodes).chain(0..nodes).chain(0..nodes) {
                let node = NodeId::new(Uuid::from_u128(node));
                shares.retain(|share| share.node != node);
                let (channels, rate) = split(channels, 100_000, &shares);
                shares.push(LineShare { node, channels, rate });
            }
            let most = shares.iter().map(|share| share.channels).max().unwrap();
            let least = shares.iter().map(|share| share.channels).min().unwrap();
            prop_assert!(most - least <= i64::try_from(nodes).unwrap());
            prop_assert!(shares.iter().all(|share| share.rate == shares[0].rate));
            prop_assert!(shares.iter().all(|share| !share_is_short(channels, 100_000, share, shares.len() - 1)));
        }
    }
}
