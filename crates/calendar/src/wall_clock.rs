//! A zone's wall clock as a table: which offset holds at which instant.
//!
//! A zone's own rules answer in hundreds of nanoseconds, this table in a few, and every search for "when next" uses it.

use jiff::{Timestamp, civil, tz::TimeZone};

/// Length of a bucket as a power of two seconds: about 48 days, so that most hold one change of offset or none.
const BUCKET_SHIFT: u32 = 22;

/// A span of instants with one offset, in seconds. It ends where the next one starts.
#[derive(Clone, Copy)]
struct Piece {
    start: i64,
    offset: i64,
}

/// The offsets of a zone over the years 1970 to 2200, with the first and the last extended without end.
pub(crate) struct WallClock {
    pieces: Box<[Piece]>,
    /// For each bucket of instants the piece that holds its first second.
    buckets: Box<[u16]>,
    first_bucket: i64,
    least_offset: i64,
    greatest_offset: i64,
}

impl WallClock {
    pub(crate) fn new(time_zone: &TimeZone) -> WallClock {
        let pieces = pieces(time_zone);
        let (first_bucket, buckets) = buckets(&pieces);
        let offsets = || pieces.iter().map(|piece| piece.offset);
        let (least_offset, greatest_offset) =
            (offsets().min().unwrap_or_default(), offsets().max().unwrap_or_default());
        WallClock { pieces, buckets, first_bucket, least_offset, greatest_offset }
    }

    /// The index of the piece that holds `instant`.
    #[inline]
    pub(crate) fn piece_at(&self, instant: i64) -> usize {
        let last_bucket = self.buckets.len() - 1;
        let bucket = usize::try_from((instant >> BUCKET_SHIFT) - self.first_bucket).unwrap_or(0);
        let mut piece = usize::from(self.buckets[bucket.min(last_bucket)]);
        while self.end(piece).is_some_and(|end| end <= instant) {
            piece += 1;
        }
        piece
    }

    /// Seconds to add to an instant of that piece to get its wall clock.
    #[inline]
    pub(crate) fn offset(&self, piece: usize) -> i64 {
        self.pieces[piece].offset
    }

    /// The first instant after that piece, unless it is the last.
    #[inline]
    pub(crate) fn end(&self, piece: usize) -> Option<i64> {
        self.pieces.get(piece + 1).map(|next| next.start)
    }

    /// The earliest instant from which on no wall clock shows less than `wall`.
    pub(crate) fn surely_from(&self, wall: i64) -> i64 {
        wall - self.least_offset
    }

    /// The latest instant up to which no wall clock shows `wall` or more.
    pub(crate) fn surely_before(&self, wall: i64) -> i64 {
        wall - self.greatest_offset
    }
}

/// The offsets of the zone, each different from the one before.
fn pieces(time_zone: &TimeZone) -> Box<[Piece]> {
    let (from, to) = (second(1969, 12, 30), second(2201, 1, 2));
    let begin = Timestamp::from_second(from).unwrap_or(Timestamp::UNIX_EPOCH);
    let offset = i64::from(time_zone.to_offset(begin).seconds());
    let mut pieces = vec![Piece { start: i64::MIN, offset }];
    for change in time_zone.following(begin) {
        let (start, offset) = (change.timestamp().as_second(), i64::from(change.offset().seconds()));
        if start > to {
            break;
        }
        if pieces.last().is_none_or(|piece| piece.offset != offset) {
            pieces.push(Piece { start, offset });
        }
    }
    pieces.into_boxed_slice()
}

fn second(year: i16, month: i8, day: i8) -> i64 {
    let midnight = civil::date(year, month, day).at(0, 0, 0, 0);
    TimeZone::UTC.to_timestamp(midnight).map_or(0, Timestamp::as_second)
}

/// The number of the bucket before the first that has a change, and for it and all after it their first piece. All
/// earlier instants are looked up in it too.
fn buckets(pieces: &[Piece]) -> (i64, Box<[u16]>) {
    let starts = || pieces.iter().skip(1).map(|piece| piece.start >> BUCKET_SHIFT);
    let (Some(first), Some(last)) = (starts().next(), starts().next_back()) else {
        return (0, Box::new([0]));
    };
    let mut piece = 0;
    let buckets = (first - 1..=last + 1).map(|bucket| {
        while pieces.get(piece + 1).is_some_and(|next| next.start <= bucket << BUCKET_SHIFT) {
            piece += 1;
        }
        u16::try_from(piece).unwrap_or(u16::MAX)
    });
    (first - 1, buckets.collect())
}
