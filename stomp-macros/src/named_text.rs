//! `#[header("name")]` and the like: attributes of parameters that name a text, which the argument is converted from.

use proc_macro2::Span;
use syn::{
    Ident, LitStr, PatType, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    spanned::Spanned,
};

use crate::{errors::Errors, parameter::parameter_name};

/// Where the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextKind {
    Header,
    DestinationVariable,
    PathParam,
}

/// One of these attributes.
pub(crate) struct NamedText {
    pub(crate) kind: TextKind,
    pub(crate) name: Name,
    pub(crate) default: Option<LitStr>,
}

/// A name, and where it was written.
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl TextKind {
    /// Which of `kinds` the attribute is.
    pub(crate) fn of(attribute: &syn::Attribute, kinds: &[Self]) -> Option<Self> {
        let path = attribute.path();
        let mut kinds = kinds.iter().copied();
        kinds.find(|kind| path.is_ident(kind.attribute()))
    }

    fn attribute(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::DestinationVariable => "destination_variable",
            Self::PathParam => "path_param",
        }
    }

    /// Why it has no options; `None` if it has some.
    fn no_options(self) -> Option<&'static str> {
        match self {
            Self::Header => None,
            Self::DestinationVariable => Some(
                "a destination variable has no options: it is always there when its pattern matches",
            ),
            Self::PathParam => {
                Some("a path parameter has no options: it is always there when its path matches")
            }
        }
    }
}

/// Takes the attributes of `kinds` away from a parameter, of which there may be one.
pub(crate) fn drain(
    parameter: &mut PatType,
    kinds: &[TextKind],
    errors: &mut Errors,
) -> Option<NamedText> {
    let own_name = parameter_name(&parameter.pat);
    let mut named: Option<NamedText> = None;
    let is_ours = |attribute: &mut syn::Attribute| TextKind::of(attribute, kinds).is_some();
    for attribute in parameter.attrs.extract_if(.., is_ours) {
        if named.is_some() {
            errors.at(&attribute, "an argument comes from one place only");
            continue;
        }
        let kind = TextKind::of(&attribute, kinds)?;
        let arguments = match &attribute.meta {
            syn::Meta::Path(_) => Default::default(),
            syn::Meta::List(list) => list.tokens.clone(),
            syn::Meta::NameValue(name_value) => {
                errors.at(name_value, "write the name in parentheses: `(\"name\")`");
                Default::default()
            }
        };
        let mut given = None;
        let mut default = None;
        let parser =
            |input: ParseStream<'_>| parse_arguments(input, kind, &mut given, &mut default);
        if let Err(error) = parser.parse2(arguments) {
            errors.push(error);
        }
        let name = match (given, &own_name) {
            (Some(literal), _) => {
                if literal.value().is_empty() {
                    errors.at(&literal, "a name can't be empty");
                }
                Name {
                    text: literal.value(),
                    span: literal.span(),
                }
            }
            (None, Some(ident)) => Name {
                text: ident.unraw().to_string(),
                span: ident.span(),
            },
            (None, None) => {
                errors.at(
                    &attribute,
                    "the parameter is a pattern without a name of its own; write the name here: `(\"name\")`",
                );
                Name {
                    text: String::new(),
                    span: attribute.span(),
                }
            }
        };
        named = Some(NamedText {
            kind,
            name,
            default,
        });
    }
    named
}

/// `"name"`, `default = "text"`
fn parse_arguments(
    input: ParseStream<'_>,
    kind: TextKind,
    name: &mut Option<LitStr>,
    default: &mut Option<LitStr>,
) -> syn::Result<()> {
    while !input.is_empty() {
        if input.peek(LitStr) && name.is_none() {
            *name = Some(input.parse()?);
        } else {
            let option: Ident = input.fork().call(Ident::parse_any).map_err(|error| {
                syn::Error::new(error.span(), "expected the name, as a string literal")
            })?;
            if let Some(why) = kind.no_options() {
                return Err(syn::Error::new(option.span(), why));
            }
            if option != "default" {
                return Err(syn::Error::new(
                    option.span(),
                    format!(
                        "unknown option `{option}`; expected `default = \"text\"`, or make the argument an `Option`"
                    ),
                ));
            }
            input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            *default = Some(input.parse().map_err(|error| {
                syn::Error::new(
                    error.span(),
                    "the default is text, as it would stand in the frame: `default = \"1\"`",
                )
            })?);
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}
