package parity;

import org.springframework.messaging.handler.annotation.DestinationVariable;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.annotation.SubscribeMapping;
import org.springframework.stereotype.Controller;

/** Patterns of a class and of its methods. */
class ClassMappingControllers {
    @Controller
    @MessageMapping({"/c1", "/c2"})
    @SendTo("/topic/out")
    static class Several {
        @MessageMapping({"/a", "b"})
        String both() {
            return "both";
        }

        @MessageMapping
        String classAlone() {
            return "class alone";
        }
    }

    @Controller
    @MessageMapping("/c/{room}")
    @SendTo("/topic/out")
    static class Variables {
        @MessageMapping("/join/{user}")
        String join(@DestinationVariable String room, @DestinationVariable String user) {
            return room + " " + user;
        }
    }

    @Controller
    @MessageMapping("/w/*")
    @SendTo("/topic/out")
    static class Star {
        @MessageMapping("/b")
        String b() {
            return "star and b";
        }
    }

    @Controller
    @MessageMapping("/ww/**")
    @SendTo("/topic/out")
    static class CatchAll {
        @MessageMapping("/b")
        String b() {
            return "catch-all and b";
        }
    }

    @Controller
    @MessageMapping("/slash/")
    static class TrailingSlash {
        @MessageMapping("/b")
        @SendTo("/topic/out")
        String b() {
            return "slash and b";
        }

        @SubscribeMapping("/s")
        String s() {
            return "subscribed below a class";
        }
    }

    @Controller
    static class BothAnnotations {
        @MessageMapping("/both-annotations/send")
        @SubscribeMapping("/both-annotations/subscribe")
        String both() {
            return "both annotations";
        }
    }
}
