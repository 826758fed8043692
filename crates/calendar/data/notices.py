"""What the packaged sources do not carry: the notices' addresses, and the weekdays they name."""

# The State Council's notices by id. A day comes from the notice of its year unless DAYS_OF says otherwise.
ADDRESSES = {
    "2004": "https://zh.wikisource.org/wiki/国务院办公厅关于2004年部分节假日安排的通知",
    "2005": "https://zh.wikisource.org/wiki/国务院办公厅关于2005年部分节假日安排的通知",
    "2006": "https://www.gov.cn/jrzg/2005-12/22/content_133837.htm",
    "2007": "https://www.gov.cn/fwxx/sh/2006-12/18/content_471877.htm",
    "2008": "https://www.gov.cn/zwgk/2007-12/18/content_837184.htm",
    "2009": "https://www.gov.cn/zwgk/2008-12/10/content_1174014.htm",
    "2010": "https://www.gov.cn/zwgk/2009-12/08/content_1482691.htm",
    "2011": "https://www.gov.cn/zwgk/2010-12/10/content_1762643.htm",
    "2012": "https://www.gov.cn/zwgk/2011-12/06/content_2012097.htm",
    "2013": "https://www.gov.cn/zwgk/2012-12/10/content_2286598.htm",
    "2014": "https://www.gov.cn/zwgk/2013-12/11/content_2546204.htm",
    "2015": "https://www.gov.cn/zhengce/content/2014-12/16/content_9302.htm",
    "2015-05": "https://www.gov.cn/zhengce/content/2015-05/13/content_9742.htm",
    "2016": "https://www.gov.cn/zhengce/content/2015-12/10/content_10394.htm",
    "2017": "https://www.gov.cn/zhengce/content/2016-12/01/content_5141603.htm",
    "2018": "https://www.gov.cn/zhengce/content/2017-11/30/content_5243579.htm",
    "2019": "https://www.gov.cn/xinwen/2018-12/06/content_5346287.htm",
    "2019-03": "https://www.gov.cn/zhengce/content/2019-03/22/content_5375877.htm",
    "2020": "https://www.gov.cn/zhengce/content/2019-11/21/content_5454164.htm",
    "2020-01": "https://www.gov.cn/zhengce/content/2020-01/27/content_5472352.htm",
    "2021": "https://www.gov.cn/zhengce/content/2020-11/25/content_5564127.htm",
    "2022": "https://www.gov.cn/zhengce/content/2021-10/25/content_5644835.htm",
    "2023": "https://www.gov.cn/zhengce/content/2022-12/08/content_5730844.htm",
    "2024": "https://www.gov.cn/zhengce/content/202310/content_6911527.htm",
    "2025": "https://www.gov.cn/zhengce/content/202411/content_6986382.htm",
    "2026": "https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm",
}

# Days that a notice within the year added or moved: V-Day 2015, Labour Day 2019, the long Spring Festival of 2020.
DAYS_OF = {
    "2015-05": ["2015-09-03", "2015-09-04", "2015-09-05", "2015-09-06"],
    "2019-03": ["2019-04-28", "2019-05-01", "2019-05-02", "2019-05-03", "2019-05-04", "2019-05-05"],
    "2020-01": ["2020-01-31", "2020-02-01", "2020-02-02"],
}

# The weekday (0 = Sunday) whose rest the notice says was moved; notices from 2010 on name none. Where one sentence moves
# several days, the first named goes to the first named.
STANDS_FOR = {
    "2004-01-17": 1, "2004-01-18": 2, "2004-05-08": 4, "2004-05-09": 5, "2004-10-09": 3, "2004-10-10": 4,
    "2005-02-05": 1, "2005-02-06": 2, "2005-04-30": 3, "2005-05-08": 5, "2005-10-08": 4, "2005-10-09": 5,
    "2005-12-31": 1, "2006-01-28": 3, "2006-02-05": 5, "2006-04-29": 4, "2006-04-30": 5, "2006-09-30": 3,
    "2006-10-08": 5, "2006-12-30": 2, "2006-12-31": 3, "2007-02-17": 3, "2007-02-25": 5, "2007-04-28": 5,
    "2007-04-29": 1, "2007-09-29": 4, "2007-09-30": 5, "2007-12-29": 1, "2008-02-02": 1, "2008-02-03": 2,
    "2008-05-04": 5, "2008-09-27": 1, "2008-09-28": 2, "2009-01-04": 5, "2009-01-24": 4, "2009-02-01": 5,
    "2009-05-31": 5, "2009-09-27": 3, "2009-10-10": 4,
}  # fmt: skip
