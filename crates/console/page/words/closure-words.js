// Teaches the page what is said of planned closures.

import { chineseClosures } from "./chinese-closures.js";
import { englishClosures } from "./english-closures.js";
import { learnWords } from "../language.js";

learnWords(chineseClosures, englishClosures);
