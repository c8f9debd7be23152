use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Expr, Ident, LitStr, Path, Token, ext::IdentExt, parse::ParseStream};

use super::template::Template;
use crate::{
    args::{equals, parse_each},
    errors::Errors,
};

const EXPECTED: &str = "one of `sub_protocols = [\"chat\"]`, `allowed_origins = [\"https://shop.example.com\"]`, \
     `allowed_origin_patterns = [\"https://*.example.com\"]`, `max_text_message_bytes = 4096`, \
     `max_binary_message_bytes = 4096`, `idle_timeout_seconds = 300`, `sockjs`, `shared`, `crate = path`";

/// The arguments of `#[server_endpoint]`.
#[derive(Default)]
pub(super) struct Options {
    pub(super) path: Option<LitStr>,
    /// `None` if there is no path, or none that is right.
    pub(super) template: Option<Template>,
    pub(super) sub_protocols: Vec<LitStr>,
    pub(super) allowed_origins: Vec<LitStr>,
    pub(super) allowed_origin_patterns: Vec<LitStr>,
    pub(super) max_text_message_bytes: Option<Expr>,
    pub(super) max_binary_message_bytes: Option<Expr>,
    pub(super) idle_timeout_seconds: Option<Expr>,
    pub(super) sockjs: bool,
    pub(super) shared: bool,
    pub(super) crate_path: Option<Path>,
}

impl Options {
    pub(super) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let mut seen: Vec<String> = Vec::new();
        let is_complete = parse_each(arguments, errors, |input, errors| {
            options.parse_one(input, &mut seen, errors)
        });
        if let Some(path) = &options.path {
            options.template = Template::parse(path, errors);
        } else if is_complete {
            errors.push(syn::Error::new(
                Span::call_site(),
                "the endpoint needs a path: `#[server_endpoint(\"/chat/{room}\")]`",
            ));
        }
        options
    }

    fn parse_one(
        &mut self,
        input: ParseStream<'_>,
        seen: &mut Vec<String>,
        errors: &mut Errors,
    ) -> syn::Result<()> {
        if input.peek(LitStr) {
            let path: LitStr = input.parse()?;
            if self.path.is_some() {
                errors.at(
                    path,
                    "an endpoint has one path; write another endpoint for another one",
                );
            } else {
                self.path = Some(path);
            }
            return Ok(());
        }
        let Ok(option) = input.fork().call(Ident::parse_any) else {
            return Err(syn::Error::new_spanned(
                input.parse::<Expr>()?,
                "the path must be a string literal: the macro checks it, and can't see the value of a constant",
            ));
        };
        let name = option.to_string();
        if seen.contains(&name) {
            errors.at(&option, format!("`{name}` is there twice"));
        }
        match name.as_str() {
            "sub_protocols" => {
                self.sub_protocols = strings(input, "sub_protocols = [\"chat\"]", errors)?;
                check_sub_protocols(&self.sub_protocols, errors);
            }
            "allowed_origins" => {
                self.allowed_origins = strings(
                    input,
                    "allowed_origins = [\"https://shop.example.com\"]",
                    errors,
                )?;
            }
            "allowed_origin_patterns" => {
                self.allowed_origin_patterns = strings(
                    input,
                    "allowed_origin_patterns = [\"https://*.example.com\"]",
                    errors,
                )?;
            }
            "max_text_message_bytes" => {
                equals(input, "max_text_message_bytes = 4096")?;
                self.max_text_message_bytes = Some(input.parse()?);
            }
            "max_binary_message_bytes" => {
                equals(input, "max_binary_message_bytes = 4096")?;
                self.max_binary_message_bytes = Some(input.parse()?);
            }
            "idle_timeout_seconds" => {
                equals(input, "idle_timeout_seconds = 300")?;
                self.idle_timeout_seconds = Some(input.parse()?);
            }
            "sockjs" => self.sockjs = flag(input)?,
            "shared" => self.shared = flag(input)?,
            "crate" if input.peek2(Token![=]) => {
                input.call(Ident::parse_any)?;
                input.parse::<Token![=]>()?;
                self.crate_path = Some(Path::parse_mod_style(input)?);
            }
            "path" | "value" if input.peek2(Token![=]) => {
                return Err(input.error("the path has no name: write `\"/chat\"`"));
            }
            _ if input.peek2(Token![=]) => {
                return Err(input.error(format!("unknown option `{name}`; expected {EXPECTED}")));
            }
            _ => {
                return Err(syn::Error::new_spanned(
                    input.parse::<Expr>()?,
                    format!("expected the path, as a string literal, or {EXPECTED}"),
                ));
            }
        }
        seen.push(name);
        Ok(())
    }
}

/// `shared`, which has no value.
fn flag(input: ParseStream<'_>) -> syn::Result<bool> {
    let option = input.call(Ident::parse_any)?;
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(true);
    }
    Err(syn::Error::new(
        option.span(),
        format!("this has no value: write `{option}`, or leave it out"),
    ))
}

/// `name = ["one", "another"]`
fn strings(input: ParseStream<'_>, example: &str, errors: &mut Errors) -> syn::Result<Vec<LitStr>> {
    equals(input, example)?;
    let value: Expr = input.parse()?;
    let Expr::Array(array) = &value else {
        return Err(syn::Error::new_spanned(
            value,
            format!("expected a list of string literals: `{example}`"),
        ));
    };
    if array.elems.is_empty() {
        return Err(syn::Error::new_spanned(
            array,
            format!("the list is empty; leave it out, or write `{example}`"),
        ));
    }
    let mut strings = Vec::new();
    for element in &array.elems {
        match syn::parse2::<LitStr>(element.to_token_stream()) {
            Ok(string) => strings.push(string),
            Err(_) => errors.at(
                element,
                format!("expected a string literal, as in `{example}`"),
            ),
        }
    }
    Ok(strings)
}

/// Names of sub-protocols are tokens of HTTP: anything else can't stand in the header.
fn check_sub_protocols(sub_protocols: &[LitStr], errors: &mut Errors) {
    let is_token_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    for (index, sub_protocol) in sub_protocols.iter().enumerate() {
        let value = sub_protocol.value();
        if value.is_empty() || !value.bytes().all(is_token_byte) {
            errors.at(
                sub_protocol,
                "a sub-protocol is a word of letters, digits, and characters such as `.` and `-`",
            );
        }
        let is_same = |earlier: &LitStr| earlier.value().eq_ignore_ascii_case(&value);
        if sub_protocols[..index].iter().any(is_same) {
            errors.at(sub_protocol, "the sub-protocol is there twice");
        }
    }
}
