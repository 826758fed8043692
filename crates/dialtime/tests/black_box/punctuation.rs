//! Chinese is set with full-width punctuation: in the console, in what the API says, and in the Chinese README.

use std::path::{Path, PathBuf};

/// Of the platform's documents, which stay to the letter.
const DOCUMENTED: [&str; 7] = [
    "呼叫时间组已关联任务,不可删除",
    "2.0任务启动中,请先停止任务",
    "A级(有明确意向)",
    "B级(可能有意向)",
    "C级(明确拒绝)",
    "D级(用户在忙)",
    "E级(其他)",
];

/// What stands for a piece of code in the READMEs: part of a Chinese sentence, whatever is in it.
const CODE: char = '码';

fn is_chinese(character: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&character)
}

/// The half-width marks of Chinese sentences, each with what stands around it. Around a Chinese name in an English sentence such
/// marks are right.
pub(crate) fn half_width_marks(text: &str) -> Vec<String> {
    let text = DOCUMENTED.iter().fold(text.to_owned(), |text, documented| text.replace(documented, ""));
    let characters: Vec<char> = text.chars().collect();
    let chinese_at =
        |index: Option<usize>| index.and_then(|index| characters.get(index)).copied().is_some_and(is_chinese);
    let is_wrong = |index: usize| {
        let (before, after) = (chinese_at(index.checked_sub(1)), chinese_at(Some(index + 1)));
        let blank_after = characters.get(index + 1) == Some(&' ');
        match characters[index] {
            ',' | ':' | ';' | '?' | '!' => before || after || (blank_after && chinese_at(Some(index + 2))),
            '(' => before,
            ')' => after,
            '.' => before && characters.get(index + 1).is_none_or(|next| !next.is_alphanumeric()),
            _ => false,
        }
    };
    let around = |index: usize| -> String {
        characters[index.saturating_sub(8)..characters.len().min(index + 9)].iter().collect()
    };
    (0..characters.len()).filter(|&index| is_wrong(index)).map(around).collect()
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file in a folder with this ending.
fn files_in(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files_in(&path, ending) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == ending))
        .collect()
}

/// What stands in quotation marks, comments left out.
fn literals(source: &str) -> Vec<&str> {
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

/// The sentences of a README: without its blocks of code, the targets of its links, and what is in code within a line.
fn sentences(markdown: &str) -> String {
    let prose: String = markdown.split("```").step_by(2).collect();
    let without_code: String = prose
        .split('`')
        .enumerate()
        .map(|(number, part)| if number % 2 == 0 { part.to_owned() } else { CODE.to_string() })
        .collect();
    let mut links = without_code.split("](");
    let begin = links.next().unwrap_or_default().to_owned();
    links.fold(begin, |text, link| text + link.split_once(')').map_or("", |(_, rest)| rest))
}

#[test]
fn marks_are_found_where_they_are_wrong_and_only_there() {
    for wrong in ["甲,乙", "甲, 乙", "甲:", "2026(甲)乙", "甲(b)", "24:00, 甲", "甲。乙.", "甲?", "甲码;b"]
    {
        assert_eq!(half_width_marks(wrong).len(), 1, "{wrong}");
    }
    for right in
        ["甲，乙", "the name (甲) of", "08:00 甲", "甲 1.5 乙", "甲b.js", "呼叫时间组已关联任务,不可删除"]
    {
        assert!(half_width_marks(right).is_empty(), "{right}");
    }
}

#[test]
fn the_consoles_words_and_the_apis_messages_have_full_width_marks() {
    let mut files = files_in(&workspace().join("crates/api/src"), "rs");
    files.extend(files_in(&workspace().join("crates/console/page/words"), "js"));
    let mut wrong = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let marks = literals(&source).into_iter().flat_map(half_width_marks);
        wrong.extend(marks.map(|mark| format!("{}: {mark}", file.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_chinese_readme_has_full_width_marks() {
    let readme = std::fs::read_to_string(workspace().join("README.zh-CN.md")).unwrap();
    assert_eq!(half_width_marks(&sentences(&readme)), [""; 0]);
}

/// A partner is 代理 everywhere but where the platform's own documents are quoted.
#[test]
fn a_partner_has_one_chinese_word() {
    let mut files = files_in(&workspace().join("docs"), "md");
    files.push(workspace().join("README.zh-CN.md"));
    files.extend(files_in(&workspace().join("crates/api/src"), "rs"));
    files.extend(files_in(&workspace().join("crates/console/page/words"), "js"));
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap().replace("查看合作伙伴token有效期", "");
        for other in ["合作伙伴", "合作方", "代理商"] {
            assert!(!text.contains(other), "{}: {other}", file.display());
        }
    }
}
