//! The body that an account is registered from.

use domain::{
    AccountId, Email, Fault, FaultRule, Faults, Name, PROFILE_CHARACTERS, Phone, Profile, legible_within,
};
use jiff::civil::Date;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    body::{fields, required_name},
    chosen_ids::chosen_uuid,
    formats::{EmailSchema, NameSchema, PhoneSchema, ProfileTextSchema},
    password::{self, Password},
};

/// What an account is registered from.
#[derive(Debug, ToSchema)]
pub(crate) struct Register {
    /// The id it had elsewhere, which no other account may have; left out, a new one.
    #[schema(value_type = Option<Uuid>)]
    id: Option<String>,
    #[schema(value_type = NameSchema, required = true)]
    name: Option<String>,
    #[schema(value_type = EmailSchema, required = true)]
    email: Option<String>,
    #[schema(value_type = PhoneSchema, required = true)]
    phone: Option<String>,
    /// Kept only as an argon2id hash.
    #[schema(value_type = String, required = true, min_length = 8, max_length = 128, format = "password", example = "long enough")]
    password: Option<Password>,
    /// The password again.
    #[schema(value_type = String, required = true, min_length = 8, max_length = 128, format = "password", example = "long enough")]
    password_confirmation: Option<Password>,
    /// The cloud node, for users; kept and returned.
    tenant_id: Option<Uuid>,
    /// More about a sub-user; kept and returned.
    subset_data: Option<SubsetData>,
}

/// More about a sub-user.
#[derive(Debug, Default, ToSchema)]
pub(crate) struct SubsetData {
    #[schema(value_type = Option<ProfileTextSchema>)]
    alias: Option<String>,
    #[schema(format = "date", example = "2022-07-13")]
    birthday: Option<String>,
    #[schema(value_type = Option<ProfileTextSchema>)]
    duty: Option<String>,
    #[schema(value_type = Option<ProfileTextSchema>)]
    wechat: Option<String>,
    #[schema(value_type = Option<ProfileTextSchema>)]
    qq: Option<String>,
    #[schema(value_type = Option<ProfileTextSchema>)]
    landline_phone: Option<String>,
    /// 0 unknown, 1 male, 2 female.
    #[schema(minimum = 0, maximum = 2)]
    sex: Option<i64>,
}

fields!(Register { id, name, email, phone, password, password_confirmation, tenant_id, subset_data });
fields!(SubsetData { alias, birthday, duty, wechat, qq, landline_phone, sex });

impl SubsetData {
    fn profile(self, faults: &mut Faults) -> Profile {
        let sex = self.sex.unwrap_or(0);
        Profile {
            alias: profile_text("subset_data.alias", self.alias, faults),
            birthday: self.birthday.and_then(|text| birthday(&text, faults)),
            duty: profile_text("subset_data.duty", self.duty, faults),
            wechat: profile_text("subset_data.wechat", self.wechat, faults),
            qq: profile_text("subset_data.qq", self.qq, faults),
            landline_phone: profile_text("subset_data.landline_phone", self.landline_phone, faults),
            sex: faults.check("subset_data.sex", sex_number(sex)).unwrap_or(0),
        }
    }
}

fn sex_number(number: i64) -> Result<u8, FaultRule> {
    u8::try_from(number).ok().filter(|number| *number <= 2).ok_or(FaultRule::OutOfRange(0, 2))
}

fn birthday(text: &str, faults: &mut Faults) -> Option<Date> {
    faults.check("subset_data.birthday", Date::strptime("%Y-%m-%d", text).map_err(|_| FaultRule::Date))
}

fn profile_text(field: &str, text: Option<String>, faults: &mut Faults) -> Option<String> {
    let text = text?;
    faults.check(field, legible_within(&text, PROFILE_CHARACTERS)).map(|()| text)
}

/// A registration whose fields are all good; the password still waits to be hashed.
pub(super) struct Registration {
    /// The id that its client chose.
    pub(super) id: Option<AccountId>,
    pub(super) name: Name,
    pub(super) email: Email,
    pub(super) phone: Phone,
    pub(super) password: String,
    pub(super) tenant_id: Option<Uuid>,
    pub(super) profile: Profile,
}

impl Register {
    pub(super) fn check(self, mut faults: Faults) -> Result<Registration, Vec<Fault>> {
        let id = self.id.and_then(|id| faults.check("id", chosen_uuid(&id))).map(AccountId::new);
        let name = required_name(self.name, &mut faults);
        let email = faults.require("email", self.email);
        let email = email.and_then(|email| faults.check("email", Email::parse(&email)));
        let phone = faults.require("phone", self.phone);
        let phone = phone.and_then(|phone| faults.check("phone", Phone::parse(&phone)));
        let password = new_password(self.password, self.password_confirmation, &mut faults);
        let profile = self.subset_data.unwrap_or_default().profile(&mut faults);
        let registration =
            name.zip(email).zip(phone.zip(password)).map(|((name, email), (phone, password))| Registration {
                id,
                name,
                email,
                phone,
                password,
                tenant_id: self.tenant_id,
                profile,
            });
        faults.finish(registration)
    }
}

/// A password that is about to be set, given twice.
pub(super) fn new_password(
    password: Option<Password>,
    confirmation: Option<Password>,
    faults: &mut Faults,
) -> Option<String> {
    let password = faults.require("password", password.map(|password| password.0));
    let confirmation = confirmation.map(|password| password.0);
    // Compared as they were sent: a password that is no good may be misspelt as well.
    let differ = password.as_ref().zip(confirmation.as_ref()).is_some_and(|(one, other)| one != other);
    let password = password.and_then(|text| faults.check("password", password::check(&text).map(|()| text)));
    faults.require("password_confirmation", confirmation);
    if differ {
        faults.add("password_confirmation", FaultRule::Differs("password"));
    }
    password
}
