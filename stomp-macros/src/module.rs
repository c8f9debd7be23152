//! `#[message_mapping("/chat")] mod chat { .. }`

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, ItemMod, MacroDelimiter, Meta, MetaList};

use crate::{
    args::{Attribute, Class, Kind},
    errors::Errors,
    siblings,
};

/// Passes patterns and reply targets on to the annotated items in the module, which expand themselves.
pub(crate) fn expand(first: Attribute, mut item: ItemMod, mut errors: Errors) -> TokenStream {
    let attributes = siblings::attributes(first, &mut item.attrs, &mut errors);
    let mut classes = attributes.inherited_classes();
    classes.push(attributes.into_class("a `mod`", &mut errors));
    match &mut item.content {
        Some((_, items)) => pass_on(&classes, items, &mut errors),
        None => errors.at(
            &item,
            "the macro can't see into another file; annotate an inline `mod name { .. }`, or an `impl`",
        ),
    }
    quote!(#item #errors)
}

fn pass_on(classes: &[Class], items: &mut [Item], errors: &mut Errors) {
    for item in items {
        let attributes = match item {
            Item::Fn(item) => &mut item.attrs,
            Item::Impl(item) => &mut item.attrs,
            Item::Mod(item) => &mut item.attrs,
            _ => continue,
        };
        siblings::refuse_cfg_attr(attributes, errors);
        let ours = attributes
            .iter_mut()
            .find(|attribute| Kind::of(attribute.path()).is_some());
        if let Some(attribute) = ours {
            add_arguments(&mut attribute.meta, classes);
        } else if let Item::Mod(ItemMod {
            content: Some((_, items)),
            ..
        }) = item
        {
            pass_on(classes, items, errors);
        }
    }
}

fn add_arguments(meta: &mut Meta, classes: &[Class]) {
    match meta {
        Meta::Path(path) => {
            *meta = Meta::List(MetaList {
                path: path.clone(),
                delimiter: MacroDelimiter::Paren(Default::default()),
                tokens: quote!(#(#classes),*),
            });
        }
        Meta::List(list) => {
            let own = &list.tokens;
            list.tokens = quote!(#(#classes,)* #own);
        }
        // The item itself reports this mistake.
        Meta::NameValue(_) => {}
    }
}
