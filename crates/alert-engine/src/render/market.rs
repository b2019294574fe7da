use kis_protocol::{FromField, code::MarketOperation};

use super::Renderer;

impl Renderer {
    /// What a market has done, by 장운영구분코드.
    pub(super) fn operation(self, code: &str) -> String {
        use MarketOperation as M;
        let known = MarketOperation::MEANINGS.iter().find(|it| it.0 == code);
        let korean = known.map_or(code, |it| it.1);
        let english = match MarketOperation::from_field(code) {
            Some(M::OpeningAuctionStart) => "opening auction has begun",
            Some(M::Open) => "market open",
            Some(M::ClosingAuctionStart) => "closing auction has begun",
            Some(M::Close) => "market closed",
            Some(M::PreMarketStart) => "pre-market has begun",
            Some(M::PreMarketEnd) => "pre-market has ended",
            Some(M::AfterMarketStart) => "after-hours at the close has begun",
            Some(M::AfterMarketMatch) => "after-hours matching",
            Some(M::AfterMarketEnd) => "after-hours at the close has ended",
            Some(M::OvertimeStart) => "after-hours single price has begun",
            Some(M::OvertimeMatch) => "after-hours single price matching",
            Some(M::OvertimeEnd) => "after-hours single price has ended",
            Some(M::MarketHalt) => "market halted",
            Some(M::CircuitBreakerTriggered) => "circuit breaker triggered",
            Some(M::CircuitBreakerReleased) => "circuit breaker released",
            Some(M::CircuitBreakerAuctionEnd) => "circuit breaker, market closed",
            Some(M::CircuitBreakerStart) => "circuit breaker on",
            Some(M::CircuitBreakerEnd) => "circuit breaker off",
            Some(M::SidecarSell) => "sell sidecar on",
            Some(M::SidecarSellReleased) => "sell sidecar off",
            Some(M::SidecarBuy) => "buy sidecar on",
            Some(M::SidecarBuyReleased) => "buy sidecar off",
            Some(M::OpenIn10Seconds | M::POpenIn10Seconds) => "open in 10 s",
            Some(M::OpenIn1Minute | M::POpenIn1Minute) => "open in 1 min",
            Some(M::OpenIn3Minutes) => "open in 3 min",
            Some(M::OpenIn5Minutes | M::POpenIn5Minutes) => "open in 5 min",
            Some(M::OpenIn10Minutes | M::POpenIn10Minutes) => "open in 10 min",
            Some(M::POpenIn30Minutes) => "open in 30 min",
            Some(M::CloseIn10Seconds | M::PCloseIn10Seconds) => "close in 10 s",
            Some(M::CloseIn1Minute | M::PCloseIn1Minute) => "close in 1 min",
            Some(M::CloseIn3Minutes | M::PCloseIn3Minutes) => "close in 3 min",
            Some(M::CloseIn5Minutes | M::PCloseIn5Minutes) => "close in 5 min",
            _ => code,
        };
        self.say(korean, english)
    }
}
