//! Reasons and warnings as sentences, in both languages.

use calendar::{DecidingRule, Decision, ExceptionEffect, Reason, Warning, Weekday, Zone};
use domain::{AccountHold, StatedReason, Stop, StopLevel, TaskReason};
use jiff::Timestamp;

use super::reason::{ReasonView, RuleView};
use crate::http::{language::Language, time::instant};

/// Why a group allows a call or not.
pub(crate) fn of_group(decision: &Decision<'_>, language: Language) -> ReasonView {
    let Decision { reason, allowed, .. } = decision;
    ReasonView {
        rule: reason.rule.into(),
        name: reason.name.map(str::to_owned),
        detail: match language {
            Language::Chinese => group_chinese(reason, *allowed),
            Language::English => group_english(reason, *allowed),
        },
    }
}

/// Why a task may call or not; a stop tells more of itself.
pub(super) fn of_task(reason: TaskReason<'_>, stops: &[Stop], zone: Zone, language: Language) -> ReasonView {
    let time = |time| instant(zone, time);
    let (rule, chinese, english) = match reason {
        TaskReason::Held(hold) => return of_hold(hold, stops, zone, language),
        TaskReason::Paused => (RuleView::Paused, "任务已暂停".to_owned(), "The task is paused".to_owned()),
        TaskReason::BeforeStart(start) => {
            let start = time(start);
            (RuleView::BeforeStart, format!("任务于{start}开始"), format!("The task starts at {start}"))
        }
        TaskReason::AfterStop(stop) => {
            let stop = time(stop);
            (RuleView::AfterStop, format!("任务已于{stop}结束"), format!("The task stopped at {stop}"))
        }
        TaskReason::Closure(closure) => {
            let (begin, end) = (time(closure.begin), time(closure.end));
            let chinese = format!("任务于{begin}至{end}休息");
            (RuleView::Closure, chinese, format!("The task is closed from {begin} to {end}"))
        }
        TaskReason::Hours => {
            let english = "The task's own windows are closed".to_owned();
            (RuleView::TaskHours, "不在任务自身的呼叫时段内".to_owned(), english)
        }
        TaskReason::Group(decision) => return of_group(&decision, language),
    };
    ReasonView { rule, name: None, detail: language.choose(chinese, english) }
}

/// Why nothing of an account may call; the first of the stops that cover it tells more of itself.
pub(super) fn of_hold(hold: AccountHold, stops: &[Stop], zone: Zone, language: Language) -> ReasonView {
    let stop = stops.first().filter(|_| hold == AccountHold::Stopped);
    let (rule, detail) = match (hold, stop) {
        (AccountHold::Disabled, _) => {
            (RuleView::AccountDisabled, language.choose("账户已停用", "The account is disabled").to_owned())
        }
        (AccountHold::Stopped, None) => {
            (RuleView::Stopped, language.choose("已紧急停呼", "Dialing is stopped").to_owned())
        }
        (AccountHold::Stopped, Some(stop)) => (RuleView::Stopped, of_stop(stop, zone, language)),
    };
    let name = stop.and_then(|stop| stop.reason.as_ref()).map(|reason| reason.as_str().to_owned());
    ReasonView { rule, name, detail }
}

/// What is stopped, since when and why.
pub(crate) fn of_stop(stop: &Stop, zone: Zone, language: Language) -> String {
    // To the second, for people.
    let at = Timestamp::from_second(stop.at.as_second()).unwrap_or(stop.at);
    let (at, (chinese, english)) = (instant(zone, at), stopped_whom(stop.target.level()));
    let reason = stop.reason.as_ref().map(StatedReason::as_str).unwrap_or_default();
    let (colon, full) = if reason.is_empty() { ("", "") } else { (": ", "：") };
    match language {
        Language::Chinese => format!("{chinese}自{at}起紧急停呼{full}{reason}"),
        Language::English => format!("Dialing of {english} is stopped since {at}{colon}{reason}"),
    }
}

const fn stopped_whom(level: StopLevel) -> (&'static str, &'static str) {
    match level {
        StopLevel::Installation => ("整个系统", "the whole installation"),
        StopLevel::Partner => ("整个代理", "the whole partner"),
        StopLevel::Account => ("该账户", "the account"),
        StopLevel::Line => ("该线路", "the line"),
    }
}

/// What an answer must not hide.
pub(crate) fn of_warning(warning: Warning, language: Language) -> String {
    match language {
        Language::Chinese => warning_chinese(warning),
        Language::English => warning_english(warning),
    }
}

fn warning_chinese(warning: Warning) -> String {
    match warning {
        Warning::BeyondHorizon { known_until } => {
            format!("节假日日历仅已知至{known_until}，此后的节假日尚未计入，请导入新的年份")
        }
        Warning::OpeningBeyondHorizon { known_until } => {
            format!("节假日日历仅已知至{known_until}，下次可呼叫时间可能因节假日改变，请导入新的年份")
        }
        Warning::BeforeFirstYear { known_from } => {
            format!("节假日日历自{known_from}起才有日期，此前的节假日未计入，需要时请导入更早的年份")
        }
    }
}

fn warning_english(warning: Warning) -> String {
    match warning {
        Warning::BeyondHorizon { known_until } => format!(
            "The holiday calendar is known only until {known_until}: holidays after it are not counted; import the next \
             year"
        ),
        Warning::OpeningBeyondHorizon { known_until } => format!(
            "The holiday calendar is known only until {known_until}: a holiday after it may move the next opening; \
             import the next year"
        ),
        Warning::BeforeFirstYear { known_from } => format!(
            "The holiday calendar has days from {known_from} on only: holidays before it are not counted; import earlier \
             years if they matter"
        ),
    }
}

/// What rules a day that the weekly windows do not.
pub(crate) fn of_day(reason: &Reason<'_>, language: Language) -> String {
    match language {
        Language::Chinese => day_chinese(reason),
        Language::English => day_english(reason),
    }
}

/// A half day narrows its weekday's windows; a day off has none.
const fn is_half_day(reason: &Reason<'_>) -> bool {
    reason.windows_of.is_some()
}

fn day_chinese(reason: &Reason<'_>) -> String {
    let date = reason.date();
    let name = reason.name.map(|name| format!("（{name}）")).unwrap_or_default();
    let weekday = reason.windows_of.map(chinese_weekday).unwrap_or_default();
    match reason.rule {
        DecidingRule::Closure => format!("{date}停呼{name}"),
        DecidingRule::Ceiling => format!("{date}上级呼叫时间组{name}不可呼叫"),
        DecidingRule::Override => format!("{date}由人工临时设定{name}"),
        DecidingRule::Exception => format!("{date}为例外日期{name}"),
        DecidingRule::Holiday if is_half_day(reason) => format!("{date}为半天{name}，仅在其时段内可呼叫"),
        DecidingRule::Holiday if reason.own_windows => format!("{date}为节假日{name}，按节假日的呼叫时间段"),
        DecidingRule::Season => format!("{date}按季节{name}{weekday}的呼叫时间段"),
        DecidingRule::Holiday => format!("{date}为节假日{name}，不可呼叫"),
        DecidingRule::MakeupWorkday => format!("{date}为调休上班日{name}，按{weekday}的呼叫时间段"),
        DecidingRule::BeyondHorizon => format!("{date}在节假日日历到期后，不可呼叫"),
        DecidingRule::Weekly => format!("{date}按{weekday}的呼叫时间段"),
    }
}

fn day_english(reason: &Reason<'_>) -> String {
    let date = reason.date();
    let name = reason.name.map(|name| format!(" ({name})")).unwrap_or_default();
    let weekday = reason.windows_of.map(Weekday::name).unwrap_or_default();
    match reason.rule {
        DecidingRule::Closure => format!("{date} is closed{name}"),
        DecidingRule::Ceiling => format!("{date}: a ceiling is closed{name}"),
        DecidingRule::Override => format!("{date} is overridden{name}"),
        DecidingRule::Exception => format!("{date} is an exception{name}"),
        DecidingRule::Holiday if is_half_day(reason) => {
            format!("{date} is a half day{name}: open within its times only")
        }
        DecidingRule::Holiday if reason.own_windows => {
            format!("{date} is a holiday{name}: the windows of holidays")
        }
        DecidingRule::Season => format!("{date} lies in a season{name}: its {weekday}'s windows"),
        DecidingRule::Holiday => format!("{date} is a holiday{name}: closed"),
        DecidingRule::MakeupWorkday => format!("{date} is a make-up workday{name}: {weekday}'s windows"),
        DecidingRule::BeyondHorizon => format!("{date} lies beyond what the holiday calendar knows: closed"),
        DecidingRule::Weekly => format!("{date}: {weekday}'s windows"),
    }
}

fn group_chinese(reason: &Reason<'_>, allowed: bool) -> String {
    let date = reason.date();
    let name = reason.name.map(|name| format!("（{name}）")).unwrap_or_default();
    let within = if allowed { "在" } else { "不在" };
    let weekday = reason.windows_of.map(chinese_weekday).unwrap_or_default();
    match reason.rule {
        DecidingRule::Closure => format!("停呼安排期间{name}，不可呼叫"),
        DecidingRule::Ceiling => format!("不在上级呼叫时间组{name}的呼叫时间段内"),
        DecidingRule::Override if allowed => format!("已人工临时开启{name}"),
        DecidingRule::Override => format!("已人工临时关闭{name}"),
        DecidingRule::Exception => match reason.effect {
            Some(ExceptionEffect::Close) => format!("{date}为例外日期{name}，此时段停止呼叫"),
            Some(ExceptionEffect::Add) => format!("{date}为例外日期{name}，在其增加的呼叫时间段内"),
            Some(ExceptionEffect::Only) => format!("{date}为例外日期{name}，不在其限定的时段内"),
            Some(ExceptionEffect::Replace) | None => {
                format!("{date}为例外日期{name}，{within}其呼叫时间段内")
            }
        },
        DecidingRule::Holiday if is_half_day(reason) => format!("{date}为半天{name}，{within}其呼叫时间段内"),
        DecidingRule::Holiday if reason.own_windows => {
            format!("{date}为节假日{name}，{within}节假日的呼叫时间段内")
        }
        DecidingRule::Season => format!("{date}{within}季节{name}{weekday}的呼叫时间段内"),
        DecidingRule::Holiday => format!("{date}为节假日{name}，不可呼叫"),
        DecidingRule::MakeupWorkday => format!("{date}为调休上班日{name}，{within}{weekday}的呼叫时间段内"),
        DecidingRule::BeyondHorizon => format!("{date}在节假日日历到期后，不可呼叫"),
        DecidingRule::Weekly => format!("{date}{within}{weekday}的呼叫时间段内"),
    }
}

fn group_english(reason: &Reason<'_>, allowed: bool) -> String {
    let date = reason.date();
    let name = reason.name.map(|name| format!(" ({name})")).unwrap_or_default();
    let within = if allowed { "within" } else { "outside" };
    let weekday = reason.windows_of.map(Weekday::name).unwrap_or_default();
    match reason.rule {
        DecidingRule::Closure => format!("A planned closure holds{name}"),
        DecidingRule::Ceiling => format!("A ceiling is closed{name}"),
        DecidingRule::Override if allowed => format!("The group is opened for a while{name}"),
        DecidingRule::Override => format!("The group is closed for a while{name}"),
        DecidingRule::Exception => match reason.effect {
            Some(ExceptionEffect::Close) => format!("{date} is an exception{name}: closed at this time"),
            Some(ExceptionEffect::Add) => format!("{date} is an exception{name}: within the windows it adds"),
            Some(ExceptionEffect::Only) => format!("{date} is an exception{name}: outside its times"),
            Some(ExceptionEffect::Replace) | None => {
                format!("{date} is an exception{name}: {within} its windows")
            }
        },
        DecidingRule::Holiday if reason.own_windows => {
            format!("{date} is a holiday{name}: {within} the windows of holidays")
        }
        DecidingRule::Season => format!("{date} lies in a season{name}: {within} its {weekday}'s windows"),
        DecidingRule::Holiday if is_half_day(reason) => {
            format!("{date} is a half day{name}: {within} its times")
        }
        DecidingRule::Holiday => format!("{date} is a holiday{name}: closed"),
        DecidingRule::MakeupWorkday => {
            format!("{date} is a make-up workday{name}: {within} {weekday}'s windows")
        }
        DecidingRule::BeyondHorizon => {
            format!("{date} lies beyond what the holiday calendar knows: closed")
        }
        DecidingRule::Weekly => format!("{date}: {within} {weekday}'s windows"),
    }
}

const fn chinese_weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Sunday => "周日",
        Weekday::Monday => "周一",
        Weekday::Tuesday => "周二",
        Weekday::Wednesday => "周三",
        Weekday::Thursday => "周四",
        Weekday::Friday => "周五",
        Weekday::Saturday => "周六",
    }
}
