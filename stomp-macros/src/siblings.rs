//! What stands beside the attribute that is being expanded.

use syn::{Meta, Path, Token, punctuated::Punctuated};

use crate::{
    args::{self, Attribute, Class, Kind},
    errors::Errors,
    spec::Attributes,
};

/// All of our attributes at an item: the one that is being expanded, and its siblings.
pub(crate) fn attributes(
    first: Attribute,
    siblings: &mut [syn::Attribute],
    errors: &mut Errors,
) -> Attributes {
    let mut all = vec![first];
    all.extend(args::drain(siblings, errors));
    Attributes::new(all, errors)
}

/// The `crate = path` of the item, or of the closest class around it.
pub(crate) fn crate_path<'a>(own: Option<&'a Path>, classes: &'a [Class]) -> Option<&'a Path> {
    own.or_else(|| {
        classes
            .iter()
            .rev()
            .find_map(|class| class.crate_path.as_ref())
    })
}

/// The compiler resolves `cfg_attr` of the annotated item itself, but not of what stands in it.
pub(crate) fn refuse_cfg_attr(attributes: &mut Vec<syn::Attribute>, errors: &mut Errors) {
    attributes.retain(|attribute| {
        let ours = conditional(attribute);
        for (path, kind) in &ours {
            errors.at(
                path,
                format!(
                    "`#[{}]` can't be seen here, since the compiler resolves `cfg_attr` after the macro of the \
                     enclosing item; put a `#[cfg]` on the whole function instead",
                    kind.name()
                ),
            );
        }
        ours.is_empty()
    });
}

/// Which of our attributes stand in a `cfg_attr`.
fn conditional(attribute: &syn::Attribute) -> Vec<(Path, Kind)> {
    if !attribute.path().is_ident("cfg_attr") {
        return Vec::new();
    }
    let arguments = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let attributes = arguments.into_iter().flatten().skip(1);
    let ours = attributes.filter_map(|meta| Some((meta.path().clone(), Kind::of(meta.path())?)));
    ours.collect()
}
