// What is said of a group's override, in Chinese; it comes with the page of a group. The same keys as in english-group.js.

export const chineseGroup = {
  overrideMeans: "立即生效，到所填时间为止，优先于时间段、例外和节假日；停呼安排和紧急停呼优先于它。",
  overrideTo: "在此之前",
  "override.closed": "临时停呼",
  "override.open": "临时开放",
  overrideUntil: "到何时为止",
  untilNextChange: "按时间段下一次开放或关闭时",
  untilInstant: "指定时间",
  overrideSet: "已临时调整 {name}",
  overrideEnded: "{name} 恢复按时间段呼叫",
  endOverride: "立即结束",
  "overridden.closed": "临时停呼，至 {until}。",
  "overridden.open": "临时开放，至 {until}。",
};
