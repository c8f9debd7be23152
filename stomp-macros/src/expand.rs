//! From specs to code.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Ident, LitStr, ReturnType, Type, Visibility, ext::IdentExt, spanned::Spanned};

use crate::{
    args::{Class, Kind, ReplyTargets},
    parameter::{Argument, HandledError, Source},
    paths::{Root, located},
    spec::{Role, Spec},
};

/// What all functions of one item have in common.
pub(crate) struct Scope<'a> {
    pub(crate) root: &'a Root,
    /// Outermost first.
    pub(crate) classes: &'a [Class],
    pub(crate) controller: Option<Controller<'a>>,
}

/// The type of an annotated `impl`.
pub(crate) struct Controller<'a> {
    pub(crate) ty: &'a Type,
    pub(crate) name: String,
    pub(crate) needs_instance: bool,
}

/// The name of the static that holds what an item registers. `handlers!` finds it by that name.
pub(crate) fn static_name(item: &Ident) -> Ident {
    format_ident!("__stomp_handlers_{}", item.unraw(), span = item.span())
}

/// The static, and its entry in the inventory.
pub(crate) fn registrations(
    root: &Root,
    visibility: &Visibility,
    item: &Ident,
    registrations: &[TokenStream],
) -> TokenStream {
    let name = static_name(item);
    let private = root.private(Span::call_site());
    // One item, so that a method outside of a controller gets as few errors as possible. The inventory holds the same
    // slice as the static: the routing table knows by its address that it has a handler already.
    quote! {
        #[doc(hidden)]
        #[allow(
            deprecated,
            non_upper_case_globals,
            unreachable_pub,
            unused_qualifications,
            clippy::all,
            clippy::nursery,
            clippy::pedantic,
            clippy::restriction,
            reason = "generated code"
        )]
        #visibility static #name: #private::Registrations = {
            static REGISTRATIONS: &[#private::Registration] = &[#(#registrations),*];
            #private::submit! { #private::Registrations(REGISTRATIONS) }
            #private::Registrations(REGISTRATIONS)
        };
    }
}

impl Spec {
    /// The `Registration`s of the function.
    pub(crate) fn expand(&self, scope: &Scope<'_>) -> Vec<TokenStream> {
        let private = &scope.root.private(Span::call_site());
        let function = self.function(scope);
        let reply = reply_targets(&self.reply, private);
        let class_reply = reply_targets(class_reply(scope.classes), private);
        let requirements = self.requirements(scope.root);
        let invoke = self.invoke(scope);
        let cfgs = &self.cfgs;
        match &self.role {
            Role::Handler(mappings) => {
                let class_patterns = scope
                    .classes
                    .iter()
                    .filter(|class| !class.patterns.is_empty())
                    .map(|class| slice(&class.patterns));
                let class_patterns = quote!(&[#(#class_patterns),*]);
                mappings
                    .iter()
                    .map(|mapping| {
                        let kind = match mapping.kind {
                            Kind::SubscribeMapping => quote!(Subscribe),
                            _ => quote!(Message),
                        };
                        let patterns = slice(&mapping.patterns);
                        let of_class = || {
                            scope
                                .classes
                                .iter()
                                .rev()
                                .find_map(|class| class.parallel.as_ref())
                        };
                        let parallel = match mapping.parallel.as_ref().or_else(of_class) {
                            Some(number) => quote!(::core::num::NonZeroUsize::new(#number)),
                            None => quote!(::core::option::Option::None),
                        };
                        quote! {
                            #(#cfgs)*
                            #private::Registration::Handler(#private::HandlerDefinition {
                                function: #function,
                                kind: #private::HandlerKind::#kind,
                                class_patterns: #class_patterns,
                                patterns: #patterns,
                                parallel: #parallel,
                                reply: #reply,
                                class_reply: #class_reply,
                                requirements: #requirements,
                                invoke: #invoke,
                            })
                        }
                    })
                    .collect()
            }
            Role::ExceptionHandler { global } => {
                let error = self.error_type(scope.root);
                vec![quote! {
                    #(#cfgs)*
                    #private::Registration::ExceptionHandler(#private::ExceptionHandlerDefinition {
                        function: #function,
                        global: #global,
                        error: #error,
                        reply: #reply,
                        class_reply: #class_reply,
                        requirements: #requirements,
                        invoke: #invoke,
                    })
                }]
            }
            Role::EventListener => {
                let takes = self.takes_event(scope.root);
                vec![quote! {
                    #(#cfgs)*
                    #private::Registration::EventListener(#private::EventListenerDefinition {
                        function: #function,
                        takes: #takes,
                        requirements: #requirements,
                        invoke: #invoke,
                    })
                }]
            }
        }
    }

    fn function(&self, scope: &Scope<'_>) -> TokenStream {
        let private = scope.root.private(Span::call_site());
        let own_name = self.name.unraw();
        let (name, controller) = match &scope.controller {
            None => (own_name.to_string(), quote!(::core::option::Option::None)),
            Some(Controller {
                ty,
                name,
                needs_instance,
            }) => {
                let controller = quote! {
                    ::core::option::Option::Some(#private::ControllerType {
                        name: #name,
                        id: ::core::any::TypeId::of::<#ty>,
                        needs_instance: #needs_instance,
                    })
                };
                (format!("{name}::{own_name}"), controller)
            }
        };
        // `line!` gives the line of its own tokens.
        let line = quote_spanned!(self.name.span()=> ::core::line!());
        quote! {
            #private::Function {
                name: #name,
                module: ::core::module_path!(),
                file: ::core::file!(),
                line: #line,
                controller: #controller,
            }
        }
    }

    fn requirements(&self, root: &Root) -> TokenStream {
        let requirements = Ident::new("_requirements", Span::mixed_site());
        let import = self.exception_import(root);
        let private = root.private(Span::call_site());
        let calls = self.arguments.iter().filter_map(
            |Argument {
                 cfgs, ty, source, ..
             }| {
                let (place, ty, private) = at_type(ty, root);
                let probe = match source {
                    Source::Extractor | Source::ErrorOrExtractor => quote_spanned!(place=> Probe),
                    Source::Application => quote_spanned!(place=> ProbedInListener),
                    Source::Event
                    | Source::Header { .. }
                    | Source::DestinationVariable(_)
                    | Source::Error(_) => {
                        return None;
                    }
                };
                Some(quote_spanned! {place=>
                    #(#cfgs)* #private::#probe::<#ty>::new().requirements(#requirements);
                })
            },
        );
        let count = self.count_errors(root);
        let probed = match self.role {
            Role::EventListener => quote!(ProbedApplicationArgument),
            _ => quote!(ProbedArgument),
        };
        quote! {
            |#requirements| {
                use #private::{NotProbed as _, #probed as _};
                #import
                #(#calls)*
                #count
            }
        }
    }

    /// What an exception handler needs that may take the error by value.
    fn exception_import(&self, root: &Root) -> Option<TokenStream> {
        self.candidates().next()?;
        let private = root.private(Span::call_site());
        Some(quote!(use #private::OtherExceptionArgument as _;))
    }

    /// The closure that takes the arguments and calls the function. Each step stands at the place that the user has
    /// to look at if it does not compile: the type of an argument, the return type, the function's name.
    fn invoke(&self, scope: &Scope<'_>) -> TokenStream {
        let context = Ident::new("_context", Span::mixed_site());
        let error = Ident::new("_error", Span::mixed_site());
        let event = Ident::new("_event", Span::mixed_site());
        let mut lets = Vec::new();
        let mut values = Vec::new();
        if self.takes_self
            && let Some(Controller { ty, .. }) = &scope.controller
        {
            values.push(quote!(#context.controller::<#ty>()));
        }
        for (
            index,
            Argument {
                cfgs, ty, source, ..
            },
        ) in self.arguments.iter().enumerate()
        {
            let value = format_ident!("argument_{index}", span = Span::mixed_site());
            let (place, ty, private) = at_type(ty, scope.root);
            let taken = match source {
                Source::Extractor => quote_spanned! {place=>
                    #private::extract::<#ty, _>(#context).await?
                },
                Source::Header { name, default } => {
                    let name = &name.text;
                    let default = option(default.as_ref());
                    quote_spanned! {place=> #private::header::<#ty, _>(#context, #name, #default)? }
                }
                Source::DestinationVariable(name) => {
                    let name = &name.text;
                    quote_spanned! {place=> #private::destination_variable::<#ty, _>(#context, #name)? }
                }
                Source::Error(HandledError::Of(ty)) => {
                    let (place, ty, private) = at_type(ty, scope.root);
                    quote_spanned!(place=> #private::find_error::<#ty>(#error))
                }
                Source::Error(HandledError::Any) => quote!(&**#private::any_error(#error)),
                Source::Error(HandledError::Boxed) => quote!(#private::any_error(#error)),
                Source::Error(HandledError::Taken) => {
                    quote_spanned!(place=> #private::take_error::<#ty>(#error))
                }
                Source::Error(HandledError::TakenBox) => quote!(#private::take_any_error(#error)),
                Source::ErrorOrExtractor => quote_spanned! {place=>
                    <#private::ExceptionArgument<#ty>>::take(#context, #error).await?
                },
                Source::Event => quote_spanned!(place=> #private::event::<#ty>(#event)),
                Source::Application => {
                    quote_spanned!(place=> #private::listener_argument::<#ty>(#context))
                }
            };
            lets.push(quote!(#(#cfgs)* let #value = #taken;));
            values.push(quote!(#(#cfgs)* #value));
        }
        let name = &self.name;
        let callee = match &scope.controller {
            Some(Controller { ty, .. }) => quote!(<#ty>::#name),
            None => quote!(#name),
        };
        let returned_at = match &self.return_type {
            ReturnType::Default => name.span(),
            ReturnType::Type(_, ty) => ty.span(),
        };
        let private = scope.root.private(returned_at);
        let returned = quote_spanned! {returned_at=>
            #private::Returned(#callee(#(#values),*).await).into_result()
        };
        let reply = match self.role {
            Role::EventListener => quote_spanned!(returned_at=> #private::listened(#returned)),
            _ => quote_spanned! {returned_at=>
                #private::reply(#context, #returned.map(|value| #private::Items(value).into_items()))
            },
        };
        let parameters = match self.role {
            Role::Handler(_) => quote!(#context),
            Role::ExceptionHandler { .. } => quote!(#context, #error),
            Role::EventListener => quote!(#context, #event),
        };
        let private = scope.root.private(Span::call_site());
        let import = quote!(use #private::{OtherItems as _, ReturnedValue as _};);
        let exception_import = self.exception_import(scope.root);
        quote_spanned! {name.span()=>
            |#parameters| ::std::boxed::Box::pin(async move {
                #import
                #exception_import
                #(#lets)*
                #reply
            })
        }
    }

    /// The function that says which events a listener takes.
    fn takes_event(&self, root: &Root) -> TokenStream {
        match self.arguments.first() {
            Some(event) => {
                let (place, ty, private) = at_type(&event.ty, root);
                let import = quote!(use #private::{NotProbed as _, ProbedEvent as _};);
                quote_spanned! {place=>
                    |kind| {
                        #import
                        #private::ProbedInListener::<#ty>::new().takes(kind)
                    }
                }
            }
            // Not without an error.
            None => TokenStream::new(),
        }
    }

    fn error_type(&self, root: &Root) -> TokenStream {
        let private = root.private(Span::call_site());
        let handled = self
            .arguments
            .iter()
            .find_map(|argument| match &argument.source {
                Source::Error(error) => Some((error, &argument.ty)),
                _ => None,
            });
        let Some((handled, argument)) = handled else {
            return self.error_among_arguments(root);
        };
        let (ty, by_value) = match handled {
            HandledError::Of(ty) => (Some(&**ty), false),
            HandledError::Any | HandledError::Boxed => (None, false),
            HandledError::Taken => (Some(argument), true),
            HandledError::TakenBox => (None, true),
        };
        let (name, matches) = match ty {
            Some(ty) => {
                let name = type_name(ty);
                let (place, ty, private) = at_type(ty, root);
                let matches = quote_spanned!(place=> #private::error_match::<#ty>);
                (name, option(Some(matches)))
            }
            None => ("dyn Error".to_owned(), option(None::<TokenStream>)),
        };
        quote!(#private::ErrorType { name: #name, matches: #matches, by_value: #by_value })
    }

    /// The arguments of an exception handler that may be the error.
    fn candidates(&self) -> impl Iterator<Item = &Argument> {
        let is_candidate =
            |argument: &&Argument| matches!(argument.source, Source::ErrorOrExtractor);
        self.arguments.iter().filter(is_candidate)
    }

    /// The error is the argument whose type is an error, which only the compiler knows.
    fn error_among_arguments(&self, root: &Root) -> TokenStream {
        let private = root.private(Span::call_site());
        let import = self.exception_import(root);
        let arguments = self.candidates().map(|Argument { cfgs, ty, .. }| {
            let name = type_name(ty);
            let (place, ty, private) = at_type(ty, root);
            quote_spanned! {place=>
                #(#cfgs)*
                (#name, <#private::ExceptionArgument<#ty>>::MATCHES)
            }
        });
        quote!({ #import #private::error_among(&[#(#arguments),*]) })
    }

    /// Has the compiler check that one of the arguments is an error, and one only.
    fn count_errors(&self, root: &Root) -> Option<TokenStream> {
        self.candidates().next()?;
        let private = root.private(Span::call_site());
        let name = self.name.span();
        let count = Ident::new("count", Span::mixed_site());
        let steps = self.candidates().map(|Argument { cfgs, ty, .. }| {
            let (place, ty, private) = at_type(ty, root);
            quote_spanned! {place=>
                #(#cfgs)*
                let #count =
                    #private::count_argument(#count, <#private::ExceptionArgument<#ty>>::KIND);
            }
        });
        let count_at_name = Ident::new("count", name.resolved_at(Span::mixed_site()));
        let check = quote_spanned!(name=> #private::takes_one_error(#count_at_name););
        Some(quote! {
            let #count = #private::NoError;
            #(#steps)*
            #check
        })
    }
}

/// A type as it was written, for logs and errors.
fn type_name(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}

/// The place of a type, and the type and the `__private` module for use at that place.
pub(crate) fn at_type(ty: &Type, root: &Root) -> (Span, TokenStream, TokenStream) {
    let place = ty.span();
    (place, located(ty, place), root.private(place))
}

/// The reply targets of the closest class that has some (RV-15).
fn class_reply(classes: &[Class]) -> &ReplyTargets {
    const NONE: &ReplyTargets = &ReplyTargets {
        send_to: None,
        send_to_user: None,
    };
    let mut replies = classes.iter().rev().map(|class| &class.reply);
    replies.find(|reply| !reply.is_empty()).unwrap_or(NONE)
}

fn reply_targets(targets: &ReplyTargets, private: &TokenStream) -> TokenStream {
    let send_to = option(targets.send_to.as_deref().map(slice));
    let send_to_user = option(targets.send_to_user.as_ref().map(|user| {
        let destinations = slice(&user.destinations);
        let broadcast = user.broadcast;
        quote!(#private::UserTargets { destinations: #destinations, broadcast: #broadcast })
    }));
    quote!(#private::ReplyTargets { send_to: #send_to, send_to_user: #send_to_user })
}

fn slice(literals: &[LitStr]) -> TokenStream {
    quote!(&[#(#literals),*])
}

pub(crate) fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
