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

            fn from_str(text: &str) -> Result<Self, UnknownTrId> {
                match text {
                    $(stringify!($id) => Ok(Self::$id),)*
                    _ => Err(UnknownTrId(text.into())),
                }
            }
        }
    };
}

/// Declares one record type from a table of columns.
///
/// Each column is `/// <KIS' label>` then `<KIS' name>: <Kind>`. The label
/// becomes the accessor's documentation and the table's `label`.
macro_rules! layout {
    (
        $(#[$meta:meta])*
        pub struct $record:ident {
            $(#[doc = $label:literal] $column:ident: $kind:ident,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub struct $record<'a>(pub $crate::Record<'a>);

        impl<'a> $record<'a> {
            /// The columns of this record, in wire order.
            pub const LAYOUT: &'static $crate::Layout = &$crate::Layout {
                name: stringify!($record),
                columns: &[$($crate::Column {
                    name: stringify!($column),
                    label: $label.trim_ascii(),
                    kind: $crate::Kind::$kind,
                }),+],
            };
        }

        const _: () = {
            // Declared as an enum so that a repeated column does not compile.
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Index {
                $($column),+
            }

            impl<'a> $record<'a> {
                $(
                    #[doc = $label]
                    ///
                    /// # Errors
                    /// [`FieldError`](crate::FieldError) when the column is absent or its text
                    /// is not of its kind.
                    pub fn $column(&self) -> Result<kind!('a, $kind), $crate::FieldError> {
                        self.0.parse(Self::LAYOUT, Index::$column as usize)
                    }
                )+
            }
        };
    };
}

/// The Rust type of a column kind.
macro_rules! kind {
    ($a:lifetime, Integer) => { i64 };
    ($a:lifetime, Decimal) => { $crate::Decimal };
    ($a:lifetime, $text:ident) => { &$a str };
}
