use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

/// What can be subscribed to: a stream and its key (an instrument, an index, or
/// the HTS id for notices), written `H0STCNT0:005930`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(Arc<str>);

/// A text that is not `tr_id:tr_key`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a topic {0:?}: write `tr_id:tr_key`, as in `H0STCNT0:005930`")]
pub struct TopicError(pub Box<str>);

impl Topic {
    /// The topic of a stream and a key.
    pub fn new(tr_id: &str, tr_key: &str) -> Self {
        let mut text = String::with_capacity(tr_id.len() + 1 + tr_key.len());
        Self::write(&mut text, tr_id, tr_key);
        Self(text.into())
    }

    /// Writes the topic's text at the end of `out`, for look-ups that must not
    /// allocate.
    pub fn write(out: &mut String, tr_id: &str, tr_key: &str) {
        out.push_str(tr_id);
        out.push(':');
        out.push_str(tr_key);
    }

    /// The stream, as written; see [`TrId`](crate::TrId).
    pub fn tr_id(&self) -> &str {
        self.0.split_once(':').map_or(&*self.0, |it| it.0)
    }

    /// The key within the stream.
    pub fn tr_key(&self) -> &str {
        self.0.split_once(':').map_or("", |it| it.1)
    }

    /// The topic as text, `tr_id:tr_key`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Topic {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Topic {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, TopicError> {
        match text.split_once(':') {
            Some((tr_id, tr_key)) if !tr_id.is_empty() && !tr_key.is_empty() => {
                Ok(Self(text.into()))
            }
            _ => Err(TopicError(text.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_whole() {
        let topic = Topic::new("HDFFF020", "OESH23 C3900");
        assert_eq!((topic.tr_id(), topic.tr_key()), ("HDFFF020", "OESH23 C3900"));
        assert_eq!(topic.as_str().parse(), Ok(topic.clone()));
        assert!(":005930".parse::<Topic>().is_err());
        assert!("H0STCNT0:".parse::<Topic>().is_err());
        assert!("H0STCNT0".parse::<Topic>().is_err());
    }
}
