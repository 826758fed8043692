// Teaches the page what is said of versions of groups, of the audit log and of events.

import { chineseHistory } from "./chinese-history.js";
import { englishHistory } from "./english-history.js";
import { learnWords } from "../language.js";

learnWords(chineseHistory, englishHistory);
