//! A day as a picture: candles above, volume below.

use std::{cmp::Ordering, sync::Once};

use kis_protocol::time::{Date, Time};
use plotters::{
    prelude::{
        BitMapBackend, ChartBuilder, Color, DrawingAreaErrorKind, DrawingBackend, IntoDrawingArea,
        PathElement, RGBColor, Rectangle, Text,
    },
    style::{
        FontStyle, IntoFont, ShapeStyle, TextStyle, register_font,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{Words, market::day_of};

/// A subset of NanumSquare under another name; its licence is beside it.
static FONT: &[u8] = include_bytes!("../../assets/relay-gothic.ttf");

const SIZE: (u32, u32) = (1_000, 640);

/// How many candles there are at most; more minutes become one candle.
const CANDLES_MAX: usize = 130;

/// For how many candles there is room at least, so that the first ones of a day are not slabs.
const CANDLES_ROOM: usize = 40;

/// How high the pictures of prices are, in pixels.
const PRICES: u32 = 360;

/// By how much further than the day's own range the previous close may be off, to be shown.
const GAP_MAX: f64 = 3.0;

/// Rising is red and falling blue in Korea.
const UP: RGBColor = RGBColor(214, 48, 49);
const DOWN: RGBColor = RGBColor(9, 87, 195);
const TEXT: RGBColor = RGBColor(45, 52, 54);
const GRID: RGBColor = RGBColor(225, 228, 232);

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Day {
    pub(super) date: Date,
    /// Whose clocks show the times.
    pub(super) clock: Clock,
    pub(super) name: Option<String>,
    pub(super) previous_close: Option<f64>,
    /// In order of time.
    pub(super) bars: Vec<Bar>,
}

/// Whose clocks show a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    Korea,
    /// Where the exchange is.
    Exchange,
}

/// Some time of trading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    pub(super) at: Time,
    pub(super) open: f64,
    pub(super) high: f64,
    pub(super) low: f64,
    pub(super) close: f64,
    pub(super) volume: f64,
}

/// A picture that cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the chart cannot be drawn: {0}")]
pub(super) struct ChartError(String);

impl Day {
    pub(super) fn sorted(mut self) -> Self {
        self.bars.sort_by_key(|it| it.at);
        self
    }

    /// The same with so few candles that each can be seen.
    fn candles(&self) -> Vec<Bar> {
        let together = self.bars.len().div_ceil(CANDLES_MAX).max(1);
        let merged = self.bars.chunks(together).map(|bars| {
            let (first, last) = (bars[0], bars[bars.len() - 1]);
            Bar {
                at: first.at,
                open: first.open,
                high: bars.iter().map(|it| it.high).fold(f64::MIN, f64::max),
                low: bars.iter().map(|it| it.low).fold(f64::MAX, f64::min),
                close: last.close,
                volume: bars.iter().map(|it| it.volume).sum(),
            }
        });
        merged.collect()
    }

    /// Draws the day of `symbol`, as PNG.
    pub(super) fn draw(&self, symbol: &str, words: Words) -> Result<Vec<u8>, ChartError> {
        static FONTS: Once = Once::new();
        FONTS.call_once(|| {
            // That it is a font is tested.
            let _ = register_font("relay", FontStyle::Normal, FONT);
        });
        let (width, height) = SIZE;
        let mut pixels = vec![255; width as usize * height as usize * 3];
        let backend = BitMapBackend::with_buffer(&mut pixels, SIZE);
        self.paint(backend, symbol, words).map_err(|it| ChartError(it.to_string()))?;
        encoded(&pixels).map_err(|it| ChartError(it.to_string()))
    }

    fn paint<B: DrawingBackend>(
        &self,
        backend: B,
        symbol: &str,
        words: Words,
    ) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        let candles = self.candles();
        let root = backend.into_drawing_area();
        root.fill(&RGBColor(255, 255, 255))?;
        let font = |size: i32| TextStyle::from(("relay", size).into_font()).color(&TEXT);
        let clock = match self.clock {
            Clock::Korea => "KST",
            Clock::Exchange => words.say("현지 시각", "local time"),
        };
        let of_day = format!("{symbol}  {} {clock}", day_of(self.date));
        let fits = |text: &str| {
            let (width, _) = root.estimate_text_size(text, &font(28))?;
            Ok::<_, DrawingAreaErrorKind<B::ErrorType>>(width + 48 <= SIZE.0)
        };
        let mut name = self.name.as_deref().unwrap_or_default().trim().to_owned();
        let mut title = format!("{name} {of_day}");
        while !name.is_empty() && !fits(&title)? {
            name.pop();
            title = format!("{}… {of_day}", name.trim_end());
        }
        root.draw(&Text::new(title.trim_start().to_owned(), (24, 18), font(28)))?;
        let last = candles.last().map_or(0.0, |it| it.close);
        let before = self.previous_close.filter(|it| *it > 0.0);
        let (said, color) = match before {
            Some(before) => {
                let percent = (last / before - 1.0) * 100.0;
                let color = match last.total_cmp(&before) {
                    Ordering::Less => DOWN,
                    Ordering::Equal => TEXT,
                    Ordering::Greater => UP,
                };
                (format!("{} ({percent:+.2}%)", number(last)), color)
            }
            None => (number(last), TEXT),
        };
        let summary = ("relay", 26).into_font().color(&color);
        root.draw(&Text::new(said, (24, 54), summary))?;

        let (high, low) = (
            candles.iter().map(|it| it.high).fold(f64::MIN, f64::max),
            candles.iter().map(|it| it.low).fold(f64::MAX, f64::min),
        );
        let own = (high - low).max(high.abs() * 0.01);
        // Of a stock that has gone far from it, one would see nothing but the distance.
        let shown = before.filter(|it| *it - high < own * GAP_MAX && low - *it < own * GAP_MAX);
        if let Some(before) = before {
            let text = format!("{} {}", words.say("전일 종가", "previous close"), number(before));
            let right = i32::try_from(SIZE.0).unwrap_or(i32::MAX) - 24;
            let grey = TEXT.mix(0.6);
            let style = font(20).color(&grey);
            let (width, _) = root.estimate_text_size(&text, &style)?;
            let left = right - i32::try_from(width).unwrap_or_default() - 10;
            if shown.is_some() {
                root.draw(&PathElement::new(vec![(left - 26, 70), (left, 70)], TEXT.mix(0.35)))?;
            }
            let style = style.pos(Pos::new(HPos::Right, VPos::Top));
            root.draw(&Text::new(text, (right, 60), style))?;
        }

        let high = shown.map_or(high, |it| it.max(high));
        let low = shown.map_or(low, |it| it.min(low));
        let room = ((high - low) * 0.06).max(high.abs() * 0.002).max(0.01);
        #[expect(clippy::cast_precision_loss, reason = "there are a few hundred candles")]
        let right = candles.len().max(CANDLES_ROOM) as f64 - 0.5;
        let (upper, lower) = root.margin(92, 12, 10, 10).split_vertically(PRICES);
        // A body is a pixel high at least.
        let flat = (high - low + 2.0 * room) / f64::from(PRICES) * 0.6;
        let place = |at: &f64| match candles.get(index(*at)) {
            Some(bar) => format!("{:02}:{:02}", bar.at.hour(), bar.at.minute()),
            None => String::new(),
        };
        let mut prices = ChartBuilder::on(&upper)
            .margin_right(14)
            .y_label_area_size(104)
            .build_cartesian_2d(-0.5..right, (low - room)..(high + room))?;
        prices
            .configure_mesh()
            .disable_x_axis()
            .disable_x_mesh()
            .light_line_style(RGBColor(255, 255, 255))
            .bold_line_style(GRID)
            .axis_style(GRID)
            .y_labels(7)
            .y_label_formatter(&|it| number(*it))
            .label_style(font(19))
            .draw()?;
        if let Some(before) = shown {
            let line = PathElement::new(vec![(-0.5, before), (right, before)], TEXT.mix(0.35));
            prices.draw_series([line])?;
        }
        let at = |index: usize| f64::from(u32::try_from(index).unwrap_or(u32::MAX));
        let wicks = candles.iter().enumerate().map(|(index, it)| {
            PathElement::new(vec![(at(index), it.low), (at(index), it.high)], it.style())
        });
        prices.draw_series(wicks)?;
        let bodies = candles.iter().enumerate().map(|(index, it)| {
            let x = at(index);
            let (top, bottom) = (it.open.max(it.close) + flat, it.open.min(it.close) - flat);
            Rectangle::new([(x - 0.34, top), (x + 0.34, bottom)], it.style())
        });
        prices.draw_series(bodies)?;

        let most = candles.iter().map(|it| it.volume).fold(0.0, f64::max);
        let amount = |it: &f64| match most > 0.0 || *it == 0.0 {
            true => compact(*it, words),
            false => String::new(),
        };
        let mut volumes = ChartBuilder::on(&lower)
            .margin_top(24)
            .margin_right(14)
            .y_label_area_size(104)
            .x_label_area_size(34)
            .build_cartesian_2d(-0.5..right, 0.0..most.max(1.0) * 1.08)?;
        volumes
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(RGBColor(255, 255, 255))
            .bold_line_style(GRID)
            .axis_style(GRID)
            .x_labels(9)
            .x_label_formatter(&place)
            .y_labels(3)
            .y_label_formatter(&amount)
            .label_style(font(19))
            .draw()?;
        volumes.draw_series(candles.iter().enumerate().map(|(index, it)| {
            let x = at(index);
            Rectangle::new([(x - 0.34, 0.0), (x + 0.34, it.volume)], it.style())
        }))?;
        root.draw(&Text::new(words.say("거래량", "Volume"), (24, 459), font(18)))?;
        root.present()
    }
}

impl Bar {
    fn style(self) -> ShapeStyle {
        let color = if self.close < self.open { DOWN } else { UP };
        color.filled()
    }
}

/// The candle at a place on the axis.
fn index(at: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is rounded and above zero, and casts saturate"
    )]
    let index = at.round().max(0.0) as usize;
    index
}

/// With commas between thousands; fractions of small numbers.
fn number(value: f64) -> String {
    let digits = if value.abs() < 1_000.0 { 2 } else { 0 };
    let text = format!("{value:.digits$}");
    match text.parse::<alert_engine::Number>() {
        Ok(number) => alert_engine::render::grouped(number),
        Err(_) => text,
    }
}

/// A volume in few characters.
fn compact(value: f64, words: Words) -> String {
    let units: [(f64, &str); 3] = match words.say("ko", "en") {
        "ko" => [(1e8, "억"), (1e4, "만"), (1.0, "")],
        _ => [(1e6, "M"), (1e3, "K"), (1.0, "")],
    };
    let (unit, name) = units.into_iter().find(|it| value >= it.0).unwrap_or((1.0, ""));
    let scaled = value / unit;
    if name.is_empty() && value >= 1_000.0 {
        return number(value);
    }
    let decimals = usize::from(scaled < 10.0 && unit > 1.0);
    let digits = format!("{scaled:.decimals$}");
    format!("{}{name}", digits.strip_suffix(".0").unwrap_or(&digits))
}

fn encoded(pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, SIZE.0, SIZE.1);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use alert_engine::render::Language;

    use super::*;

    /// A day of a minute a bar that rises and falls.
    fn day(minutes: u16) -> Day {
        let bars = (0..minutes).map(|it| {
            let minute = 540 + it;
            let at = Time::new((minute / 60) as u8, (minute % 60) as u8, 0).unwrap();
            let price = |it: u16| 79_000.0 + (f64::from(it) / 17.0).sin() * 900.0 + f64::from(it);
            let (open, close) = (price(it), price(it + 1));
            let volume = 1_000.0 * (5.0 + (f64::from(it) / 3.0).cos() * 4.0);
            Bar {
                at,
                open,
                close,
                high: open.max(close) + 60.0,
                low: open.min(close) - 60.0,
                volume,
            }
        });
        Day {
            date: Date::new(2026, 9, 22).unwrap(),
            clock: Clock::Korea,
            name: Some("삼성전자".to_owned()),
            previous_close: Some(79_200.0),
            bars: bars.collect(),
        }
    }

    fn pixels(png: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn a_picture() {
        let png = day(390).draw("005930", Words(Language::Korean)).unwrap();
        let (width, height, pixels) = pixels(&png);
        assert_eq!((width, height), SIZE);
        let count = |color: RGBColor| {
            pixels.chunks(3).filter(|it| *it == [color.0, color.1, color.2]).count()
        };
        assert!(count(UP) > 2_000 && count(DOWN) > 2_000, "both kinds of candles are there");
        // The name is drawn with letters of its own, not with boxes for what is missing.
        let other = Day { name: Some("대한항공".to_owned()), ..day(390) };
        assert!(other.draw("005930", Words(Language::Korean)).unwrap() != png);
    }

    #[test]
    fn any_day_can_be_drawn() {
        for minutes in [1, 2, 130, 131, 660] {
            day(minutes).draw("005930", Words(Language::English)).unwrap();
        }
        let mut flat = day(3);
        for bar in &mut flat.bars {
            *bar = Bar { open: 0.0, high: 0.0, low: 0.0, close: 0.0, volume: 0.0, ..*bar };
        }
        flat.previous_close = None;
        flat.draw("X", Words(Language::Korean)).unwrap();
    }

    /// Where there is something of this color: the columns of pixels, and the rows.
    fn extent(day: &Day, color: RGBColor) -> [std::ops::Range<usize>; 2] {
        let (width, _, pixels) = pixels(&day.draw("005930", Words(Language::Korean)).unwrap());
        let found = pixels.chunks(3).enumerate();
        let found = found.filter(|it| it.1 == [color.0, color.1, color.2]).map(|it| it.0);
        // The figure above the picture has the same colors.
        let found = found.filter(|it| it / width as usize > 92);
        let places: Vec<_> = found.map(|it| (it % width as usize, it / width as usize)).collect();
        [|it: &(usize, usize)| it.0, |it: &(usize, usize)| it.1].map(|side| {
            let least = places.iter().map(side).min().unwrap();
            least..places.iter().map(side).max().unwrap() + 1
        })
    }

    #[test]
    fn one_candle_is_no_slab() {
        let [across, _] = extent(&day(1), UP);
        assert!((5..40).contains(&across.len()), "{across:?}");
    }

    #[test]
    fn a_previous_close_far_off_does_not_flatten_the_day() {
        let near = extent(&day(30), UP)[1].clone();
        let gap = Day { previous_close: Some(61_000.0), ..day(30) };
        assert!(extent(&gap, UP)[1].len() >= near.len());
    }

    #[test]
    fn a_long_name_leaves_room_for_the_date() {
        let named = |name: &str| {
            let day = Day { name: Some(name.repeat(12)), ..day(3) };
            let (width, _, pixels) = pixels(&day.draw("423920", Words(Language::Korean)).unwrap());
            let row = |it: usize| &pixels[it * width as usize * 3..(it + 1) * width as usize * 3];
            // The margin on the right of the title is white.
            (18..46).all(|it| row(it)[(width as usize - 20) * 3..].iter().all(|it| *it == 255))
        };
        assert!(named("반도체") && named("W") && named("레버리지"));
    }

    #[test]
    fn minutes_become_candles() {
        let candles = day(390).candles();
        assert_eq!((candles.len(), candles[1].at.minute()), (130, 3));
        let volume: f64 = day(390).bars.iter().map(|it| it.volume).sum();
        assert!((candles.iter().map(|it| it.volume).sum::<f64>() - volume).abs() < 1.0);
    }

    #[test]
    fn numbers() {
        assert_eq!((number(80_100.0), number(187.5)), ("80,100".to_owned(), "187.50".to_owned()));
        let korean = |it| compact(it, Words(Language::Korean));
        assert_eq!((korean(123_456.0), korean(56_000.0)), ("12만".to_owned(), "5.6만".to_owned()));
        assert_eq!((korean(5_000.0), korean(12.0)), ("5,000".to_owned(), "12".to_owned()));
    }
}
