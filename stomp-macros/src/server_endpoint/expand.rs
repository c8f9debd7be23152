//! From an endpoint to code. Each step stands at the place that the user has to look at if it does not compile.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, ReturnType, Type, ext::IdentExt, spanned::Spanned};

use super::{
    argument::{Argument, Source},
    callback::{Callback, Kind, Receiver},
    checks::only_one,
    options::Options,
};
use crate::{
    expand::{at_type, option},
    paths::Root,
};

/// The `impl` of the trait by which the server knows the endpoint, and its entry in the inventory.
pub(super) fn registration(
    ty: &Type,
    name: &Ident,
    options: &Options,
    callbacks: &[Callback],
) -> TokenStream {
    let endpoint = Endpoint {
        ty,
        root: Root::new(options.crate_path.as_ref()),
        options,
    };
    let private = endpoint.private(Span::call_site());
    let definition = endpoint.definition(name);
    let (place, located_type, _) = at_type(ty, &endpoint.root);
    let instance = if options.shared {
        quote_spanned!(place=> ::std::sync::Arc<#located_type>)
    } else {
        located_type
    };
    let constructor = endpoint.constructor(callbacks);
    let all = local("callbacks");
    let kinds = local(KINDS);
    let required = callbacks
        .iter()
        .find(|callback| callback.kind == Kind::Constructor)
        .map(|constructor| {
            let requirements = endpoint.requirements(constructor);
            quote!(#all.require(#requirements);)
        });
    let others = callbacks
        .iter()
        .filter(|callback| callback.kind != Kind::Constructor)
        .map(|callback| endpoint.callback(callback));
    let messaging = endpoint.root.private(Span::call_site());
    let takes_data = endpoint.takes_data(callbacks);
    quote! {
        #[allow(
            deprecated,
            unused_assignments,
            unused_mut,
            unused_qualifications,
            unused_variables,
            clippy::all,
            clippy::nursery,
            clippy::pedantic,
            clippy::restriction,
            reason = "generated code"
        )]
        const _: () = {
            use #private::{
                DecodedArgument as _, NotProbed as _, OtherConstructorArgument as _, OtherErrorArgument as _,
            };
            use #messaging::ReturnedValue as _;

            impl #private::ServerEndpoint for #ty {
                type Instance = #instance;
                const DEFINITION: &'static #private::EndpointDefinition = &#definition;

                fn callbacks() -> #private::Callbacks<#instance> {
                    let mut #all = #private::Callbacks::new(#constructor);
                    let #kinds = #private::Kinds::NONE;
                    #required
                    #(#others)*
                    #takes_data
                    #all
                }
            }

            #private::submit! {
                #private::Registered(<#ty as #private::ServerEndpoint>::DEFINITION)
            }
        };
    }
}

pub(super) struct Endpoint<'a> {
    pub(super) ty: &'a Type,
    pub(super) root: Root,
    options: &'a Options,
}

impl Endpoint<'_> {
    pub(super) fn private(&self, place: Span) -> TokenStream {
        let private = self.root.private(place);
        quote_spanned!(place=> #private::server_endpoint)
    }

    fn definition(&self, name: &Ident) -> TokenStream {
        let private = self.private(Span::call_site());
        let text = name.unraw().to_string();
        // `line!` gives the line of its own tokens.
        let line = quote_spanned!(name.span()=> ::core::line!());
        let Options {
            path,
            sub_protocols,
            allowed_origins,
            allowed_origin_patterns,
            sockjs,
            shared,
            template: _,
            max_text_message_bytes,
            max_binary_message_bytes,
            idle_timeout_seconds,
            crate_path: _,
        } = self.options;
        let max_text_message_bytes = option(max_text_message_bytes.as_ref());
        let max_binary_message_bytes = option(max_binary_message_bytes.as_ref());
        let idle_timeout_seconds = option(idle_timeout_seconds.as_ref());
        let ty = self.ty;
        quote! {
            #private::EndpointDefinition {
                place: #private::Function {
                    name: #text,
                    module: ::core::module_path!(),
                    file: ::core::file!(),
                    line: #line,
                    controller: ::core::option::Option::None,
                },
                path: #path,
                sub_protocols: &[#(#sub_protocols),*],
                allowed_origins: &[#(#allowed_origins),*],
                allowed_origin_patterns: &[#(#allowed_origin_patterns),*],
                max_text_message_bytes: #max_text_message_bytes,
                max_binary_message_bytes: #max_binary_message_bytes,
                idle_timeout_seconds: #idle_timeout_seconds,
                sockjs: #sockjs,
                shared: #shared,
                id: ::core::any::TypeId::of::<#ty>,
                mount: #private::mount::<#ty>,
            }
        }
    }

    /// How an instance is made: by the constructor, or else by `Default`, or it is the one of the application.
    fn constructor(&self, callbacks: &[Callback]) -> TokenStream {
        let (place, ty, _) = at_type(self.ty, &self.root);
        let private = self.private(place);
        if self.options.shared {
            let handshake = local("_handshake");
            let instance = quote_spanned!(place=> #private::shared_instance::<#ty>(#handshake));
            return quote!(|#handshake| ::std::boxed::Box::pin(async move { #instance }));
        }
        let constructor = callbacks
            .iter()
            .find(|callback| callback.kind == Kind::Constructor);
        let Some(constructor) = constructor else {
            return quote_spanned!(place=> #private::default_instance::<#ty>);
        };
        let handshake = local("_handshake");
        let (lets, values) = self.arguments(constructor, |argument| {
            let (place, ty, _) = at_type(&argument.ty, &self.root);
            let private = self.private(place);
            match &argument.source {
                Source::PathParam(name) => quote_spanned! {place=>
                    #private::path_param_of_handshake::<#ty, _>(#handshake, #name)?
                },
                Source::Last | Source::Typed => quote_spanned! {place=>
                    <#private::ConstructorArgument<#ty>>::take(#handshake).await?
                },
            }
        });
        let call = self.call(constructor, &values);
        let (returned_at, private) = self.returned_at(constructor);
        let constructed =
            quote_spanned!(returned_at=> #private::constructed::<#ty, _>(#call, #handshake));
        quote_spanned! {constructor.name.span()=>
            |#handshake| ::std::boxed::Box::pin(async move {
                #lets
                #constructed
            })
        }
    }

    /// The statement that registers a method.
    fn callback(&self, callback: &Callback) -> TokenStream {
        let cfgs = &callback.cfgs;
        let requirements = self.requirements(callback);
        let closure = self.closure(callback);
        let method = match callback.kind {
            Kind::OnMessage => return self.message_callback(callback, &requirements, &closure),
            Kind::OnClose => quote!(on_close),
            Kind::OnError => quote!(on_error),
            Kind::Constructor | Kind::OnOpen => quote!(on_open),
        };
        let only_one = (!cfgs.is_empty()).then(|| only_one(callback));
        let all = local("callbacks");
        let check = (callback.kind == Kind::OnError).then(|| self.takes_error(callback));
        quote! {
            #only_one
            #(#cfgs)*
            {
                #check
                #all.require(#requirements);
                #all.#method(#closure);
            }
        }
    }

    /// As [`callback`](Self::callback), with a check that no other takes the same kind of messages (JSR-13).
    fn message_callback(
        &self,
        callback: &Callback,
        requirements: &TokenStream,
        closure: &TokenStream,
    ) -> TokenStream {
        let cfgs = &callback.cfgs;
        let name = callback.name.span();
        let private = self.private(name);
        let (all, kinds, payload) = (local("callbacks"), local(KINDS), local("payload"));
        let counts = self.each_typed(callback, |place, ty, private| {
            let source = message_source(callback, place);
            let (before, rebinding) = at_place(&payload, place);
            quote_spanned! {place=>
                let #payload = {
                    #rebinding
                    #private::one_payload(#before, <#private::PayloadArgument<#ty, #private::#source>>::KIND)
                };
            }
        });
        let is_last = |argument: &&Argument| matches!(argument.source, Source::Last);
        let add = match callback.arguments.iter().find(is_last) {
            Some(last) => {
                let place = last.ty.span();
                let private = self.private(place);
                let (payload, rebinding) = at_place(&payload, place);
                let (kinds, other) = at_place(&kinds, place);
                quote_spanned!(place=> #rebinding #other #private::partial(#payload).add(#kinds))
            }
            None => {
                let (payload, rebinding) = at_place(&payload, name);
                let (kinds, other) = at_place(&kinds, name);
                quote_spanned!(name=> #rebinding #other #private::whole(#payload).add(#kinds))
            }
        };
        let partial = callback.arguments.iter().any(|argument| is_last(&argument));
        let outer = self.private(Span::call_site());
        quote! {
            #(#cfgs)*
            let #kinds = {
                let #payload = #outer::NoPayload;
                #counts
                #all.require(#requirements);
                #all.on_message(#payload, #partial, #closure);
                #add
            };
        }
    }

    /// The closure that takes the arguments and calls the method.
    fn closure(&self, callback: &Callback) -> TokenStream {
        let call = local("_call");
        let (lets, values) = self.arguments(callback, |argument| {
            let (place, ty, _) = at_type(&argument.ty, &self.root);
            let private = self.private(place);
            match &argument.source {
                Source::PathParam(name) => {
                    quote_spanned!(place=> #private::path_param::<#ty, _, _>(#call, #name)?)
                }
                Source::Last => quote_spanned!(place=> #private::is_last(#call)),
                Source::Typed if callback.kind == Kind::OnMessage => {
                    let source = message_source(callback, place);
                    quote_spanned! {place=>
                        <#private::PayloadArgument<#ty, #private::#source>>::take(#call).await?
                    }
                }
                Source::Typed => {
                    let event = event(callback.kind, &private, place);
                    quote_spanned!(place=> #private::argument::<#ty, #event, _>(#call).await?)
                }
            }
        });
        let method_call = self.call(callback, &values);
        let (returned_at, private) = self.returned_at(callback);
        let result = match callback.kind {
            Kind::OnMessage => quote_spanned!(returned_at=> #private::reply(#method_call)),
            _ => quote_spanned!(returned_at=> #private::no_reply(#method_call)),
        };
        let instance = instance();
        quote_spanned! {callback.name.span()=>
            |#instance, #call| ::std::boxed::Box::pin(async move {
                #lets
                #result
            })
        }
    }

    /// The `let`s that take the arguments, and the arguments of the call.
    fn arguments(
        &self,
        callback: &Callback,
        take: impl Fn(&Argument) -> TokenStream,
    ) -> (TokenStream, Vec<TokenStream>) {
        let mut lets = TokenStream::new();
        let mut values = Vec::new();
        let instance = instance();
        match callback.receiver {
            Receiver::None => {}
            // Through the `Arc` that all connections have.
            Receiver::Shared if self.options.shared => values.push(quote!(&**#instance)),
            Receiver::Shared => values.push(quote!(&*#instance)),
            Receiver::Mutable => values.push(quote!(&mut *#instance)),
        }
        for (index, argument) in callback.arguments.iter().enumerate() {
            let value = format_ident!("argument_{index}", span = Span::mixed_site());
            let cfgs = &argument.cfgs;
            let taken = take(argument);
            lets.extend(quote!(#(#cfgs)* let #value = #taken;));
            values.push(quote!(#(#cfgs)* #value));
        }
        (lets, values)
    }

    /// The call of the method, as a `Result` whatever it returns.
    fn call(&self, callback: &Callback, values: &[TokenStream]) -> TokenStream {
        let (ty, name) = (self.ty, &callback.name);
        let (returned_at, _) = self.returned_at(callback);
        let private = self.root.private(returned_at);
        quote_spanned! {returned_at=>
            #private::Returned(<#ty>::#name(#(#values),*).await).into_result()
        }
    }

    /// Where a mistake of the return type is reported.
    fn returned_at(&self, callback: &Callback) -> (Span, TokenStream) {
        let place = match &callback.return_type {
            ReturnType::Default => callback.name.span(),
            ReturnType::Type(_, ty) => ty.span(),
        };
        (place, self.private(place))
    }
}

/// Which kinds of messages the methods so far take.
pub(super) const KINDS: &str = "kinds";

/// A variable that nothing of the user's can be confused with.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The value of a variable, for an error at `place`: its name there, and the statement that gives it that. With the hygiene
/// of the macro, the compiler would report the error at the attribute.
pub(super) fn at_place(variable: &Ident, place: Span) -> (Ident, TokenStream) {
    let there = Ident::new(&format!("__{variable}"), place);
    let rebinding = quote!(let #there = #variable;);
    (there, rebinding)
}

/// What stands for the instance in a closure.
fn instance() -> Ident {
    local("_instance")
}

/// What a method that takes no message is called for.
fn event(kind: Kind, private: &TokenStream, place: Span) -> TokenStream {
    match kind {
        Kind::OnClose => quote_spanned!(place=> #private::CloseStatus),
        Kind::OnError => quote_spanned!(place=> #private::EndpointError),
        Kind::Constructor | Kind::OnOpen | Kind::OnMessage => quote_spanned!(place=> ()),
    }
}

/// What the payload is decoded from, if it is no text and no bytes.
fn message_source(callback: &Callback, place: Span) -> Ident {
    let name = if callback.from_binary {
        "FromBinary"
    } else {
        "FromText"
    };
    Ident::new(name, place)
}
