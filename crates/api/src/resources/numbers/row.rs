//! One number of a request: the number itself, what the platform's interface tells of it, and variables.

use domain::{
    DetailText, Fault, FaultRule, NewNumber, NumberDetails, SORT_BOUNDS, check_variables, random_suffix,
};
use phone::PhoneNumber;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    Api,
    http::{
        body::{FieldPath, FromValue, Members, Reading},
        formats::{
            NumberCompanySchema, NumberEmailSchema, NumberExtraSchema, NumberNameSchema,
            NumberRobotSelectionSchema,
        },
        lenient,
    },
};

/// The fields of a number that are not variables.
const KNOWN: &[&str] = &["phone", "name", "email", "company", "sex", "sort", "extra", "control_select_robot"];

/// A number to add. Fields of other names are kept as its variables, with at most 8 kB for all of them.
#[derive(ToSchema)]
#[schema(as = NumberToAdd)]
#[expect(dead_code, reason = "it documents what `read` reads")]
pub(crate) struct NumberToAddSchema {
    /// With or without the calling code, in any usual form, with an extension (`转801`) and a suffix (`_a1b2`) if it has them.
    #[schema(max_length = 64, example = "13800138000")]
    phone: String,
    #[schema(value_type = Option<NumberNameSchema>)]
    name: Option<String>,
    #[schema(value_type = Option<NumberEmailSchema>)]
    email: Option<String>,
    #[schema(value_type = Option<NumberCompanySchema>)]
    company: Option<String>,
    /// 0 unknown, 1 male, 2 female.
    #[schema(minimum = 0, maximum = 2)]
    sex: Option<i64>,
    /// Smaller ones are called first; 0 when left out.
    #[schema(minimum = -1_000_000_000, maximum = 1_000_000_000)]
    sort: Option<i64>,
    /// Given back as it is.
    #[schema(value_type = Option<NumberExtraSchema>)]
    extra: Option<String>,
    /// What `destination_extension_with_variable_list` is matched with.
    #[schema(value_type = Option<NumberRobotSelectionSchema>)]
    control_select_robot: Option<String>,
}

/// A number as text, or as the number that some clients write.
pub(crate) struct PhoneText(pub(crate) String);

impl FromValue for PhoneText {
    fn from_value(value: Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let digits = value.as_number().and_then(|number| lenient::integer(&number.to_string()));
        match digits {
            Some(digits) => Some(Self(digits.to_string())),
            None => String::from_value(value, place, reading).map(Self),
        }
    }

    fn faulty() -> Option<Self> {
        Some(Self(String::new()))
    }
}

/// Reads the number at a place of `data`.
///
/// # Errors
/// What is wrong with its fields.
pub(super) fn read(
    api: &Api,
    index: usize,
    value: Value,
    adds_suffix: bool,
) -> Result<NewNumber, Vec<Fault>> {
    let (data, mut reading) = (FieldPath::Whole("data"), Reading::new());
    let place = FieldPath::Entry(&data, index);
    let number = Members::of(value, &place, &mut reading)
        .and_then(|mut members| from_members(api, &mut members, adds_suffix));
    reading.faults.finish(number)
}

fn from_members(api: &Api, members: &mut Members<'_>, adds_suffix: bool) -> Option<NewNumber> {
    let phone = members.need::<PhoneText>("phone");
    let phone = phone.and_then(|PhoneText(text)| checked(members, "phone", number(api, &text, adds_suffix)));
    let mut details = NumberDetails::default();
    for text in DetailText::ALL {
        if let Some(value) = members.take::<String>(text.field()) {
            *text.of(&mut details) = checked(members, text.field(), text.check(value)).flatten();
        }
    }
    if let Some(sex) = members.take::<i64>("sex") {
        let known = u8::try_from(sex).ok().filter(|sex| *sex <= 2).ok_or(FaultRule::OutOfRange(0, 2));
        details.sex = checked(members, "sex", known);
    }
    let sort = members.take::<i64>("sort").unwrap_or(0);
    let (smallest, greatest) = SORT_BOUNDS;
    if !(smallest..=greatest).contains(&sort) {
        members.fault("sort", FaultRule::OutOfRange(smallest, greatest));
    }
    details.variables = members.take_all_but(KNOWN);
    checked(members, "variables", check_variables(&details.variables));
    Some(NewNumber { sort: Some(sort), details, ..NewNumber::new(phone?) })
}

/// Notes what is wrong with a field.
fn checked<T>(members: &mut Members<'_>, field: &str, result: Result<T, FaultRule>) -> Option<T> {
    result.map_err(|rule| members.fault(field, rule)).ok()
}

/// Reads a number, with a suffix of its own if it is to have one: after the one that it was sent with, as the platform appends it.
fn number(api: &Api, text: &str, adds_suffix: bool) -> Result<PhoneNumber, FaultRule> {
    let country = api.settings.default_country;
    let phone = PhoneNumber::parse(text, country).map_err(FaultRule::Number)?;
    if !adds_suffix {
        return Ok(phone);
    }
    let text = format!("{}_{}", text.trim_end(), random_suffix(&*api.random));
    PhoneNumber::parse(&text, country).map_err(FaultRule::Number)
}
