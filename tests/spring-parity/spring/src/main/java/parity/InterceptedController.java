package parity;

import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.annotation.SubscribeMapping;
import org.springframework.stereotype.Controller;

/** What the interceptors of the broker channel look at. */
@Controller
@MessageMapping("/intercepted")
class InterceptedController {
    @MessageMapping("/{name}")
    @SendTo("/topic/intercepted/{name}")
    String publish() {
        return "published";
    }

    @MessageMapping("/several")
    @SendTo({"/topic/intercepted/swallowed", "/topic/intercepted/other"})
    String several() {
        return "several";
    }

    @SubscribeMapping("/direct")
    String direct() {
        return "direct";
    }
}
