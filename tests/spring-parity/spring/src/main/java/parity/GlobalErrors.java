package parity;

import java.util.stream.Collectors;

import org.springframework.core.convert.ConversionException;
import org.springframework.messaging.MessageHandlingException;
import org.springframework.messaging.MessagingException;
import org.springframework.messaging.converter.MessageConversionException;
import org.springframework.messaging.handler.annotation.MessageExceptionHandler;
import org.springframework.messaging.handler.annotation.support.MethodArgumentNotValidException;
import org.springframework.messaging.simp.annotation.SendToUser;
import org.springframework.validation.FieldError;
import org.springframework.web.bind.annotation.ControllerAdvice;

/** What no controller handles itself. The texts are ours: those of exceptions are compared by nobody. */
@ControllerAdvice
class GlobalErrors {
    @MessageExceptionHandler
    @SendToUser(value = "/queue/errors", broadcast = false)
    String everywhere(Failures.Everywhere failure) {
        return "everywhere";
    }

    @MessageExceptionHandler
    @SendToUser(value = "/queue/errors", broadcast = false)
    String conversion(ConversionException failure) {
        return "can't be converted";
    }

    @MessageExceptionHandler
    @SendToUser(value = "/queue/errors", broadcast = false)
    String payload(MessageConversionException failure) {
        return failure.getMessage().contains("empty") ? "no payload" : "unreadable payload";
    }

    @MessageExceptionHandler
    @SendToUser(value = "/queue/errors", broadcast = false)
    String invalid(MethodArgumentNotValidException failure) {
        if (!failure.getBindingResult().hasFieldErrors()) {
            return "no payload";
        }
        return failure.getBindingResult().getFieldErrors().stream()
                .map(FieldError::getField)
                .sorted()
                .distinct()
                .collect(Collectors.joining(" ", "invalid ", ""));
    }

    @MessageExceptionHandler
    @SendToUser(value = "/queue/errors", broadcast = false)
    String argument(MessageHandlingException failure) {
        // Spring wraps an Error, and looks at the cause only if no handler takes the wrapper (EX-5).
        if (failure.getCause() instanceof Error) {
            return "panicked";
        }
        return failure.getMessage().startsWith("Missing header") ? "missing header" : "missing argument";
    }

    @MessageExceptionHandler
    @SendToUser(value = "/queue/errors", broadcast = false)
    String other(MessagingException failure) {
        return "other";
    }

    @MessageExceptionHandler
    @SendToUser(value = "/queue/errors", broadcast = false)
    String target(IllegalArgumentException failure) {
        return "no target";
    }
}
