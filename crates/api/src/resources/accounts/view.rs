//! A user and a sub-user as they are returned.

use domain::Account;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Api,
    http::{extract::Caller, formats::LocalTimeSchema, number_view::NumberView, time::stamp},
};

/// A user as it is returned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    id: Uuid,
    name: String,
    email: String,
    #[schema(value_type = String, example = "13800000000")]
    phone: NumberView,
    tenant_id: Option<Uuid>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
    /// Since when it is disabled; `null`: it is not.
    #[schema(value_type = Option<LocalTimeSchema>)]
    disabled_at: Option<String>,
}

impl UserView {
    pub(super) fn new(api: &Api, caller: &Caller, account: &Account) -> Self {
        let zone = api.settings.zone;
        Self {
            id: account.id.uuid(),
            name: account.name.as_str().to_owned(),
            email: account.email.as_str().to_owned(),
            phone: NumberView::new(account.phone.as_str(), caller),
            tenant_id: account.tenant_id,
            created_at: stamp(zone, account.created_at),
            updated_at: stamp(zone, account.updated_at),
            disabled_at: account.disabled_at.map(|disabled_at| stamp(zone, disabled_at)),
        }
    }
}

/// A sub-user as it is returned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubUserView {
    id: Uuid,
    name: String,
    #[schema(value_type = String, example = "13800000000")]
    phone: NumberView,
    email: String,
    /// 0 unknown, 1 male, 2 female.
    #[schema(maximum = 2)]
    sex: u8,
    alias: Option<String>,
    duty: Option<String>,
    #[schema(value_type = Option<String>)]
    landline_phone: Option<NumberView>,
    qq: Option<String>,
    wechat: Option<String>,
    #[schema(value_type = Option<String>, format = "date", example = "2022-07-13")]
    birthday: Option<Date>,
    #[schema(value_type = LocalTimeSchema)]
    created_at: String,
    #[schema(value_type = LocalTimeSchema)]
    updated_at: String,
    /// Since when it is disabled; `null`: it itself is not. Its user may be.
    #[schema(value_type = Option<LocalTimeSchema>)]
    disabled_at: Option<String>,
}

impl SubUserView {
    pub(super) fn new(api: &Api, caller: &Caller, account: &Account) -> Self {
        let zone = api.settings.zone;
        let profile = account.profile.clone();
        Self {
            id: account.id.uuid(),
            name: account.name.as_str().to_owned(),
            phone: NumberView::new(account.phone.as_str(), caller),
            email: account.email.as_str().to_owned(),
            sex: profile.sex,
            alias: profile.alias,
            duty: profile.duty,
            landline_phone: profile.landline_phone.map(|number| NumberView::new(&number, caller)),
            qq: profile.qq,
            wechat: profile.wechat,
            birthday: profile.birthday,
            created_at: stamp(zone, account.created_at),
            updated_at: stamp(zone, account.updated_at),
            disabled_at: account.disabled_at.map(|disabled_at| stamp(zone, disabled_at)),
        }
    }
}
