package parity;

import java.security.Principal;
import java.util.concurrent.CompletableFuture;

import org.springframework.messaging.handler.annotation.DestinationVariable;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.annotation.SendToUser;
import org.springframework.messaging.simp.annotation.SubscribeMapping;
import org.springframework.stereotype.Controller;

@Controller
class SubscribeController {
    @SubscribeMapping("/sub/object")
    Trade object() {
        return new Trade("VMW", 25);
    }

    @SubscribeMapping("/sub/number")
    int number() {
        return 42;
    }

    @MessageMapping("/sub/number")
    @SendTo("/topic/out")
    String sent() {
        return "sent";
    }

    @SubscribeMapping("/sub/room/{room}")
    String room(@DestinationVariable String room, Principal principal) {
        return room + " " + (principal == null ? "anonymous" : principal.getName());
    }

    @SubscribeMapping("/sub/header")
    String header(@Header String id, @Header(name = "x", defaultValue = "none") String x) {
        return id + " " + x;
    }

    @SubscribeMapping("/sub/nothing")
    String nothing() {
        return null;
    }

    @SubscribeMapping("/sub/payload")
    String payload(String body) {
        return body;
    }

    @SubscribeMapping("/sub/future")
    CompletableFuture<String> future() {
        return CompletableFuture.supplyAsync(() -> "later");
    }

    @SubscribeMapping("/sub/topic")
    @SendTo("/topic/joined")
    String topic() {
        return "joined";
    }

    @SubscribeMapping("/sub/empty-topic")
    @SendTo
    String emptyTopic() {
        return "joined";
    }

    @SubscribeMapping("/sub/user")
    @SendToUser(value = "/queue/joined", broadcast = false)
    String user() {
        return "joined";
    }

    @SubscribeMapping("/sub/everywhere")
    String everywhere() {
        throw new Failures.Everywhere();
    }

    @SubscribeMapping("/sub/*/star")
    String star() {
        return "star";
    }
}
