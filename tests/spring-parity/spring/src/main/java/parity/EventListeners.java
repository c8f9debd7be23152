package parity;

import java.security.Principal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.context.event.EventListener;
import org.springframework.messaging.Message;
import org.springframework.messaging.simp.SimpMessageHeaderAccessor;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.stereotype.Component;
import org.springframework.web.socket.messaging.SessionConnectEvent;
import org.springframework.web.socket.messaging.SessionConnectedEvent;
import org.springframework.web.socket.messaging.SessionDisconnectEvent;
import org.springframework.web.socket.messaging.SessionSubscribeEvent;
import org.springframework.web.socket.messaging.SessionUnsubscribeEvent;

/** Tells /topic/events what the users called `watched..` do, and counts sessions. */
@Component
class EventListeners {
    private final Set<String> sessions = ConcurrentHashMap.newKeySet();
    private final SimpMessagingTemplate template;

    EventListeners(SimpMessagingTemplate template) {
        this.template = template;
    }

    int sessions() {
        return sessions.size();
    }

    @EventListener
    void connect(SessionConnectEvent event) {
        tell(event.getUser(), "connect");
    }

    @EventListener
    void connected(SessionConnectedEvent event) {
        sessions.add(SimpMessageHeaderAccessor.getSessionId(event.getMessage().getHeaders()));
        tell(event.getUser(), "connected");
    }

    @EventListener
    void subscribe(SessionSubscribeEvent event) {
        var id = subscription(event.getMessage());
        if (!id.startsWith("~")) {
            var destination = SimpMessageHeaderAccessor.getDestination(event.getMessage().getHeaders());
            tell(event.getUser(), "subscribe " + id + " " + destination);
        }
    }

    @EventListener
    void unsubscribe(SessionUnsubscribeEvent event) {
        tell(event.getUser(), "unsubscribe " + subscription(event.getMessage()));
    }

    @EventListener
    void disconnect(SessionDisconnectEvent event) {
        tell(event.getUser(), "disconnect");
        sessions.remove(event.getSessionId());
    }

    private void tell(Principal user, String what) {
        if (user != null && user.getName().startsWith("watched")) {
            template.convertAndSend("/topic/events", user.getName() + " " + what);
        }
    }

    private static String subscription(Message<?> message) {
        return SimpMessageHeaderAccessor.getSubscriptionId(message.getHeaders());
    }
}
