package parity;

import java.nio.charset.StandardCharsets;

import org.springframework.messaging.Message;
import org.springframework.messaging.MessageChannel;
import org.springframework.messaging.simp.SimpMessageHeaderAccessor;
import org.springframework.messaging.simp.stomp.StompHeaderAccessor;
import org.springframework.messaging.support.ChannelInterceptor;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.messaging.support.MessageHeaderAccessor;

/** Interceptors of all three channels; headers and destinations of the scenarios say what they do. */
class Interceptors {
    static class Inbound implements ChannelInterceptor {
        @Override
        public Message<?> preSend(Message<?> message, MessageChannel channel) {
            var accessor = MessageHeaderAccessor.getAccessor(message, StompHeaderAccessor.class);
            if (accessor == null) {
                return message;
            }
            if (accessor.getFirstNativeHeader("x-swallow") != null) {
                return null;
            }
            if (accessor.getFirstNativeHeader("x-refuse") != null) {
                throw new IllegalStateException("refused");
            }
            var destination = accessor.getFirstNativeHeader("x-redirect");
            if (destination != null) {
                accessor.setDestination(destination);
            }
            var payload = accessor.getFirstNativeHeader("x-payload");
            if (payload != null) {
                var bytes = payload.getBytes(StandardCharsets.UTF_8);
                return MessageBuilder.createMessage(bytes, accessor.getMessageHeaders());
            }
            return message;
        }
    }

    static class Outbound implements ChannelInterceptor {
        @Override
        public Message<?> preSend(Message<?> message, MessageChannel channel) {
            var accessor = MessageHeaderAccessor.getMutableAccessor(message);
            if (!(accessor instanceof SimpMessageHeaderAccessor simp)) {
                return message;
            }
            if (simp.getFirstNativeHeader("x-hide") != null) {
                return null;
            }
            if (simp.getFirstNativeHeader("x-mark") == null) {
                return message;
            }
            simp.setNativeHeader("x-subscriber", simp.getSubscriptionId());
            return MessageBuilder.createMessage(message.getPayload(), simp.getMessageHeaders());
        }
    }

    static class Broker implements ChannelInterceptor {
        @Override
        public Message<?> preSend(Message<?> message, MessageChannel channel) {
            var destination = SimpMessageHeaderAccessor.getDestination(message.getHeaders());
            if (destination == null || !destination.startsWith("/topic/intercepted/")) {
                return message;
            }
            if (destination.endsWith("/swallowed")) {
                return null;
            }
            var accessor = (SimpMessageHeaderAccessor) MessageHeaderAccessor.getMutableAccessor(message);
            accessor.setNativeHeader("x-published", "yes");
            return MessageBuilder.createMessage(message.getPayload(), accessor.getMessageHeaders());
        }
    }
}
