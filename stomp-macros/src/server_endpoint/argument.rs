//! The parameters of an endpoint's methods: where each argument comes from.

use syn::{FnArg, Ident, Signature, Type, ext::IdentExt};

use super::{callback::Kind, template::Template};
use crate::{
    errors::Errors,
    named_text::{self, Name, TextKind},
    parameter,
};

/// One argument of the call that the generated code makes.
pub(super) struct Argument {
    /// The `#[cfg]`s of the parameter, which the compiler has not looked at yet.
    pub(super) cfgs: Vec<syn::Attribute>,
    pub(super) ty: Type,
    pub(super) source: Source,
}

pub(super) enum Source {
    /// `#[path_param]`
    PathParam(String),
    /// `last: bool` of an `#[on_message]`: it takes parts of messages.
    Last,
    /// What it is, the compiler decides by the type.
    Typed,
}

/// Reads the parameters, without the receiver, and takes our attributes away from them.
pub(super) fn drain(
    kind: Kind,
    signature: &mut Signature,
    template: Option<&Template>,
    errors: &mut Errors,
) -> Vec<Argument> {
    let mut arguments = Vec::new();
    for parameter in &mut signature.inputs {
        let FnArg::Typed(parameter) = parameter else {
            continue;
        };
        let name = parameter::parameter_name(&parameter.pat);
        parameter::check_type(&parameter.ty, errors);
        let source = match named_text::drain(parameter, &[TextKind::PathParam], errors) {
            Some(named) => {
                check_known(&named.name, template, errors);
                Source::PathParam(named.name.text)
            }
            None if kind == Kind::OnMessage && is_last(name.as_ref(), &parameter.ty) => {
                Source::Last
            }
            None => {
                check_no_path_param(name.as_ref(), template, errors);
                Source::Typed
            }
        };
        arguments.push(Argument {
            cfgs: parameter::cfgs(&parameter.attrs),
            ty: (*parameter.ty).clone(),
            source,
        });
    }
    arguments
}

/// JSR-16: in Jakarta an unknown name is `null`.
fn check_known(name: &Name, template: Option<&Template>, errors: &mut Errors) {
    if let Some(template) = template
        && !name.text.is_empty()
        && !template.parameters.contains(&name.text)
    {
        errors.push(syn::Error::new(
            name.span,
            format!(
                "the path has no parameter `{{{}}}`{}",
                name.text,
                template.known()
            ),
        ));
    }
}

/// Else a `String` would silently be the payload.
fn check_no_path_param(name: Option<&Ident>, template: Option<&Template>, errors: &mut Errors) {
    if let Some(template) = template
        && let Some(name) = name
        && template.parameters.contains(&name.unraw().to_string())
    {
        errors.at(
            name,
            format!(
                "`{}` is a parameter of the path: write `#[path_param] {name}: ..`, or give the argument another name",
                name.unraw()
            ),
        );
    }
}

/// Whether it is `last: bool`, the flag of parts of messages (JSR-13). Only its name tells it from a payload.
fn is_last(name: Option<&Ident>, ty: &Type) -> bool {
    name.is_some_and(|name| name == "last" || name == "_last")
        && matches!(parameter::peel(ty), Type::Path(path) if path.path.is_ident("bool"))
}
