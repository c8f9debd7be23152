//! `#[server_endpoint("/chat/{room}")] impl Chat { .. }`

mod argument;
mod callback;
mod checks;
mod expand;
mod options;
mod template;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Ident, ImplItem, ItemImpl};

use self::{
    callback::{Callback, Kind},
    options::Options,
};
use crate::{controller::type_name, errors::Errors, siblings};

/// Reads the methods of the `impl`, takes our attributes away from them, and registers the endpoint beside it.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(arguments, &mut errors);
    let Ok(mut implementation) = syn::parse2::<ItemImpl>(item.clone()) else {
        errors.push(syn::Error::new(
            proc_macro2::Span::call_site(),
            "`#[server_endpoint]` belongs on an `impl`: `#[server_endpoint(\"/chat\")] impl Chat { .. }`",
        ));
        return quote!(#item #errors);
    };
    let name = check_type(&implementation, &mut errors);
    let callbacks = callbacks(&mut implementation, &options, &mut errors);
    let registration = name
        .filter(|_| errors.is_empty())
        .map(|name| expand::registration(&implementation.self_ty, &name, &options, &callbacks));
    quote!(#implementation #registration #errors)
}

/// The name of the type, if it can be an endpoint.
fn check_type(implementation: &ItemImpl, errors: &mut Errors) -> Option<Ident> {
    if let Some(parameter) = implementation.generics.params.first() {
        errors.at(
            parameter,
            "an endpoint can't be generic: nothing says of which type it is",
        );
        return None;
    }
    if let Some((path, _)) = &implementation.trait_ {
        errors.at(
            path,
            "the methods of an endpoint stand in an `impl` of the type itself, not of a trait",
        );
    }
    let name = type_name(&implementation.self_ty);
    if name.is_none() {
        errors.at(
            &implementation.self_ty,
            "an endpoint is a named type without generic parameters",
        );
    }
    name.cloned()
}

/// The annotated methods, of which there is at most one of each kind, but for `#[on_message]` (JSR-13).
fn callbacks(
    implementation: &mut ItemImpl,
    options: &Options,
    errors: &mut Errors,
) -> Vec<Callback> {
    let mut callbacks: Vec<Callback> = Vec::new();
    for member in &mut implementation.items {
        let ImplItem::Fn(method) = member else {
            continue;
        };
        siblings::refuse_cfg_attr_of(&mut method.attrs, errors, |path| {
            Kind::of(path).map(Kind::name)
        });
        let Some(callback) = Callback::take(method, options, errors) else {
            continue;
        };
        let is_second = |earlier: &&Callback| {
            earlier.kind == callback.kind && earlier.cfgs.is_empty() && callback.cfgs.is_empty()
        };
        if callback.kind != Kind::OnMessage
            && let Some(first) = callbacks.iter().find(is_second)
        {
            errors.push(syn::Error::new(
                callback.attribute,
                format!(
                    "an endpoint has one `#[{}]`, and `{}` is one",
                    callback.kind.name(),
                    first.name
                ),
            ));
        }
        callbacks.push(callback);
    }
    let has = |kind| callbacks.iter().any(|callback| callback.kind == kind);
    if !has(Kind::OnMessage) && !has(Kind::OnOpen) {
        errors.at(
            implementation.self_ty.to_token_stream(),
            "the endpoint handles nothing: it needs an `#[on_message]`, or an `#[on_open]`",
        );
    }
    callbacks
}
