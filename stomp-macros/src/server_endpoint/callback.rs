use proc_macro2::Span;
use syn::{FnArg, Ident, ImplItemFn, Meta, Path, ReceiverKind, ReturnType};

use super::{
    argument::{self, Argument},
    options::Options,
};
use crate::{errors::Errors, parameter, spec};

/// What a method is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Constructor,
    OnOpen,
    OnMessage,
    OnClose,
    OnError,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Constructor,
        Self::OnOpen,
        Self::OnMessage,
        Self::OnClose,
        Self::OnError,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Constructor => "constructor",
            Self::OnOpen => "on_open",
            Self::OnMessage => "on_message",
            Self::OnClose => "on_close",
            Self::OnError => "on_error",
        }
    }

    pub(super) fn of(path: &Path) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| path.is_ident(kind.name()))
    }

    /// With its article, for errors.
    fn described(self) -> &'static str {
        match self {
            Self::Constructor => "a `#[constructor]`",
            Self::OnOpen => "an `#[on_open]`",
            Self::OnMessage => "an `#[on_message]`",
            Self::OnClose => "an `#[on_close]`",
            Self::OnError => "an `#[on_error]`",
        }
    }
}

/// An annotated method.
pub(super) struct Callback {
    pub(super) kind: Kind,
    /// Where errors about its attribute point.
    pub(super) attribute: Span,
    pub(super) name: Ident,
    pub(super) cfgs: Vec<syn::Attribute>,
    pub(super) receiver: Receiver,
    pub(super) arguments: Vec<Argument>,
    pub(super) return_type: ReturnType,
    /// `#[on_message(binary)]`: what the payload is decoded from.
    pub(super) from_binary: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiver {
    None,
    Shared,
    Mutable,
}

impl Callback {
    /// Takes our attributes away from a method and its parameters; `None` if there are none.
    pub(super) fn take(
        method: &mut ImplItemFn,
        options: &Options,
        errors: &mut Errors,
    ) -> Option<Self> {
        let is_ours = |attribute: &mut syn::Attribute| Kind::of(attribute.path()).is_some();
        let ours: Vec<_> = method.attrs.extract_if(.., is_ours).collect();
        let (first, others) = ours.split_first()?;
        let kind = Kind::of(first.path())?;
        for other in others {
            errors.at(
                other,
                format!("`{}` is {} already", method.sig.ident, kind.described()),
            );
        }
        let attribute = first.path().segments.first()?.ident.span();
        let from_binary = takes_binary(kind, &first.meta, errors);
        if kind == Kind::Constructor && options.shared {
            errors.push(syn::Error::new(
                attribute,
                "a `shared` endpoint has no constructor: the application gives one instance to the builder",
            ));
        }
        let cfgs = parameter::cfgs(&method.attrs);
        if kind == Kind::Constructor
            && let Some(cfg) = cfgs.first()
        {
            errors.at(
                cfg,
                "the constructor can't be left out: put the `#[cfg]` on what stands in it, or on the whole `impl`",
            );
        }
        spec::check_signature(&method.sig, kind.described(), errors);
        let receiver = receiver(kind, method, options, errors);
        let arguments = argument::drain(kind, &mut method.sig, options.template.as_ref(), errors);
        Some(Self {
            kind,
            attribute,
            name: method.sig.ident.clone(),
            cfgs,
            receiver,
            arguments,
            return_type: method.sig.output.clone(),
            from_binary,
        })
    }
}

/// Whether it is `#[on_message(binary)]`; the others have no arguments.
fn takes_binary(kind: Kind, meta: &Meta, errors: &mut Errors) -> bool {
    match meta {
        Meta::Path(_) => false,
        Meta::List(list) if kind == Kind::OnMessage => {
            let is_binary = list
                .parse_args::<Ident>()
                .is_ok_and(|argument| argument == "binary");
            if !is_binary {
                errors.at(
                    list,
                    "which messages it takes is said by the type of its payload; only what is decoded from binary \
                     messages is `#[on_message(binary)]`",
                );
            }
            is_binary
        }
        Meta::List(_) | Meta::NameValue(_) => {
            errors.at(meta, format!("write `#[{}]` alone", kind.name()));
            false
        }
    }
}

fn receiver(kind: Kind, method: &ImplItemFn, options: &Options, errors: &mut Errors) -> Receiver {
    let Some(FnArg::Receiver(receiver)) = method.sig.inputs.first() else {
        return Receiver::None;
    };
    if kind == Kind::Constructor {
        errors.at(
            receiver,
            "a constructor makes the instance: it has no `self`, and returns `Self` or a `Result` of it",
        );
        return Receiver::None;
    }
    match &receiver.kind {
        ReceiverKind::Reference(_, _, Some(mutability)) => {
            if options.shared {
                errors.at(
                    mutability,
                    "all connections have a `shared` endpoint at the same time: take `&self`, and keep what changes in a \
                     lock",
                );
            }
            Receiver::Mutable
        }
        ReceiverKind::Reference(_, _, None) => Receiver::Shared,
        _ => {
            errors.at(
                receiver,
                if options.shared {
                    "the endpoint lives on: take `&self`"
                } else {
                    "the endpoint lives as long as its connection: take `&mut self` or `&self`"
                },
            );
            Receiver::Shared
        }
    }
}
