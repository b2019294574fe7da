//! The tables of this module are written with these macros: `requests!` (one line per
//! parameter), `answers!` (one line per member) and `rows!` (one line per column).

/// Declares requests.
///
/// Each has the id of its call, its answer, and its fields with the parameters that each is
/// sent as, through a function (`by`) where the field's own text is not what KIS wants. What
/// is always sent the same follows them.
macro_rules! requests {
    ($(
        $(#[$meta:meta])*
        $name:ident $(<$a:lifetime>)?: $id:literal -> $answer:ty {
            $(
                $(#[$field_meta:meta])*
                $field:ident: $type:ty => $($parameter:literal)+ $(by $convert:path)?,
            )*
            $($constant:literal: $value:literal,)*
        }
    )+) => {
        $(
            $(#[$meta])*
            ///
            #[doc = concat!("The call `", $id, "` of the [catalogue](crate::catalogue).")]
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name $(<$a>)? {
                $(
                    $(#[$field_meta])*
                    ///
                    #[doc = concat!("Sent as" $(, " `", $parameter, "`")+, ".")]
                    pub $field: $type,
                )*
            }

            impl $(<$a>)? $crate::rest::Request for $name $(<$a>)? {
                const ID: &'static str = $id;
                type Response = $answer;

                fn parameters(&self) -> Vec<(&'static str, String)> {
                    #[allow(unused_mut, reason = "some have no parameters")]
                    let mut given = $crate::rest::parameter::Parameters::default();
                    $(given.add([$($parameter),+], &$($convert)?(self.$field));)*
                    $(given.add([$constant], &$value);)*
                    given.0
                }
            }
        )+

        /// Every request that is declared here.
        #[cfg(test)]
        pub(super) const REQUESTS: &[&str] = &[$(stringify!($name)),+];
    };
}

/// Declares answers: structs with KIS' members, each of them one row or a `Vec` of rows.
/// A member can have a second name, where KIS' portal and its samples name it differently.
macro_rules! answers {
    ($(
        $(#[$meta:meta])*
        $name:ident { $($member:ident $(| $other:literal)?: $type:ty,)+ }
    )+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $(#[doc = concat!("`", stringify!($member), "`.")] pub $member: $type,)+
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // Not as a struct: an answer may have a member under both of its names.
                type Members = std::collections::HashMap<String, serde_json::Value>;
                let mut members = Members::deserialize(deserializer)?;
                Ok(Self {
                    $($member: {
                        let value = members.remove(stringify!($member));
                        $(let value = value
                            .filter(|it| !it.is_null())
                            .or_else(|| members.remove($other));)?
                        let read = value.map(<$crate::rest::row::Lenient<$type>>::deserialize);
                        let read = read.transpose().map_err(serde::de::Error::custom)?;
                        read.map(|it| it.0).unwrap_or_default()
                    },)+
                })
            }
        }

        #[cfg(test)]
        impl $crate::rest::tests::Answer for $name {
            fn members() -> Vec<$crate::rest::tests::Member> {
                vec![$($crate::rest::tests::Member::of::<$type>(stringify!($member))),+]
            }
        }
    )+};
}

/// Declares rows. Each column is `/// <KIS' label>`, then `<KIS' name in lower case>: <kind>`.
macro_rules! rows {
    ($(
        $(#[$meta:meta])*
        $name:ident { $(#[doc = $label:literal] $column:ident: $kind:ident,)+ }
    )+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $(
                #[doc = $label]
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $column: Option<$crate::rest::macros::owned!($kind)>,
            )+
            /// What could not be read.
            #[serde(skip_serializing_if = "Vec::is_empty")]
            pub unread: Vec<$crate::rest::Unread>,
        }

        impl $crate::rest::row::Row for $name {
            const COLUMNS: &'static [$crate::rest::row::Column<Self>] = &[$(
                $crate::rest::row::Column {
                    name: stringify!($column),
                    #[cfg(test)]
                    label: $label.trim_ascii(),
                    #[cfg(test)]
                    kind: stringify!($kind),
                    set: |row, text| $crate::rest::row::set(&mut row.$column, text),
                },
            )+];

            fn unread(&mut self) -> &mut Vec<$crate::rest::Unread> {
                &mut self.unread
            }
        }

        impl $crate::rest::row::Output for $name {
            type Row = Self;
            #[cfg(test)]
            const ONE: bool = true;

            fn push(&mut self, row: Self) {
                if *self == Self::default() {
                    *self = row;
                }
            }
        }
    )+};
}

/// The type of a column.
macro_rules! owned {
    (Text) => { String };
    (Private) => { $crate::rest::PrivateText };
    (Integer) => { i64 };
    (Decimal) => { $crate::Decimal };
    (Flag) => { bool };
    (Date) => { $crate::time::Date };
    (Time) => { $crate::time::Time };
    (Sign) => { $crate::code::Sign<'static> };
    (Side) => { $crate::code::Side };
    (Revision) => { $crate::code::Revision };
}

pub(crate) use {answers, owned, requests, rows};
