//! Reading the rows of an answer, so that nothing that KIS sends loses the rest of it.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::value::Value;

/// A column whose text is not what the column is read as. The field is `None` then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// The column, as its field is named.
    pub column: &'static str,
    /// What KIS sent.
    pub text: String,
}

/// A row, declared by `rows!`.
pub(crate) trait Row: Default + 'static {
    /// Its columns, in KIS' order.
    const COLUMNS: &'static [Column<Self>];

    /// Where columns that cannot be read are noted.
    fn unread(&mut self) -> &mut Vec<Unread>;
}

/// One column of a row.
pub(crate) struct Column<R> {
    /// KIS' name for it, in lower case.
    pub(crate) name: &'static str,
    /// KIS' label for it.
    #[cfg(test)]
    pub(crate) label: &'static str,
    /// What it is read as.
    #[cfg(test)]
    pub(crate) kind: &'static str,
    /// Reads a text into the row's field; false when that fails.
    pub(crate) set: fn(&mut R, &str) -> bool,
}

/// One member of an answer: a row, or any number of rows.
pub(crate) trait Output: Default {
    /// The row.
    type Row: Row;
    /// Whether there is one row only.
    #[cfg(test)]
    const ONE: bool;

    /// Takes in a row. Of what has one row, the first counts.
    fn push(&mut self, row: Self::Row);
}

impl<R: Row> Output for Vec<R> {
    type Row = R;
    #[cfg(test)]
    const ONE: bool = false;

    fn push(&mut self, row: R) {
        Self::push(self, row);
    }
}

/// Reads a text into a field; false when it is not of the field's type.
pub(crate) fn set<T: Value>(field: &mut Option<T>, text: &str) -> bool {
    let text = text.trim();
    let absent = text.is_empty() || T::is_absent(text);
    *field = if absent { None } else { T::read(text) };
    absent || field.is_some()
}

/// Reads a member. KIS' own documents disagree about which members are lists, so a list is
/// taken where a row is expected and the other way round; anything else is no row.
pub(crate) struct Lenient<O>(pub(crate) O);

impl<'de, O: Output> Deserialize<'de> for Lenient<O> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut output = O::default();
        deserializer.deserialize_any(Rows(&mut output))?;
        Ok(Self(output))
    }
}

/// Puts all rows of a value into an output.
struct Rows<'o, O>(&'o mut O);

impl<'de, O: Output> DeserializeSeed<'de> for Rows<'_, O> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, O: Output> Visitor<'de> for Rows<'_, O> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut row = O::Row::default();
        let mut near = 0;
        let mut empty = true;
        while let Some(index) = map.next_key_seed(Key::<O::Row> { near, row: PhantomData })? {
            empty = false;
            match index.and_then(|it| O::Row::COLUMNS.get(it)) {
                Some(column) => {
                    near = index.unwrap_or_default() + 1;
                    map.next_value_seed(Cell(&mut |text| {
                        if !(column.set)(&mut row, text) {
                            let text = text.trim().to_owned();
                            row.unread().push(Unread { column: column.name, text });
                        }
                    }))?;
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        // Some calls answer `{}` where there is nothing to list.
        if !empty {
            self.0.push(row);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Rows(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The index of a column, by its name in any casing. KIS sends columns in order, so the one
/// after the last is looked at first.
struct Key<R> {
    near: usize,
    row: PhantomData<R>,
}

impl<'de, R: Row> DeserializeSeed<'de> for Key<R> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<R: Row> Visitor<'_> for Key<R> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let is_it = |index: &usize| {
            R::COLUMNS.get(*index).is_some_and(|it| it.name.eq_ignore_ascii_case(name))
        };
        Ok((self.near..R::COLUMNS.len()).chain(0..self.near).find(is_it))
    }
}

/// Gives on the text of a value.
struct Cell<'s>(&'s mut dyn FnMut(&str));

impl<'de> DeserializeSeed<'de> for Cell<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// KIS sends every value as text; others are read by their text, should that change.
impl<'de> Visitor<'de> for Cell<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column's text")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.0)(text);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        (self.0)(if value { "Y" } else { "N" });
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        (self.0)(&value.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        (self.0)(&value.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        (self.0)(&value.to_string());
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
