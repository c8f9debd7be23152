//! What kind of item an attribute stands at. Whichever of our attributes expands first takes the arguments of its
//! siblings, so that their order does not matter.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    ItemImpl, ItemMod, Signature, Token, Visibility,
    parse::{Parse, ParseStream},
};

use crate::{
    args::{self, Attribute, Kind},
    controller,
    errors::Errors,
    expand::{Scope, registrations},
    module,
    paths::Root,
    siblings,
    spec::Spec,
};

enum Annotated {
    Function(Function),
    Impl(ItemImpl),
    Mod(ItemMod),
    Other(Other),
}

/// A function whose body is left alone: not parsing it saves time, and half-typed code does no harm.
struct Function {
    attributes: Vec<syn::Attribute>,
    visibility: Visibility,
    signature: Signature,
    body: TokenStream,
}

struct Other {
    attributes: Vec<syn::Attribute>,
    rest: TokenStream,
}

impl Parse for Annotated {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        let attributes = ahead.call(syn::Attribute::parse_outer)?;
        let visibility: Visibility = ahead.parse()?;
        let is_impl =
            ahead.peek(Token![impl]) || (ahead.peek(Token![unsafe]) && ahead.peek2(Token![impl]));
        if is_impl {
            return input.parse().map(Self::Impl);
        }
        if ahead.peek(Token![mod]) {
            return input.parse().map(Self::Mod);
        }
        if let Ok(signature) = ahead.parse() {
            let function = Function {
                attributes,
                visibility,
                signature,
                body: ahead.parse()?,
            };
            input.parse::<TokenStream>()?;
            return Ok(Self::Function(function));
        }
        let attributes = input.call(syn::Attribute::parse_outer)?;
        let rest = input.parse()?;
        Ok(Self::Other(Other { attributes, rest }))
    }
}

/// Expands the attribute `first` of `item`, together with its siblings.
pub(crate) fn expand(first: Attribute, item: &TokenStream, mut errors: Errors) -> TokenStream {
    match syn::parse2(item.clone()) {
        Ok(Annotated::Function(function)) => expand_function(first, function, errors),
        Ok(Annotated::Impl(item)) => controller::expand(first, item, errors),
        Ok(Annotated::Mod(item)) => module::expand(first, item, errors),
        Ok(Annotated::Other(mut item)) => {
            args::drain(&mut item.attributes, &mut errors);
            errors.push(first.error(match first.kind {
                Kind::SubscribeMapping | Kind::ExceptionHandler | Kind::EventListener => {
                    format!("`#[{}]` belongs on an `async fn`", first.kind.name())
                }
                _ => format!(
                    "`#[{}]` belongs on an `async fn`, an `impl`, or a `mod`",
                    first.kind.name()
                ),
            }));
            let Other { attributes, rest } = item;
            quote!(#(#attributes)* #rest #errors)
        }
        Err(error) => {
            errors.push(error);
            quote!(#item #errors)
        }
    }
}

fn expand_function(first: Attribute, mut function: Function, mut errors: Errors) -> TokenStream {
    let attributes = siblings::attributes(first, &mut function.attributes, &mut errors);
    let classes = attributes.inherited_classes();
    let is_method = function.signature.receiver().cloned();
    if let (Some(receiver), Some(first)) = (&is_method, attributes.first()) {
        errors.at(
            receiver,
            format!(
                "`#[{}]` on a method needs a `#[message_mapping]` on its `impl`, which makes the type a controller",
                first.kind.name()
            ),
        );
    }
    let spec = Spec::new(&attributes, &mut function.signature, &classes, &mut errors);
    let root = Root::new(siblings::crate_path(attributes.crate_path(), &classes));
    let definitions = match spec {
        Some(spec) if errors.is_empty() => spec.expand(&Scope {
            root: &root,
            classes: &classes,
            controller: None,
        }),
        // Nothing is registered, but `handlers!` finds the name, so that it adds no errors of its own.
        _ => Vec::new(),
    };
    let Function {
        attributes: others,
        visibility,
        signature,
        body,
    } = &function;
    // An `impl` can't have statics; and without a mapping there is one already, if the mapping has another name.
    let registrations = (is_method.is_none() && attributes.has_role())
        .then(|| registrations(&root, visibility, &signature.ident, &definitions));
    quote!(#(#others)* #visibility #signature #body #registrations #errors)
}
