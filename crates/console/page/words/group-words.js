// Teaches the page what is said of a group's override and of its seasons.

import { chineseGroup } from "./chinese-group.js";
import { englishGroup } from "./english-group.js";
import { learnWords } from "../language.js";

learnWords(chineseGroup, englishGroup);
