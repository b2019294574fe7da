//! The two tables of this crate are written with these macros, and with
//! nothing else: `tr_ids!` (one entry per stream) and `layout!` (one line per
//! column).

/// Declares [`TrId`](crate::TrId) from a table of streams.
///
/// Each entry is `/// <KIS' name>`, then the identifier with market, venue,
/// kind, kind of key with an example, and environments, then the widths its
/// records have had on the wire, oldest first, each with the date it was first
/// seen and the layout it is read with.
macro_rules! tr_ids {
    ($(
        #[doc = $label:literal]
        $id:ident: $market:ident $venue:ident $kind:ident $key:ident($example:literal) $environments:ident {
            $($columns:literal $evidence:ident $since:literal => $module:ident::$record:ident,)+
        }
    )*) => {
        /// A real-time stream, named as KIS names it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum TrId {
            $(#[doc = $label] $id,)*
        }

        impl TrId {
            /// Every stream this crate knows, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$id),*];

            /// Every identifier has eight characters, so they are compared as one
            /// number.
            #[inline]
            pub(crate) fn from_bytes(text: &[u8]) -> Option<Self> {
                #[allow(non_upper_case_globals)]
                mod number {
                    $(pub(super) const $id: u64 = super::number(stringify!($id));)*
                }
                let text: [u8; 8] = text.try_into().ok()?;
                match u64::from_le_bytes(text) {
                    $(number::$id => Some(Self::$id),)*
                    _ => None,
                }
            }

            const PROPERTIES: &'static [Properties] = &[$(Properties {
                text: stringify!($id),
                label: $label.trim_ascii(),
                market: Market::$market,
                venue: Venue::$venue,
                kind: StreamKind::$kind,
                key_kind: KeyKind::$key,
                example_key: $example,
                environments: Environments::$environments,
                widths: &[$(Width {
                    columns: $columns,
                    evidence: Evidence::$evidence,
                    since: $since,
                    layout: record::$module::$record::LAYOUT,
                }),+],
            }),*];
        }

        impl std::str::FromStr for TrId {
            type Err = UnknownTrId;

            #[inline]
            fn from_str(text: &str) -> Result<Self, UnknownTrId> {
                Self::from_bytes(text.as_bytes()).ok_or_else(|| UnknownTrId(text.into()))
            }
        }
    };
}

/// Declares one record type from a table of columns.
///
/// Each column is `/// <KIS' label>` then `<KIS' name>: <kind>`, where the kind
/// is one of [`Kind`](crate::Kind) or a code of [`code`](crate::code). The label
/// becomes the accessor's documentation and the table's `label`.
///
/// `view` says which column plays which role of the normalized view. `rows`
/// says which columns belong together: the levels of a book, the members.
macro_rules! layout {
    (
        $(#[$meta:meta])*
        pub struct $record:ident {
            $(#[doc = $label:literal] $column:ident: $kind:ident,)+
        }
        view { $($role:ident: $source:ident,)* }
        $(rows $row:ident {
            $($(#[$side_meta:meta])* $side:ident: [$({ $($cell:ident: $place:ident),+ },)+],)+
        })?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub struct $record<'a>(pub $crate::Record<'a>);

        const _: () = {
            // Declared as an enum so that a repeated column does not compile.
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Index {
                $($column),+
            }

            impl<'a> $record<'a> {
                /// The columns of this record, in wire order.
                pub const LAYOUT: &'static $crate::Layout = &$crate::Layout {
                    name: stringify!($record),
                    columns: &[$($crate::Column {
                        name: stringify!($column),
                        label: $label.trim_ascii(),
                        kind: kind!($kind),
                        codes: codes!($kind),
                        key: concat!("\",\"", stringify!($column), "\":\""),
                    }),+],
                    view: $crate::rows::View {
                        $($role: Index::$source as u8,)*
                        $(sides: [$(&[$($crate::rows::Cells {
                            $($cell: Index::$place as u8,)+
                            ..$crate::rows::Cells::NONE
                        }),+]),+],)?
                        ..$crate::rows::View::NONE
                    },
                };

                $($(
                    $(#[$side_meta])*
                    pub fn $side(&self) -> $crate::rows::Rows<'a, $crate::rows::$row<'a>> {
                        let cells = Self::LAYOUT.view.sides[$crate::rows::Side::$side as usize];
                        $crate::rows::Rows::new(self.0, Self::LAYOUT, cells)
                    }
                )+)?

                $(
                    #[doc = $label]
                    ///
                    /// `None` when the column is empty or the record too short to have it.
                    ///
                    /// # Errors
                    /// [`FieldError`](crate::FieldError) when its text is not of its kind.
                    #[inline]
                    pub fn $column(&self) -> Result<Option<value!('a, $kind)>, $crate::FieldError> {
                        self.0.parse(Self::LAYOUT, Index::$column as usize)
                    }
                )+
            }
        };
    };
}

/// The [`Kind`](crate::Kind) of a column; the name of a code is `Code`.
macro_rules! kind {
    (Text) => {
        $crate::Kind::Text
    };
    (Private) => {
        $crate::Kind::Private
    };
    (Symbol) => {
        $crate::Kind::Symbol
    };
    (OverseasKey) => {
        $crate::Kind::Symbol
    };
    (Sign) => {
        $crate::Kind::Sign
    };
    (Flag) => {
        $crate::Kind::Flag
    };
    (Time) => {
        $crate::Kind::Time
    };
    (Date) => {
        $crate::Kind::Date
    };
    (Integer) => {
        $crate::Kind::Integer
    };
    (Decimal) => {
        $crate::Kind::Decimal
    };
    ($code:ident) => {
        $crate::Kind::Code
    };
}

/// The Rust type of a column.
macro_rules! value {
    ($a:lifetime, Text) => { &$a str };
    ($a:lifetime, Symbol) => { &$a str };
    ($a:lifetime, Code) => { &$a str };
    ($a:lifetime, Private) => { $crate::Private<$a> };
    ($a:lifetime, Flag) => { bool };
    ($a:lifetime, Time) => { $crate::time::Time };
    ($a:lifetime, Date) => { $crate::time::Date };
    ($a:lifetime, Integer) => { i64 };
    ($a:lifetime, Decimal) => { $crate::Decimal };
    ($a:lifetime, Revision) => { $crate::code::Revision };
    ($a:lifetime, Approval) => { $crate::code::Approval };
    ($a:lifetime, NoticeKind) => { $crate::code::NoticeKind };
    ($a:lifetime, FutureNoticeKind) => { $crate::code::FutureNoticeKind };
    ($a:lifetime, Acceptance) => { $crate::code::Acceptance };
    ($a:lifetime, ExchangeReceipt) => { $crate::code::ExchangeReceipt };
    ($a:lifetime, $code:ident) => { $crate::code::$code<$a> };
}

/// The meanings of a column's codes.
macro_rules! codes {
    (Text) => {
        &[]
    };
    (Private) => {
        &[]
    };
    (Symbol) => {
        &[]
    };
    (Code) => {
        &[]
    };
    (Flag) => {
        &[]
    };
    (Time) => {
        &[]
    };
    (Date) => {
        &[]
    };
    (Integer) => {
        &[]
    };
    (Decimal) => {
        &[]
    };
    ($code:ident) => {
        $crate::code::$code::MEANINGS
    };
}
