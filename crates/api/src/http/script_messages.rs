//! What the rules of scripts ask for, in both languages.

use domain::ScriptRule;

/// The stable name of a rule.
pub(crate) const fn code(rule: ScriptRule) -> &'static str {
    match rule {
        ScriptRule::Label => "label",
        ScriptRule::Digits | ScriptRule::SentDigits => "digits",
        ScriptRule::WebSocketUrl => "web_socket_url",
        ScriptRule::Extension => "extension",
        ScriptRule::SipAddress => "sip_address",
        ScriptRule::NoEnd => "no_end",
        ScriptRule::Unreachable => "unreachable",
        ScriptRule::Endless => "endless",
    }
}

/// What a rule asks for.
pub(crate) const fn chinese(rule: ScriptRule) -> &'static str {
    match rule {
        ScriptRule::Label => "必须为1到32个字符，只能使用a-z、0-9、_和-",
        ScriptRule::Digits => "必须为1到20个按键：0-9、*和#",
        ScriptRule::SentDigits => "必须为1到64个字符：0-9、*、#、A到D，以及停顿一秒的逗号",
        ScriptRule::WebSocketUrl => "必须为ws或wss地址，且不含用户名、密码和#片段",
        ScriptRule::Extension => "必须为1到32个字符的分机号：字母、数字和*#+._-",
        ScriptRule::SipAddress => "必须为SIP地址，例如sip:1001@pbx.example.com",
        ScriptRule::NoEnd => "最后一个步骤之后没有步骤，须以hang_up、bot或transfer结束，或指定去向",
        ScriptRule::Unreachable => "没有任何步骤通向此步骤",
        ScriptRule::Endless => "从此步骤出发无法结束通话",
    }
}

/// The same in English.
pub(crate) const fn english(rule: ScriptRule) -> &'static str {
    match rule {
        ScriptRule::Label => "must have 1 to 32 characters of a-z, 0-9, _ and -",
        ScriptRule::Digits => "must be 1 to 20 keys of 0-9, * and #",
        ScriptRule::SentDigits => {
            "must be 1 to 64 of 0-9, *, #, A to D, and commas, each a pause of a second"
        }
        ScriptRule::WebSocketUrl => "must be a ws or wss address without user name, password and fragment",
        ScriptRule::Extension => "must be an extension of 1 to 32 letters, digits and *#+._-",
        ScriptRule::SipAddress => "must be a sip: or sips: address, such as sip:1001@pbx.example.com",
        ScriptRule::NoEnd => {
            "no step follows the last one: it must be hang_up, bot or transfer, or say where to go on"
        }
        ScriptRule::Unreachable => "is a step that nothing leads to",
        ScriptRule::Endless => "is a step from which the call cannot come to an end",
    }
}
