use proc_macro2::TokenStream;
use quote::quote;
use syn::{Path, PathArguments, Token, parse::Parser, punctuated::Punctuated};

use crate::{errors::Errors, expand::static_name, paths::Root};

/// `handlers![greeting, chat::history, TradeController]`: each path becomes that of the hidden static beside the item.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let root = Root::new(None);
    let items = match Punctuated::<Path, Token![,]>::parse_terminated.parse2(input) {
        Ok(items) => items,
        Err(error) => {
            let message = "expected the paths of handlers and controllers: `handlers![greeting, chat::history]`";
            return syn::Error::new(error.span(), message).into_compile_error();
        }
    };
    let mut errors = Errors::default();
    let statics: Vec<Path> = items
        .into_iter()
        .filter_map(|mut path| {
            let last = path.segments.last_mut()?;
            if !matches!(last.arguments, PathArguments::None) {
                errors.at(&last.arguments, "handlers and controllers are not generic");
                return None;
            }
            last.ident = static_name(&last.ident);
            Some(path)
        })
        .collect();
    quote!({ #errors #root::handler::Handlers::of(&[#(&#statics),*]) })
}
