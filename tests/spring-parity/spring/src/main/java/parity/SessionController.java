package parity;

import java.security.Principal;
import java.util.Map;
import java.util.stream.Collectors;

import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.SimpMessageHeaderAccessor;
import org.springframework.messaging.simp.annotation.SendToUser;
import org.springframework.messaging.simp.user.SimpUserRegistry;
import org.springframework.stereotype.Controller;

@Controller
class SessionController {
    private final Cart cart;
    private final EventListeners listeners;
    private final SimpUserRegistry users;

    SessionController(Cart cart, EventListeners listeners, SimpUserRegistry users) {
        this.cart = cart;
        this.listeners = listeners;
        this.users = users;
    }

    /** How the player knows that everything before it has taken effect. */
    @MessageMapping("/sync")
    @SendToUser(value = "/queue/sync", broadcast = false)
    String sync(String body) {
        return body;
    }

    @MessageMapping("/session/id")
    @SendToUser(value = "/queue/session", broadcast = false)
    String id(@Header("simpSessionId") String id) {
        return id;
    }

    /** How the player knows that the server has noticed the end of a session. */
    @MessageMapping("/session/count")
    @SendToUser(value = "/queue/session", broadcast = false)
    String count() {
        return String.valueOf(listeners.sessions());
    }

    @MessageMapping("/session/visits")
    @SendTo("/topic/out")
    String visits(SimpMessageHeaderAccessor accessor) {
        Map<String, Object> attributes = accessor.getSessionAttributes();
        int visits = (int) attributes.getOrDefault("visits", 0) + 1;
        attributes.put("visits", visits);
        return "visits " + visits;
    }

    @MessageMapping("/session/user")
    @SendTo("/topic/out")
    String user(Principal principal) {
        return principal == null ? "nobody" : principal.getName();
    }

    @MessageMapping("/session/registry")
    @SendTo("/topic/out")
    String registry(String name) {
        var user = users.getUser(name);
        return user == null ? "unknown" : "sessions " + user.getSessions().size();
    }

    @MessageMapping("/session/subscriptions")
    @SendTo("/topic/out")
    String subscriptions(String destination) {
        return users.findSubscriptions(subscription -> subscription.getDestination().equals(destination)).stream()
                .map(subscription -> subscription.getSession().getUser().getName() + " " + subscription.getId())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    @MessageMapping("/session/cart")
    @SendTo("/topic/out")
    String cart(String item) {
        return cart.add(item);
    }
}
