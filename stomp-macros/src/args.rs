//! The grammar of our attributes.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Expr, Ident, LitBool, LitInt, LitStr, MacroDelimiter, Meta, MetaList, Path, Token,
    ext::IdentExt,
    parenthesized,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
    token::{Brace, Bracket},
};

use crate::errors::Errors;

/// Which of our attributes it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    MessageMapping,
    SubscribeMapping,
    SendTo,
    SendToUser,
    ExceptionHandler,
    EventListener,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::MessageMapping,
        Self::SubscribeMapping,
        Self::SendTo,
        Self::SendToUser,
        Self::ExceptionHandler,
        Self::EventListener,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MessageMapping => "message_mapping",
            Self::SubscribeMapping => "subscribe_mapping",
            Self::SendTo => "send_to",
            Self::SendToUser => "send_to_user",
            Self::ExceptionHandler => "message_exception_handler",
            Self::EventListener => "event_listener",
        }
    }

    /// Recognises an attribute by the last segment of its path, since a macro can't resolve names.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let last = path.segments.last()?;
        Self::ALL.into_iter().find(|kind| last.ident == kind.name())
    }

    fn options(self) -> &'static str {
        match self {
            Self::MessageMapping => "one of `parallel = 4`, `crate = path`",
            Self::SubscribeMapping | Self::SendTo | Self::EventListener => "`crate = path`",
            Self::SendToUser => "one of `broadcast = false`, `crate = path`",
            Self::ExceptionHandler => "one of `global`, `crate = path`",
        }
    }
}

/// One of our attributes, as it stands at an item.
pub(crate) struct Attribute {
    pub(crate) kind: Kind,
    /// Where errors about the attribute as a whole point.
    pub(crate) span: Span,
    pub(crate) destinations: Vec<LitStr>,
    /// Whether all of its arguments were understood.
    pub(crate) is_complete: bool,
    pub(crate) crate_path: Option<Path>,
    pub(crate) broadcast: bool,
    pub(crate) global: bool,
    /// How many messages of one session are handled at the same time.
    pub(crate) parallel: Option<LitInt>,
    /// What the enclosing `mod`s have passed on, outermost first.
    pub(crate) classes: Vec<Class>,
}

impl Attribute {
    /// Reads the arguments. After a mistake it goes on behind the next comma.
    pub(crate) fn parse(
        kind: Kind,
        span: Span,
        arguments: TokenStream,
        errors: &mut Errors,
    ) -> Self {
        let mut attribute = Self {
            kind,
            span,
            destinations: Vec::new(),
            is_complete: true,
            crate_path: None,
            broadcast: true,
            global: false,
            parallel: None,
            classes: Vec::new(),
        };
        attribute.is_complete = parse_each(arguments, errors, |input, errors| {
            attribute.parse_argument(input, errors)
        });
        attribute
    }

    fn parse_argument(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let takes_destinations = !matches!(self.kind, Kind::ExceptionHandler | Kind::EventListener);
        if takes_destinations && input.peek(LitStr) {
            self.destinations.push(input.parse()?);
            return Ok(());
        }
        let word = input
            .fork()
            .call(Ident::parse_any)
            .ok()
            .map(|word| word.to_string());
        match word.as_deref() {
            Some("crate") if input.peek2(Token![=]) => {
                input.call(Ident::parse_any)?;
                input.parse::<Token![=]>()?;
                self.crate_path = Some(Path::parse_mod_style(input)?);
            }
            Some("broadcast") if self.kind == Kind::SendToUser => {
                equals(input, "broadcast = false")?;
                self.broadcast = input.parse::<LitBool>()?.value;
            }
            Some("parallel") if self.kind == Kind::MessageMapping => {
                equals(input, "parallel = 4")?;
                self.parallel = Some(parallel(input)?);
            }
            Some("global") if self.kind == Kind::ExceptionHandler => {
                input.call(Ident::parse_any)?;
                self.global = true;
            }
            Some("__class") => {
                input.call(Ident::parse_any)?;
                let content;
                parenthesized!(content in input);
                self.classes.push(Class::parse(&content, errors)?);
            }
            Some("value" | "path" | "destination" | "destinations")
                if takes_destinations && input.peek2(Token![=]) =>
            {
                return Err(input.error(
                    "destinations have no name: write `\"/one\"`, or `\"/one\", \"/two\"`",
                ));
            }
            Some(option) if input.peek2(Token![=]) => {
                return Err(input.error(format!(
                    "unknown option `{option}`; expected {}",
                    self.kind.options()
                )));
            }
            _ if takes_destinations && (input.peek(Bracket) || input.peek(Brace)) => {
                return Err(syn::Error::new_spanned(
                    input.parse::<TokenTree>()?,
                    "destinations have no brackets: write `\"/one\", \"/two\"`",
                ));
            }
            _ if takes_destinations => {
                return Err(syn::Error::new_spanned(
                    input.parse::<Expr>()?,
                    "a destination must be a string literal: the macro checks it, and can't see the value of a \
                     constant",
                ));
            }
            _ if self.kind == Kind::EventListener => {
                return Err(syn::Error::new_spanned(
                    input.parse::<Expr>()?,
                    format!(
                        "expected {}; which event it listens to is said by the type of its first argument, such as \
                         `event: SessionConnectedEvent`",
                        self.kind.options()
                    ),
                ));
            }
            _ => {
                return Err(syn::Error::new_spanned(
                    input.parse::<Expr>()?,
                    format!(
                        "expected {}; which error it handles is said by the type of its argument, such as \
                         `error: &TradeError`",
                        self.kind.options()
                    ),
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn error(&self, message: impl std::fmt::Display) -> syn::Error {
        syn::Error::new(self.span, message)
    }
}

/// Reads arguments that commas separate, one by one; after a mistake it goes on behind the next comma. Whether there was
/// none.
pub(crate) fn parse_each(
    arguments: TokenStream,
    errors: &mut Errors,
    mut parse_one: impl FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) -> bool {
    let mut is_complete = true;
    let all = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = parse_one(input, errors) {
                errors.push(error);
                is_complete = false;
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.step(|cursor| {
                        Ok(((), cursor.token_tree().map_or(*cursor, |(_, rest)| rest)))
                    })?;
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = all.parse2(arguments) {
        errors.push(error);
        is_complete = false;
    }
    is_complete
}

/// The name of an option, and what stands between it and its value.
pub(crate) fn equals(input: ParseStream<'_>, example: &str) -> syn::Result<()> {
    let option = input.call(Ident::parse_any)?;
    match input.parse::<Option<Token![=]>>()? {
        Some(_) => Ok(()),
        None => Err(syn::Error::new(
            option.span(),
            format!("this needs a value: `{example}`"),
        )),
    }
}

/// How many messages of one session a handler takes at the same time: a number, which is not zero.
fn parallel(input: ParseStream<'_>) -> syn::Result<LitInt> {
    let is_number = |number: &LitInt| number.base10_parse::<usize>().is_ok();
    match input.fork().parse::<LitInt>() {
        Ok(number) if number.base10_digits() == "0" => Err(syn::Error::new(
            number.span(),
            "a handler that takes no messages at all would block its sessions for ever; 1 takes one after another",
        )),
        Ok(number) if is_number(&number) => input.parse(),
        _ => Err(syn::Error::new_spanned(
            input.parse::<Expr>()?,
            "expected how many messages of one session are handled at the same time, as a number: `parallel = 4`",
        )),
    }
}

/// The argument of an attribute whose own arguments have been taken.
const TAKEN: &str = "__taken";

/// Takes the arguments of our attributes at an item.
///
/// The attributes stay, as `#[send_to(__taken)]`, and then expand to nothing: so that the compiler resolves their names,
/// without which it would call their imports unused, and an editor could not find their documentation.
pub(crate) fn drain(attributes: &mut [syn::Attribute], errors: &mut Errors) -> Vec<Attribute> {
    let mut drained = Vec::new();
    for attribute in attributes {
        if let Meta::List(list) = &attribute.meta
            && is_taken(&list.tokens)
        {
            continue;
        }
        if let Some(ours) = Attribute::from_meta(&attribute.meta, errors) {
            drained.push(ours);
            let taken = Ident::new(TAKEN, Span::call_site());
            attribute.meta = Meta::List(MetaList {
                path: attribute.path().clone(),
                delimiter: MacroDelimiter::Paren(Default::default()),
                tokens: taken.into_token_stream(),
            });
        }
    }
    drained
}

/// Whether the arguments of an attribute have been taken.
pub(crate) fn is_taken(arguments: &TokenStream) -> bool {
    syn::parse2::<Ident>(arguments.clone()).is_ok_and(|argument| argument == TAKEN)
}

impl Attribute {
    fn from_meta(meta: &Meta, errors: &mut Errors) -> Option<Self> {
        let kind = Kind::of(meta.path())?;
        let arguments = match meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens.clone(),
            Meta::NameValue(name_value) => {
                errors.at(
                    name_value,
                    format!("write `{}(..)` instead of `=`", kind.name()),
                );
                TokenStream::new()
            }
        };
        let span = meta.path().segments.last()?.ident.span();
        Some(Self::parse(kind, span, arguments, errors))
    }
}

/// What `#[message_mapping]`, `#[send_to]` and `#[send_to_user]` of an `impl` or `mod` say to everything in it.
#[derive(Clone, Default)]
pub(crate) struct Class {
    pub(crate) patterns: Vec<LitStr>,
    pub(crate) reply: ReplyTargets,
    pub(crate) parallel: Option<LitInt>,
    pub(crate) crate_path: Option<Path>,
}

/// The targets of `#[send_to]` and `#[send_to_user]`.
#[derive(Clone, Default)]
pub(crate) struct ReplyTargets {
    pub(crate) send_to: Option<Vec<LitStr>>,
    pub(crate) send_to_user: Option<UserTargets>,
}

/// The arguments of `#[send_to_user]`.
#[derive(Clone)]
pub(crate) struct UserTargets {
    pub(crate) destinations: Vec<LitStr>,
    pub(crate) broadcast: bool,
}

impl ReplyTargets {
    pub(crate) fn is_empty(&self) -> bool {
        self.send_to.is_none() && self.send_to_user.is_none()
    }

    /// All destinations of both attributes.
    pub(crate) fn destinations(&self) -> impl Iterator<Item = &LitStr> {
        let to_user = self.send_to_user.iter().flat_map(|user| &user.destinations);
        self.send_to.iter().flatten().chain(to_user)
    }
}

impl Class {
    /// The counterpart of the `ToTokens` below.
    fn parse(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Self> {
        let mut class = Self::default();
        for meta in Punctuated::<Meta, Token![,]>::parse_terminated(input)? {
            if let Some(attribute) = Attribute::from_meta(&meta, errors) {
                class.add(attribute);
            }
        }
        Ok(class)
    }

    pub(crate) fn add(&mut self, attribute: Attribute) {
        match attribute.kind {
            Kind::MessageMapping => {
                self.patterns = attribute.destinations;
                self.parallel = attribute.parallel;
            }
            Kind::SendTo => self.reply.send_to = Some(attribute.destinations),
            Kind::SendToUser => {
                self.reply.send_to_user = Some(UserTargets {
                    destinations: attribute.destinations,
                    broadcast: attribute.broadcast,
                });
            }
            Kind::SubscribeMapping | Kind::ExceptionHandler | Kind::EventListener => {}
        }
        self.crate_path = self.crate_path.take().or(attribute.crate_path);
    }
}

/// The hidden argument by which a `mod` passes its class on to what stands in it.
impl ToTokens for Class {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let patterns = &self.patterns;
        let parallel = self.parallel.iter();
        let crate_path = self.crate_path.iter();
        let send_to = self
            .reply
            .send_to
            .iter()
            .map(|destinations| quote!(send_to(#(#destinations),*)));
        let send_to_user = self.reply.send_to_user.iter().map(|user| {
            let (destinations, broadcast) = (&user.destinations, user.broadcast);
            quote!(send_to_user(#(#destinations,)* broadcast = #broadcast))
        });
        tokens.extend(quote! {
            __class(message_mapping(#(#patterns,)* #(parallel = #parallel,)* #(crate = #crate_path)*) #(, #send_to)* #(, #send_to_user)*)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: Kind, arguments: TokenStream) -> (Attribute, Vec<String>) {
        let mut errors = Errors::default();
        let attribute = Attribute::parse(kind, Span::call_site(), arguments, &mut errors);
        (attribute, errors.messages())
    }

    #[test]
    fn destinations_and_options_come_in_any_order() {
        let (attribute, errors) = parse(
            Kind::SendToUser,
            quote!("/queue/a", broadcast = false, "/queue/b", crate = a::b,),
        );
        assert_eq!(errors, [""; 0]);
        assert!(!attribute.broadcast);
        let destinations: Vec<_> = attribute.destinations.iter().map(LitStr::value).collect();
        assert_eq!(destinations, ["/queue/a", "/queue/b"]);
        assert!(attribute.crate_path.unwrap().segments.len() == 2);
    }

    #[test]
    fn all_mistakes_of_the_arguments_are_found() {
        let (_, errors) = parse(
            Kind::SendTo,
            quote!(broadcast = true, PREFIX, concat!("/a", "/b"), "/a" "/b"),
        );
        assert_eq!(errors.len(), 4, "{errors:#?}");
        assert_eq!(
            errors[0],
            "unknown option `broadcast`; expected `crate = path`"
        );
        assert!(errors[1].starts_with("a destination must be a string literal"));
        assert!(errors[2].starts_with("a destination must be a string literal"));
        assert_eq!(errors[3], "expected `,`");
    }

    #[test]
    fn a_class_is_passed_on_as_it_is() {
        let class = quote! {
            __class(message_mapping("/a", "/b", parallel = 4, crate = x), send_to("/topic/{y}"), send_to_user("/q", broadcast = false))
        };
        let (attribute, errors) = parse(Kind::SendTo, quote!(#class, __class(message_mapping())));
        assert_eq!(errors, [""; 0]);
        let [outer, inner] = attribute.classes.as_slice() else {
            panic!("two classes are expected")
        };
        assert_eq!(outer.to_token_stream().to_string(), class.to_string());
        assert!(inner.patterns.is_empty() && inner.reply.is_empty());
    }
}
