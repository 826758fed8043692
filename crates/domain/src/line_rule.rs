//! The rules of input that only lines have. Sentences for them belong to the API.

/// A rule that a field of a line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineRule {
    /// The text is not a host, with a port or without.
    Address,
    /// The text is not a host.
    Host,
    /// The text is not the user part of a SIP address.
    User,
    /// The text is not an identity that a network may assert: `sip:USER@HOST` or `tel:+NUMBER`.
    Identity,
    /// The text is not the name of a SIP header.
    HeaderName,
    /// The header is written by the program itself; another one would break the call.
    HeaderReserved,
    /// The text is not a header's value: 1 to 256 characters in one line.
    HeaderValue,
    /// The text is not a number that a callee can be shown.
    CallerNumber,
    /// The text is not digits.
    Digits,
    /// The text is not a pattern of numbers.
    Pattern,
    /// Not exactly one of `q850`, `phrase` and `code` is given.
    Condition,
    /// The class is that of answered calls, which need no rule.
    Answered,
    /// The number is no rate of calls.
    Rate,
    /// The number is no price.
    Price,
    /// The span of seconds ends before it begins.
    Span,
    /// Only lines of kind `sip` have it.
    OnlySip,
    /// Only lines of kind `simulated` have it.
    OnlySimulated,
    /// A line of kind `sip` stays one: its trunk and its secret would be gone.
    StaysSip,
    /// A secret without the name that it belongs to.
    SecretAlone,
    /// The text is not the number of a user's share.
    AllocationNumber,
    /// There are more than this many.
    TooMany(usize),
    /// The task may have more calls at once than are left of its user's share of the line: so many.
    Residue(usize),
}
