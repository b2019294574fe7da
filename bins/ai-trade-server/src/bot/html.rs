//! Text for Telegram's `HTML` parse mode: whatever goes in comes out as it was.

use std::fmt::Display;

use alert_engine::render::escape;

/// How many characters a message may have, as Telegram counts them, in UTF-16. It counts them
/// without markup; we do with it.
pub(super) const UNITS_MAX: usize = 4_096;

/// The room that it takes to close a tag.
const END: usize = "</code>".len();

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

    /// As many messages as it takes, each of at most `units_max` characters: parted between
    /// lines where that is possible, never within a character or a tag, and with every tag
    /// closed.
    pub(super) fn pieces(self, units_max: usize) -> Vec<Self> {
        if units(&self.0) <= units_max {
            return vec![self];
        }
        let mut pieces = Pieces { units_max, done: Vec::new(), piece: String::new(), open: None };
        for line in self.0.split_inclusive('\n') {
            if units(&pieces.piece) + units(line) + END > units_max {
                pieces.next();
            }
            for token in Tokens(line) {
                pieces.push(token);
            }
        }
        pieces.next();
        pieces.done
    }
}

/// What a message is parted into.
struct Pieces<'a> {
    units_max: usize,
    done: Vec<Html>,
    piece: String,
    /// The tag that is open; there is never one within another.
    open: Option<&'a str>,
}

impl<'a> Pieces<'a> {
    fn push(&mut self, token: &'a str) {
        let closes = token.starts_with("</");
        // What closes a tag has its room already.
        if !closes && units(&self.piece) + units(token) + END > self.units_max {
            self.next();
        }
        self.piece.push_str(token);
        if closes {
            self.open = None;
        } else if let Some(tag) = token.strip_prefix('<') {
            self.open = Some(tag.trim_end_matches('>'));
        }
    }

    fn next(&mut self) {
        let begun = self.open.map(|it| format!("<{it}>")).unwrap_or_default();
        let piece = std::mem::replace(&mut self.piece, begun.clone());
        let text = piece.strip_prefix(&begun).unwrap_or(&piece);
        if text.trim().is_empty() {
            return;
        }
        let mut piece = piece.trim_end_matches('\n').to_owned();
        if let Some(tag) = self.open {
            piece.push_str(&format!("</{tag}>"));
        }
        self.done.push(Html(piece));
    }
}

/// Tags, entities and characters.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.0.chars().next()?;
        let end = match first {
            '<' => self.0.find('>').map(|it| it + 1),
            '&' => self.0.find(';').map(|it| it + 1),
            _ => None,
        };
        let (token, rest) = self.0.split_at(end.unwrap_or(first.len_utf8()));
        self.0 = rest;
        Some(token)
    }
}

/// Characters as Telegram counts them.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The text without its markup, of at most so many characters.
pub(super) fn plain(html: &str, units_max: usize) -> String {
    let (mut text, mut left) = (String::new(), units_max);
    for token in Tokens(html) {
        let token = match token {
            "&lt;" => "<",
            "&gt;" => ">",
            "&amp;" => "&",
            tag if tag.starts_with('<') => continue,
            other => other,
        };
        match left.checked_sub(units(token)) {
            Some(rest) => left = rest,
            None => break,
        }
        text.push_str(token);
    }
    text
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

    proptest::proptest! {
        #[test]
        fn pieces_hold_everything_and_fit(
            parts in proptest::collection::vec((0..5_u8, r"([<>&]|\PC){0,60}"), 0..30),
            units_max in 24..200_usize,
        ) {
            let html = parts.iter().fold(Html::new(), |html, (kind, text)| match kind {
                0 => html.bold(text),
                1 => html.code(text),
                2 => html.pre(format!("{text}\n{text}")),
                3 => html.line(),
                _ => html.text(text),
            });
            let whole = html.clone();
            let mut text = String::new();
            for piece in html.pieces(units_max) {
                proptest::prop_assert!(units(&piece.0) <= units_max, "{}", piece.0);
                for tag in ["b", "code", "pre"] {
                    let count = |it: &str| piece.0.matches(it).count();
                    proptest::prop_assert_eq!(count(&format!("<{tag}>")), count(&format!("</{tag}>")));
                }
                text.push_str(&read(&piece.0));
            }
            let solid = |it: &str| it.chars().filter(|it| !it.is_whitespace()).collect::<String>();
            proptest::prop_assert_eq!(solid(&text), solid(&read(&whole.0)));
        }
    }

    #[test]
    fn pieces_are_parted_between_lines() {
        let html = Html::new().bold("title").line().text("one").line().text("two & three").line();
        let pieces =
            |most| html.clone().pieces(most).iter().map(|it| it.0.clone()).collect::<Vec<_>>();
        assert_eq!(pieces(100), ["<b>title</b>\none\ntwo &amp; three\n"]);
        assert_eq!(pieces(25), ["<b>title</b>\none", "two &amp; three"]);
        let long = Html::new().bold("x".repeat(30)).pieces(20);
        let long: Vec<_> = long.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(long, ["<b>xxxxxxxxxx</b>", "<b>xxxxxxxxxx</b>", "<b>xxxxxxxxxx</b>"]);
    }

    #[test]
    fn without_markup() {
        let html = Html::new().bold("a<b>").text(" & 🔔c");
        assert_eq!(plain(html.as_str(), 100), "a<b> & 🔔c");
        assert_eq!(plain(html.as_str(), 8), "a<b> & ");
    }

    #[test]
    fn a_message() {
        let html = Html::new().bold("a<b>").text(" & c").line().code("d;").pre(1);
        assert_eq!(html.as_str(), "<b>a&lt;b&gt;</b> &amp; c\n<code>d;</code><pre>1</pre>");
        assert_eq!(read(html.as_str()), "a<b> & c\nd;1");
    }
}
