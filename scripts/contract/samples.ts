// The bodies that the platform's documents show, which must be what openapi.json describes.
import type { components } from "./api.js";

type Schemas = components["schemas"];

export const save: Schemas["SaveGroup"] = {
  name: "周一周三拨打",
  content: [
    {
      week: 1,
      times: [
        { begin_time: "08:00", end_time: "20:00" },
        { begin_time: "20:30", end_time: "22:00" },
      ],
    },
    {
      week: 3,
      times: [
        { begin_time: "08:00", end_time: "12:00" },
        { begin_time: "20:30", end_time: "22:00" },
      ],
    },
  ],
  is_default: false,
  skip_holiday: true,
};

export const update: Schemas["UpdateGroup"] = {
  name: "代理测试1",
  content: [
    {
      week: 5,
      times: [
        { begin_time: "08:00", end_time: "20:00" },
        { begin_time: "20:30", end_time: "22:00" },
      ],
    },
  ],
  is_default: true,
  skip_holiday: true,
};

export const modifyFirst: Schemas["TaskBody"] = {
  caller_line_id: "5832d184-dd53-42a0-8ace-0bf8d660f4cc",
  bridge_group_id: 1,
  destination_extension: 297,
  dial_time_id: 5,
  maximumcall: 1,
  name: "任务",
  remark: "",
  call_pause_second: 10,
  auto_recycle_rule_id: 1,
  elasticity_type: false,
  end_action: 0,
  llm_intention_id: 38,
  task_type: 1,
};

export const createSecond: Schemas["CreateNewTask"] = {
  bridge_group_id: 1,
  destination_extension: 297,
  dial_time_id: 5,
  maximumcall: 1,
  name: "任务",
  enable_type: 0,
  is_call_in: 0,
  remark: "",
  auto_recycle_rule_id: 1,
  end_action: 0,
  background_id: 25,
  llm_intention_id: 38,
  task_extras: {
    start_time: "2024-11-01 13:25:26",
    stop_time: "2025-11-01 13:25:26",
    holiday: [{ start: "2024-11-01 13:25", end: "2024-11-03 13:25" }],
    line: ["5832d184-dd53-42a0-8ace-0bf8d660f4cc"],
    interval_time: 0,
  },
};

export const createNewerSecond: Schemas["CreateNewTask"] = {
  destination_extension: 297,
  dial_time_id: 5,
  maximumcall: 1,
  name: "任务",
  is_group_switch: 2,
  score_scheme_id: 1,
  task_type: 7,
  task_extras: {
    start_time: "2024-11-01 13:25:26",
    stop_time: "2025-11-01 13:25:26",
    holiday: [{ begin: "2024-11-01 13:25", end: "2024-11-03 13:25" }],
    line: [{ id: "5832d184-dd53-42a0-8ace-0bf8d660f4cc", limit: 1 }],
    interval_time: 0,
    destination_extension_list: [{ begin: "09:00", end: "12:00", destination_extension: 123 }],
    destination_extension_with_variable_list: [{ mode: 1, values: ["1"], destination_extension: 123, sort: 1 }],
    pop_mode: 1,
    redial_enabled: 1,
    redial_new_number_policy: 1,
    redial_interval: 3,
    redial_max_times: 3,
    redial_conditions: { da_status: [2, 3, 4, 6, 8, 9, 12] },
  },
};

export const modifySecond: Schemas["ModifyNewTask"] = {
  destination_extension: 297,
  dial_time_id: 5,
  maximumcall: 1,
  name: "任务",
  elasticity_type: false,
  group_type: "group",
  is_group_switch: 1,
  group_switch_rule: [{ switch_start: 1, switch_end: 2, group_id: 3, default_group_id: 4 }],
  task_extras: { holiday: [], work_hour: [], work_week: [] },
};

export const registerSubUser: Schemas["Register"] = {
  name: "子账户",
  email: "ann@example.com",
  phone: "13800000000",
  password: "long enough",
  password_confirmation: "long enough",
  subset_data: { alias: "", birthday: "2022-07-13", duty: "", wechat: "", qq: "", landline_phone: "", sex: 0 },
};
