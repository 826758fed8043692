//! What came of calls in words, for files that people read; answers have the codes.

use domain::{AnsweredBy, EndReason, EndedBy, OutcomeClass};

use crate::http::language::Language;

/// What came of a call.
pub(super) fn class_text(class: OutcomeClass, language: Language) -> &'static str {
    let (chinese, english) = match class {
        OutcomeClass::Answered => ("呼叫成功", "Answered"),
        OutcomeClass::Busy => ("占线", "Busy"),
        OutcomeClass::Blocked => ("运营商拦截", "Blocked by the carrier"),
        OutcomeClass::CalleeBlocked => ("用户屏蔽", "Blocked by the callee"),
        OutcomeClass::Declined => ("拒接", "Declined"),
        OutcomeClass::PoweredOff => ("关机", "Switched off"),
        OutcomeClass::Suspended => ("停机", "Out of service"),
        OutcomeClass::InArrears => ("欠费", "In arrears"),
        OutcomeClass::IncomingBarred => ("呼入限制", "Incoming calls barred"),
        OutcomeClass::InvalidNumber => ("空号", "No such number"),
        OutcomeClass::NoAnswer => ("无应答", "No answer"),
        OutcomeClass::DoNotCall => ("黑名单", "On the blocklist"),
        OutcomeClass::LineFailure => ("线路故障", "Line failure"),
        OutcomeClass::Throttled => ("线路限速", "Throttled by the line"),
        OutcomeClass::Configuration => ("线路配置错误", "Line set up wrongly"),
        OutcomeClass::BotFailed => ("机器人故障", "Bot failed"),
        OutcomeClass::Cancelled => ("已取消", "Cancelled"),
        OutcomeClass::NotSent => ("未发出", "Not sent"),
        OutcomeClass::Unknown => ("结果未知", "Unknown"),
        OutcomeClass::Other => ("其他", "Other"),
    };
    language.choose(chinese, english)
}

/// Who answered it.
pub(super) fn answered_by_text(by: AnsweredBy, language: Language) -> &'static str {
    let (chinese, english) = match by {
        AnsweredBy::Human => ("真人", "A person"),
        AnsweredBy::Machine => ("机器", "A machine"),
        AnsweredBy::Unsure => ("不确定", "Not clear"),
    };
    language.choose(chinese, english)
}

/// Who ended it.
pub(super) fn ended_by_text(by: EndedBy, language: Language) -> &'static str {
    let (chinese, english) = match by {
        EndedBy::Callee => ("对方", "Callee"),
        EndedBy::Line => ("网络", "Network"),
        EndedBy::Script => ("话术", "Script"),
        EndedBy::Agent => ("坐席", "Agent"),
        EndedBy::Dialtime => ("本方", "Dialtime"),
        EndedBy::Unknown => ("未知", "Unknown"),
    };
    language.choose(chinese, english)
}

/// Why this program ended it, or did not send it.
pub(super) fn end_reason_text(reason: EndReason, language: Language) -> &'static str {
    let (chinese, english) = match reason {
        EndReason::RingLimit => ("振铃超时", "Rang as long as it may"),
        EndReason::TalkLimit => ("通话时长已满", "Talked as long as it may"),
        EndReason::WindowClosed => ("呼叫时间结束", "Calling hours ended"),
        EndReason::Closure => ("停拨", "Closure"),
        EndReason::Paused => ("任务已暂停", "Task paused"),
        EndReason::TaskRemoved => ("任务已删除", "Task deleted"),
        EndReason::Stopped => ("紧急停呼", "Emergency stop"),
        EndReason::AccountDisabled => ("账户已停用", "Account disabled"),
        EndReason::Shutdown => ("服务停止", "Server stopped"),
        EndReason::LeaseLost => ("服务器失去数据库", "Server lost its database"),
        EndReason::NodeDied => ("服务器异常退出", "Server died"),
        EndReason::OwnFailure => ("服务器自身SIP故障", "Server's own SIP failed"),
        EndReason::Prefix => ("线路不允许该号段", "No line may call this prefix"),
        EndReason::NotPlaced => ("未能及时发出", "Could not be placed in time"),
        EndReason::BotFailed => ("机器人故障", "Bot failed"),
        EndReason::Requested => ("按请求挂断", "On request"),
        EndReason::NoSound => ("一分钟没有声音", "No sound for a minute"),
        EndReason::AnsweringMachine => ("机器接听", "A machine answered"),
    };
    language.choose(chinese, english)
}
