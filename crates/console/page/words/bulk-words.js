// Teaches the page what is said of edits of several groups or tasks at once.

import { chineseBulk } from "./chinese-bulk.js";
import { englishBulk } from "./english-bulk.js";
import { learnWords } from "../language.js";

learnWords(chineseBulk, englishBulk);
