//! Why telephone numbers are refused, in both languages.

use phone::Refusal;

/// The stable name of a refusal.
pub(crate) const fn code(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Empty => "number_empty",
        Refusal::NoNumber => "number_no_number",
        Refusal::Letters => "number_letters",
        Refusal::Extension => "number_extension",
        Refusal::TooShort => "number_too_short",
        Refusal::TooLong => "number_too_long",
        Refusal::NotPossible => "number_not_possible",
        Refusal::Emergency => "number_emergency",
        Refusal::Service => "number_service",
        Refusal::Premium => "number_premium",
        Refusal::Satellite => "number_satellite",
        Refusal::UnknownCountry => "number_unknown_country",
    }
}

/// The refusal in Chinese.
pub(crate) const fn chinese(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Empty => "号码不能为空",
        Refusal::NoNumber => "不是电话号码",
        Refusal::Letters => "号码中含有字母或其他无效字符",
        Refusal::Extension => "分机号必须为1到8位数字，且每行只能有一个号码",
        Refusal::TooShort => "号码位数不足，或缺少区号",
        Refusal::TooLong => "号码位数过多",
        Refusal::NotPossible => "不是所属国家或地区可能存在的号码",
        Refusal::Emergency => "不能呼叫紧急号码",
        Refusal::Service => "不能呼叫服务号码（短号、免付费或分摊付费号码，如10086、95588、400、800）",
        Refusal::Premium => "不能呼叫付费声讯号码",
        Refusal::Satellite => "不能呼叫卫星电话号码",
        Refusal::UnknownCountry => "无法识别号码所属的国家或地区",
    }
}

/// The refusal in English.
pub(crate) const fn english(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Empty => "must not be empty",
        Refusal::NoNumber => "is no telephone number",
        Refusal::Letters => "holds a letter or another character that no number has",
        Refusal::Extension => "must have an extension of 1 to 8 digits, and there must be one number only",
        Refusal::TooShort => "has too few digits, or lacks the area code",
        Refusal::TooLong => "has too many digits",
        Refusal::NotPossible => "is not a possible number of its country",
        Refusal::Emergency => "is an emergency number, which may not be called",
        Refusal::Service => {
            "is a service number (a short one, freephone or shared cost, such as 10086, 95588, 400 or 800 in China), which may not be called"
        }
        Refusal::Premium => "is a premium-rate number, which may not be called",
        Refusal::Satellite => "is a satellite number, which may not be called",
        Refusal::UnknownCountry => "is of no known country",
    }
}
