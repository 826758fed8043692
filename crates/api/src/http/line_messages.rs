//! What the rules of lines ask for, in both languages.

use domain::LineRule;

/// The stable name of a rule.
pub(crate) const fn code(rule: LineRule) -> &'static str {
    match rule {
        LineRule::Address => "sip_address",
        LineRule::Host => "host",
        LineRule::User => "sip_user",
        LineRule::Identity => "sip_identity",
        LineRule::HeaderName => "header_name",
        LineRule::HeaderReserved => "header_reserved",
        LineRule::HeaderValue => "header_value",
        LineRule::CallerNumber => "caller_number",
        LineRule::Digits => "digits",
        LineRule::Pattern => "number_pattern",
        LineRule::Condition => "condition",
        LineRule::Answered => "answered",
        LineRule::Rate => "rate",
        LineRule::Price => "price",
        LineRule::Span => "span",
        LineRule::OnlySip => "only_sip",
        LineRule::OnlySimulated => "only_simulated",
        LineRule::StaysSip => "stays_sip",
        LineRule::SecretAlone => "secret_alone",
        LineRule::AllocationNumber => "allocation_number",
        LineRule::TooMany(_) => "too_many",
        LineRule::Residue(_) => "residue",
    }
}

pub(crate) fn chinese(rule: LineRule) -> String {
    match rule {
        LineRule::TooMany(most) => return format!("最多{most}项"),
        LineRule::Residue(left) => return format!("不能超过线路的剩余并发{left}"),
        LineRule::Address => "必须为主机名或IP地址，可带端口，例如sip.example.com:5060（IPv6需加方括号）",
        LineRule::Host => "必须为主机名或IP地址，不带端口（IPv6需加方括号）",
        LineRule::User => "必须为1到128个SIP用户名字符（字母、数字及常用符号，不含空格）",
        LineRule::Identity => "必须为sip:user@host、sips:user@host或tel:+号码",
        LineRule::HeaderName => "必须为2到64个字符的SIP头域名称，例如X-Account",
        LineRule::HeaderReserved => "该SIP头域由系统填写，不能自定义",
        LineRule::HeaderValue => "必须为1到256个字符且不含换行",
        LineRule::CallerNumber => "必须为1到32个字母、数字或+ # . _ -",
        LineRule::Digits => "必须为1到20位数字，前面可带+",
        LineRule::Pattern => "必须为1到32位数字，可用“?”代表一位、“*”代表任意多位",
        LineRule::Condition => "q850、phrase、code、carrier_error必须且只能给出一项",
        LineRule::Answered => "应答的呼叫无需规则",
        LineRule::Rate => "必须为0.001到1000之间的数字，最多3位小数",
        LineRule::Price => "必须为0到1000000之间的数字，最多6位小数",
        LineRule::Span => "不能小于from",
        LineRule::OnlySip => "仅kind为sip的线路可用",
        LineRule::OnlySimulated => "仅kind为simulated的线路可用",
        LineRule::StaysSip => "kind为sip的线路不能改为其他类型（其中继与密码会丢失），请另建线路",
        LineRule::SecretAlone => "须同时给出auth_user",
        LineRule::AllocationNumber => {
            "必须为分配编号，不是线路id：编号见GET /agent-api/line/{line_id}/allocation的id"
        }
    }
    .to_owned()
}

pub(crate) fn english(rule: LineRule) -> String {
    match rule {
        LineRule::TooMany(most) => return format!("must have at most {most} entries"),
        LineRule::Residue(left) => return format!("must not exceed the {left} calls at once that are left of the line"),
        LineRule::Address => {
            "must be a host name or an IP address, with a port or without, such as sip.example.com:5060 (IPv6 in brackets)"
        }
        LineRule::Host => "must be a host name or an IP address without a port (IPv6 in brackets)",
        LineRule::User => "must be 1 to 128 characters that the user part of a SIP address may have",
        LineRule::Identity => "must be sip:USER@HOST, sips:USER@HOST or tel:+NUMBER",
        LineRule::HeaderName => "must be the name of a SIP header, 2 to 64 characters, such as X-Account",
        LineRule::HeaderReserved => "is a header that the program writes itself",
        LineRule::HeaderValue => "must be 1 to 256 characters in one line",
        LineRule::CallerNumber => "must be 1 to 32 letters, digits and + # . _ -",
        LineRule::Digits => "must be 1 to 20 digits, with a + before them or without",
        LineRule::Pattern => "must be 1 to 32 digits, where ? stands for one and * for any number of them",
        LineRule::Condition => "must have exactly one of q850, phrase, code and carrier_error",
        LineRule::Answered => "is what answered calls are, which need no rule",
        LineRule::Rate => "must be a number from 0.001 to 1000 with at most 3 digits after the point",
        LineRule::Price => "must be a number from 0 to 1000000 with at most 6 digits after the point",
        LineRule::Span => "must not be less than from",
        LineRule::OnlySip => "is for lines of kind sip only",
        LineRule::OnlySimulated => "is for lines of kind simulated only",
        LineRule::StaysSip => "of a line of kind sip stays as it is, for its trunk and its secret would be gone: make another line",
        LineRule::SecretAlone => "needs an auth_user beside it",
        LineRule::AllocationNumber => {
            "must be the number of the user's share, not the line's id: `id` in GET /agent-api/line/{line_id}/allocation"
        }
    }
    .to_owned()
}
