//! What was done, but may not be what was meant.

use std::borrow::Cow;

use domain::{LineId, RedialRuleId, ScriptId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::language::Language;

/// A warning beside an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldWarning {
    /// A task names a script that is not there.
    UnknownScript(ScriptId),
    /// A task names a line, or a line group, that is not there.
    UnknownLine(LineId),
    /// A task names a redial rule that is not there.
    UnknownRedialRule(RedialRuleId),
    /// A script transfers calls over a line that is not there.
    UnknownTransferLine(LineId),
    /// A script transfers calls over a line of which its account has no share.
    UnsharedLine(LineId),
    /// What a field asks for is not done here.
    NoEffect,
    /// The times of an entry cannot be read.
    UnreadTimes,
    /// In a prompt nothing is to be heard.
    Silence,
    /// A window that ends at 23:59 leaves the last minute of the day.
    LastMinute,
}

impl FieldWarning {
    /// Its stable name.
    const fn rule(self) -> &'static str {
        match self {
            Self::UnknownScript(_)
            | Self::UnknownLine(_)
            | Self::UnknownRedialRule(_)
            | Self::UnknownTransferLine(_) => "unknown",
            Self::UnsharedLine(_) => "no_share",
            Self::NoEffect => "no_effect",
            Self::UnreadTimes => "time_format",
            Self::Silence => "silence",
            Self::LastMinute => "last_minute",
        }
    }

    fn chinese(self) -> String {
        match self {
            Self::UnknownScript(id) => format!("话术{id}不存在，任务没有该话术可用"),
            Self::UnknownLine(id) => format!("线路（或线路组）{id}不存在，任务不会经其呼叫"),
            Self::UnknownRedialRule(id) => format!("重呼规则{id}不存在，号码不会据此重呼"),
            Self::UnknownTransferLine(id) => format!("线路{id}不存在，通话无法转接"),
            Self::UnsharedLine(id) => format!("线路{id}未分配给该用户，通话无法转接"),
            Self::NoEffect => "已保存并原样返回，但不起作用".to_owned(),
            Self::UnreadTimes => {
                "switch_start和switch_end应同为HH:MM或YYYY-MM-DD HH:MM的形式（可带秒数），否则该项的group_id不生效"
                    .to_owned()
            }
            Self::Silence => "录音中没有声音".to_owned(),
            Self::LastMinute => "23:59结束的时间段不含当天最后一分钟，到当天结束请写24:00".to_owned(),
        }
    }

    fn english(self) -> String {
        match self {
            Self::UnknownScript(id) => format!("There is no script {id}: the task has none in its place"),
            Self::UnknownLine(id) => {
                format!("There is no line and no line group {id}: nothing is called over it")
            }
            Self::UnknownRedialRule(id) => {
                format!("There is no redial rule {id}: no number is tried again by it")
            }
            Self::UnknownTransferLine(id) => format!("There is no line {id}: nobody is connected"),
            Self::UnsharedLine(id) => format!("The user has no share of line {id}: nobody is connected"),
            Self::NoEffect => "It is kept and returned, and has no effect".to_owned(),
            Self::UnreadTimes => {
                "Both switch_start and switch_end are HH:MM, or YYYY-MM-DD HH:MM, with :SS if need be; else its group_id chooses nothing"
                    .to_owned()
            }
            Self::Silence => "Nothing is to be heard in it".to_owned(),
            Self::LastMinute => {
                "A window that ends at 23:59 leaves the last minute of the day; its end is 24:00".to_owned()
            }
        }
    }
}

/// What was taken, but may not be what was meant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldWarningView {
    /// The field in question.
    field: Cow<'static, str>,
    /// What it is about: `unknown` names nothing that is there, of a line with `no_share` the user has no share, of `no_effect` nothing comes, `time_format` cannot be read, in `silence` nothing is to be heard, a window with
    /// `last_minute` ends before the day does.
    rule: &'static str,
    /// The same in words, in the language of the answer.
    message: String,
}

impl FieldWarningView {
    /// A line for people.
    pub(crate) fn to_line(&self) -> String {
        format!("warning  {}: {}", self.field, self.message)
    }

    pub(crate) fn new(
        field: impl Into<Cow<'static, str>>,
        warning: FieldWarning,
        language: Language,
    ) -> Self {
        let message = match language {
            Language::Chinese => warning.chinese(),
            Language::English => warning.english(),
        };
        Self { field: field.into(), rule: warning.rule(), message }
    }
}
