//! Columns that belong together: the levels of an order book, the members on
//! one side of the market.

use std::{iter::FusedIterator, marker::PhantomData, slice};

use crate::{Decimal, FieldError, FromField, Layout, Record};

/// The place of a role that a layout does not have.
pub(crate) const NONE: u8 = u8::MAX;

macro_rules! places {
    ($(#[$meta:meta])* $name:ident { $($role:ident)+ } $(and { $($more:ident: $type:ty = $none:expr;)+ })?) => {
        $(#[$meta])*
        #[derive(Debug, PartialEq, Eq)]
        pub(crate) struct $name {
            $(pub(crate) $role: u8,)+
            $($(pub(crate) $more: $type,)+)?
        }

        impl $name {
            pub(crate) const NONE: Self = Self { $($role: NONE,)+ $($($more: $none,)+)? };
        }
    };
}

places! {
    /// Where the parts of one row are.
    Cells { price quantity orders yield_rate change name english_name number share foreign }
}

places! {
    /// Where the columns of each role are.
    View {
        symbol date time local_date local_time business_date
        price quantity side sign change change_rate open high low volume turnover
        ask bid ask_quantity bid_quantity open_interest
        total_ask_quantity total_bid_quantity expected_price expected_quantity mid_price
        upper_limit_count rising_count unchanged_count falling_count lower_limit_count
        sell_quantity sell_amount buy_quantity buy_amount net_quantity net_amount
        halt halt_reason operation expected_operation issue_status interruption
    } and {
        sides: [&'static [Cells]; 2] = [&[], &[]];
    }
}

/// Which of the two lists of rows a method returns.
#[allow(non_camel_case_types)]
pub(crate) enum Side {
    asks = 0,
    bids = 1,
}

impl Side {
    #[allow(non_upper_case_globals)]
    pub(crate) const sellers: Self = Self::asks;
    #[allow(non_upper_case_globals)]
    pub(crate) const buyers: Self = Self::bids;
}

/// The rows of one side, best or largest first.
#[derive(Debug, Clone)]
pub struct Rows<'a, R> {
    record: Record<'a>,
    layout: &'static Layout,
    cells: slice::Iter<'static, Cells>,
    row: PhantomData<R>,
}

/// One level of an order book.
#[derive(Debug, Clone, Copy)]
pub struct Level<'a>(Row<'a>);

/// One of the five most active members on one side.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a>(Row<'a>);

/// A row: its record, and where in it the row's parts are.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    record: Record<'a>,
    layout: &'static Layout,
    cells: &'static Cells,
}

impl<'a, R> Rows<'a, R> {
    pub(crate) fn new(
        record: Record<'a>,
        layout: &'static Layout,
        cells: &'static [Cells],
    ) -> Self {
        Self { record, layout, cells: cells.iter(), row: PhantomData }
    }
}

impl<'a, R: From<Row<'a>>> Iterator for Rows<'a, R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        let cells = self.cells.next()?;
        Some(Row { record: self.record, layout: self.layout, cells }.into())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.cells.size_hint()
    }
}

impl<'a, R: From<Row<'a>>> ExactSizeIterator for Rows<'a, R> {}
impl<'a, R: From<Row<'a>>> FusedIterator for Rows<'a, R> {}

impl<'a> From<Row<'a>> for Level<'a> {
    fn from(row: Row<'a>) -> Self {
        Self(row)
    }
}

impl<'a> From<Row<'a>> for Member<'a> {
    fn from(row: Row<'a>) -> Self {
        Self(row)
    }
}

impl<'a> Row<'a> {
    fn read<T: FromField<'a>>(&self, place: u8) -> Result<Option<T>, FieldError> {
        self.record.role(self.layout, place)
    }
}

/// Every accessor reads `None` when the column is empty, absent from the
/// record, or not part of its layout.
///
/// # Errors
/// [`FieldError`] when the text is not of the column's kind.
#[allow(clippy::missing_errors_doc, reason = "said once for all of them")]
impl Level<'_> {
    /// 호가: the price.
    pub fn price(&self) -> Result<Option<Decimal>, FieldError> {
        self.0.read(self.0.cells.price)
    }

    /// 잔량: the quantity that waits at the price.
    pub fn quantity(&self) -> Result<Option<i64>, FieldError> {
        self.0.read(self.0.cells.quantity)
    }

    /// 건수: how many orders wait; futures and options only.
    pub fn orders(&self) -> Result<Option<i64>, FieldError> {
        self.0.read(self.0.cells.orders)
    }

    /// 수익률: the yield at the price, in percent; bonds only.
    pub fn yield_rate(&self) -> Result<Option<Decimal>, FieldError> {
        self.0.read(self.0.cells.yield_rate)
    }

    /// 잔량대비: how the quantity has changed; overseas stocks only.
    pub fn change(&self) -> Result<Option<i64>, FieldError> {
        self.0.read(self.0.cells.change)
    }
}

/// Every accessor reads `None` when the column is empty or absent from the
/// record.
///
/// # Errors
/// [`FieldError`] when the text is not of the column's kind.
#[allow(clippy::missing_errors_doc, reason = "said once for all of them")]
impl<'a> Member<'a> {
    /// 거래원명: the member firm's name.
    pub fn name(&self) -> Result<Option<&'a str>, FieldError> {
        self.0.read(self.0.cells.name)
    }

    /// 영문거래원명: its English name.
    pub fn english_name(&self) -> Result<Option<&'a str>, FieldError> {
        self.0.read(self.0.cells.english_name)
    }

    /// 거래원코드: its number at the exchange.
    pub fn number(&self) -> Result<Option<&'a str>, FieldError> {
        self.0.read(self.0.cells.number)
    }

    /// 수량: the quantity traded today.
    pub fn quantity(&self) -> Result<Option<i64>, FieldError> {
        self.0.read(self.0.cells.quantity)
    }

    /// 수량증감: how the quantity has changed.
    pub fn change(&self) -> Result<Option<i64>, FieldError> {
        self.0.read(self.0.cells.change)
    }

    /// 비중: the share of all that was traded, in percent.
    pub fn share(&self) -> Result<Option<Decimal>, FieldError> {
        self.0.read(self.0.cells.share)
    }

    /// 거래원구분: whether the firm is foreign, as KIS writes it.
    pub fn foreign(&self) -> Result<Option<&'a str>, FieldError> {
        self.0.read(self.0.cells.foreign)
    }
}
