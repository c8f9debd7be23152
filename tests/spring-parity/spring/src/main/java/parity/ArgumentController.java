package parity;

import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

import jakarta.validation.Valid;
import org.springframework.messaging.Message;
import org.springframework.messaging.handler.annotation.DestinationVariable;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Headers;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.SimpMessageHeaderAccessor;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.messaging.support.NativeMessageHeaderAccessor;
import org.springframework.stereotype.Controller;

@Controller
@MessageMapping("/arg")
@SendTo("/topic/out")
class ArgumentController {
    private final SimpMessagingTemplate template;

    ArgumentController(SimpMessagingTemplate template) {
        this.template = template;
    }

    @MessageMapping("/header")
    String header(@Header String x) {
        return "[" + x + "]";
    }

    @MessageMapping("/header/named")
    String named(@Header("x-name") String name) {
        return "[" + name + "]";
    }

    @MessageMapping("/header/number")
    String number(@Header int x) {
        return "number " + x;
    }

    @MessageMapping("/header/default")
    String withDefault(@Header(name = "x", defaultValue = "7") int x) {
        return "number " + x;
    }

    @MessageMapping("/header/optional")
    String optional(@Header Optional<Integer> x) {
        return x.map(number -> "number " + number).orElse("none");
    }

    @MessageMapping("/header/list")
    String list(@Header List<String> x) {
        return String.join("|", x);
    }

    @MessageMapping("/header/numbers")
    String numbers(@Header List<Integer> x) {
        return x.stream().map(String::valueOf).collect(Collectors.joining("|"));
    }

    @MessageMapping("/header/flag")
    String flag(@Header boolean x) {
        return "flag " + x;
    }

    @MessageMapping("/header/destination")
    String destinationHeader(@Header String destination) {
        return destination;
    }

    @MessageMapping("/headers")
    String headers(@Headers Map<String, Object> headers) {
        Map<?, ?> frame = (Map<?, ?>) headers.get(NativeMessageHeaderAccessor.NATIVE_HEADERS);
        return new TreeMap<>(frame).toString();
    }

    @MessageMapping("/variable/{id}")
    String variable(@DestinationVariable long id) {
        return "id " + id;
    }

    @MessageMapping("/text/{name}")
    String text(@DestinationVariable("name") String other) {
        return "[" + other + "]";
    }

    @MessageMapping("/payload/text")
    String payloadText(String body) {
        return "[" + body + "]";
    }

    @MessageMapping("/payload/bytes")
    String payloadBytes(byte[] body) {
        return "bytes " + body.length;
    }

    @MessageMapping("/payload/trade")
    String payloadTrade(Trade trade) {
        return trade.ticker() + " " + trade.shares();
    }

    @MessageMapping("/payload/number")
    String payloadNumber(@Payload int number) {
        return "number " + number;
    }

    @MessageMapping("/payload/list")
    String payloadList(List<Trade> trades) {
        return trades.stream().map(Trade::ticker).collect(Collectors.joining("|"));
    }

    @MessageMapping("/payload/optional-text")
    String optionalText(Optional<String> body) {
        return body.map(text -> "[" + text + "]").orElse("none");
    }

    @MessageMapping("/payload/optional-trade")
    String optionalTrade(@Payload(required = false) Trade trade) {
        return trade == null ? "none" : trade.ticker();
    }

    @MessageMapping("/payload/twice")
    String twice(Trade trade, String text) {
        return trade.ticker() + " " + text;
    }

    @MessageMapping("/payload/valid")
    String valid(@Valid Order order) {
        return order.item() + " " + order.count();
    }

    @MessageMapping("/message/raw")
    String rawMessage(Message<?> message) {
        return "bytes " + ((byte[]) message.getPayload()).length;
    }

    @MessageMapping("/message/trade")
    String tradeMessage(Message<Trade> message) {
        return message.getPayload().ticker();
    }

    @MessageMapping("/message/text")
    String textMessage(Message<String> message) {
        return "[" + message.getPayload() + "]";
    }

    @MessageMapping("/principal")
    String principal(Principal principal) {
        return "principal " + (principal == null ? "null" : principal.getName());
    }

    @MessageMapping("/principal/optional")
    String optionalPrincipal(Optional<Principal> principal) {
        return principal.map(Principal::getName).orElse("none");
    }

    @MessageMapping("/accessor")
    String accessor(SimpMessageHeaderAccessor accessor) {
        return accessor.getMessageType() + " " + accessor.getDestination() + " " + accessor.getFirstNativeHeader("x");
    }

    @MessageMapping("/template")
    String template(@Header String to) {
        template.convertAndSend("/topic/aside", "by template");
        template.convertAndSend("/topic/aside", new Trade("VMW", 1));
        template.convertAndSendToUser(to, "/queue/aside", "to a user");
        return "sent";
    }

    @MessageMapping("/template/headers")
    void templateHeaders() {
        template.convertAndSend("/topic/aside", "with headers", Map.of("x", "y"));
    }
}
