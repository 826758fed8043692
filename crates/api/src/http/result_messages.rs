//! What the rules of results of conversations ask for, in both languages.

use domain::{LARGEST_SCORE, ResultRule, TURN_TOLERANCE_MINUTES};

/// The stable name of a rule.
pub(crate) const fn code(rule: ResultRule) -> &'static str {
    match rule {
        ResultRule::Score => "out_of_range",
        ResultRule::ScoreRanges => "number_ranges",
        ResultRule::FieldValue => "type",
        ResultRule::OutsideCall => "outside_call",
    }
}

/// What a rule asks for.
pub(crate) fn chinese(rule: ResultRule) -> String {
    match rule {
        ResultRule::Score => format!("必须为-{LARGEST_SCORE}到{LARGEST_SCORE}之间的数字，最多2位小数"),
        ResultRule::ScoreRanges => {
            format!(
                "必须为若干个评分区间，每个区间为起始和结束两个数字，例如60,80或[[60,80],[90,100]]；{}",
                chinese(ResultRule::Score)
            )
        }
        ResultRule::FieldValue => "必须为字符串、数字、true、false或null，不能为数组或对象".to_owned(),
        ResultRule::OutsideCall => {
            format!("超出通话时间{TURN_TOLERANCE_MINUTES}分钟以上；offset为接通后的毫秒数")
        }
    }
}

/// The same in English.
pub(crate) fn english(rule: ResultRule) -> String {
    match rule {
        ResultRule::Score => {
            format!(
                "must be a number from -{LARGEST_SCORE} to {LARGEST_SCORE} with at most 2 digits after the point"
            )
        }
        ResultRule::ScoreRanges => format!(
            "must be ranges, each of two scores, from and to, such as 60,80 or [[60,80],[90,100]]; a score {}",
            english(ResultRule::Score)
        ),
        ResultRule::FieldValue => {
            "must be text, a number, true, false or null, and no list or object".to_owned()
        }
        ResultRule::OutsideCall => format!(
            "lies more than {TURN_TOLERANCE_MINUTES} minutes outside of the call; `offset` is in milliseconds after the answer"
        ),
    }
}
