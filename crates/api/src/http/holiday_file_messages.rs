//! What is wrong with a file of holidays, in both languages.

use domain::{AddressRule, HolidayFileRule};

pub(super) const fn code(rule: HolidayFileRule) -> &'static str {
    match rule {
        HolidayFileRule::Unreadable => "unreadable",
        HolidayFileRule::NoText => "encoding",
        HolidayFileRule::EmptyFile | HolidayFileRule::Nothing => "no_holidays",
        HolidayFileRule::KnownUntil => "known_until_needed",
        HolidayFileRule::Contradiction => "contradiction",
        HolidayFileRule::NotUnderstood(_) => "not_understood",
        HolidayFileRule::FewerDays => "fewer_days",
        HolidayFileRule::Address(fault) => match fault {
            AddressRule::NotPublic => "address_not_public",
            AddressRule::TimedOut => "timed_out",
            AddressRule::Redirected => "redirected",
            AddressRule::Status => "status",
            AddressRule::TooLarge => "too_large",
            AddressRule::Unreachable => "unreachable",
        },
    }
}

pub(super) const fn chinese(rule: HolidayFileRule) -> &'static str {
    match rule {
        HolidayFileRule::Unreadable => "无法读取：支持iCalendar、CSV（首行为列名，日期须年份在前）和JSON",
        HolidayFileRule::NoText => {
            "不是文本，或无法判断编码（可为UTF-8、UTF-16、GB18030、Big5、Shift_JIS、EUC-JP、EUC-KR等）；请另存为UTF-8"
        }
        HolidayFileRule::EmptyFile => "文件是空的",
        HolidayFileRule::Nothing => "没有任何日期",
        HolidayFileRule::KnownUntil => "最后一年只有第一周的日期，须用known_until说明完整到哪一天",
        HolidayFileRule::Contradiction => "同一日期既写放假又写上班",
        HolidayFileRule::NotUnderstood(_) => "看不懂是放假还是上班，须用unclear说明",
        HolidayFileRule::FewerDays => "天数不足原有或其他年份的一半；如确实如此，须传allow_fewer_days",
        HolidayFileRule::Address(fault) => match fault {
            AddressRule::NotPublic => "不是公网地址，运营者未允许读取",
            AddressRule::TimedOut => "未在30秒内读完",
            AddressRule::Redirected => "重定向超过三次，或指向不可读取的地址",
            AddressRule::Status => "未返回文件（状态不是200）",
            AddressRule::TooLarge => "文件超过1 MiB",
            AddressRule::Unreachable => "无法连接",
        },
    }
}

pub(super) const fn english(rule: HolidayFileRule) -> &'static str {
    match rule {
        HolidayFileRule::Unreadable => {
            "cannot be read: it must be iCalendar, CSV with a line of headings and dates that have their year first, or JSON"
        }
        HolidayFileRule::NoText => {
            "is no text, or in an encoding that cannot be told (UTF-8, UTF-16, GB18030, Big5, Shift_JIS, EUC-JP, EUC-KR and others are read); save it as UTF-8"
        }
        HolidayFileRule::EmptyFile => "is empty",
        HolidayFileRule::Nothing => "has no days",
        HolidayFileRule::KnownUntil => {
            "has days of the first week of its last year only; say with known_until how far it is complete"
        }
        HolidayFileRule::Contradiction => "names a date as off and as worked",
        HolidayFileRule::NotUnderstood(_) => "may be off or worked; say with unclear what it is",
        HolidayFileRule::FewerDays => {
            "has less than half as many days as were known, or as other years; if it is right, say allow_fewer_days"
        }
        HolidayFileRule::Address(fault) => match fault {
            AddressRule::NotPublic => "is not public, and the operator does not allow such addresses",
            AddressRule::TimedOut => "was not read within 30 seconds",
            AddressRule::Redirected => "sends elsewhere more than three times, or to what cannot be read",
            AddressRule::Status => "answered with another status than 200",
            AddressRule::TooLarge => "has more than 1 MiB",
            AddressRule::Unreachable => "cannot be reached",
        },
    }
}
