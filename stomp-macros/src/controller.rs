//! `#[message_mapping] impl TradeController { .. }`

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, ImplItem, ItemImpl, PathArguments, Type, ext::IdentExt, parse_quote};

use crate::{
    args::{self, Attribute},
    errors::Errors,
    expand::{Controller, Scope, registrations},
    parameter,
    paths::Root,
    siblings,
    spec::{Attributes, Spec},
};

/// Takes our attributes away from the methods, and registers them beside the `impl`.
pub(crate) fn expand(first: Attribute, mut item: ItemImpl, mut errors: Errors) -> TokenStream {
    let attributes = siblings::attributes(first, &mut item.attrs, &mut errors);
    let mut classes = attributes.inherited_classes();
    let own_crate_path = attributes.crate_path().cloned();
    classes.push(attributes.into_class("an `impl`", &mut errors));

    if let Some(parameter) = item.generics.params.first() {
        errors.at(
            parameter,
            "a controller can't be generic: the application gives one instance of one type",
        );
    }
    if let Some((path, _)) = &item.trait_ {
        errors.at(
            path,
            "the handlers of a controller stand in an `impl` of the type itself, not of a trait",
        );
    }
    let name = type_name(&item.self_ty);
    if name.is_none() && item.generics.params.is_empty() {
        errors.at(
            &item.self_ty,
            "a controller is a named type without generic parameters",
        );
    }

    let mut specs = Vec::new();
    for member in &mut item.items {
        let ImplItem::Fn(method) = member else {
            continue;
        };
        siblings::refuse_cfg_attr(&mut method.attrs, &mut errors);
        let attributes = args::drain(&mut method.attrs, &mut errors);
        if attributes.is_empty() {
            continue;
        }
        let attributes = Attributes::new(attributes, &mut errors);
        if let Some(mut spec) = Spec::new(&attributes, &mut method.sig, &classes, &mut errors) {
            spec.cfgs = parameter::cfgs(&method.attrs);
            spec.replace_self(&item.self_ty);
            specs.push(spec);
        }
    }

    let Some(name) = name else {
        return quote!(#item #errors);
    };
    let root = Root::new(siblings::crate_path(own_crate_path.as_ref(), &classes));
    let scope = Scope {
        root: &root,
        classes: &classes,
        controller: Some(Controller {
            ty: &item.self_ty,
            name: name.to_string(),
            needs_instance: specs.iter().any(|spec| spec.takes_self),
        }),
    };
    let definitions: Vec<_> = if errors.is_empty() {
        specs.iter().flat_map(|spec| spec.expand(&scope)).collect()
    } else {
        Vec::new()
    };
    // An `impl` has no visibility. `handlers!` should reach the controller wherever its type can be named.
    let registrations = registrations(&root, &parse_quote!(pub), name, &definitions);
    let only_one = only_one_per_module(name);
    quote!(#item #only_one #registrations #errors)
}

/// What a second annotated `impl` of the type in the same module collides with: the compiler's error says the name, and
/// points at both types. The static collides, too, but its name has to be found by `handlers!`, and says nothing.
fn only_one_per_module(controller: &Ident) -> TokenStream {
    let span = controller.span();
    let name = format_ident!(
        "__only_one_annotated_impl_of_{}_is_possible_in_a_module",
        controller.unraw(),
        span = span
    );
    quote_spanned! {span=>
        #[doc(hidden)]
        #[allow(dead_code, non_upper_case_globals, reason = "generated code")]
        const #name: () = ();
    }
}

/// The name of a type that is a path without generic arguments.
pub(crate) fn type_name(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = parameter::peel(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    (path.qself.is_none() && matches!(last.arguments, PathArguments::None)).then_some(&last.ident)
}
