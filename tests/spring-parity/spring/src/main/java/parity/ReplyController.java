package parity;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.springframework.messaging.Message;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.SimpMessageHeaderAccessor;
import org.springframework.messaging.simp.annotation.SendToUser;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.stereotype.Controller;

@Controller
@MessageMapping("/reply")
class ReplyController {
    @MessageMapping("/default")
    String byDefault() {
        return "default";
    }

    @MessageMapping("/default/{x}")
    String byDefaultWithVariable() {
        return "default";
    }

    @MessageMapping("/empty")
    @SendTo
    String emptySendTo() {
        return "empty";
    }

    @MessageMapping("/one")
    @SendTo("/topic/one")
    String one() {
        return "one";
    }

    @MessageMapping("/several")
    @SendTo({"/topic/two", "/topic/one"})
    String several() {
        return "several";
    }

    @MessageMapping("/room/{room}/{user}")
    @SendTo("/topic/room.{room}.{user}")
    String variables() {
        return "variables";
    }

    @MessageMapping("/wildcard/*")
    String wildcard() {
        return "wildcard";
    }

    @MessageMapping("/kind/object")
    Trade object() {
        return new Trade("VMW", 25);
    }

    @MessageMapping("/kind/bytes")
    byte[] bytes() {
        return "bytes".getBytes(StandardCharsets.UTF_8);
    }

    @MessageMapping("/kind/number")
    int number() {
        return 42;
    }

    @MessageMapping("/kind/flag")
    boolean flag() {
        return true;
    }

    @MessageMapping("/kind/list")
    List<Trade> list() {
        return List.of(new Trade("A", 1), new Trade("B", 2));
    }

    @MessageMapping("/kind/map")
    Map<String, Integer> map() {
        return Map.of("a", 1);
    }

    @MessageMapping("/kind/text")
    String text() {
        return "\"quotes\" \\ and ü";
    }

    @MessageMapping("/kind/empty-text")
    String emptyText() {
        return "";
    }

    @MessageMapping("/kind/nothing")
    void nothing() {
    }

    @MessageMapping("/kind/null")
    String none() {
        return null;
    }

    @MessageMapping("/kind/message")
    Message<String> message() {
        return MessageBuilder.withPayload("in a message").setHeader("x", "y").build();
    }

    @MessageMapping("/user/all")
    @SendToUser("/queue/reply")
    String all() {
        return "all sessions";
    }

    @MessageMapping("/user/one")
    @SendToUser(value = "/queue/reply", broadcast = false)
    String oneSession() {
        return "one session";
    }

    @MessageMapping("/user/default/{x}")
    @SendToUser(broadcast = false)
    String userDefault() {
        return "user default";
    }

    @MessageMapping("/user/several")
    @SendToUser(value = {"/queue/reply", "/queue/other"}, broadcast = false)
    String userSeveral() {
        return "user several";
    }

    @MessageMapping("/user/variable/{x}")
    @SendToUser(value = "/queue/reply.{x}", broadcast = false)
    String userVariable() {
        return "user variable";
    }

    @MessageMapping("/both")
    @SendTo("/topic/one")
    @SendToUser(value = "/queue/reply", broadcast = false)
    String both() {
        return "both";
    }

    @MessageMapping("/both/default")
    @SendTo
    @SendToUser(broadcast = false)
    String bothDefault() {
        return "both default";
    }

    @MessageMapping("/future")
    @SendTo("/topic/one")
    CompletableFuture<String> future() {
        return CompletableFuture.supplyAsync(() -> "later");
    }

    @MessageMapping("/future/none")
    @SendTo("/topic/one")
    CompletableFuture<String> futureNone() {
        return CompletableFuture.completedFuture(null);
    }

    @MessageMapping("/future/fails")
    @SendTo("/topic/one")
    CompletableFuture<String> futureFails() {
        return CompletableFuture.supplyAsync(() -> {
            throw new Failures.Everywhere();
        });
    }

    @MessageMapping("/written")
    @SendTo("/topic/one")
    String written(SimpMessageHeaderAccessor accessor) {
        accessor.setNativeHeader("x-keep-written", "yes");
        accessor.addNativeHeader("x-keep", "too");
        accessor.removeNativeHeader("x-keep-not");
        return "written";
    }
}
