//! Bodies that end early.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// A body that breaks off when `end` comes first, saying why.
pub(super) fn until(body: Body, end: impl Future<Output = &'static str> + Send + 'static) -> Body {
    Body::new(Until { body, end: Box::pin(end) })
}

struct Until {
    body: Body,
    end: Pin<Box<dyn Future<Output = &'static str> + Send>>,
}

impl http_body::Body for Until {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(why) = self.end.as_mut().poll(cx) {
            return Poll::Ready(Some(Err(axum::Error::new(io::Error::other(why)))));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
