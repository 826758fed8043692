// Teaches the page what is said of a single record, of live calls and of recordings.

import { chineseRecord } from "./chinese-record.js";
import { englishRecord } from "./english-record.js";
import { learnWords } from "../language.js";

learnWords(chineseRecord, englishRecord);
