//! The rules of the calendar in Chinese; their English is the calendar's own.

use calendar::Rule;

pub(super) const fn calendar_chinese(rule: Rule) -> &'static str {
    match rule {
        Rule::WeekOutOfRange => "必须为0（周日）到6（周六）",
        Rule::TimeFormat => "时间格式必须为HH:MM",
        Rule::TimeOutOfRange => "时间必须在00:00到24:00之间",
        Rule::BeginIs24 => "开始时间不能为24:00，请使用次日的00:00",
        Rule::BeginEqualsEnd => "结束时间不能与开始时间相同，全天请用00:00到24:00",
        Rule::TooManyDays => "每组时间段最多64个星期条目",
        Rule::TooManyWindows => "时间段总数最多1000个",
        Rule::UnknownZone => "必须为IANA时区名，例如Asia/Shanghai",
        Rule::AbbreviatedZone => "必须为地区时区名（例如America/New_York），不能为缩写",
        Rule::DateFormat => "日期格式必须为YYYY-MM-DD，每年重复的为MM-DD",
        Rule::DateDoesNotExist => "日期不存在",
        Rule::DateOutOfRange => "日期必须在1970-01-01到2200-12-31之间",
        Rule::DateFormsDiffer => "起止日期必须同时带年份或同时不带年份",
        Rule::EndBeforeBegin => "不能早于开始日期",
        Rule::NameTooLong => "不能超过100个字符",
        Rule::TooManyExceptions => "例外日期最多400项",
        Rule::DateMissing => "不能为空",
        Rule::UnknownEffect => "必须为replace、add、only或close",
        Rule::EffectWithoutTimes => "add和only至少要有一个时间段",
        Rule::UnknownDays => {
            "必须为date、nth_weekday、first_workday、last_workday、holiday、makeup_workday或day_before_holiday"
        }
        Rule::NotOfTheseDays => "对on所指的日期不适用，请去掉",
        Rule::NthOutOfRange => "必须为1到5，最后一个为-1",
        Rule::MonthOutOfRange => "必须为1到12",
        Rule::TooManySeasons => "季节最多24个",
        Rule::SeasonWithoutTime => "必须给出，或给出every_weeks和anchor_date",
        Rule::SeasonOfTwoKinds => "有日期的季节不能再按周重复",
        Rule::EveryWeeksOutOfRange => "必须为2到52",
        Rule::SeasonsRepeatTooRarely => "所有季节合起来最多52周重复一次",
        Rule::IdFormat => "必须为1到32个字母、数字、连字符或下划线",
        Rule::TooManyHolidayDays => "节假日日历最多20000天",
        Rule::DuplicateDate => "日期不能重复",
        Rule::AfterKnownUntil => "不能晚于known_until",
        Rule::NoHolidayDays => "至少要有一天",
        Rule::KnownWithoutDays => "必须在有日期的最后一年之内",
        Rule::HolidayStandsForNothing => "节假日不能指定代替的星期",
        Rule::HalfDayWithoutTimes => "半天必须写明可呼叫的时段",
        Rule::TooManyHalfDayTimes => "半天最多8个时段",
        Rule::TimesOfNoHalfDay => "只有半天才能带时段",
        Rule::HalfDayOverMidnight => "必须晚于开始时间：半天最晚到24:00",
    }
}
