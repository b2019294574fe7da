//! Text for Telegram's `HTML` parse mode: whatever goes in comes out as it was.

use std::fmt::Display;

use alert_engine::render::escape;

/// A message that is being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Html(String);

impl Html {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn text(mut self, text: impl Display) -> Self {
        self.0.push_str(&escape(&text.to_string()));
        self
    }

    pub(super) fn bold(self, text: impl Display) -> Self {
        self.tagged("b", text)
    }

    pub(super) fn code(self, text: impl Display) -> Self {
        self.tagged("code", text)
    }

    pub(super) fn pre(self, text: impl Display) -> Self {
        self.tagged("pre", text)
    }

    pub(super) fn line(mut self) -> Self {
        self.0.push('\n');
        self
    }

    fn tagged(mut self, tag: &str, text: impl Display) -> Self {
        let text = escape(&text.to_string());
        self.0.push_str(&format!("<{tag}>{text}</{tag}>"));
        self
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader of HTML makes of it, who knows these tags and these entities.
    fn read(html: &str) -> String {
        let mut text = html.to_owned();
        for tag in ["b", "code", "pre"] {
            text = text.replace(&format!("<{tag}>"), "").replace(&format!("</{tag}>"), "");
        }
        assert!(!text.contains(['<', '>']), "{html}");
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    proptest::proptest! {
        #[test]
        fn comes_out_as_it_went_in(text in r"([<>&/b;]|lt|gt|amp|pre|\PC){0,40}") {
            for html in [Html::new().text(&text), Html::new().bold(&text), Html::new().pre(&text)] {
                let inner = html.as_str();
                // Our own tags are the outermost ones.
                let inner = inner.strip_prefix("<b>").and_then(|it| it.strip_suffix("</b>")).unwrap_or(inner);
                let inner = inner.strip_prefix("<pre>").and_then(|it| it.strip_suffix("</pre>")).unwrap_or(inner);
                proptest::prop_assert!(!inner.contains(['<', '>']));
                let plain = inner.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
                proptest::prop_assert_eq!(&plain, &text);
            }
        }
    }

    #[test]
    fn a_message() {
        let html = Html::new().bold("a<b>").text(" & c").line().code("d;").pre(1);
        assert_eq!(html.as_str(), "<b>a&lt;b&gt;</b> &amp; c\n<code>d;</code><pre>1</pre>");
        assert_eq!(read(html.as_str()), "a<b> & c\nd;1");
    }
}
