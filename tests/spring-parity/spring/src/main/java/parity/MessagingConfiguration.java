package parity;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.simp.config.ChannelRegistration;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;

/**
 * What the guide configures, and what makes transcripts repeatable: one thread per channel, and, unless it is switched
 * off, Spring's options for the order of messages.
 */
@Configuration
@EnableWebSocketMessageBroker
class MessagingConfiguration implements WebSocketMessageBrokerConfigurer {
    @Value("${parity.preserve-order:true}")
    private boolean preserveOrder;

    @Override
    public void registerStompEndpoints(StompEndpointRegistry registry) {
        registry.setPreserveReceiveOrder(preserveOrder);
        registry.addEndpoint("/ws");
    }

    @Override
    public void configureMessageBroker(MessageBrokerRegistry registry) {
        registry.setPreservePublishOrder(preserveOrder);
        // Before our listeners, which the player relies on.
        registry.setUserRegistryOrder(0);
        registry.setApplicationDestinationPrefixes("/app");
        registry.enableSimpleBroker("/topic", "/queue");
        registry.configureBrokerChannel().interceptors(new Interceptors.Broker());
    }

    @Override
    public void configureClientInboundChannel(ChannelRegistration registration) {
        registration.interceptors(new LoginInterceptor(), new Interceptors.Inbound());
        registration.executor(oneThread());
    }

    @Override
    public void configureClientOutboundChannel(ChannelRegistration registration) {
        registration.interceptors(new Interceptors.Outbound());
        registration.executor(oneThread());
    }

    private static ThreadPoolTaskExecutor oneThread() {
        var executor = new ThreadPoolTaskExecutor();
        executor.setCorePoolSize(1);
        executor.setMaxPoolSize(1);
        executor.initialize();
        return executor;
    }
}
