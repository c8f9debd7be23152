//! Streams that handlers return.

use quote::ToTokens;
use syn::{
    FnArg, GenericArgument, PathArguments, ReturnType, Signature, Type, TypeImplTrait,
    TypeParamBound,
};

use crate::{errors::Errors, parameter::peel};

/// Finds a stream that would borrow from what is gone before it is; the compiler says of it no more than that some
/// "lifetime may not live long enough".
pub(crate) fn check(signature: &Signature, errors: &mut Errors) {
    let is_borrowed = |argument: &FnArg| match argument {
        FnArg::Receiver(_) => true,
        FnArg::Typed(argument) => matches!(peel(&argument.ty), Type::Reference(_)),
    };
    let ReturnType::Type(_, returned) = &signature.output else {
        return;
    };
    if signature.inputs.iter().any(is_borrowed)
        && let Some(stream) = borrowing_stream(returned)
    {
        errors.at(
            stream,
            format!(
                "a stream outlives what the handler refers to, and must not borrow from it: write `{} + use<>`",
                stream.to_token_stream().to_string().replace(" < ", "<").replace(" >", ">")
            ),
        );
    }
}

/// An `impl Stream<..>` that captures the lifetimes of all arguments.
fn borrowing_stream(ty: &Type) -> Option<&TypeImplTrait> {
    match peel(ty) {
        Type::ImplTrait(ty) => {
            let is_stream = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Trait(bound) if bound.path.segments.last().is_some_and(|last| last.ident == "Stream"));
            let says_what = |bound: &TypeParamBound| {
                matches!(
                    bound,
                    TypeParamBound::PreciseCapture(_) | TypeParamBound::Lifetime(_)
                )
            };
            let is_borrowing = ty.bounds.iter().any(is_stream) && !ty.bounds.iter().any(says_what);
            is_borrowing.then_some(ty)
        }
        Type::Path(path) => {
            let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
            else {
                return None;
            };
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => borrowing_stream(ty),
                _ => None,
            })
        }
        _ => None,
    }
}
