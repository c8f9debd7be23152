//! The parameters of a handler: where each of its arguments comes from.

use quote::ToTokens;
use syn::{
    FnArg, GenericArgument, Ident, LitStr, Pat, PatType, PathArguments, Signature, Type,
    TypeParamBound, TypeReference,
};

use crate::{
    errors::Errors,
    named_text::{self, Name, NamedText, TextKind},
};

/// The attributes of parameters of handlers.
const OURS: [TextKind; 2] = [TextKind::Header, TextKind::DestinationVariable];

/// One argument of the call that the generated code makes.
pub(crate) struct Argument {
    /// The `#[cfg]`s of the parameter, which the compiler has not looked at yet.
    pub(crate) cfgs: Vec<syn::Attribute>,
    /// `None` if the parameter is a pattern that takes the value apart.
    pub(crate) name: Option<Ident>,
    pub(crate) ty: Type,
    pub(crate) source: Source,
}

pub(crate) enum Source {
    /// An extractor, or the payload: the compiler decides by the type.
    Extractor,
    /// `#[header]`
    Header { name: Name, default: Option<LitStr> },
    /// `#[destination_variable]`
    DestinationVariable(Name),
    /// The error that an exception handler handles.
    Error(HandledError),
    /// Of an exception handler that has no reference to an error: the error itself, an extractor, or the payload. The
    /// compiler decides by the type.
    ErrorOrExtractor,
    /// The event that a listener listens to.
    Event,
    /// What the application provides to a listener.
    Application,
}

/// What an exception handler's argument says about the errors that it takes (EX-2).
pub(crate) enum HandledError {
    /// `&TradeError`: errors of this type.
    Of(Box<Type>),
    /// `&(dyn Error + Send + Sync)`: every error.
    Any,
    /// `&BoxError`: every error.
    Boxed,
    /// `TradeError`, as the only argument: errors of this type, by value.
    Taken,
    /// `BoxError`: every error, by value.
    TakenBox,
}

impl Argument {
    fn can_be_error(&self) -> bool {
        matches!(self.source, Source::Error(_) | Source::ErrorOrExtractor)
    }
}

/// Reads the parameters, without the receiver, and takes our attributes away from them.
pub(crate) fn drain(
    signature: &mut Signature,
    is_exception_handler: bool,
    errors: &mut Errors,
) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    let mut has_error = false;
    for parameter in &mut signature.inputs {
        let FnArg::Typed(parameter) = parameter else {
            continue;
        };
        let source = match drain_attributes(parameter, errors) {
            Some(source) => source,
            None => match referenced(&parameter.ty) {
                Some(reference) if is_exception_handler && !has_error => {
                    has_error = true;
                    Source::Error(handled_error(reference, errors))
                }
                _ => Source::Extractor,
            },
        };
        if !matches!(source, Source::Error(_)) {
            check_type(&parameter.ty, errors);
        }
        arguments.push(Argument {
            cfgs: cfgs(&parameter.attrs),
            name: parameter_name(&parameter.pat),
            ty: (*parameter.ty).clone(),
            source,
        });
    }
    if is_exception_handler && !has_error {
        look_for_error_by_value(&mut arguments);
        if !arguments.iter().any(Argument::can_be_error) {
            errors.at(
                &signature.ident,
                "an exception handler takes one error, by reference or by value: `error: &TradeError`, also as a \
                 source of another error, or `error: TradeError`; `BoxError` is every error",
            );
        }
    }
    arguments
}

/// The error of an exception handler that has no reference to one: a `BoxError`, or any argument whose type the compiler
/// finds to be an error.
fn look_for_error_by_value(arguments: &mut [Argument]) {
    let plain = |argument: &&mut Argument| matches!(argument.source, Source::Extractor);
    let boxed = arguments.iter_mut().filter(plain).find(|argument| {
        matches!(peel(&argument.ty), Type::Path(path) if path.path.segments.last().is_some_and(is_box_error))
    });
    if let Some(boxed) = boxed {
        boxed.source = Source::Error(HandledError::TakenBox);
        return;
    }
    let mut candidates: Vec<_> = arguments.iter_mut().filter(plain).collect();
    if let [only] = &mut candidates[..]
        && only.cfgs.is_empty()
    {
        only.source = Source::Error(HandledError::Taken);
        return;
    }
    for argument in candidates {
        argument.source = Source::ErrorOrExtractor;
    }
}

/// Reads the parameters of an event listener: first the event, then what the application provides.
pub(crate) fn drain_of_listener(signature: &mut Signature, errors: &mut Errors) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    for parameter in &mut signature.inputs {
        let FnArg::Typed(parameter) = parameter else {
            continue;
        };
        let is_ours = |attribute: &mut syn::Attribute| TextKind::of(attribute, &OURS).is_some();
        for attribute in parameter.attrs.extract_if(.., is_ours) {
            errors.at(
                &attribute,
                "an event listener has no message of its own; take this from the event, if it has a `message()`",
            );
        }
        check_type(&parameter.ty, errors);
        arguments.push(Argument {
            cfgs: cfgs(&parameter.attrs),
            name: parameter_name(&parameter.pat),
            ty: (*parameter.ty).clone(),
            source: if arguments.is_empty() {
                Source::Event
            } else {
                Source::Application
            },
        });
    }
    match arguments.first() {
        None => errors.at(
            &signature.ident,
            "an event listener takes the event as its first argument: `event: SessionConnectedEvent`",
        ),
        Some(event) => {
            if let Some(cfg) = event.cfgs.first() {
                errors.at(
                    cfg,
                    "the event can't be left out: put the `#[cfg]` on the whole function",
                );
            }
        }
    }
    arguments
}

/// The `#[cfg]`s among `attributes`.
pub(crate) fn cfgs(attributes: &[syn::Attribute]) -> Vec<syn::Attribute> {
    let cfgs = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"));
    cfgs.cloned().collect()
}

/// Takes `#[header]` and `#[destination_variable]` away from a parameter.
fn drain_attributes(parameter: &mut PatType, errors: &mut Errors) -> Option<Source> {
    let NamedText {
        kind,
        name,
        default,
    } = named_text::drain(parameter, &OURS, errors)?;
    if kind != TextKind::Header {
        return Some(Source::DestinationVariable(name));
    }
    check_header_name(&name, errors);
    Some(Source::Header { name, default })
}

/// Refuses Spring's names of what is no text, and those that Spring does not have either: no header of a frame is ever
/// looked at for them (AR-11).
fn check_header_name(name: &Name, errors: &mut Errors) {
    const TEXT: [&str; 5] = [
        "simpDestination",
        "simpMessageType",
        "simpSessionId",
        "simpSubscriptionId",
        "simpUser",
    ];
    let text = name.text.as_str();
    let hint = match text {
        "simpSessionAttributes" => "take the argument `SessionAttributes` instead",
        "nativeHeaders" => "take the argument `Headers` instead",
        _ if text.starts_with("simp")
            && text[4..].starts_with(|first: char| first.is_ascii_uppercase())
            && !TEXT.contains(&text) =>
        {
            "there are `simpDestination`, `simpMessageType`, `simpSessionId`, `simpSubscriptionId` and `simpUser`; for a \
             header of the frame, write `nativeHeaders.` in front of its name"
        }
        _ => return,
    };
    errors.push(syn::Error::new(
        name.span,
        format!("`{text}` is no header that is text: {hint}"),
    ));
}

pub(crate) fn parameter_name(pattern: &Pat) -> Option<Ident> {
    match pattern {
        Pat::Ident(pattern) => Some(pattern.ident.clone()),
        _ => None,
    }
}

/// Refuses types that no argument can have, with a better message than the compiler's.
pub(crate) fn check_type(ty: &Type, errors: &mut Errors) {
    if let Type::ImplTrait(ty) = peel(ty) {
        errors.at(
            ty,
            "a handler can't be generic: nothing says of which type the argument is",
        );
    }
    let ty = payload_type(ty);
    if let Type::Reference(reference) = ty {
        let hint = match owned(peel(&reference.elem)) {
            Some(owned) => format!("; take {owned}"),
            None => String::new(),
        };
        errors.at(
            reference,
            format!("a handler owns its arguments, so that they can live as long as it runs{hint}"),
        );
    }
}

/// What is taken from the message in the end: the `T` of `Option<T>`, `Json<T>` and the like. A reference may still be
/// part of a `State`.
fn payload_type(ty: &Type) -> &Type {
    let ty = peel(ty);
    let Type::Path(path) = ty else {
        return ty;
    };
    let Some(last) = path.path.segments.last() else {
        return ty;
    };
    let wrappers = [
        "Option", "Result", "Payload", "Json", "Message", "Valid", "Vec",
    ];
    match &last.arguments {
        PathArguments::AngleBracketed(arguments)
            if wrappers.iter().any(|name| last.ident == name) =>
        {
            match arguments.args.first() {
                Some(GenericArgument::Type(ty)) => payload_type(ty),
                _ => ty,
            }
        }
        _ => ty,
    }
}

/// What to take instead of a reference.
fn owned(referenced: &Type) -> Option<String> {
    Some(match referenced {
        Type::Path(path) if path.path.is_ident("str") => "`String`".to_owned(),
        Type::Slice(slice) if slice.elem.to_token_stream().to_string() == "u8" => {
            "`Bytes` or `Vec<u8>`".to_owned()
        }
        Type::Slice(slice) => format!("`Vec<{}>`", slice.elem.to_token_stream()),
        Type::Path(path) => format!("`{}`", path.to_token_stream()),
        _ => return None,
    })
}

fn handled_error(reference: &TypeReference, errors: &mut Errors) -> HandledError {
    if let Some(mutability) = &reference.mutability {
        errors.at(
            mutability,
            "an exception handler can't change the error; take it by `&`",
        );
    }
    match peel(&reference.elem) {
        Type::TraitObject(object) => {
            let is_sync = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Trait(bound) if bound.path.is_ident("Sync"));
            if !object.bounds.iter().any(is_sync) {
                errors.at(
                    object,
                    "a handler may move between threads; take `&(dyn Error + Send + Sync)`",
                );
            }
            HandledError::Any
        }
        Type::Path(path) if path.path.segments.last().is_some_and(is_box_error) => {
            HandledError::Boxed
        }
        ty => HandledError::Of(Box::new(ty.clone())),
    }
}

/// `BoxError`, or `Box<dyn ..>`.
fn is_box_error(segment: &syn::PathSegment) -> bool {
    if segment.ident == "BoxError" {
        return true;
    }
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return false;
    };
    segment.ident == "Box"
        && matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if matches!(peel(ty), Type::TraitObject(_)))
}

fn referenced(ty: &Type) -> Option<&TypeReference> {
    match peel(ty) {
        Type::Reference(reference) => Some(reference),
        _ => None,
    }
}

/// The type without parentheses, and without the invisible ones of a `macro_rules!` parameter.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        other => other,
    }
}
