//! Every sentence that a client can be answered with, in both languages; the documented ones to the letter.

use domain::{AudioRule, Counted, FaultRule, StopLevel, TaskState, ValueKind};

use crate::http::{
    calendar_messages::calendar_chinese, holiday_file_messages, language::Language, line_messages,
    number_messages, result_messages, script_messages,
};

macro_rules! messages {
    ($($name:ident: $chinese:literal, $english:literal;)+) => {
        /// What an answer says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Message { $($name,)+ }

        impl Message {
            pub(crate) const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::Chinese) => $chinese,
                      (Self::$name, Language::English) => $english,)+
                }
            }
        }
    };
}

messages! {
    // Documented.
    Deleted: "删除成功", "Deleted";
    Updated: "修改成功", "Updated";
    GroupInUse: "呼叫时间组已关联任务,不可删除", "The dial time group is used by tasks and cannot be deleted";
    V1Tasks: "返回任务列表信息", "The list of tasks";
    V2Tasks: "返回任务列表信息成功", "The list of tasks";
    SubUserTasks: "返回所有子账号的任务列表信息成功", "The list of all sub-users' tasks";
    TaskInit: "返回任务初始化信息成功", "What a new task can be made of";
    TaskDetail: "返回任务信息成功", "The task";
    TaskStatistics: "获取外呼任务数据统计成功", "The task's statistics";
    NumbersReset: "批量重置号码成功", "The numbers were reset";
    // In Chinese the documented words stay; the answer's data says the rest.
    NumbersResetBegun: "批量重置号码成功", "The reset has begun and goes on in the background";
    TaskSwitchedOn: "2.0任务启动中,请先停止任务", "The 2.0 task is switched on; stop it first";
    SubUserDetail: "查看子账户信息成功", "The sub-user";
    RecordingAddress: "查看通话录音成功", "The address of the recording";
    Records: "查看通话记录列表成功", "The list of records";
    RecordTrace: "查看信令记录成功", "The signalling of the call";
    RecordDetail: "查看通话记录详情成功", "The record";
    CallResultShown: "查看通话结果成功", "The result of the call";
    Lines: "返回所属代理线路列表成功", "The list of lines";
    CallerLines: "查看线路成功", "The list of lines";
    // Ours, where the documents are silent.
    GroupOverride: "返回呼叫时间组的临时设定成功", "The override of the dial time group";
    Groups: "返回呼叫时间组列表信息成功", "The list of dial time groups";
    GroupDetail: "返回呼叫时间组信息成功", "The dial time group";
    GroupVersions: "返回呼叫时间组历史版本列表成功", "The versions of the dial time group";
    GroupVersion: "返回呼叫时间组历史版本成功", "The version of the dial time group";
    GroupDifference: "返回版本差异成功", "The difference of the two versions";
    Restored: "恢复成功", "Restored";
    GroupTasks: "返回呼叫时间组关联任务列表成功", "The tasks that use the dial time group";
    Saved: "保存成功", "Saved";
    Replaced: "替换成功", "Replaced";
    Created: "创建成功", "Created";
    Copied: "复制成功", "Copied";
    Started: "启动成功", "Started";
    Stopped: "暂停成功", "Stopped";
    Users: "返回用户列表成功", "The list of users";
    Registered: "注册成功", "Registered";
    Disabled: "停用成功", "Disabled";
    Enabled: "启用成功", "Enabled";
    PasswordSet: "密码修改成功", "The password was changed";
    AccountInfo: "返回账户信息成功", "The account";
    SubUsers: "返回子账户列表成功", "The list of sub-users";
    TokenDetail: "查看token有效期成功", "The token's validity";
    Decision: "返回呼叫判定成功", "The decision";
    Progress: "返回任务进度成功", "How far the task is";
    ProgressOfAll: "返回执行中任务的进度成功", "How far the running tasks are";
    CallAsked: "已发送指令", "The call was asked";
    Calls: "返回进行中的呼叫成功", "The calls that are under way";
    DialedDay: "返回当天呼叫统计成功", "What was dialed on the day";
    Evidence: "返回呼叫依据成功", "What the decision to call rested on";
    Decisions: "返回批量呼叫判定成功", "The decisions";
    GroupCalendar: "返回呼叫时间组日历成功", "The dial time group's calendar";
    Overview: "返回呼叫时间组总览成功", "What holds of all dial time groups";
    Preview: "返回呼叫时间组预览成功", "The preview of the dial time group";
    Subscriptions: "返回日历订阅列表成功", "The list of calendar subscriptions";
    Subscribed: "订阅成功", "Subscribed";
    HolidayCalendars: "返回节假日日历列表成功", "The list of holiday calendars";
    HolidayCalendar: "返回节假日日历成功", "The holiday calendar";
    HolidaysImported: "导入成功", "The holidays are imported";
    HolidaysNotStored: "试导入完成，未保存", "What an import would do; nothing is stored";
    EventsImported: "导入成功", "The events are imported";
    EditNotStored: "试运行完成，未修改", "What the edit would do; nothing is changed";
    EventsNotStored: "试导入完成，未保存", "What an import would do; nothing is stored";
    AuditLog: "返回操作日志成功", "The audit log";
    Events: "返回事件列表成功", "The events";
    Webhooks: "返回Webhook列表成功", "The list of webhooks";
    WebhookDetail: "返回Webhook信息成功", "The webhook";
    SecretRotated: "密钥更换成功", "The secret was replaced";
    TestSent: "测试事件已发送", "A test is being sent";
    SentAgain: "已重新投递", "Being sent again";
    Deliveries: "返回投递记录成功", "The deliveries";
    Numbers: "返回号码列表成功", "The list of numbers";
    NumberDetail: "返回号码信息成功", "The number";
    NumbersAdded: "添加号码成功", "The numbers were added";
    CallEvents: "返回通话事件设置成功", "The events of calls";
    Callback: "返回回调数据成功", "The callback";
    NumberResets: "返回号码重置任务列表成功", "The list of resets of numbers";
    NumberRemovals: "返回已删除任务的号码清理进度成功", "How far the numbers of deleted tasks are gone";
    ImportTaken: "号码文件已接收，正在后台导入", "The file was taken; its numbers are imported in the background";
    NumberImports: "返回号码导入列表成功", "The list of imports of numbers";
    NumberImportDetail: "返回号码导入成功", "The import of numbers";
    ImportCancelled: "号码导入已取消", "The import of numbers was cancelled";
    ImportHadEnded: "号码导入此前已结束，未作更改", "The import of numbers had ended before; nothing was changed";
    FileTooLarge: "文件过大", "The file is too large";
    NotTheFile: "请求体须为文件内容本身，不能是multipart表单或压缩后的文件", "The body must be the file itself, and neither a multipart form nor packed";
    NoRoom: "服务器磁盘空间不足，文件未保存", "The server's disk has too little room for the file, which was not kept";
    NumberResetDetail: "返回号码重置任务成功", "The reset of numbers";
    RedialRules: "返回重呼规则列表成功", "The list of redial rules";
    Prompts: "返回录音列表成功", "The list of prompts";
    PromptDetail: "返回录音信息成功", "The prompt";
    Scripts: "返回话术列表成功", "The list of scripts";
    ScriptDetail: "返回话术信息成功", "The script";
    RedialRuleDetail: "返回重呼规则成功", "The redial rule";
    DoNotCallList: "返回黑名单列表成功", "The numbers that must not be called";
    DoNotCallDetail: "返回黑名单号码成功", "The number that must not be called";
    DoNotCallAdded: "添加黑名单成功", "The numbers will not be called";
    DoNotCallImported: "导入黑名单成功", "The file was imported";
    NumberErased: "号码数据已清除", "The number was erased";
    LineDetail: "返回线路信息成功", "The line";
    LineGroups: "返回线路组列表成功", "The list of line groups";
    DefaultCauseMap: "返回默认原因映射成功", "What answers of carriers mean by default";
    LineActivity: "返回线路运行情况成功", "What is called over the lines";
    LineGroupDetail: "返回线路组信息成功", "The line group";
    LineAllocations: "返回线路分配列表成功", "The allocations of the line";
    LineAllocated: "分配成功", "Allocated";
    LineDeallocated: "解除绑定成功", "Taken away";
    Ceilings: "返回上级呼叫时间组成功", "The ceilings";
    Closures: "返回停呼安排列表成功", "The planned closures";
    Stops: "返回紧急停呼列表成功", "What is stopped";
    DialingStopped: "紧急停呼已开启", "Dialing is stopped";
    DialingResumed: "已恢复呼叫", "Dialing is resumed";
    StillStopped: "已解除该紧急停呼，但仍被其他紧急停呼覆盖，尚未恢复呼叫", "This stop has ended; another one covers it still, and nothing is dialed";
    Alive: "运行中", "Alive";
    Ready: "已就绪", "Ready";
    // Refusals.
    NotHttp: "请求不是有效的HTTP请求", "The request is not valid HTTP";
    UriTooLong: "请求地址过长", "The request's address is too long";
    HeadersTooLarge: "请求头过大", "The request's headers are too large";
    TooSlow: "请求未在规定时间内收完", "The request did not arrive in time";
    Malformed: "请求体不是有效的JSON或表单", "The request's body is not valid JSON, nor a form";
    CutOff: "上传中断：请求体没有完整收到，请重新发送", "The upload was cut off: the request's body did not come to its end; send it again";
    TokenMissing: "缺少访问令牌", "A Bearer token is missing";
    TokenMalformed: "Authorization格式错误，应为Bearer令牌", "The Authorization header is not a Bearer token";
    TokenUnknown: "访问令牌无效", "The token is not valid";
    TokenExpired: "访问令牌已过期", "The token has expired";
    TokenRevoked: "访问令牌已被吊销", "The token was revoked";
    PartnerDisabled: "代理已停用", "The partner is disabled";
    NeedsRead: "该操作需要read或all权限的访问令牌", "This needs a token of scope read or all";
    NeedsAll: "该操作需要all权限的访问令牌", "This needs a token of scope all";
    NumbersMasked: "该访问令牌不能查看完整的电话号码：不能按电话号码查找，不能提交电话号码，也不能读取含有完整号码的内容", "The token does not see telephone numbers: it can neither look for them, nor send any, nor read what shows them whole";
    AccountDisabled: "账户已停用", "The account is disabled";
    AccountInUse: "账户下仍有子账户、任务或呼叫时间组，不可删除", "The account has sub-users, tasks or dial time groups and cannot be deleted";
    ScriptInUse: "话术已关联任务，不可删除", "The script is used by tasks and cannot be deleted";
    PromptInUse: "录音已被话术使用，不可删除", "Scripts play the prompt, which therefore cannot be deleted";
    RedialRuleInUse: "重呼规则已关联任务，不可删除", "The redial rule is used by tasks and cannot be deleted";
    LineInUse: "线路已关联任务或话术，或已分配给用户，不可删除", "The line is named by tasks or scripts, or allocated to users, and cannot be deleted";
    GroupedLineInUse: "线路已加入线路组，不可删除", "Line groups have the line, which therefore cannot be deleted";
    LineGroupInUse: "线路组已关联任务，不可删除", "The line group is named by tasks and cannot be deleted";
    CeilingInUse: "呼叫时间组是账户或代理的上级呼叫时间组，不可删除", "The dial time group is the ceiling of an account or the partner and cannot be deleted";
    EntryOfErased: "号码已被清除，这条黑名单永久保留，不可删除；以 \"suppress\": false 调用 erase-number 可解除", "The number was erased, and the entry that is left of it stays: erase-number with \"suppress\": false lifts it";
    HolidayCalendarInUse: "仍有呼叫时间组使用该节假日日历，不可删除", "Dial time groups follow the holiday calendar, which therefore cannot be deleted";
    NotFound: "资源不存在", "Not found";
    CallNotAnswered: "通话尚未接通", "Nobody has answered the call yet";
    CallTransferred: "通话正在转接或已转接，无法离开", "The callee is being connected with someone else, or is";
    NoTrace: "该通话没有信令记录", "The signalling of this call was not kept";
    NoAllocation: "该用户没有此编号的线路分配，编号见GET /agent-api/line/{line_id}/allocation的id", "The user has no share of a line under this number; GET /agent-api/line/{line_id}/allocation lists those of a line, each with its id";
    NoRecording: "该通话没有录音", "There is no recording of this call";
    MethodNotAllowed: "请求方式不被允许，可用的方式见响应头Allow", "The method is not allowed here; the header `Allow` names those that are";
    PayloadTooLarge: "请求体过大", "The request's body is too large";
    UnsupportedMediaType: "请求体必须为application/json或application/x-www-form-urlencoded", "The request's body must be application/json or application/x-www-form-urlencoded";
    RangeNotSatisfiable: "请求的范围超出文件大小", "The file has none of the bytes that were asked for";
    NotImplemented: "本系统尚未提供该接口", "This endpoint of the platform is not here yet";
    Invalid: "参数校验失败", "The request is not valid";
    Stale: "数据已被修改，请刷新后重试", "It has been changed since; read it again";
    KeyReused: "Idempotency-Key已用于其他请求", "The Idempotency-Key was used for another request";
    TooManyImports: "任务正在进行的导入已达5个，请待其结束或取消后再试", "Five imports into the task have not ended; try again when one has, or cancel one";
    TooManyRequests: "请求过于频繁，请稍后再试", "Too many requests; try again later";
    TooManyStreams: "事件流连接数已达上限，请稍后再试", "There are as many streams of events as there may be; try again later";
    WebhookDisabled: "Webhook已停用，请先启用", "The webhook is disabled; enable it first";
    NotStopped: "未处于紧急停呼状态，无需恢复", "It is not stopped; there is nothing to resume";
    StoppedAbove: "自身未处于紧急停呼状态，而是被更大范围的紧急停呼覆盖，须在该范围恢复", "It is not stopped itself; a greater stop covers it, and only that one can be resumed";
    EventGone: "事件已不再保留，无法重新投递", "The event is no longer kept and cannot be sent again";
    Unavailable: "服务暂不可用，请稍后再试", "The service is not available; try again later";
    Stopping: "服务正在停止", "The server is stopping";
    ClockApart: "本节点时钟与数据库时钟相差过大，暂停服务", "This node's clock is too far from the database's; it serves nobody until that is mended";
    DatabaseUnreachable: "数据库无法连接或未及时响应", "The database cannot be reached or does not answer in time";
    DatabaseNoWrites: "数据库无法写入", "The database takes no writes";
    DatabaseDiskFull: "数据库所在磁盘已满", "The database's disk is full";
    DatabaseFileLost: "数据库文件已被删除或替换", "The database's file was deleted or replaced";
    DatabaseSchema: "数据库结构与本程序版本不符，请运行 dialtime migrate", "The database's schema is not this program's; run `dialtime migrate`";
    Internal: "服务器内部错误", "Internal error";
}

/// The documented word for a task's state.
pub(crate) const fn task_state(state: TaskState, language: Language) -> &'static str {
    match (state, language) {
        (TaskState::Paused, Language::Chinese) => "暂停中",
        (TaskState::Paused, Language::English) => "paused",
        (TaskState::Running, Language::Chinese) => "执行中",
        (TaskState::Running, Language::English) => "running",
        (TaskState::Waiting, Language::Chinese) => "等待执行",
        (TaskState::Waiting, Language::English) => "waiting",
    }
}

/// The stable name of a rule.
pub(crate) const fn rule_code(rule: &FaultRule) -> &'static str {
    match rule {
        FaultRule::Required => "required",
        FaultRule::Type(_) => "type",
        FaultRule::Empty => "empty",
        FaultRule::TooLong(_) => "too_long",
        FaultRule::TooShort(_) => "too_short",
        FaultRule::Repeated => "repeated",
        FaultRule::UnknownField | FaultRule::UnknownParameter(_) => "unknown_field",
        FaultRule::ControlCharacter => "control_character",
        FaultRule::InvisibleCharacter => "invisible_character",
        FaultRule::OutOfRange(..) => "out_of_range",
        FaultRule::TooMany(..) => "too_many",
        FaultRule::TooManyDays(_) => "too_many_days",
        FaultRule::Uuid => "uuid",
        FaultRule::Url => "url",
        FaultRule::Email => "email",
        FaultRule::Phone => "phone",
        FaultRule::Number(refusal) => number_messages::code(*refusal),
        FaultRule::Country => "country",
        FaultRule::TooManyBytes(_) => "too_many_bytes",
        FaultRule::Encrypted => "encrypted",
        FaultRule::Encoding => "encoding",
        FaultRule::TooManyCells(_) => "too_many_cells",
        FaultRule::OneNeeded(_) => "one_needed",
        FaultRule::Date => "date_format",
        FaultRule::DateTime | FaultRule::DateOrTime => "date_time",
        FaultRule::Instant => "instant",
        FaultRule::TwoTimes => "two_times",
        FaultRule::NoNextChange => "no_next_change",
        FaultRule::Past => "past",
        FaultRule::NotAfter(_) => "not_after",
        FaultRule::Differs(_) => "differs",
        FaultRule::EntityTags => "entity_tags",
        FaultRule::OneOf(_) => "one_of",
        FaultRule::Taken => "taken",
        FaultRule::IdUnavailable => "id_unavailable",
        FaultRule::Unknown | FaultRule::UnknownId(_) => "unknown",
        FaultRule::Itself => "itself",
        FaultRule::Excludes(_) => "excludes",
        FaultRule::NeverRedialed => "never_redialed",
        FaultRule::Result(rule) => result_messages::code(*rule),
        FaultRule::Script(rule) => script_messages::code(*rule),
        FaultRule::Audio(rule) => audio_code(*rule),
        FaultRule::Calendar(rule) => rule.code(),
        FaultRule::HolidayFile(rule) => holiday_file_messages::code(*rule),
        FaultRule::Line(rule) => line_messages::code(*rule),
    }
}

/// What a rule asks for.
pub(crate) fn rule_text(rule: &FaultRule, language: Language) -> String {
    match language {
        Language::Chinese => rule_chinese(rule),
        Language::English => rule_english(rule),
    }
}

fn rule_chinese(rule: &FaultRule) -> String {
    match rule {
        FaultRule::Required => "必填".to_owned(),
        FaultRule::Type(kind) => kind_chinese(*kind).to_owned(),
        FaultRule::Repeated => "不能重复给出".to_owned(),
        FaultRule::UnknownField | FaultRule::UnknownParameter(_) => unknown_name_chinese(rule),
        FaultRule::Empty => "不能为空".to_owned(),
        FaultRule::TooLong(maximum) => format!("不能超过{maximum}个字符"),
        FaultRule::TooShort(minimum) => format!("不能少于{minimum}个字符"),
        FaultRule::ControlCharacter => "不能包含控制字符".to_owned(),
        FaultRule::InvisibleCharacter => "不能包含零宽字符、双向控制符或行分隔符等不可见字符".to_owned(),
        FaultRule::OutOfRange(minimum, maximum) => format!("必须为{minimum}到{maximum}之间的整数"),
        FaultRule::TooMany(counted, maximum) => too_many_chinese(*counted, *maximum),
        FaultRule::TooManyDays(maximum) => format!("不能超过{maximum}天"),
        FaultRule::Uuid => "必须为UUID".to_owned(),
        FaultRule::Url => "必须为http或https地址，且不含用户名、密码和#片段".to_owned(),
        FaultRule::Email => "必须为有效的邮箱地址".to_owned(),
        FaultRule::Phone => "必须为有效的电话号码".to_owned(),
        FaultRule::Number(refusal) => number_messages::chinese(*refusal).to_owned(),
        FaultRule::Country => "必须为有电话号码的国家或地区的两位代码，例如CN".to_owned(),
        FaultRule::TooManyBytes(maximum) => format!("不能超过{maximum}字节"),
        FaultRule::Encrypted => "不支持加密的号码和数据，请传明文".to_owned(),
        FaultRule::Encoding => "不是UTF-8、UTF-16、GB18030、Big5或Shift_JIS编码的文本".to_owned(),
        FaultRule::TooManyCells(columns) => format!("该行的单元格多于文件的{columns}列"),
        FaultRule::OneNeeded(fields) => format!("请至少传其中一项：{}", fields.join("、")),
        FaultRule::Date | FaultRule::DateTime | FaultRule::DateOrTime | FaultRule::Instant => {
            time_chinese(rule).to_owned()
        }
        FaultRule::TwoTimes => "必须为两个时间：开始和结束".to_owned(),
        FaultRule::NoNextChange => "该呼叫时间组不会自行开启或关闭，请填写时间".to_owned(),
        FaultRule::Past => "该时间已过去，必须晚于现在".to_owned(),
        FaultRule::NotAfter(other) => format!("必须晚于{other}"),
        FaultRule::Differs(other) => format!("必须与{other}一致"),
        FaultRule::EntityTags => "必须为带双引号的ETag，例如\"3\"（多个用逗号分隔），或*".to_owned(),
        FaultRule::OneOf(values) => format!("必须为以下之一：{}", values.join("、")),
        FaultRule::Taken => "已被使用".to_owned(),
        FaultRule::IdUnavailable => "不可用，请换一个或不传".to_owned(),
        FaultRule::Unknown => "不存在".to_owned(),
        FaultRule::UnknownId(id) => format!("{id}不存在"),
        FaultRule::Itself => "不能为自身".to_owned(),
        FaultRule::Excludes(other) => format!("不能与{other}同时启用"),
        FaultRule::NeverRedialed => "空号（5）和黑名单（11）不会再次呼叫".to_owned(),
        FaultRule::Result(rule) => result_messages::chinese(*rule),
        FaultRule::Script(rule) => script_messages::chinese(*rule).to_owned(),
        FaultRule::Audio(rule) => audio_chinese(*rule),
        FaultRule::Calendar(rule) => calendar_chinese(*rule).to_owned(),
        FaultRule::HolidayFile(rule) => holiday_file_messages::chinese(*rule).to_owned(),
        FaultRule::Line(rule) => line_messages::chinese(*rule),
    }
}

/// The longer ones of the rules in English.
const UNKNOWN_FIELD: &str = "is not known here, so the request is refused; look for a misspelling";
const INVISIBLE_CHARACTER: &str =
    "must not hold characters that cannot be seen: of zero width, bidirectional controls, line separators";
const URL: &str = "must be an http or https address without user name, password and fragment";
const COUNTRY: &str = "must be the two letters of a country with telephone numbers, such as CN";
const ENTITY_TAGS: &str =
    "must be an ETag in its double quotes, such as \"3\" (several with commas between them), or *";
const NEVER_REDIALED: &str =
    "is never tried again: 5 is a number that does not exist, 11 one that must not be called";

fn rule_english(rule: &FaultRule) -> String {
    match rule {
        FaultRule::Required => "must be given".to_owned(),
        FaultRule::Type(kind) => kind_english(*kind).to_owned(),
        FaultRule::Repeated => "must not be given more than once".to_owned(),
        FaultRule::UnknownField | FaultRule::UnknownParameter(_) => unknown_name_english(rule),
        FaultRule::Empty => "must not be empty".to_owned(),
        FaultRule::TooLong(maximum) => format!("must not have more than {maximum} characters"),
        FaultRule::TooShort(minimum) => format!("must have at least {minimum} characters"),
        FaultRule::ControlCharacter => "must not hold control characters".to_owned(),
        FaultRule::InvisibleCharacter => INVISIBLE_CHARACTER.to_owned(),
        FaultRule::OutOfRange(least, most) => format!("must be a whole number from {least} to {most}"),
        FaultRule::TooMany(counted, maximum) => too_many_english(*counted, *maximum),
        FaultRule::TooManyDays(maximum) => format!("must not be more than {maximum} days later"),
        FaultRule::Uuid => "must be a UUID".to_owned(),
        FaultRule::Url => URL.to_owned(),
        FaultRule::Email => "must be an e-mail address".to_owned(),
        FaultRule::Phone => "must be a phone number".to_owned(),
        FaultRule::Number(refusal) => number_messages::english(*refusal).to_owned(),
        FaultRule::Country => COUNTRY.to_owned(),
        FaultRule::TooManyBytes(maximum) => format!("must not take more than {maximum} bytes"),
        FaultRule::Encrypted => "encrypted numbers and data are not read here; send them plain".to_owned(),
        FaultRule::Encoding => "is no text in UTF-8, UTF-16, GB18030, Big5 or Shift_JIS".to_owned(),
        FaultRule::TooManyCells(columns) => format!("has more cells than the {columns} columns of the file"),
        FaultRule::OneNeeded(fields) => format!("at least one of these must be given: {}", fields.join(", ")),
        FaultRule::Date | FaultRule::DateTime | FaultRule::DateOrTime | FaultRule::Instant => {
            time_english(rule).to_owned()
        }
        FaultRule::TwoTimes => "must be two times: from and to".to_owned(),
        FaultRule::NoNextChange => "the group never opens or closes by itself: give a time".to_owned(),
        FaultRule::Past => "lies in the past; it must be in the future".to_owned(),
        FaultRule::NotAfter(other) => format!("must be after {other}"),
        FaultRule::Differs(other) => format!("must equal {other}"),
        FaultRule::EntityTags => ENTITY_TAGS.to_owned(),
        FaultRule::OneOf(values) => format!("must be one of: {}", values.join(", ")),
        FaultRule::Taken => "is taken".to_owned(),
        FaultRule::IdUnavailable => "is not available; bring another one, or none".to_owned(),
        FaultRule::Unknown => "does not exist".to_owned(),
        FaultRule::UnknownId(id) => format!("{id} does not exist"),
        FaultRule::Itself => "must be another one".to_owned(),
        FaultRule::Excludes(other) => format!("cannot be on together with {other}"),
        FaultRule::NeverRedialed => NEVER_REDIALED.to_owned(),
        FaultRule::Result(rule) => result_messages::english(*rule),
        FaultRule::Script(rule) => script_messages::english(*rule).to_owned(),
        FaultRule::Audio(rule) => audio_english(*rule),
        FaultRule::Calendar(rule) => rule.to_string(),
        FaultRule::HolidayFile(rule) => holiday_file_messages::english(*rule).to_owned(),
        FaultRule::Line(rule) => line_messages::english(*rule),
    }
}

/// Which greater stop covers what is to be resumed, and where that one is.
pub(crate) fn stopped_above(level: StopLevel, language: Language) -> &'static str {
    let (chinese, english) = match level {
        StopLevel::Installation => (
            "整个系统已紧急停呼，须在命令行恢复：dialtime resume-dialing",
            "the whole installation is stopped; it is resumed at the command line: `dialtime resume-dialing`",
        ),
        StopLevel::Partner => (
            "整个代理已紧急停呼，须以level partner恢复",
            "the whole partner is stopped; resume it with level `partner`",
        ),
        StopLevel::Account => (
            "所属主账号已紧急停呼，须以level account恢复主账号",
            "the user of the sub-user is stopped; resume it with level `account`",
        ),
        StopLevel::Line => ("该线路已紧急停呼", "the line is stopped"),
    };
    language.choose(chinese, english)
}

/// How a time is written; `rule` is one that asks for a time.
const fn time_chinese(rule: &FaultRule) -> &'static str {
    match rule {
        FaultRule::Date => "日期格式应为YYYY-MM-DD",
        FaultRule::DateTime => "必须为YYYY-MM-DD HH:MM:SS或YYYY-MM-DD HH:MM，例如2026-10-10 10:00:00",
        FaultRule::DateOrTime => {
            "必须为YYYY-MM-DD HH:MM:SS、YYYY-MM-DD HH:MM或日期YYYY-MM-DD，例如2026-10-10 10:00:00"
        }
        _ => "必须为1970年至2200年间带时区偏移的RFC 3339时间，例如2026-10-10T10:00:00+08:00",
    }
}

const fn time_english(rule: &FaultRule) -> &'static str {
    match rule {
        FaultRule::Date => "must be a date of the form YYYY-MM-DD",
        FaultRule::DateTime => "must be YYYY-MM-DD HH:MM:SS or YYYY-MM-DD HH:MM, such as 2026-10-10 10:00:00",
        FaultRule::DateOrTime => {
            "must be YYYY-MM-DD HH:MM:SS, YYYY-MM-DD HH:MM or a date, YYYY-MM-DD, such as 2026-10-10 10:00:00"
        }
        _ => {
            "must be an RFC 3339 instant with its offset, from 1970 to 2200, such as 2026-10-10T10:00:00+08:00"
        }
    }
}

fn unknown_name_chinese(rule: &FaultRule) -> String {
    match rule {
        FaultRule::UnknownParameter(known) if known.is_empty() => "未知参数，该接口没有查询参数".to_owned(),
        FaultRule::UnknownParameter(known) => format!("未知参数，可用的有：{}", known.join("、")),
        _ => "未知字段，请检查拼写；为免结果与预期不符，不予接受".to_owned(),
    }
}

fn unknown_name_english(rule: &FaultRule) -> String {
    match rule {
        FaultRule::UnknownParameter(known) if known.is_empty() => {
            "is not known here, where no parameter is".to_owned()
        }
        FaultRule::UnknownParameter(known) => {
            format!("is not known here, where these are: {}", known.join(", "))
        }
        _ => UNKNOWN_FIELD.to_owned(),
    }
}

const fn kind_chinese(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Object => "必须为对象",
        ValueKind::List => "必须为数组",
        ValueKind::Text => "必须为字符串",
        ValueKind::Integer => "必须为整数",
        ValueKind::Flag => "必须为布尔值：true或false",
    }
}

const fn kind_english(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Object => "must be an object",
        ValueKind::List => "must be a list",
        ValueKind::Text => "must be text",
        ValueKind::Integer => "must be a whole number",
        ValueKind::Flag => "must be true or false",
    }
}

fn too_many_chinese(counted: Counted, maximum: usize) -> String {
    match counted {
        Counted::Webhooks => format!("每个账户最多{maximum}个Webhook"),
        Counted::CallerIds => format!("每个任务最多{maximum}个主叫号码"),
        Counted::Lines => format!("每个任务最多{maximum}条线路"),
        Counted::Closures => format!("每个任务最多{maximum}段禁呼时间"),
        Counted::PlannedClosures => format!("最多{maximum}个未结束的停呼安排"),
        Counted::Questions => format!("每次请求最多{maximum}个判定问题"),
        Counted::Records => format!("每次请求最多{maximum}条通话记录"),
        Counted::Groups => format!("每次请求最多{maximum}个呼叫时间组"),
        Counted::Tasks => format!("每次请求最多{maximum}个任务"),
        Counted::Numbers => format!("每次请求最多{maximum}个号码"),
        Counted::RedialRules => format!("每个账户最多{maximum}条重呼规则"),
        Counted::Prompts => format!("每个账户最多{maximum}个录音"),
        Counted::HolidayCalendars => format!("每个账户最多{maximum}个节假日日历"),
        Counted::PromptSeconds => format!("每个账户的录音总时长最多{maximum}秒"),
        Counted::Scripts => format!("每个账户最多{maximum}个话术"),
        Counted::ScriptsOfTask => format!("每个任务最多关联{maximum}个话术"),
        Counted::Steps => format!("每个话术最多{maximum}个步骤"),
        Counted::Branches => format!("每个步骤最多{maximum}个按键分支"),
        Counted::Bots => format!("每个步骤最多{maximum}个机器人"),
        Counted::Variables => format!("每个步骤最多{maximum}个变量"),
        Counted::DoNotCall => format!("每个账户最多{maximum}个黑名单号码"),
        Counted::Rows => format!("每个文件最多{maximum}行"),
        Counted::Turns => format!("每次通话最多{maximum}句对话"),
        Counted::Tags => format!("每次通话最多{maximum}个标签"),
        Counted::Ranges => format!("最多{maximum}个区间"),
        Counted::Spans => format!("返回的时间段不能超过{maximum}个，请减少天数或每页的组数"),
    }
}

fn too_many_english(counted: Counted, maximum: usize) -> String {
    match counted {
        Counted::Webhooks => format!("an account may have at most {maximum} webhooks"),
        Counted::CallerIds => format!("a task may have at most {maximum} caller ids"),
        Counted::Lines => format!("a task may have at most {maximum} lines"),
        Counted::Closures => format!("a task may have at most {maximum} closures"),
        Counted::PlannedClosures => format!("there may be at most {maximum} closures that have not ended"),
        Counted::Questions => format!("a request may ask at most {maximum} questions"),
        Counted::Records => format!("a request may name at most {maximum} records"),
        Counted::Groups => format!("a request may name at most {maximum} groups"),
        Counted::Tasks => format!("a request may name at most {maximum} tasks"),
        Counted::Numbers => format!("a request may have at most {maximum} numbers"),
        Counted::RedialRules => format!("an account may have at most {maximum} redial rules"),
        Counted::Prompts => format!("an account may have at most {maximum} prompts"),
        Counted::HolidayCalendars => format!("an account may have at most {maximum} holiday calendars"),
        Counted::PromptSeconds => {
            format!("the prompts of an account may last at most {maximum} seconds in all")
        }
        Counted::Scripts => format!("an account may have at most {maximum} scripts"),
        Counted::ScriptsOfTask => format!("a task may name at most {maximum} scripts"),
        Counted::Steps => format!("a script may have at most {maximum} steps"),
        Counted::Branches => format!("a step may have at most {maximum} branches"),
        Counted::Bots => format!("a step may have at most {maximum} bots"),
        Counted::Variables => format!("a step may have at most {maximum} variables"),
        Counted::DoNotCall => {
            format!("an account may have at most {maximum} numbers that must not be called")
        }
        Counted::Rows => format!("a file may have at most {maximum} rows"),
        Counted::Turns => format!("a call may have at most {maximum} turns"),
        Counted::Tags => format!("a call may have at most {maximum} tags"),
        Counted::Ranges => format!("there may be at most {maximum} ranges"),
        Counted::Spans => {
            format!("an answer may have at most {maximum} spans: ask for fewer days, or fewer groups a page")
        }
    }
}

const fn audio_code(rule: AudioRule) -> &'static str {
    match rule {
        AudioRule::NotWav => "not_wav",
        AudioRule::Truncated => "truncated",
        AudioRule::Broken => "broken_wav",
        AudioRule::NoSamples => "no_samples",
        AudioRule::Compressed => "compressed",
        AudioRule::Width => "sample_width",
        AudioRule::Channels => "channels",
        AudioRule::Rate(..) => "sample_rate",
        AudioRule::TooLong(_) => "too_many_seconds",
    }
}

fn audio_chinese(rule: AudioRule) -> String {
    match rule {
        AudioRule::NotWav => "不是WAV文件".to_owned(),
        AudioRule::Truncated => "WAV文件不完整，实际内容少于文件头所述".to_owned(),
        AudioRule::Broken => "WAV文件头不完整或自相矛盾".to_owned(),
        AudioRule::NoSamples => "WAV文件中没有声音数据".to_owned(),
        AudioRule::Compressed => "为压缩格式或其他不支持的格式，请转换为PCM、浮点、mu-law或A-law".to_owned(),
        AudioRule::Width => "采样位数必须为8、16、24或32位（浮点为32或64位，mu-law和A-law为8位）".to_owned(),
        AudioRule::Channels => "必须为单声道或双声道".to_owned(),
        AudioRule::Rate(lowest, highest) => format!("采样率必须在{lowest}到{highest}之间"),
        AudioRule::TooLong(seconds) => format!("时长不能超过{seconds}秒"),
    }
}

/// What is wrong with a file of sound, in English.
pub fn audio_english(rule: AudioRule) -> String {
    match rule {
        AudioRule::NotWav => "must be a WAV file".to_owned(),
        AudioRule::Truncated => "ends before its header says".to_owned(),
        AudioRule::Broken => "has a header that is not whole or contradicts itself".to_owned(),
        AudioRule::NoSamples => "holds no sound".to_owned(),
        AudioRule::Compressed => {
            "is compressed, or of another kind that is not read: send PCM, floating point, mu-law or A-law"
                .to_owned()
        }
        AudioRule::Width => {
            "must have samples of 8, 16, 24 or 32 bits, of floating point 32 or 64, of mu-law and A-law 8"
                .to_owned()
        }
        AudioRule::Channels => "must have one or two channels".to_owned(),
        AudioRule::Rate(lowest, highest) => {
            format!("must have between {lowest} and {highest} samples a second")
        }
        AudioRule::TooLong(seconds) => format!("must not last longer than {seconds} seconds"),
    }
}
