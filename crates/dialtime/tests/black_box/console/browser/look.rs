//! How a person has set up what they look at the page with.

use serde_json::{Value, json};

/// The language of the person at the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    Chinese,
    English,
}

/// What the system is set to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    Light,
    Dark,
}

/// What the page is looked at with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Width {
    /// A desk: 1280 x 900, a mouse.
    #[default]
    Wide,
    /// A hand: 390 x 844, fingers.
    Phone,
}

impl Width {
    /// What Chromium sets its window by; the height in CSS pixels, if it is to be another than usual.
    pub(super) fn window(self, height: Option<u64>) -> Value {
        let (width, usual_height, pixels) = match self {
            Width::Wide => (1280, 900, 1),
            Width::Phone => (390, 844, 2),
        };
        json!({
            "width": width, "height": height.unwrap_or(usual_height),
            "deviceScaleFactor": pixels, "mobile": self == Width::Phone,
        })
    }
}

/// How a person has set up what they look at the page with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    pub(crate) width: Width,
}

impl Look {
    pub(super) fn locale(self) -> &'static str {
        match self.language {
            Language::Chinese => "zh-CN",
            Language::English => "en-US",
        }
    }

    pub(super) fn theme(self) -> &'static str {
        match self.theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// As part of a file's name.
    pub(super) fn name(self) -> String {
        let language = match self.language {
            Language::Chinese => "zh",
            Language::English => "en",
        };
        let width = match self.width {
            Width::Wide => "wide",
            Width::Phone => "phone",
        };
        format!("{language}-{}-{width}", self.theme())
    }
}
