// Instants near now as people say them, in both languages. Gives what it found wrong.
const { learnTime, learnZone, instantText, momentText, secondText } = await import("/console/clock.js");
const { chooseLanguage } = await import("/console/language.js");
const wrong = [];

const hold = (told, ...expected) => {
  const said = ["zh-CN", "en"].map((tag) => {
    chooseLanguage(tag);
    return told();
  });
  if (said.join() !== expected.join()) wrong.push(`${said.join()} instead of ${expected.join()}`);
};

// A Monday, late in the evening.
const now = "2027-05-10T23:30:00+08:00";
learnTime(now, Date.now());
hold(() => instantText("2027-05-10T08:00:00+08:00"), "今天 08:00", "today 08:00");
hold(() => instantText("2027-05-11T08:00:00+08:00"), "明天 08:00", "tomorrow 08:00");
hold(() => instantText("2027-05-09T08:00:00+08:00"), "昨天 08:00", "yesterday 08:00");
hold(() => secondText("2027-05-09T08:00:07+08:00"), "昨天 08:00:07", "yesterday 08:00:07");
hold(() => instantText("2027-05-08T08:00:00+08:00"), "5月8日周六 08:00", "Sat 8 May 08:00");
hold(() => instantText("2027-05-12T08:00:00+08:00"), "周三 08:00", "Wed 08:00");
hold(() => instantText("2027-05-16T08:00:00+08:00"), "周日 08:00", "Sun 08:00");
hold(() => instantText("2027-05-17T08:00:00+08:00"), "5月17日周一 08:00", "Mon 17 May 08:00");
hold(() => instantText("2028-05-11T08:00:00+08:00"), "2028年5月11日周四 08:00", "Thu, 11 May 2028 08:00");
// In Tokyo it is Tuesday already, and in New York a quarter to noon.
hold(() => instantText("2027-05-11T08:00:00+09:00"), "今天 08:00", "today 08:00");
hold(() => instantText("2027-05-11T08:00:00-04:00"), "明天 08:00", "tomorrow 08:00");
hold(() => instantText("2027-05-10T08:00:00Z"), "今天 08:00", "today 08:00");
// What carries no offset is on the server's clock, whose zone is learned.
hold(() => instantText("2027-05-10 08:00:00"), "5月10日周一 08:00", "Mon 10 May 08:00");
learnZone("Asia/Tokyo");
hold(() => secondText("2027-05-10 08:00:00"), "昨天 08:00:00", "yesterday 08:00:00");
hold(() => instantText("2027-05-11 00:10:00"), "今天 00:10", "today 00:10");
// Beside another instant the day stands only where it is another one, and it is told by today's, not by the other's.
hold(() => momentText("2027-05-10T23:45:00+08:00", now), "23:45", "23:45");
hold(() => momentText("2027-05-11T08:00:00+08:00", now), "明天 08:00", "tomorrow 08:00");
hold(() => momentText("2027-05-12T08:00:00+08:00", "2027-05-11T20:00:00+08:00"), "周三 08:00", "Wed 08:00");
// Where the clock was set a few hours ago.
learnTime("2026-11-01T12:00:00-05:00", Date.now());
hold(() => instantText("2026-11-02T08:00:00-05:00"), "明天 08:00", "tomorrow 08:00");
return wrong;
