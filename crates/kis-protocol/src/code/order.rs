//! Codes of orders and what became of them.

use super::{open_codes, strict_codes};

strict_codes! {
    /// 정정구분, 정정취소구분코드: what kind of order it is. One character in
    /// Korea and overseas stocks, two in overseas futures.
    Revision {
        /// 정상
        "0" | "00" => New,
        /// 정정
        "1" | "01" => Amend,
        /// 취소
        "2" | "02" => Cancel,
    }

    /// 거부여부: whether the order was refused.
    Approval {
        /// 승인
        "0" => Approved,
        /// 거부
        "1" => Refused,
    }

    /// 체결여부: what a notice is about.
    NoticeKind {
        /// 주문·정정·취소·거부
        "1" => Order,
        /// 체결
        "2" => Fill,
    }

    /// 주문종류2 of futures and options: what a notice is about.
    FutureNoticeKind {
        /// 체결통보
        "0" => Fill,
        /// 주문·정정·취소·거부 접수통보
        "L" => Order,
    }

    /// 접수여부: how far an order has come.
    Acceptance {
        /// 주문접수
        "1" => Received,
        /// 확인
        "2" => Confirmed,
        /// 취소(FOK/IOC)
        "3" => Cancelled,
    }

    /// FM거래소접수구분코드: how far an overseas future's order has come.
    ExchangeReceipt {
        /// 접수전
        "01" => Pending,
        /// 응답
        "02" => Answered,
        /// 거부
        "03" => Refused,
    }
}

open_codes! {
    /// 매도매수구분: the side of an order.
    OrderSide {
        /// 매도
        "01" => Sell,
        /// 매수
        "02" => Buy,
        /// 전매도
        "03" => ClosingSell,
        /// 환매수
        "04" => ClosingBuy,
    }

    /// 주문종류 of Korean stocks.
    OrderKind {
        /// 지정가
        "00" => Limit,
        /// 시장가
        "01" => Market,
        /// 조건부지정가
        "02" => ConditionalLimit,
    }

    /// 주문조건 of Korean stocks.
    OrderCondition {
        /// 없음
        "0" => None,
        /// IOC
        "1" => ImmediateOrCancel,
        /// FOK
        "2" => FillOrKill,
    }

    /// 주문거래소 구분: where an order was sent.
    OrderExchange {
        /// KRX
        "1" => Krx,
        /// NXT
        "2" => Nxt,
        /// SOR-KRX
        "3" => SorKrx,
        /// SOR-NXT
        "4" => SorNxt,
    }

    /// 주문종류2 of overseas stocks.
    OverseasOrderKind {
        /// 시장가
        "1" => Market,
        /// 지정가
        "2" => Limit,
        /// 단주시장가
        "6" => OddLotMarket,
        /// 단주지정가
        "7" => OddLotLimit,
        /// MOO
        "A" => MarketOnOpen,
        /// LOO
        "B" => LimitOnOpen,
        /// MOC
        "C" => MarketOnClose,
        /// LOC
        "D" => LimitOnClose,
    }

    /// 해외종목구분: the market of an overseas order.
    OverseasMarket {
        /// 홍콩(HKD)
        "4" => HongKong,
        /// 상해B(USD)
        "5" => ShanghaiB,
        /// NASDAQ
        "6" => Nasdaq,
        /// NYSE
        "7" => NewYork,
        /// AMEX
        "8" => Amex,
        /// OTCB
        "9" => OverTheCounter,
        /// 상해A(CNY)
        "A" => ShanghaiA,
        /// 심천B(HKD)
        "B" => ShenzhenB,
        /// 홍콩(CNY)
        "C" => HongKongCny,
        /// 도쿄
        "D" => Tokyo,
        /// 하노이
        "E" => Hanoi,
        /// 호치민
        "F" => HoChiMinh,
    }

    /// 담보유형코드.
    Collateral {
        /// 현금
        "10" => Cash,
        /// 해외주식담보대출
        "15" => StockLoan,
    }

    /// 시간분할타입유형.
    TimeSplit {
        /// 시간직접설정
        "00" => Chosen,
        /// 정규장까지
        "02" => UntilClose,
    }

    /// 가격구분코드 of overseas futures.
    PriceType {
        /// LIMIT
        "1" => Limit,
        /// MARKET
        "2" => Market,
        /// STOP(STOP가격시 시장가)
        "3" => Stop,
    }
}

impl OverseasMarket<'_> {
    /// The currency of the market, as ISO 4217.
    pub fn currency(self) -> Option<&'static str> {
        match self {
            Self::Nasdaq | Self::NewYork | Self::Amex | Self::OverTheCounter | Self::ShanghaiB => {
                Some("USD")
            }
            Self::HongKong | Self::ShenzhenB => Some("HKD"),
            Self::ShanghaiA | Self::HongKongCny => Some("CNY"),
            Self::Tokyo => Some("JPY"),
            Self::Hanoi | Self::HoChiMinh => Some("VND"),
            Self::Other(_) => None,
        }
    }

    /// How many of a notice's price digits follow the point, which KIS leaves
    /// out: `001480100` is 148.0100 in the United States.
    pub fn price_scale(self) -> Option<u8> {
        match self {
            Self::Nasdaq | Self::NewYork | Self::Amex | Self::OverTheCounter => Some(4),
            Self::HongKong | Self::HongKongCny => Some(3),
            Self::ShanghaiA | Self::ShanghaiB | Self::ShenzhenB => Some(3),
            Self::Tokyo => Some(1),
            Self::Hanoi | Self::HoChiMinh => Some(0),
            Self::Other(_) => None,
        }
    }
}
