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
    refuse_cfg_attr_of(attributes, errors, |path| Kind::of(path).map(Kind::name));
}

/// As [`refuse_cfg_attr`], for the attributes that `name_of` has a name for.
pub(crate) fn refuse_cfg_attr_of(
    attributes: &mut Vec<syn::Attribute>,
    errors: &mut Errors,
    name_of: impl Fn(&Path) -> Option<&'static str>,
) {
    attributes.retain(|attribute| {
        let ours = conditional(attribute, &name_of);
        for (path, name) in &ours {
            errors.at(
                path,
                format!(
                    "`#[{name}]` can't be seen here, since the compiler resolves `cfg_attr` after the macro of the \
                     enclosing item; put a `#[cfg]` on the whole function instead"
                ),
            );
        }
        ours.is_empty()
    });
}

/// Which of our attributes stand in a `cfg_attr`.
fn conditional(
    attribute: &syn::Attribute,
    name_of: impl Fn(&Path) -> Option<&'static str>,
) -> Vec<(Path, &'static str)> {
    if !attribute.path().is_ident("cfg_attr") {
        return Vec::new();
    }
    let arguments = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let attributes = arguments.into_iter().flatten().skip(1);
    let ours = attributes.filter_map(|meta| Some((meta.path().clone(), name_of(meta.path())?)));
    ours.collect()
}
