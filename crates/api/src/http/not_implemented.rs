//! The table of the platform's endpoints that are not here yet. Each is answered with 501 and its name, so that nobody takes it for an
//! unknown path. The list in `/docs` is made from this table.

use std::fmt::Write;

use axum::routing::MethodFilter;

use crate::http::language::Language;

/// One of them.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) filter: MethodFilter,
    method: &'static str,
    pub(crate) path: &'static str,
    chinese_name: &'static str,
    name: &'static str,
    chinese_refusal: &'static str,
    refusal: &'static str,
}

impl PartialEq for Endpoint {
    fn eq(&self, other: &Self) -> bool {
        (self.method, self.path) == (other.method, other.path)
    }
}

impl Eq for Endpoint {}

impl Endpoint {
    /// The message with which it is refused.
    pub(crate) const fn refusal(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.chinese_refusal,
            Language::English => self.refusal,
        }
    }
}

macro_rules! endpoints {
    ($($method:ident $path:literal $chinese:literal, $english:literal;)+) => {
        pub(crate) const ENDPOINTS: &[Endpoint] = &[$(Endpoint {
            filter: MethodFilter::$method,
            method: stringify!($method),
            path: $path,
            chinese_name: $chinese,
            name: $english,
            chinese_refusal: concat!("本系统尚未提供该接口：", $chinese, "（", stringify!($method), " ", $path, "）"),
            refusal: concat!("Not here yet: ", $english, " (", stringify!($method), " ", $path, ")"),
        },)+];
    };
}

endpoints! {
    GET "/agent-api/vos/{user_id}/get_call_record" "查询vos话单列表", "VOS call records";
    GET "/agent-api/user/{user_id}/call_line_fee" "线路消费报表", "costs of lines";
    GET "/agent-api/user/{user_id}/customer/create" "公海自定义组件初始化", "fields of the CRM pool";
    GET "/agent-api/user/{user_id}/customer_to_task/{task_id}" "客户公海导入任务", "import from the CRM pool";
    DELETE "/agent-api/user/{user_id}/del_customer" "删除客户公海数据", "delete from the CRM pool";
    POST "/user/{user_id}/authorize" "登录指定用户", "sign in as a user";
    GET "/agent-api/user/{user_id}/department" "部门列表", "list of departments";
    POST "/agent-api/user/{user_id}/department/change" "修改部门", "change departments";
    GET "/agent-api/vos_bill/{user_id}" "用户VOS账户概况", "VOS account";
    POST "/v1/task" "任务创建（v1）", "create a task (v1)";
    GET "/v1/task/create" "任务初始化（v1）", "what a new task can be made of (v1)";
}

/// Whether a route is one of them.
pub(crate) fn has(method: &str, path: &str) -> bool {
    ENDPOINTS.iter().any(|endpoint| endpoint.method == method && endpoint.path == path)
}

/// The list of them for people, in Markdown.
pub(crate) fn list() -> String {
    let mut list = String::new();
    for Endpoint { method, path, chinese_name, name, .. } in ENDPOINTS {
        // Writing to a string cannot fail.
        let _ = writeln!(list, "- `{method} {path}` {chinese_name}, {name}");
    }
    list
}
