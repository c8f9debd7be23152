//! Paths in the generated code, and the places in the user's code that they seem to stand at.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Path};

/// The crate that the generated code names: `crate = path` if it is given, else `stomp-axum` under the name that it has
/// in the user's `Cargo.toml`, else `stomp-core`.
pub(crate) enum Root {
    Chosen(Path),
    Found(String),
}

impl Root {
    pub(crate) fn new(chosen: Option<&Path>) -> Self {
        if let Some(path) = chosen {
            return Self::Chosen(path.clone());
        }
        // Builds without cargo have no `Cargo.toml` to look into; then it is the name that most users have.
        let found = find("stomp-axum").or_else(|| find("stomp-core"));
        Self::Found(found.unwrap_or_else(|| "stomp_axum".to_owned()))
    }

    /// The hidden module with everything that the generated code uses, for errors at `place`.
    pub(crate) fn private(&self, place: Span) -> TokenStream {
        let root = match self {
            Self::Chosen(path) => located(path, place),
            Self::Found(name) => {
                let name = Ident::new(name, place);
                quote_spanned!(place=> ::#name)
            }
        };
        quote_spanned!(place=> #root::__private)
    }
}

impl ToTokens for Root {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Chosen(path) => path.to_token_stream(),
            Self::Found(name) => {
                let name = Ident::new(name, Span::call_site());
                quote!(::#name)
            }
        });
    }
}

fn find(package: &str) -> Option<String> {
    match crate_name(package).ok()? {
        // Not `crate`: that would be wrong in the examples and doctests of the package. Its unit tests need an
        // `extern crate self`.
        FoundCrate::Itself => Some(package.replace('-', "_")),
        FoundCrate::Name(name) => Some(name),
    }
}

/// The tokens with the meaning that they have, but all of them at one place.
///
/// The compiler reports the same mistake only once if it finds it several times at the same place.
pub(crate) fn located(tokens: impl ToTokens, place: Span) -> TokenStream {
    let tokens = tokens.into_token_stream().into_iter();
    tokens
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                token = Group::new(group.delimiter(), located(group.stream(), place)).into();
            }
            token.set_span(token.span().located_at(place));
            token
        })
        .collect()
}
