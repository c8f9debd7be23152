use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::Span;
use quote::quote;
use syn::{Ident, Path, parse_quote};

/// The path of the crate that the generated code names: `crate = path` if it is given, else `stomp-axum` under the
/// name it has in the user's `Cargo.toml`, else `stomp-core`.
pub(crate) fn root(chosen: Option<&Path>) -> Path {
    if let Some(path) = chosen {
        return path.clone();
    }
    // Builds without cargo have no `Cargo.toml` to look into; then it is the name that most users have.
    let name = find("stomp-axum")
        .or_else(|| find("stomp-core"))
        .unwrap_or_else(|| "stomp_axum".to_owned());
    let name = Ident::new(&name, Span::call_site());
    parse_quote!(::#name)
}

fn find(package: &str) -> Option<String> {
    match crate_name(package).ok()? {
        // Not `crate`: that would be wrong in the examples and doctests of the package. Both crates have an
        // `extern crate self`.
        FoundCrate::Itself => Some(package.replace('-', "_")),
        FoundCrate::Name(name) => Some(name),
    }
}

/// The hidden module with everything that the generated code uses.
pub(crate) fn private(chosen: Option<&Path>) -> Path {
    let root = root(chosen);
    syn::parse2(quote!(#root::__private)).expect("a path and a segment are a path")
}
