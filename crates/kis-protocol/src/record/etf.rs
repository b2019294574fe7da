//! ETF.

layout! {
    /// ETF: the net asset value.
    pub struct EtfNav {
        /// 유가증권단축종목코드
        mksc_shrn_iscd: Symbol,
        /// NAV
        nav: Decimal,
        /// NAV전일대비부호
        nav_prdy_vrss_sign: Sign,
        /// NAV전일대비
        nav_prdy_vrss: Decimal,
        /// NAV전일대비율
        nav_prdy_ctrt: Decimal,
        /// NAV시가
        oprc_nav: Decimal,
        /// NAV고가
        hprc_nav: Decimal,
        /// NAV저가
        lprc_nav: Decimal,
    }
    view {
        symbol: mksc_shrn_iscd,
        price: nav,
        sign: nav_prdy_vrss_sign,
        change: nav_prdy_vrss,
        change_rate: nav_prdy_ctrt,
        open: oprc_nav,
        high: hprc_nav,
        low: lprc_nav,
    }
}
