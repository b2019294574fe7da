//! The account: what it holds, and today's orders.

use alert_engine::render::grouped;
use kis_broker::CallOptions;
use kis_protocol::{
    Decimal,
    catalogue::{Environment, Personal},
    code::{Executed, OrderPeriod, Side, Sides, StockExchange},
    rest::{
        Account,
        stock::{StockBalance, StockBalanceAnswer, StockExecutions, StockExecutionsAnswer},
    },
    time::Timestamp,
};

use super::{Conversation, answer::figure, html::Html, market::NoAnswer};

/// How many rows are shown.
const ROWS_MAX: usize = 20;

impl Conversation<'_> {
    fn account(&self) -> Option<Account> {
        let own = self.app.api.account();
        let number = own.of(Personal::AccountNumber)?;
        let product = own.of(Personal::AccountProduct)?;
        format!("{number}-{product}").parse().ok()
    }

    fn no_account(&self) -> Html {
        Html::new().text(self.words.say(
            "계좌가 설정되지 않았습니다: 서버의 .env에 ACC_NO를 넣으세요.",
            "No account is configured: set ACC_NO in the server's .env.",
        ))
    }

    pub(super) async fn balance(&self) -> Result<Html, NoAnswer> {
        let Some(account) = self.account() else { return Ok(self.no_account()) };
        let options = CallOptions::within(self.app.config.rest.deadline());
        let answer: StockBalanceAnswer =
            self.app.api.client().request(&StockBalance { account }, options).await?;
        let mut html = Html::new().bold(self.words.say("주식 잔고", "Holdings"));
        if let Some(totals) = answer.output2.first() {
            let lines = [
                (self.words.say("총평가", "Total"), totals.tot_evlu_amt),
                (self.words.say("예수금", "Cash"), totals.dnca_tot_amt),
                (self.words.say("평가손익", "Profit"), totals.evlu_pfls_smtl_amt),
            ];
            for (name, amount) in lines {
                html = html.line().text(format!("{name} {}", self.won(amount)));
            }
        }
        let held: Vec<_> =
            answer.output1.iter().filter(|it| it.hldg_qty.is_some_and(|it| it != 0)).collect();
        if held.is_empty() {
            html = html.line().line().text(self.words.say("보유 종목 없음", "Nothing is held"));
        }
        for row in held.iter().take(ROWS_MAX) {
            let name = row.prdt_name.as_deref().or(row.pdno.as_deref()).unwrap_or_default();
            let quantity = grouped(row.hldg_qty.unwrap_or_default().into());
            let price = self.won(row.prpr);
            let profit = row.evlu_pfls_rt.map(percent).unwrap_or_default();
            html = html.line().line().bold(name.trim()).text(format!(" {profit}"));
            let code = row.pdno.as_deref().unwrap_or_default();
            let of = self.words.say("주", " sh.");
            html = html.line().text(format!("{quantity}{of} × {price} · {code}"));
        }
        Ok(self.more(html, held.len()))
    }

    pub(super) async fn orders(&self) -> Result<Html, NoAnswer> {
        let Some(account) = self.account() else { return Ok(self.no_account()) };
        let today = Timestamp::from(std::time::SystemTime::now()).with_offset(540).date();
        let real = self.app.api.environment() == Environment::Real;
        let call = StockExecutions {
            account,
            period: OrderPeriod::Recent,
            from: today,
            to: today,
            sides: Sides::All,
            executed: Executed::All,
            symbol: None,
            number: None,
            exchange: real.then_some(StockExchange::Other("ALL")),
        };
        let options = CallOptions::within(self.app.config.rest.deadline());
        let answer: StockExecutionsAnswer = self.app.api.client().request(&call, options).await?;
        let mut html = Html::new().bold(self.words.say("오늘의 주문", "Today's orders"));
        if answer.output1.is_empty() {
            html = html.line().text(self.words.say("없음", "None"));
        }
        for row in answer.output1.iter().take(ROWS_MAX) {
            let name = row.prdt_name.as_deref().or(row.pdno.as_deref()).unwrap_or_default();
            let side = match row.sll_buy_dvsn_cd {
                Some(Side::Buy) => self.words.say("매수", "buy"),
                Some(Side::Sell) => self.words.say("매도", "sell"),
                _ => "",
            };
            let count = |it: Option<i64>| grouped(it.unwrap_or_default().into());
            // An order at the market has none.
            let price = row.ord_unpr.filter(|it| !it.is_zero());
            let price = match price {
                Some(_) => self.won(price),
                None => self.words.say("시장가", "at the market").to_owned(),
            };
            let filled = format!("{}/{}", count(row.tot_ccld_qty), count(row.ord_qty));
            let said = self.words.say("체결", "filled");
            html = html.line().line().bold(format!("{} {side}", name.trim()));
            html = html.line().text(format!("{said} {filled} · {price}"));
            if let Some(at) = row.ord_tmd {
                let clock = format!(" · {:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
                html = html.text(clock);
            }
        }
        Ok(self.more(html, answer.output1.len()))
    }

    fn won(&self, amount: Option<Decimal>) -> String {
        amount.map_or_else(|| "–".to_owned(), |it| self.words.money(it, Some("KRW")))
    }

    fn more(&self, html: Html, count: usize) -> Html {
        match count.checked_sub(ROWS_MAX) {
            None | Some(0) => html,
            Some(more) => {
                html.line().line().text(format!("… +{more}{}", self.words.say("건", " more")))
            }
        }
    }
}

fn percent(rate: Decimal) -> String {
    let sign = if rate.mantissa() > 0 { "+" } else { "" };
    format!("{sign}{}%", figure(rate))
}
