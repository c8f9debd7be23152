//! A class-level pattern together with a method-level one.

use super::{DestinationPattern, PatternError, Separator};

/// Why a class-level and a method-level pattern cannot be combined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CombineError {
    /// The class-level pattern is invalid.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// Both end in a file extension, but in different ones.
    #[error(
        "cannot combine the patterns `{class}` and `{method}`: they end in different file extensions; \
         leave the extension out of one of them"
    )]
    DifferentExtensions {
        /// The class-level pattern.
        class: String,
        /// The method-level pattern.
        method: String,
    },
}

/// Puts a class-level pattern before a method-level one, as `#[message_mapping]` on both does (AP-20).
///
/// The first rule that applies:
///
/// 1. one is blank: the other alone;
/// 2. `class` has no variable, is not equal to `method`, but matches it: `method` alone;
/// 3. `class` ends in `/*`: `method` in place of the `*`;
/// 4. `class` ends in `/**`, has a variable or no `*.`, or the separator is `.`: joined by exactly one separator;
/// 5. otherwise `class` stands for a file extension, as in `/*.json`: `method` with that extension.
///
/// ```
/// use stomp_axum::pattern::{Separator, combine};
///
/// assert_eq!(combine("/trade", "/buy", Separator::Slash)?, "/trade/buy");
/// assert_eq!(combine("/trade/*", "/buy", Separator::Slash)?, "/trade/buy");
/// assert_eq!(combine("trade", "buy", Separator::Dot)?, "trade.buy");
/// # Ok::<(), stomp_axum::pattern::CombineError>(())
/// ```
///
/// # Errors
///
/// `class` is invalid where rule 2 has to match it, or rule 5 meets two different extensions. The result itself is not
/// parsed: it may still be invalid, for example because both sides have a variable of the same name.
pub fn combine(class: &str, method: &str, separator: Separator) -> Result<String, CombineError> {
    if class.trim().is_empty() || method.trim().is_empty() {
        let present = if class.trim().is_empty() {
            method
        } else {
            class
        };
        return Ok(if present.trim().is_empty() {
            String::new()
        } else {
            present.to_owned()
        });
    }
    let class_has_variable = class.contains('{');
    if !class_has_variable
        && class != method
        && DestinationPattern::parse(class, separator)?.matches(method)
    {
        return Ok(method.to_owned());
    }
    let before_star = class
        .strip_suffix('*')
        .and_then(|rest| rest.strip_suffix(separator.as_char()));
    if let Some(before_star) = before_star {
        return Ok(join(before_star, method, separator));
    }
    match class.find("*.") {
        Some(star) if !class_has_variable && separator != Separator::Dot => {
            with_extension(class, &class[star + 1..], method)
        }
        _ => Ok(join(class, method, separator)),
    }
}

/// Joins with exactly one separator.
fn join(class: &str, method: &str, separator: Separator) -> String {
    let separator = separator.as_char();
    let class = class.strip_suffix(separator).unwrap_or(class);
    let method = method.strip_prefix(separator).unwrap_or(method);
    format!("{class}{separator}{method}")
}

/// `method` with the one extension that is not `.*`. An extension begins at the first dot, so it may be `.tar.gz`.
fn with_extension(
    class: &str,
    class_extension: &str,
    method: &str,
) -> Result<String, CombineError> {
    let (file, method_extension) = method.split_at(method.find('.').unwrap_or(method.len()));
    let is_any = |extension: &str| extension.is_empty() || extension == ".*";
    let extension = if is_any(class_extension) {
        method_extension
    } else if is_any(method_extension) {
        class_extension
    } else {
        return Err(CombineError::DifferentExtensions {
            class: class.to_owned(),
            method: method.to_owned(),
        });
    };
    Ok(format!("{file}{extension}"))
}
