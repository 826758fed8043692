// What is said of a group's override, in English; it comes with the page of a group. The same keys as in chinese-group.js.

export const englishGroup = {
  overrideMeans: "At once, and until the time given: it beats windows, exceptions and holidays. A closure and an emergency stop beat it.",
  overrideTo: "Until then the group is",
  "override.closed": "Close it",
  "override.open": "Open it",
  overrideUntil: "Until",
  untilNextChange: "it would next open or close by itself",
  untilInstant: "an instant",
  overrideSet: "{name} is overridden",
  overrideEnded: "{name} follows its windows again",
  endOverride: "End it now",
  "overridden.closed": "Closed until {until}.",
  "overridden.open": "Open until {until}.",
};
