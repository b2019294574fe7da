//! Answers of several pages.

use futures_util::stream::{self, Stream};
use kis_protocol::catalogue::Prepared;

use super::{Answer, CallOptions, Rest, RestError};

/// What comes next.
enum Next {
    Page { call: Prepared, number: usize },
    Error(RestError),
    Nothing,
}

impl Rest {
    /// The pages of an answer, each asked for when it is wanted, `pages_max` at most. When there
    /// are more, the last item is [`RestError::MorePages`], so that nobody takes a part for the
    /// whole. Any other error ends the stream as well.
    ///
    /// A deadline in `options` is one for all pages; without, every page has its own.
    pub fn pages(
        &self,
        call: Prepared,
        pages_max: usize,
        options: CallOptions,
    ) -> impl Stream<Item = Result<Answer, RestError>> + Send + Unpin + use<> {
        let rest = self.clone();
        let first = following(call, 0, pages_max);
        Box::pin(stream::unfold(first, move |next| {
            let rest = rest.clone();
            async move {
                let (call, number) = match next {
                    Next::Page { call, number } => (call, number),
                    Next::Error(error) => return Some((Err(error), Next::Nothing)),
                    Next::Nothing => return None,
                };
                match rest.page(call.clone(), number > 1, options).await {
                    Ok(answer) => {
                        let next = after(&call, &answer, number, pages_max);
                        Some((Ok(answer), next))
                    }
                    Err(error) => Some((Err(error), Next::Nothing)),
                }
            }
        }))
    }
}

fn after(call: &Prepared, answer: &Answer, number: usize, pages_max: usize) -> Next {
    if !answer.has_more() {
        return Next::Nothing;
    }
    let next = match answer.value() {
        Ok(value) => call.following(&value),
        Err(error) => return Next::Error(error),
    };
    match next {
        Some(next) => following(next, number, pages_max),
        // KIS has more, but it is not known how to ask for it.
        None => Next::Error(RestError::MorePages { tr: call.tr.id, pages: number }),
    }
}

/// The page after page `number`, if so many are wanted.
fn following(call: Prepared, number: usize, pages_max: usize) -> Next {
    if number < pages_max {
        Next::Page { call, number: number + 1 }
    } else {
        Next::Error(RestError::MorePages { tr: call.tr.id, pages: number })
    }
}
