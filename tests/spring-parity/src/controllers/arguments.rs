//! `ArgumentController.java`.

use bytes::Bytes;
use stomp_axum::{handler::Valid, message::MessageType, prelude::*};

use crate::payloads::{Order, Trade};

pub(crate) struct ArgumentController;

#[message_mapping("/arg")]
#[send_to("/topic/out")]
impl ArgumentController {
    #[message_mapping("/header")]
    async fn header(#[header] x: String) -> String {
        format!("[{x}]")
    }

    #[message_mapping("/header/named")]
    async fn named(#[header("x-name")] name: String) -> String {
        format!("[{name}]")
    }

    #[message_mapping("/header/number")]
    async fn number(#[header] x: i32) -> String {
        format!("number {x}")
    }

    #[message_mapping("/header/default")]
    async fn with_default(#[header("x", default = "7")] x: i32) -> String {
        format!("number {x}")
    }

    #[message_mapping("/header/optional")]
    async fn optional(#[header] x: Option<i32>) -> String {
        x.map_or_else(|| "none".to_owned(), |number| format!("number {number}"))
    }

    #[message_mapping("/header/list")]
    async fn list(#[header] x: Vec<String>) -> String {
        x.join("|")
    }

    #[message_mapping("/header/numbers")]
    async fn numbers(#[header] x: Vec<i32>) -> String {
        let numbers: Vec<_> = x.iter().map(ToString::to_string).collect();
        numbers.join("|")
    }

    #[message_mapping("/header/flag")]
    async fn flag(#[header] x: bool) -> String {
        format!("flag {x}")
    }

    #[message_mapping("/header/destination")]
    async fn destination_header(#[header] destination: String) -> String {
        destination
    }

    #[message_mapping("/headers")]
    async fn headers(headers: Headers) -> String {
        let mut names: Vec<_> = headers.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        let lists: Vec<_> = names
            .iter()
            .map(|name| {
                let values: Vec<_> = headers.get_all(name).collect();
                format!("{name}=[{}]", values.join(", "))
            })
            .collect();
        format!("{{{}}}", lists.join(", "))
    }

    #[message_mapping("/variable/{id}")]
    async fn variable(#[destination_variable] id: i64) -> String {
        format!("id {id}")
    }

    #[message_mapping("/text/{name}")]
    async fn text(#[destination_variable("name")] other: String) -> String {
        format!("[{other}]")
    }

    #[message_mapping("/payload/text")]
    async fn payload_text(body: String) -> String {
        format!("[{body}]")
    }

    #[message_mapping("/payload/bytes")]
    async fn payload_bytes(body: Bytes) -> String {
        format!("bytes {}", body.len())
    }

    #[message_mapping("/payload/trade")]
    async fn payload_trade(trade: Trade) -> String {
        format!("{} {}", trade.ticker, trade.shares)
    }

    #[message_mapping("/payload/number")]
    async fn payload_number(Payload(number): Payload<i32>) -> String {
        format!("number {number}")
    }

    #[message_mapping("/payload/list")]
    async fn payload_list(trades: Vec<Trade>) -> String {
        let tickers: Vec<_> = trades.into_iter().map(|trade| trade.ticker).collect();
        tickers.join("|")
    }

    #[message_mapping("/payload/optional-text")]
    async fn optional_text(body: Option<String>) -> String {
        body.map_or_else(|| "none".to_owned(), |text| format!("[{text}]"))
    }

    #[message_mapping("/payload/optional-trade")]
    async fn optional_trade(trade: Option<Trade>) -> String {
        trade.map_or_else(|| "none".to_owned(), |trade| trade.ticker)
    }

    #[message_mapping("/payload/twice")]
    async fn twice(trade: Trade, text: String) -> String {
        format!("{} {text}", trade.ticker)
    }

    #[message_mapping("/payload/valid")]
    async fn valid(Valid(order): Valid<Order>) -> String {
        format!("{} {}", order.item, order.count)
    }

    #[message_mapping("/message/raw")]
    async fn raw_message(message: Message) -> String {
        format!("bytes {}", message.payload().len())
    }

    #[message_mapping("/message/trade")]
    async fn trade_message(message: Message<Trade>) -> String {
        message.into_payload().ticker
    }

    #[message_mapping("/message/text")]
    async fn text_message(message: Message<String>) -> String {
        format!("[{}]", message.payload())
    }

    #[message_mapping("/principal")]
    async fn principal(principal: Principal) -> String {
        format!("principal {}", principal.name())
    }

    #[message_mapping("/principal/optional")]
    async fn optional_principal(principal: Option<Principal>) -> String {
        principal.map_or_else(
            || "none".to_owned(),
            |principal| principal.name().to_owned(),
        )
    }

    #[message_mapping("/accessor")]
    async fn accessor(accessor: MessageHeaderAccessor) -> String {
        let message_type = match accessor.message_type() {
            MessageType::Message => "MESSAGE",
            _ => "another",
        };
        let destination = accessor.destination().unwrap_or_default();
        let x = accessor.native_header("x").unwrap_or_default();
        format!("{message_type} {destination} {x}")
    }

    #[message_mapping("/template")]
    async fn template(
        #[header] to: String,
        template: MessagingTemplate,
    ) -> Result<&'static str, MessagingError> {
        template
            .convert_and_send("/topic/aside", "by template")
            .await?;
        template
            .convert_and_send("/topic/aside", &Trade::new("VMW", 1))
            .await?;
        template
            .convert_and_send_to_user(&to, "/queue/aside", "to a user")
            .await?;
        Ok("sent")
    }

    #[message_mapping("/template/headers")]
    async fn template_headers(template: MessagingTemplate) -> Result<(), MessagingError> {
        let mut headers = Headers::default();
        headers.append("x", "y");
        template
            .convert_and_send_with_headers("/topic/aside", "with headers", headers)
            .await
    }
}
