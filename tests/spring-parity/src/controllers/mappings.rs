//! `MappingController.java`.

use stomp_axum::prelude::*;

pub(crate) struct MappingController;

#[message_mapping]
#[send_to("/topic/out")]
impl MappingController {
    #[message_mapping("/m/literal/a")]
    async fn literal() -> &'static str {
        "literal"
    }

    #[message_mapping("/m/literal/{x}")]
    async fn variable(#[destination_variable] x: String) -> String {
        format!("variable {x}")
    }

    #[message_mapping("/m/literal/**")]
    async fn catch_all() -> &'static str {
        "catch-all"
    }

    #[message_mapping("/m/one/?")]
    async fn one_character() -> &'static str {
        "one character"
    }

    #[message_mapping("/m/star/*")]
    async fn star() -> &'static str {
        "star"
    }

    #[message_mapping("/m/star/a*")]
    async fn star_after_text() -> &'static str {
        "star after text"
    }

    #[message_mapping("/m/stars/*/*")]
    async fn stars() -> &'static str {
        "stars"
    }

    #[message_mapping("/m/stars/{x}/end")]
    async fn variable_and_text(#[destination_variable] x: String) -> String {
        format!("variable and text {x}")
    }

    #[message_mapping("/m/deep/**/end")]
    async fn deep() -> &'static str {
        "deep"
    }

    #[message_mapping("/m/glued/x{v}y")]
    async fn glued(#[destination_variable] v: String) -> String {
        format!("glued [{v}]")
    }

    #[message_mapping("/m/two/{a}-{b}")]
    async fn two_in_one_segment(
        #[destination_variable] a: String,
        #[destination_variable] b: String,
    ) -> String {
        format!("two [{a}] [{b}]")
    }

    #[message_mapping("/m/regex/{id:[0-9]+}")]
    async fn digits(#[destination_variable] id: u32) -> String {
        format!("digits {id}")
    }

    #[message_mapping("/m/regex/{name:[a-z]+}")]
    async fn letters(#[destination_variable] name: String) -> String {
        format!("letters {name}")
    }

    #[message_mapping("/m/file/{name}.{extension:[a-z]+}")]
    async fn file(
        #[destination_variable] name: String,
        #[destination_variable] extension: String,
    ) -> String {
        format!("file {name} {extension}")
    }

    #[message_mapping("/m/several/a", "/m/several/{x}/b")]
    async fn several() -> &'static str {
        "several"
    }

    #[message_mapping("m/without-slash")]
    async fn without_slash() -> &'static str {
        "without slash"
    }

    #[message_mapping("/m/prefix/**")]
    async fn prefix() -> &'static str {
        "prefix"
    }

    #[message_mapping("/m/prefix/longer/**")]
    async fn longer_prefix() -> &'static str {
        "longer prefix"
    }

    #[message_mapping("/m/more/{a}/{b}")]
    async fn two_variables() -> &'static str {
        "two variables"
    }

    #[message_mapping("/m/more/{a}/*")]
    async fn variable_and_star() -> &'static str {
        "variable and star"
    }
}
