//! What the attributes of one function say together, whatever order they stand in.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    FnArg, Ident, LitInt, LitStr, ReceiverKind, ReturnType, Safety, Signature, Type, ext::IdentExt,
};

use crate::{
    args::{Attribute, Class, Kind, ReplyTargets, UserTargets},
    borrowed_stream, destination,
    errors::Errors,
    parameter::{self, Argument, Source},
};

/// One annotated function or method.
pub(crate) struct Spec {
    pub(crate) name: Ident,
    pub(crate) role: Role,
    pub(crate) reply: ReplyTargets,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) takes_self: bool,
    pub(crate) return_type: ReturnType,
    /// The `#[cfg]`s of a method, which the compiler has not looked at yet.
    pub(crate) cfgs: Vec<syn::Attribute>,
}

pub(crate) enum Role {
    /// One definition for each mapping.
    Handler(Vec<Mapping>),
    ExceptionHandler {
        global: bool,
    },
    EventListener,
}

/// `#[message_mapping]` or `#[subscribe_mapping]`.
pub(crate) struct Mapping {
    pub(crate) kind: Kind,
    pub(crate) patterns: Vec<LitStr>,
    pub(crate) parallel: Option<LitInt>,
}

/// The attributes of one item, at most one of each kind.
#[derive(Default)]
pub(crate) struct Attributes {
    all: Vec<Attribute>,
}

impl Attributes {
    /// Checks each attribute on its own.
    pub(crate) fn new(attributes: Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut all: Vec<Attribute> = Vec::new();
        for attribute in attributes {
            let kind = attribute.kind;
            match kind {
                Kind::MessageMapping | Kind::SubscribeMapping => {
                    destination::check_patterns(kind, &attribute.destinations, errors);
                }
                Kind::SendTo | Kind::SendToUser => {
                    destination::check_targets(kind, &attribute.destinations, errors);
                }
                Kind::ExceptionHandler | Kind::EventListener => {}
            }
            if all.iter().any(|earlier| earlier.kind == kind) {
                errors.push(attribute.error(format!(
                    "`#[{}]` is there twice; write one with the arguments of both",
                    kind.name()
                )));
            } else {
                all.push(attribute);
            }
        }
        Self { all }
    }

    pub(crate) fn get(&self, kind: Kind) -> Option<&Attribute> {
        self.all.iter().find(|attribute| attribute.kind == kind)
    }

    /// Whether they make a function a handler, if all is right.
    pub(crate) fn has_role(&self) -> bool {
        let roles = [
            Kind::MessageMapping,
            Kind::SubscribeMapping,
            Kind::ExceptionHandler,
            Kind::EventListener,
        ];
        self.all
            .iter()
            .any(|attribute| roles.contains(&attribute.kind))
    }

    pub(crate) fn first(&self) -> Option<&Attribute> {
        self.all.first()
    }

    /// The classes that enclosing `mod`s have passed on.
    pub(crate) fn inherited_classes(&self) -> Vec<Class> {
        self.all
            .iter()
            .flat_map(|attribute| attribute.classes.clone())
            .collect()
    }

    pub(crate) fn crate_path(&self) -> Option<&syn::Path> {
        self.all
            .iter()
            .find_map(|attribute| attribute.crate_path.as_ref())
    }

    /// What they say as those of an `impl` or `mod`, which `item` names.
    pub(crate) fn into_class(self, item: &str, errors: &mut Errors) -> Class {
        let has_mapping = self.get(Kind::MessageMapping).is_some();
        let mut class = Class::default();
        for attribute in self.all {
            let name = attribute.kind.name();
            match attribute.kind {
                Kind::SubscribeMapping => errors.push(attribute.error(
                    "`#[subscribe_mapping]` has no class-level form; the patterns of `#[message_mapping]` count for \
                     both kinds of handlers",
                )),
                Kind::ExceptionHandler | Kind::EventListener => errors.push(
                    attribute.error(format!("`#[{name}]` belongs on an `async fn`, not on {item}")),
                ),
                Kind::SendTo | Kind::SendToUser if !has_mapping => {
                    errors.push(attribute.error(format!(
                        "`#[{name}]` needs a `#[message_mapping]` on the same item; it is recognised by that name only"
                    )));
                }
                Kind::MessageMapping | Kind::SendTo | Kind::SendToUser => class.add(attribute),
            }
        }
        class
    }

    fn reply(&self) -> ReplyTargets {
        ReplyTargets {
            send_to: self
                .get(Kind::SendTo)
                .map(|attribute| attribute.destinations.clone()),
            send_to_user: self.get(Kind::SendToUser).map(|attribute| UserTargets {
                destinations: attribute.destinations.clone(),
                broadcast: attribute.broadcast,
            }),
        }
    }
}

impl Spec {
    /// Combines the attributes of a function with its signature, from which the attributes of the arguments are taken
    /// away. `None` if it is no handler at all, or none that can be understood.
    pub(crate) fn new(
        attributes: &Attributes,
        signature: &mut Signature,
        classes: &[Class],
        errors: &mut Errors,
    ) -> Option<Self> {
        if let Some(listener) = attributes.get(Kind::EventListener) {
            return Some(Self::of_listener(listener, attributes, signature, errors));
        }
        let exception = attributes.get(Kind::ExceptionHandler);
        let role = match exception {
            Some(exception) => Some(Role::ExceptionHandler {
                global: exception.global,
            }),
            None => mappings(attributes, classes, errors).map(Role::Handler),
        };
        if let Some(exception) = exception
            && let Some(mapping) = [Kind::MessageMapping, Kind::SubscribeMapping]
                .into_iter()
                .find(|kind| attributes.get(*kind).is_some())
        {
            errors.push(exception.error(format!(
                "a function is either a message handler or an exception handler: remove this, or `#[{}]`",
                mapping.name()
            )));
        }
        check_signature(signature, "a handler", errors);
        check_receiver(signature, errors);
        borrowed_stream::check(signature, errors);
        let arguments = parameter::drain(signature, exception.is_some(), errors);
        let spec = Self {
            name: signature.ident.clone(),
            role: role?,
            reply: attributes.reply(),
            arguments,
            takes_self: signature.receiver().is_some(),
            return_type: signature.output.clone(),
            cfgs: Vec::new(),
        };
        if attributes.all.iter().all(|attribute| attribute.is_complete) {
            spec.check_variables(classes, errors);
        }
        Some(spec)
    }

    fn of_listener(
        listener: &Attribute,
        attributes: &Attributes,
        signature: &mut Signature,
        errors: &mut Errors,
    ) -> Self {
        for other in &attributes.all {
            let name = other.kind.name();
            match other.kind {
                Kind::EventListener => {}
                Kind::SendTo | Kind::SendToUser => errors.push(other.error(format!(
                    "an event listener has no reply: remove `#[{name}]`, take a `MessagingTemplate`, and send with it"
                ))),
                Kind::MessageMapping | Kind::SubscribeMapping | Kind::ExceptionHandler => {
                    errors.push(listener.error(format!(
                        "a function takes either events or messages: remove this, or `#[{name}]`"
                    )));
                }
            }
        }
        check_signature(signature, "an event listener", errors);
        check_receiver(signature, errors);
        Self {
            name: signature.ident.clone(),
            role: Role::EventListener,
            reply: ReplyTargets::default(),
            arguments: parameter::drain_of_listener(signature, errors),
            takes_self: signature.receiver().is_some(),
            return_type: signature.output.clone(),
            cfgs: Vec::new(),
        }
    }

    /// Checks that every variable that is used is one of the patterns', and that none is used by its name only. Those of
    /// an exception handler are the failed handler's, which only the routing table knows.
    fn check_variables(&self, classes: &[Class], errors: &mut Errors) {
        let Role::Handler(mappings) = &self.role else {
            return;
        };
        let of_classes = classes.iter().flat_map(|class| &class.patterns);
        let own = mappings.iter().flat_map(|mapping| &mapping.patterns);
        let Some(variables) = destination::variables(of_classes.chain(own)) else {
            return;
        };
        for target in self.reply.destinations() {
            destination::check_target_variables(target, &variables, errors);
        }
        for argument in &self.arguments {
            match (&argument.source, &argument.name) {
                (Source::DestinationVariable(name), _)
                    if !name.text.is_empty() && !variables.contains(&name.text) =>
                {
                    errors.push(syn::Error::new(
                        name.span,
                        format!(
                            "no pattern of this handler has the variable `{{{}}}`{}",
                            name.text,
                            destination::known(&variables)
                        ),
                    ));
                }
                // Else a `String` would silently be the payload.
                (Source::Extractor, Some(name))
                    if variables.contains(&name.unraw().to_string()) =>
                {
                    errors.at(
                        name,
                        format!(
                            "`{}` is a variable of the destination: write `#[destination_variable] {name}: ..`, or \
                             give the argument another name",
                            name.unraw()
                        ),
                    );
                }
                _ => {}
            }
        }
    }

    /// Replaces `Self`, which has no meaning beside the `impl`, by the controller's type.
    pub(crate) fn replace_self(&mut self, controller: &Type) {
        for argument in &mut self.arguments {
            replace_self(&mut argument.ty, controller);
            if let Source::Error(parameter::HandledError::Of(ty)) = &mut argument.source {
                replace_self(ty, controller);
            }
        }
    }
}

/// The mappings that have a pattern. One without any, neither its own nor one of its class, is an error (MM-4), unless
/// the other mapping of the function has one (MM-6).
fn mappings(
    attributes: &Attributes,
    classes: &[Class],
    errors: &mut Errors,
) -> Option<Vec<Mapping>> {
    let given: Vec<_> = [Kind::MessageMapping, Kind::SubscribeMapping]
        .into_iter()
        .filter_map(|kind| attributes.get(kind))
        .collect();
    let Some(first) = given.first() else {
        if let Some(attribute) = attributes.first() {
            errors.push(attribute.error(format!(
                "`#[{}]` needs a `#[message_mapping]` on the same function; it is recognised by that name only",
                attribute.kind.name()
            )));
        }
        return None;
    };
    let class_has_pattern = classes.iter().any(|class| !class.patterns.is_empty());
    let mappings: Vec<_> = given
        .iter()
        .filter(|mapping| class_has_pattern || !mapping.destinations.is_empty())
        .map(|mapping| Mapping {
            kind: mapping.kind,
            patterns: mapping.destinations.clone(),
            parallel: mapping.parallel.clone(),
        })
        .collect();
    if mappings.is_empty() {
        if given.iter().any(|mapping| !mapping.is_complete) {
            return None;
        }
        let name = first.kind.name();
        errors.push(first.error(format!(
            "`#[{name}]` needs a destination: `#[{name}(\"/destination\")]`"
        )));
        return None;
    }
    Some(mappings)
}

/// Checks what is the same for all functions that are called for messages and events; `what` says which it is.
pub(crate) fn check_signature(signature: &Signature, what: &str, errors: &mut Errors) {
    if signature.asyncness.is_none() {
        let name = &signature.ident;
        errors.at(
            signature.fn_token,
            format!("{what} must be async: `async fn {name}`"),
        );
    }
    if let Some(parameter) = signature.generics.params.first() {
        errors.at(
            parameter,
            format!(
                "{what} can't be generic: nothing says which types or lifetimes it is called with"
            ),
        );
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.at(
            token,
            format!("{what} can't be unsafe: messages come from anywhere"),
        );
    }
}

/// A controller is one instance, for all messages.
fn check_receiver(signature: &Signature, errors: &mut Errors) {
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first()
        && !matches!(receiver.kind, ReceiverKind::Reference(_, _, None))
    {
        errors.at(
            receiver,
            "messages are handled at the same time, by one instance: take `&self`, and keep what changes in a lock",
        );
    }
}

/// Replaces the token `Self`. In a type it stands for nothing else.
fn replace_self(ty: &mut Type, replacement: &Type) {
    fn replaced(tokens: TokenStream, replacement: &Type) -> TokenStream {
        tokens
            .into_iter()
            .flat_map(|token| match token {
                TokenTree::Ident(ident) if ident == "Self" => replacement.to_token_stream(),
                TokenTree::Group(group) => {
                    let mut replaced = proc_macro2::Group::new(
                        group.delimiter(),
                        replaced(group.stream(), replacement),
                    );
                    replaced.set_span(group.span());
                    TokenTree::from(replaced).into()
                }
                other => other.into(),
            })
            .collect()
    }
    *ty = Type::Verbatim(replaced(ty.to_token_stream(), replacement));
}
