package parity;

import org.springframework.messaging.handler.annotation.MessageExceptionHandler;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.annotation.SendToUser;
import org.springframework.messaging.simp.annotation.SubscribeMapping;
import org.springframework.stereotype.Controller;

/** Targets of a class and of its methods. */
class ClassReplyControllers {
    @Controller
    @MessageMapping("/class-topic")
    @SendTo("/topic/class")
    static class Topic {
        @MessageMapping("/plain")
        String plain() {
            return "plain";
        }

        @MessageMapping("/empty-topic")
        @SendTo
        String emptyTopic() {
            return "empty topic";
        }

        @MessageMapping("/own-topic")
        @SendTo("/topic/own")
        String ownTopic() {
            return "own topic";
        }

        @MessageMapping("/empty-user")
        @SendToUser(broadcast = false)
        String emptyUser() {
            return "empty user";
        }

        @MessageMapping("/own-user")
        @SendToUser(value = "/queue/own", broadcast = false)
        String ownUser() {
            return "own user";
        }

        @SubscribeMapping("/subscribe")
        String subscribe() {
            return "subscribed";
        }

        @MessageMapping("/fails")
        String fails() {
            throw new Failures.Own();
        }

        @MessageExceptionHandler
        String failed(Failures.Own failure) {
            return "failed";
        }
    }

    @Controller
    @MessageMapping("/class-user")
    @SendToUser(value = "/queue/class", broadcast = false)
    static class User {
        @MessageMapping("/plain")
        String plain() {
            return "plain";
        }

        @MessageMapping("/empty-topic")
        @SendTo
        String emptyTopic() {
            return "empty topic";
        }

        @MessageMapping("/own-topic")
        @SendTo("/topic/own")
        String ownTopic() {
            return "own topic";
        }

        @MessageMapping("/empty-user")
        @SendToUser(broadcast = false)
        String emptyUser() {
            return "empty user";
        }

        @MessageMapping("/own-user")
        @SendToUser(value = "/queue/own", broadcast = false)
        String ownUser() {
            return "own user";
        }

        @MessageMapping("/own-both")
        @SendTo("/topic/own")
        @SendToUser(value = "/queue/own", broadcast = false)
        String ownBoth() {
            return "own both";
        }
    }

    @Controller
    @MessageMapping("/class-both")
    @SendTo("/topic/class")
    @SendToUser(value = "/queue/class", broadcast = false)
    static class Both {
        @MessageMapping("/plain")
        String plain() {
            return "plain";
        }

        @MessageMapping("/own-topic")
        @SendTo("/topic/own")
        String ownTopic() {
            return "own topic";
        }
    }

    @Controller
    @MessageMapping("/class-empty")
    @SendToUser(broadcast = false)
    static class Empty {
        @MessageMapping("/plain")
        String plain() {
            return "plain";
        }

        @MessageMapping("/empty-topic")
        @SendTo
        String emptyTopic() {
            return "empty topic";
        }
    }
}
