//! Attribute macros.
use proc_macro::TokenStream;
macro_rules! passthrough { ($($n:ident)*) => { $( #[doc="x"] #[proc_macro_attribute] pub fn $n(_: TokenStream, i: TokenStream) -> TokenStream { i } )* } }
passthrough! { message_mapping subscribe_mapping send_to send_to_user message_exception_handler }
/// x
#[proc_macro]
pub fn handlers(i: TokenStream) -> TokenStream {
    i
}
