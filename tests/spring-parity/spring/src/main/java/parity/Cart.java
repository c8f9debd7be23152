package parity;

import java.util.ArrayList;
import java.util.List;

import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.stereotype.Component;

/** One for each session. */
@Component
@Scope(scopeName = "websocket", proxyMode = ScopedProxyMode.TARGET_CLASS)
class Cart {
    private final List<String> items = new ArrayList<>();

    String add(String item) {
        items.add(item);
        return String.join(" ", items);
    }
}
