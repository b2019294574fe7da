//! Codes that REST calls are given, from the allowed values of KIS' portal.

use super::{open_codes, strict_codes};

strict_codes! {
    /// 매도매수구분코드: the side of an order. Strict, because the other one is the opposite
    /// of what was wanted.
    Side {
        /// 매도
        "01" | "1" => Sell,
        /// 매수
        "02" | "2" => Buy,
    }

    /// 매도매수구분코드 of a question about orders: which side they have.
    Sides {
        /// 전체
        "00" => All,
        /// 매도
        "01" => Sell,
        /// 매수
        "02" => Buy,
    }

    /// 체결미체결구분 of a question about orders: what has become of them.
    Executed {
        /// 전체
        "00" => All,
        /// 체결
        "01" => Executed,
        /// 미체결
        "02" => Open,
    }

    /// 기간: which of KIS' two stores orders are looked up in. Not a code of KIS, but what
    /// chooses the `tr_id`.
    OrderPeriod {
        /// 3개월 이내
        "recent" => Recent,
        /// 3개월 이전
        "older" => Older,
    }

    /// 주야간구분: in which session of the derivatives market. Not a code of KIS, but what
    /// chooses the `tr_id`.
    DerivativeSession {
        /// 주간
        "day" => Day,
        /// 야간
        "night" => Night,
    }

    /// 기간분류코드: how long one bar of a chart lasts.
    ChartPeriod {
        /// 일봉
        "D" => Day,
        /// 주봉
        "W" => Week,
        /// 월봉
        "M" => Month,
        /// 년봉
        "Y" => Year,
    }

    /// 일/주/월구분 of overseas stocks: how long one bar of a chart lasts.
    OverseasChartPeriod {
        /// 일
        "0" => Day,
        /// 주
        "1" => Week,
        /// 월
        "2" => Month,
    }

    /// 수정주가 원주가 가격 여부: whether prices before a split are adjusted.
    PriceBasis {
        /// 수정주가
        "0" => Adjusted,
        /// 원주가
        "1" => Original,
    }

    /// 수정주가반영여부 of overseas stocks: whether prices before a split are adjusted.
    OverseasPriceBasis {
        /// 미반영
        "0" => Original,
        /// 반영
        "1" => Adjusted,
    }

    /// 원화외화구분코드: the currency of an account's amounts.
    AmountCurrency {
        /// 원화
        "01" => Won,
        /// 외화
        "02" => Foreign,
    }
}

open_codes! {
    /// 조건 시장 분류 코드 of stocks: where prices come from.
    StockMarket {
        /// KRX
        "J" => Krx,
        /// NXT
        "NX" => Nxt,
        /// 통합
        "UN" => Unified,
    }

    /// 조건 시장 분류 코드 of futures and options. All but the first three are named only by
    /// KIS' portal.
    FutureOptionMarket {
        /// 지수선물
        "F" => IndexFuture,
        /// 지수옵션
        "O" => IndexOption,
        /// 주식선물
        "JF" => StockFuture,
        /// 주식옵션
        "JO" => StockOption,
        /// 상품선물(금), 금리선물(국채), 통화선물(달러)
        "CF" => CommodityFuture,
        /// 야간선물
        "CM" => NightFuture,
        /// 야간옵션
        "EU" => NightOption,
    }

    /// FID 시간 구분 코드: how many seconds one bar of a chart lasts.
    BarSeconds {
        /// 30초
        "30" => Half,
        /// 1분
        "60" => Minute,
        /// 1시간
        "3600" => Hour,
    }

    /// 조건 시장 구분 코드 of the option boards: which options.
    OptionClass {
        /// KOSPI200
        "" => Kospi200,
        /// 미니KOSPI200
        "MKI" => MiniKospi200,
        /// KOSPI200위클리(월)
        "WKM" => WeeklyMonday,
        /// KOSPI200위클리(목)
        "WKI" => WeeklyThursday,
        /// KOSDAQ150
        "KQI" => Kosdaq150,
    }

    /// FID 조건 시장 분류 코드 of what is not a stock overseas.
    OverseasIndexMarket {
        /// 해외지수
        "N" => Index,
        /// 환율
        "X" => ExchangeRate,
        /// 국채
        "I" => GovernmentBond,
        /// 금선물
        "S" => GoldFuture,
    }

    /// 거래소ID구분코드: where a Korean stock order is sent. Paper trading has KRX only.
    StockExchange {
        /// 한국거래소
        "KRX" => Krx,
        /// 대체거래소 (넥스트레이드)
        "NXT" => Nxt,
        /// SOR (Smart Order Routing)
        "SOR" => SmartRouting,
    }

    /// 해외거래소코드: the exchange of an overseas order or holding. Quotes name exchanges
    /// differently: see [`OverseasExchange`](super::OverseasExchange).
    OverseasOrderExchange {
        /// 나스닥, or all of the United States in a question about an account
        "NASD" => Nasdaq,
        /// 뉴욕
        "NYSE" => NewYork,
        /// 아멕스
        "AMEX" => Amex,
        /// 홍콩
        "SEHK" => HongKong,
        /// 중국상해
        "SHAA" => Shanghai,
        /// 중국심천
        "SZAA" => Shenzhen,
        /// 일본
        "TKSE" => Tokyo,
        /// 베트남 하노이
        "HASE" => Hanoi,
        /// 베트남 호치민
        "VNSE" => HoChiMinh,
    }

    /// 거래통화코드: a currency of overseas trading.
    Currency {
        /// 미국달러
        "USD" => UsDollar,
        /// 홍콩달러
        "HKD" => HongKongDollar,
        /// 중국위안화
        "CNY" => Yuan,
        /// 일본엔화
        "JPY" => Yen,
        /// 베트남동
        "VND" => Dong,
    }
}
