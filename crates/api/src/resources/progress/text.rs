//! Why a task does not dial, in words.

use calendar::Zone;
use domain::{BotFault, BotFaultKind, Hindered, LineFault, Obstacle, ReasonPhrase, RegistrationFailure};

use crate::http::{language::Language, time::stamp};

/// The codes of all reasons.
pub(super) fn codes() -> Vec<&'static str> {
    Obstacle::ALL.into_iter().map(Obstacle::code).collect()
}

/// A reason in words, with when it changes.
pub(super) fn of(hindered: Hindered, zone: Zone, language: Language) -> String {
    let (chinese, english) = words(hindered.by);
    let until = hindered.until.map(|at| stamp(zone, at));
    match (language, until) {
        (Language::Chinese, Some(until)) if hindered.by == Obstacle::LineDown => {
            format!("{chinese}，下次探测时间{until}")
        }
        (Language::English, Some(until)) if hindered.by == Obstacle::LineDown => {
            format!("{english}, next at {until}")
        }
        (Language::Chinese, None) => chinese.to_owned(),
        (Language::Chinese, Some(until)) => format!("{chinese}，预计{until}变化"),
        (Language::English, None) => english.to_owned(),
        (Language::English, Some(until)) => format!("{english}, until {until}"),
    }
}

/// An obstacle in words.
pub(super) fn of_obstacle(obstacle: Obstacle, language: Language) -> &'static str {
    let (chinese, english) = words(obstacle);
    language.choose(chinese, english)
}

/// With what words calls over a line failed last, to stand after that it fails.
pub(super) fn of_fault(fault: &LineFault, language: Language) -> String {
    let phrase = fault.phrase.as_ref().map_or("", ReasonPhrase::as_str);
    in_brackets(&said(fault.code, phrase, language), language)
}

/// What the registrar said, to stand after that the line is not registered.
pub(super) fn of_registrar(failure: &RegistrationFailure, language: Language) -> String {
    in_brackets(&said(failure.code, &failure.phrase, language), language)
}

/// Why the server's own SIP does not work, to stand after that it does not.
pub(super) fn of_sip_failure(words: &str, language: Language) -> String {
    in_brackets(words, language)
}

/// How a bot fails, to stand after that none takes calls.
pub(super) fn of_bot_fault(fault: &BotFault, language: Language) -> String {
    let (chinese, english) = bot_fault_words(fault.kind);
    let colon = language.choose("：", ": ");
    in_brackets(&format!("{}{colon}{}", language.choose(chinese, english), fault.words), language)
}

const fn bot_fault_words(kind: BotFaultKind) -> (&'static str, &'static str) {
    match kind {
        BotFaultKind::Unreachable => ("连接不上", "cannot be connected to"),
        BotFaultKind::Slow => ("连接超时", "slow"),
        BotFaultKind::Certificate => ("证书不可信", "wrong certificate"),
        BotFaultKind::Handshake => ("握手失败", "broken handshake"),
        BotFaultKind::Refused => ("拒绝连接", "refuses"),
        BotFaultKind::Full => ("已满", "full"),
        BotFaultKind::Lost => ("连接中断", "lost"),
        BotFaultKind::Silent => ("不再应答", "says nothing any more"),
        BotFaultKind::BadMessage => ("消息有误", "no message"),
        BotFaultKind::TooLong => ("消息过长或不是文本", "message too long, or no text"),
    }
}

fn said(code: Option<u16>, phrase: &str, language: Language) -> String {
    match (code, phrase) {
        (Some(code), phrase) => format!("{code} {phrase}").trim_end().to_owned(),
        (None, "") => language.choose("运营商未应答", "no answer").to_owned(),
        (None, phrase) => phrase.to_owned(),
    }
}

fn in_brackets(said: &str, language: Language) -> String {
    match language {
        Language::Chinese => format!("（{said}）"),
        Language::English => format!(" ({said})"),
    }
}

const PREFIX: (&str, &str) = (
    "任务的线路均不允许呼叫下一个号码的号段",
    "No line of the task may call the number that is next, by its prefix",
);
const NOT_REGISTERED: (&str, &str) = (
    "线路未在运营商处注册，注册成功后继续呼叫",
    "The line is not registered at its carrier; dialing goes on once it is",
);

const fn words(obstacle: Obstacle) -> (&'static str, &'static str) {
    match obstacle {
        Obstacle::Stopped => ("已紧急停止呼叫", "Dialing is stopped for the account"),
        Obstacle::LineStopped => ("线路已紧急停止呼叫", "Dialing is stopped for the line"),
        Obstacle::AccountDisabled => ("账户已停用", "The account is disabled"),
        Obstacle::Paused => ("任务已暂停", "The task is paused"),
        Obstacle::Window => ("当前不在呼叫时间内", "The calling window is closed"),
        Obstacle::Inbound => ("呼入任务不外呼", "The task only takes calls"),
        Obstacle::NoNumbers => ("任务没有号码", "The task has no numbers"),
        Obstacle::Finished => ("号码已全部呼叫完毕", "All numbers are done"),
        Obstacle::Held => {
            ("剩余号码均等待人工重置", "All numbers that are left are held until somebody resets them")
        }
        Obstacle::NoScript => ("任务指定的话术不存在", "The script that the task names is not there"),
        Obstacle::NoCalls => ("任务的并发数为0", "The task may have no call at once"),
        Obstacle::Clock => ("服务器时钟均与数据库时钟不符", "No server's clock agrees with the database's"),
        Obstacle::NoLine => ("任务没有可用线路", "The task names no line that is there"),
        Obstacle::NoAllocation => ("线路未分配给该用户", "The user has no share of the line"),
        Obstacle::Deadline => ("线路使用期限已到", "The time for which the user has the line is over"),
        Obstacle::BotDown => ("话术的机器人不可用", "No bot of the script can be used"),
        Obstacle::BotBusy => ("话术的机器人已满", "The script's bots have as many calls as they take"),
        Obstacle::TransferLine => ("话术转接所用的线路不可用", "The script's transfer line connects nobody"),
        Obstacle::Prefix => PREFIX,
        Obstacle::SipFailed => ("服务器自身的SIP端口不可用", "The server's own SIP port does not work"),
        Obstacle::NotRegistered => NOT_REGISTERED,
        Obstacle::LineDown => (
            "线路连续故障，正在探测并逐个试呼",
            "The line fails again and again; it is asked, and single calls try it",
        ),
        Obstacle::Closing => {
            ("呼叫时间即将结束，不再发起新呼叫", "The window closes too soon for a new call")
        }
        Obstacle::NumberDue => ("暂无到期号码", "No number is due yet"),
        Obstacle::LastCalls => ("最后的号码正在呼叫中", "The last numbers are being called"),
        Obstacle::TaskFull => ("已达到任务并发上限", "The task has as many calls as it may"),
        Obstacle::CallPause => ("通话结束后的间隔未到", "Slots rest after their calls"),
        Obstacle::RouteFull => {
            ("已达到任务在该线路的并发上限", "The task has as many calls over the line as it may")
        }
        Obstacle::ShareFull => {
            ("已达到用户在该线路的并发上限", "The user has as many calls over the line as it may")
        }
        Obstacle::LineFull => ("线路并发已满", "All channels of the line are in use"),
        Obstacle::Interval => ("受任务呼叫间隔限制", "The task's interval between calls"),
        Obstacle::LineRate => ("受线路每秒呼叫数限制", "The line's calls per second"),
    }
}
