package parity;

import java.security.Principal;

import org.springframework.messaging.handler.HandlerMethod;
import org.springframework.messaging.handler.annotation.DestinationVariable;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.MessageExceptionHandler;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.SimpMessageHeaderAccessor;
import org.springframework.messaging.simp.annotation.SendToUser;
import org.springframework.messaging.simp.annotation.SubscribeMapping;
import org.springframework.stereotype.Controller;

class ExceptionControllers {
    @Controller
    @MessageMapping("/ex")
    static class Own {
        @MessageMapping("/own")
        void own() {
            throw new Failures.Own();
        }

        @MessageMapping("/precise")
        void precise() {
            throw new Failures.Precise();
        }

        @MessageMapping("/cause")
        void cause() {
            throw new Failures.Wrapper(new Failures.Own());
        }

        @MessageMapping("/deep-cause")
        void deepCause() {
            throw new Failures.Wrapper(new Failures.Wrapper(new Failures.Own()));
        }

        @MessageMapping("/everywhere")
        void everywhere() {
            throw new Failures.Everywhere();
        }

        @MessageMapping("/nowhere")
        void nowhere() {
            throw new Failures.Nowhere();
        }

        @MessageMapping("/panic")
        void panic() {
            throw new AssertionError("panic");
        }

        @SubscribeMapping("/subscribe")
        String subscribe() {
            throw new Failures.Own();
        }

        @MessageExceptionHandler
        @SendToUser(value = "/queue/errors", broadcast = false)
        String failed(Failures.Own failure) {
            return "own";
        }

        @MessageExceptionHandler
        @SendToUser(value = "/queue/errors", broadcast = false)
        String failedPrecisely(Failures.Precise failure) {
            return "precise";
        }
    }

    @Controller
    @MessageMapping("/ex/superclass")
    static class Superclass {
        @MessageMapping("/precise")
        void precise() {
            throw new Failures.Precise();
        }

        @MessageExceptionHandler
        @SendToUser(value = "/queue/errors", broadcast = false)
        String failed(Failures.Own failure) {
            return "superclass";
        }
    }

    @Controller
    @MessageMapping("/ex/broad")
    static class Broad {
        @MessageMapping("/everywhere")
        void everywhere() {
            throw new Failures.Everywhere();
        }

        @MessageMapping("/argument")
        void argument(@Header int x) {
        }

        @MessageExceptionHandler
        @SendToUser(value = "/queue/errors", broadcast = false)
        String failed(Exception failure) {
            return "broad";
        }
    }

    @Controller
    @MessageMapping("/ex/arguments")
    static class Arguments {
        @MessageMapping("/{id}")
        void fails() {
            throw new Failures.Own();
        }

        @MessageExceptionHandler
        @SendToUser(value = "/queue/errors/{id}", broadcast = false)
        String failed(
                Failures.Own failure,
                @DestinationVariable int id,
                @Header String x,
                Principal principal,
                String body) {
            return id + " " + x + " " + principal.getName() + " " + body;
        }
    }

    @Controller
    @MessageMapping("/ex/default")
    static class Default {
        @MessageMapping("/reply")
        void reply() {
            throw new Failures.Own();
        }

        @MessageMapping("/silent")
        void silent() {
            throw new Failures.Precise();
        }

        @SubscribeMapping("/subscribe")
        String subscribe() {
            throw new Failures.Own();
        }

        @MessageExceptionHandler
        String failed(Failures.Own failure) {
            return "to everybody";
        }

        @MessageExceptionHandler
        void failedSilently(Failures.Precise failure) {
        }
    }

    @Controller
    @MessageMapping("/ex/failing")
    static class Failing {
        @MessageMapping("/handler")
        void fails() {
            throw new Failures.Own();
        }

        @MessageExceptionHandler
        @SendTo("/topic/errors")
        String failed(Failures.Own failure) {
            throw new Failures.Everywhere();
        }
    }

    @Controller
    @MessageMapping("/ex/handler")
    static class Trading {
        @MessageMapping("/buy")
        void buy() {
            throw new Failures.Own();
        }

        @MessageMapping("/sell")
        void sell() {
            throw new Failures.Own();
        }

        @MessageMapping("/detail")
        void detail() {
            throw new Failures.Detailed(7);
        }

        @MessageMapping("/wrapped")
        void wrapped() {
            throw new Failures.Wrapper(new Failures.Detailed(7));
        }

        @MessageMapping("/written")
        void written(SimpMessageHeaderAccessor accessor) {
            accessor.setNativeHeader("x-note", "written");
            throw new Failures.Precise();
        }

        @MessageExceptionHandler
        @SendToUser(value = "/queue/errors", broadcast = false)
        String failed(Failures.Own failure, HandlerMethod handler) {
            return handler.getBeanType().getSimpleName() + "::" + handler.getMethod().getName();
        }

        @MessageExceptionHandler
        @SendToUser(value = "/queue/errors", broadcast = false)
        String failedInDetail(Failures.Detailed failure) {
            return "detail " + failure.detail;
        }

        @MessageExceptionHandler
        @SendToUser(value = "/queue/errors", broadcast = false)
        String failedWithNote(Failures.Precise failure, @Header("x-note") String note) {
            return note;
        }
    }
}
