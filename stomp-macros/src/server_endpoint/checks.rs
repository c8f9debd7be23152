//! What the compiler checks about the types of arguments, which a macro can't see.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{
    argument::{Argument, Source},
    callback::{Callback, Kind},
    expand::{Endpoint, KINDS, at_place, local},
};
use crate::expand::at_type;

impl Endpoint<'_> {
    /// A statement for each argument that the compiler has to look at the type of: from the place of the type, the type, and
    /// the path of what is hidden.
    pub(super) fn each_typed(
        &self,
        callback: &Callback,
        statement: impl Fn(Span, TokenStream, TokenStream) -> TokenStream,
    ) -> TokenStream {
        let is_typed = |argument: &&Argument| matches!(argument.source, Source::Typed);
        let typed = callback.arguments.iter().filter(is_typed);
        typed
            .flat_map(|argument| {
                let (place, ty, _) = at_type(&argument.ty, &self.root);
                let cfgs = &argument.cfgs;
                let statement = statement(place, ty, self.private(place));
                quote!(#(#cfgs)* #statement)
            })
            .collect()
    }

    /// Says what the application must provide for the arguments.
    pub(super) fn requirements(&self, callback: &Callback) -> TokenStream {
        let requirements = local("_requirements");
        let calls = self.each_typed(callback, |place, ty, private| {
            quote_spanned!(place=> #private::Probe::<#ty>::new().requirements(#requirements);)
        });
        quote!(|#requirements| { #calls })
    }

    /// Has the compiler check that an `#[on_error]` takes the error (JSR-15).
    pub(super) fn takes_error(&self, callback: &Callback) -> TokenStream {
        let name = callback.name.span();
        let error = local("error");
        let steps = self.each_typed(callback, |place, ty, private| {
            quote_spanned! {place=>
                let #error = #private::either(#error, <#private::ErrorArgument<#ty>>::KIND);
            }
        });
        let outer = self.private(Span::call_site());
        let private = self.private(name);
        let (found, rebinding) = at_place(&error, name);
        let check = quote_spanned!(name=> #rebinding #private::takes_error(#found););
        quote! {
            let #error = #outer::NoError;
            #steps
            #check
        }
    }

    /// Has the compiler check that there is a method for text or binary messages, unless `#[on_open]` sends something
    /// (JSR-13).
    pub(super) fn takes_data(&self, callbacks: &[Callback]) -> TokenStream {
        let is_open = |callback: &Callback| callback.kind == Kind::OnOpen;
        if callbacks.iter().any(is_open) {
            return TokenStream::new();
        }
        let place = self.ty.span();
        let private = self.private(place);
        let (kinds, rebinding) = at_place(&local(KINDS), place);
        quote_spanned!(place=> #rebinding #private::takes_data(#kinds);)
    }
}

/// What a second method of the kind collides with, if `cfg`s leave both of them.
pub(super) fn only_one(callback: &Callback) -> TokenStream {
    let cfgs = &callback.cfgs;
    let name = format_ident!(
        "__only_one_{}_is_possible_in_an_endpoint",
        callback.kind.name(),
        span = callback.attribute
    );
    quote_spanned! {callback.attribute=>
        #(#cfgs)*
        #[allow(dead_code, non_upper_case_globals)]
        const #name: () = ();
    }
}
