package parity;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.messaging.simp.annotation.support.SimpAnnotationMethodMessageHandler;
import org.springframework.stereotype.Component;

/** Replies have the headers of their message that start with `x-keep`. */
@Component
class ReplyHeaders implements BeanPostProcessor {
    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof SimpAnnotationMethodMessageHandler handler) {
            handler.addHeaderFilter(header -> header.startsWith("x-keep"));
        }
        return bean;
    }
}
