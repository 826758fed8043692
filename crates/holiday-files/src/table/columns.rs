//! What the columns of a table are, by their headings.

const DATE: &[&str] = &[
    "date",
    "holiday date",
    "start date",
    "begin date",
    "start",
    "begin",
    "from",
    "datum",
    "startdatum",
    "fecha",
    "data",
    "día",
    "日期",
    "日子",
    "开始日期",
    "開始日期",
    "起始日期",
    "放假日期",
    "节日日期",
    "节假日日期",
    "假期日期",
    "西元日期",
    "公历日期",
    "开始",
    "時間",
    "时间",
    "日付",
    "月日",
    "날짜",
    "day",
];
/// How the heading of a date may end where it has more words, unless it has one of [`OTHER_DATES`].
const DATE_ENDS: &[&str] = &["日期", "月日", "date"];
const OTHER_DATES: &[&str] = &[
    "结束", "結束", "截止", "终止", "補班", "补班", "上班", "更新", "公布", "发布", "创建", "end", "last",
    "updat", "creat", "publi",
];
const END: &[&str] = &[
    "end date",
    "end",
    "to",
    "until",
    "last",
    "last day",
    "enddatum",
    "bis",
    "fin",
    "结束日期",
    "結束日期",
    "结束",
    "截止日期",
];
const NAME: &[&str] = &[
    "name",
    "holiday",
    "holiday name",
    "title",
    "summary",
    "subject",
    "localname",
    "local name",
    "description",
    "bezeichnung",
    "feiertag",
    "nom",
    "nom jour ferie",
    "nom jour férié",
    "jour férié",
    "nombre",
    "festivo",
    "festividad",
    "nome",
    "feriado",
    "名称",
    "名稱",
    "节日",
    "節日",
    "节假日",
    "節假日",
    "节日名称",
    "节假日名称",
    "假期名称",
    "假期",
    "假日",
    "备注",
    "備註",
    "说明",
    "名前",
    "祝日",
    "国民の祝日・休日名称",
    "名称・日",
    "휴일",
    "이름",
];
const KIND: &[&str] = &[
    "kind",
    "type",
    "types",
    "category",
    "status",
    "day type",
    "holiday type",
    "art",
    "typ",
    "tipo",
    "类型",
    "類型",
    "种类",
    "種類",
    "類別",
    "类别",
    "性质",
    "状态",
    "日期类型",
    "假日类型",
    "节假日类型",
];
const IS_OFF: &[&str] = &[
    "isoffday",
    "is off day",
    "off",
    "is holiday",
    "isholiday",
    "is off",
    "是否放假",
    "是否休息",
    "是否休假",
    "是否节假日",
    "是否假日",
    "放假",
    "是否放假日",
    "是否為放假日",
];
const IS_WORKED: &[&str] = &[
    "is workday",
    "isworkday",
    "is working day",
    "isworkingday",
    "workday",
    "working day",
    "is business day",
    "是否上班",
    "是否工作日",
    "是否补班",
    "工作日",
    "上班",
];
const ALL_DAY: &[&str] =
    &["all day event", "all day", "allday", "alldayevent", "全天", "全天事件", "整日活動", "整天"];
const BEGIN_TIME: &[&str] = &["begin time", "start time", "open", "from time", "开始时间", "開始時間"];
const END_TIME: &[&str] = &["end time", "close", "to time", "结束时间", "結束時間"];
/// For whom a day is one, if not for all.
const REGIONS: &[&str] = &["counties", "subdivisions", "regions", "region", "states", "适用地区", "地区"];
const STANDS_FOR: &[&str] = &["stands for", "代替星期", "补星期", "weekday"];
const YEAR: &[&str] = &["year", "年", "年份", "jahr"];
const MONTH: &[&str] = &["month", "月", "月份", "monat"];
const DAY: &[&str] = &["day", "日", "tag"];

/// Where dates are.
pub(super) enum DateColumns {
    One(usize),
    /// Year, month and day.
    Three([usize; 3]),
}

/// Where the columns are.
pub(super) struct HolidayColumns {
    pub(super) date: DateColumns,
    pub(super) end: Option<usize>,
    pub(super) name: Option<usize>,
    pub(super) kind: Option<usize>,
    pub(super) is_off: Option<usize>,
    pub(super) is_worked: Option<usize>,
    pub(super) all_day: Option<usize>,
    pub(super) begin_time: Option<usize>,
    pub(super) end_time: Option<usize>,
    pub(super) regions: Option<usize>,
    pub(super) stands_for: Option<usize>,
}

impl HolidayColumns {
    pub(super) fn find(headings: &csv::StringRecord) -> Option<HolidayColumns> {
        let headings: Vec<String> = headings.iter().map(plain).collect();
        // The names that say most stand first.
        let find = |names: &[&str]| {
            names.iter().find_map(|name| headings.iter().position(|heading| heading == name))
        };
        Some(HolidayColumns {
            date: dates(&headings, find)?,
            end: find(END),
            name: find(NAME),
            kind: find(KIND),
            is_off: find(IS_OFF),
            is_worked: find(IS_WORKED),
            all_day: find(ALL_DAY),
            begin_time: find(BEGIN_TIME),
            end_time: find(END_TIME),
            regions: find(REGIONS),
            stands_for: find(STANDS_FOR),
        })
    }

    /// Those of files that have their rows in one order without a heading.
    pub(super) const fn name_and_date() -> HolidayColumns {
        HolidayColumns {
            date: DateColumns::One(1),
            end: None,
            name: Some(0),
            kind: None,
            is_off: None,
            is_worked: None,
            all_day: None,
            begin_time: None,
            end_time: None,
            regions: None,
            stands_for: None,
        }
    }

    /// The date of a row as it is written.
    pub(super) fn date_of(&self, row: &csv::StringRecord) -> String {
        let cell = |at: usize| row.get(at).unwrap_or_default();
        match self.date {
            DateColumns::One(at) => cell(at).to_owned(),
            DateColumns::Three(all) => all.map(cell).join("-"),
        }
    }
}

fn dates(headings: &[String], find: impl Fn(&[&str]) -> Option<usize>) -> Option<DateColumns> {
    if let (Some(year), Some(month), Some(day)) = (find(YEAR), find(MONTH), find(DAY)) {
        return Some(DateColumns::Three([year, month, day]));
    }
    let has = |heading: &String, words: &[&str]| words.iter().any(|word| heading.contains(word));
    let is_date =
        |heading: &String| DATE_ENDS.iter().any(|end| heading.ends_with(end)) && !has(heading, OTHER_DATES);
    find(DATE).or_else(|| headings.iter().position(is_date)).map(DateColumns::One)
}

/// A heading without what stands around it: `日期*`, `类型（必填）`, `# Date`.
fn plain(heading: &str) -> String {
    let heading = heading.split(['(', '（', '[']).next().unwrap_or_default();
    let heading = heading.trim_matches(|edge: char| !edge.is_alphanumeric());
    heading.to_lowercase().replace('_', " ")
}
