//! The formats of short texts in requests and answers, as schemas of the OpenAPI document. Each names the parser that it describes,
//! with its bounds, and a pattern where one can tell good from bad.

use std::sync::LazyLock;

use calendar::MAX_NAME_CHARACTERS;
use domain::{
    DESCRIPTION_CHARACTERS, DO_NOT_CALL_REASON_CHARACTERS, DO_NOT_CALL_SOURCE_CHARACTERS, DetailText,
    EMAIL_CHARACTERS, FaultRule, LONGEST_BOT_SECRET, NAME_CHARACTERS, PROFILE_CHARACTERS, REASON_CHARACTERS,
    REMARK_CHARACTERS, legible,
};
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
    schema::{SchemaType, Type},
};

use crate::http::values::schema_of;

/// A year that the calendar can answer for.
const YEAR: &str = "(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2}|2200)";
const LEAP_YEAR: &str =
    "(19(7[26]|8[048]|9[26])|20([02468][048]|[13579][26])|21(0[48]|[2468][048]|[13579][26]))";
const DAY_OF_YEAR: &str = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)\
                           |02-(0[1-9]|1[0-9]|2[0-8]))";
const HOUR_AND_MINUTE: &str = "([01][0-9]|2[0-3]):[0-5][0-9]";
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";

/// A day that exists.
static DATE: LazyLock<String> = LazyLock::new(|| format!("({YEAR}-{DAY_OF_YEAR}|{LEAP_YEAR}-02-29)"));

/// Control characters and those that cannot be seen, for a class in a pattern. Without the few beyond `\uffff`, which not every reader
/// of patterns can name, and the joiner, which is good between two pictographs.
static ILLEGIBLE: LazyLock<String> = LazyLock::new(|| {
    let is_invisible = |character: &char| {
        *character != '\u{200D}'
            && legible(character.encode_utf8(&mut [0; 4])) == Err(FaultRule::InvisibleCharacter)
    };
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for code in ('\0'..='\u{FFFF}').filter(is_invisible).map(u32::from) {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            _ => spans.push((code, code)),
        }
    }
    let written = |(first, last): &(u32, u32)| format!(r"\u{first:04x}-\u{last:04x}");
    spans.iter().map(written).fold(CONTROL.to_owned(), |class, span| class + span.as_str())
});

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).description(Some(description))
}

/// A text that says something and can be read.
fn legible_text(description: &str, most: usize) -> ObjectBuilder {
    text(description)
        .min_length(Some(1))
        .max_length(Some(most))
        .pattern(Some(format!(r"^[^{bad}]*[^\s\u2800\ufe00-\ufe0f{bad}][^{bad}]*$", bad = *ILLEGIBLE)))
}

fn built(text: ObjectBuilder) -> RefOr<Schema> {
    RefOr::T(Schema::Object(text.build()))
}

/// A text that may be empty and is wholly legible.
fn legible_or_empty(most: usize) -> RefOr<Schema> {
    short_text(most, &format!("^[^{bad}]*$", bad = *ILLEGIBLE))
}

/// A text that is legible once the space around it is gone.
fn trimmed(most: usize) -> RefOr<Schema> {
    short_text(most, &format!(r"^\s*[^{bad}]*\s*$", bad = *ILLEGIBLE))
}

/// A text that is legible, or nothing but space.
fn legible_or_blank(detail: DetailText) -> RefOr<Schema> {
    short_text(detail.characters(), &format!(r"^(\s*|[^{bad}]*)$", bad = *ILLEGIBLE))
}

fn short_text(most: usize, pattern: &str) -> RefOr<Schema> {
    built(
        text(&format!("Up to {most} characters, without control characters and others that cannot be seen."))
            .max_length(Some(most))
            .pattern(Some(pattern)),
    )
}

schema_of!(
    /// [`domain::Name`].
    NameSchema,
    "Name",
    built(
        legible_text(
            "1 to 64 characters; not blank, without control characters and others that cannot be seen.",
            NAME_CHARACTERS
        )
        .examples(["周一周三拨打"])
    )
);
schema_of!(
    /// [`domain::Name`] that may be left empty.
    DisplayNameSchema,
    "DisplayName",
    built(
        text("Up to 64 characters; not blank, without control characters and others that cannot be seen. Empty: none.")
            .max_length(Some(NAME_CHARACTERS))
            .pattern(Some(format!(r"^([^{bad}]*[^\s\u2800\ufe00-\ufe0f{bad}][^{bad}]*)?$", bad = *ILLEGIBLE)))
    )
);
schema_of!(
    /// The remark on a script or a redial rule.
    RemarkSchema,
    "Remark",
    legible_or_empty(REMARK_CHARACTERS)
);
schema_of!(
    /// The description of a line or a group of lines.
    DescriptionSchema,
    "Description",
    legible_or_empty(DESCRIPTION_CHARACTERS)
);
schema_of!(
    /// A text of a [`domain::Profile`].
    ProfileTextSchema,
    "ProfileText",
    legible_or_empty(PROFILE_CHARACTERS)
);
schema_of!(
    /// What people call an exception or a season.
    DayNameSchema,
    "DayName",
    legible_or_empty(MAX_NAME_CHARACTERS)
);
schema_of!(
    /// [`domain::check_reason`].
    DoNotCallReasonSchema,
    "DoNotCallReason",
    trimmed(DO_NOT_CALL_REASON_CHARACTERS)
);
schema_of!(
    /// [`domain::check_source`].
    DoNotCallSourceSchema,
    "DoNotCallSource",
    trimmed(DO_NOT_CALL_SOURCE_CHARACTERS)
);
schema_of!(
    /// [`DetailText::Name`].
    NumberNameSchema,
    "NumberName",
    legible_or_blank(DetailText::Name)
);
schema_of!(
    /// [`DetailText::Email`].
    NumberEmailSchema,
    "NumberEmail",
    legible_or_blank(DetailText::Email)
);
schema_of!(
    /// [`DetailText::Company`].
    NumberCompanySchema,
    "NumberCompany",
    legible_or_blank(DetailText::Company)
);
schema_of!(
    /// [`DetailText::Extra`].
    NumberExtraSchema,
    "NumberExtra",
    legible_or_blank(DetailText::Extra)
);
schema_of!(
    /// [`DetailText::ControlSelectRobot`].
    NumberRobotSelectionSchema,
    "NumberRobotSelection",
    legible_or_blank(DetailText::ControlSelectRobot)
);
schema_of!(
    /// [`domain::BotSecret`], or none.
    BotSecretSchema,
    "BotSecret",
    legible_or_empty(LONGEST_BOT_SECRET)
);
schema_of!(
    /// [`domain::StepLabel`].
    StepLabelSchema,
    "StepLabel",
    built(
        text("What a step of a script is called: 1 to 32 of a-z, 0-9, `_` and `-`.")
            .pattern(Some("^[a-z0-9_-]{1,32}$"))
            .examples(["greeting"])
    )
);
schema_of!(
    /// [`domain::TransferExtension`].
    TransferExtensionSchema,
    "TransferExtension",
    built(
        text("1 to 32 letters, digits and `*#+._-`.")
            .pattern(Some("^[A-Za-z0-9*#+._-]{1,32}$"))
            .examples(["1001"])
    )
);
schema_of!(
    /// [`domain::TransferAddress`].
    TransferAddressSchema,
    "TransferAddress",
    built(
        text("A SIP address with a name and a host, at most 255 characters.")
            .max_length(Some(255))
            .pattern(Some(r"^sips?:[A-Za-z0-9*#+._~!$&'()=-]+@[A-Za-z0-9.:\[\]-]+$"))
            .examples(["sip:1001@pbx.example.com"])
    )
);
schema_of!(
    /// [`domain::StatedReason`].
    StatedReasonSchema,
    "StatedReason",
    built(
        legible_text(
            "1 to 200 characters; not blank, without control characters and others that cannot be seen.",
            REASON_CHARACTERS
        )
        .examples(["投诉"])
    )
);
schema_of!(
    /// [`domain::Email`].
    EmailSchema,
    "Email",
    built(
        text("An e-mail address, at most 254 characters; unique among the partner's accounts.")
            .max_length(Some(EMAIL_CHARACTERS))
            .pattern(Some(format!(
                r"^[^@\s{bad}]+@[^@.\s{bad}][^@\s{bad}]*\.[^@\s{bad}]*[^@.\s{bad}]$",
                bad = *ILLEGIBLE
            )))
            .examples(["ann@example.com"])
    )
);
schema_of!(
    /// [`domain::Phone`].
    PhoneSchema,
    "Phone",
    built(
        text("A telephone number: 5 to 20 digits, a `+` before them, spaces and hyphens between them; unique among the partner's accounts.")
            .pattern(Some(r"^[ -]*\+?([ -]*[0-9]){5,20}[ -]*$"))
            .examples(["13800000000"])
    )
);
schema_of!(
    /// The begin of a [`calendar::Window`].
    BeginTimeSchema,
    "BeginTime",
    built(
        text("`HH:MM`, 00:00 to 23:59.")
            .pattern(Some("^([01]?[0-9]|2[0-3]):[0-5][0-9]$"))
            .examples(["08:00"])
    )
);
schema_of!(
    /// The end of a [`calendar::Window`].
    EndTimeSchema,
    "EndTime",
    built(
        text("`HH:MM`, 00:00 to 24:00. At or before the begin it runs over midnight into the next day; it is not the begin itself.")
            .pattern(Some("^(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$"))
            .examples(["20:00"])
    )
);
schema_of!(
    /// [`calendar::Zone`].
    TimezoneSchema,
    "Timezone",
    built(
        text("The name of a zone in the IANA time zone database; no abbreviation.")
            .format(Some(SchemaFormat::Custom("iana-time-zone".to_owned())))
            .examples(["Asia/Shanghai"])
    )
);
schema_of!(
    /// [`domain::HolidayCalendarId`].
    HolidayCalendarIdSchema,
    "HolidayCalendarId",
    built(
        text("The id of a holiday calendar that is built in or was imported.")
            .format(Some(SchemaFormat::Custom("holiday-calendar".to_owned())))
            .examples(["CN"])
    )
);
schema_of!(
    /// The days of [`calendar::ExceptionInput`].
    ExceptionDateSchema,
    "ExceptionDate",
    built(
        text("`YYYY-MM-DD`, from 1970 to 2200, or `MM-DD` for every year.")
            .pattern(Some(format!("^({date}|{DAY_OF_YEAR}|02-29)$", date = *DATE)))
            .examples(["2026-12-31"])
    )
);
/// What a date on a calendar looks like.
pub(crate) fn date_pattern() -> String {
    format!("^{date}$", date = *DATE)
}

schema_of!(
    /// A date on a calendar.
    DateSchema,
    "Date",
    built(
        text("`YYYY-MM-DD`, from 1970 to 2200.")
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .pattern(Some(date_pattern()))
            .examples(["2026-10-01"])
    )
);
schema_of!(
    /// [`crate::http::time::parse`] and [`crate::http::time::stamp`].
    LocalTimeSchema,
    "LocalTime",
    built(
        text("`YYYY-MM-DD HH:MM:SS` on the server's clock, from 1970 to 2200; the seconds may be left out.")
            .pattern(Some(format!("^{date} {HOUR_AND_MINUTE}(:[0-5][0-9])?$", date = *DATE)))
            .examples(["2026-11-01 13:25:26"])
    )
);
/// The `until` of an override that holds until its group would next open or close.
pub(crate) const NEXT_CHANGE: &str = "next_change";
schema_of!(
    /// [`domain::OverrideEnd`].
    OverrideEndSchema,
    "OverrideEnd",
    built(
        text("`YYYY-MM-DD HH:MM:SS` on the server's clock, in the future; or `next_change`: until the group would next open or close.")
            .pattern(Some(format!("^({NEXT_CHANGE}|{date} {HOUR_AND_MINUTE}(:[0-5][0-9])?)$", date = *DATE)))
            .examples(["2026-11-01 13:25:26", NEXT_CHANGE])
    )
);
schema_of!(
    /// [`crate::http::time::parse_instant`].
    InstantSchema,
    "Instant",
    built(
        text("RFC 3339 with its offset, from 1970 to 2200.")
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .pattern(Some(format!(
                r"^{date}T{HOUR_AND_MINUTE}:[0-5][0-9](\.[0-9]{{1,9}})?(Z|[+-]{HOUR_AND_MINUTE})$",
                date = *DATE
            )))
            .examples(["2026-10-10T10:00:00+08:00"])
    )
);
