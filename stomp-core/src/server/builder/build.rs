//! From the configuration to a server that is wired.

use std::{num::NonZeroUsize, sync::Arc};

use super::{
    super::{BuildError, Messaging},
    MessagingBuilder,
};
use crate::{
    broker::{BrokerRouting, SimpleBroker},
    channel::{Intercepted, Interceptors, OutboundChannel},
    endpoint::{Connections, EndpointServices, InboundChannel, Phases},
    event::{EventListener, EventPublisher},
    handler::{Dispatcher, Handlers, Listener, Prefixes, RoutingTable, Services},
    message::MessageIds,
    session::SessionRegistry,
    statistics::Counters,
    user::{UserDestinations, UserRegistry},
};

impl MessagingBuilder {
    /// Builds the server, and writes its mappings to the log.
    ///
    /// # Errors
    ///
    /// [`BuildError`] with everything that is wrong, each with file and line.
    pub fn build(mut self) -> Result<Messaging, BuildError> {
        let handlers = self.handlers.take().unwrap_or_else(Handlers::all);
        let application_prefixes: Vec<String> = self
            .application_prefixes
            .iter()
            .map(|prefix| with_slash(prefix))
            .collect();
        let users = UserRegistry::default();
        let user_destinations = UserDestinations::new(&self.user_prefix, users.clone());
        let prefixes = Prefixes {
            application: &application_prefixes,
            broker: &self.simple_broker.prefixes,
            user: user_destinations.prefix(),
            separator: self.separator,
        };
        let authorization = self.channels.authorization.take();
        let authorization = authorization
            .map(|rules| rules.compile(self.separator))
            .transpose();
        let mut errors = self.check(&handlers);
        let (mut table, wiring_errors) = RoutingTable::build(handlers, &self.application, prefixes);
        errors.extend(wiring_errors);
        let authorization = authorization.unwrap_or_else(|invalid| {
            errors.extend(invalid);
            None
        });
        if let Some(error) = BuildError::new(errors) {
            return Err(error);
        }
        if let Some(limit) = NonZeroUsize::new(self.parallel_handlers) {
            table.set_parallel_by_default(limit);
        }
        table.log(prefixes);

        let connections = Connections::default();
        let message_ids = Arc::new(MessageIds::new());
        let counters = Arc::new(Counters::default());
        let outbound = OutboundChannel::new(
            Interceptors::new(self.channels.outbound),
            self.slow_consumers,
            counters.clone(),
        );
        let sessions = SessionRegistry::default();
        let events = EventPublisher::default();
        let template = self.template;
        let user_prefix = user_destinations.prefix().to_owned();
        let broker = match self.broker {
            Some(make) => make(self.simple_broker.prefixes),
            None => Arc::new(SimpleBroker::new(
                self.simple_broker.into_options(self.separator),
                self.separator,
                &self.limits,
                message_ids.clone(),
                outbound.clone(),
            )),
        };
        let routing = Arc::new(BrokerRouting {
            users: user_destinations,
            sessions: sessions.clone(),
            broker,
            events: events.downgrade(),
        });
        let interceptors = Interceptors::new(self.channels.broker);
        let handler = Intercepted::wrap(interceptors, routing.clone());
        template.connect(handler, &user_prefix, self.converters);
        let services = Arc::new(Services {
            template: template.clone(),
            users: users.clone(),
            sessions: sessions.clone(),
            states: self.application.states,
            controllers: self.application.controllers,
            message_ids,
            tasks: connections.tasks(),
            reply_headers: self.reply_headers,
            streams: self.limits.streams,
            outbound,
            counters: counters.clone(),
        });
        let listeners = table.event_listeners().iter();
        let listeners: Vec<_> = listeners
            .map(|definition| -> Arc<dyn EventListener> {
                Arc::new(Listener::new(definition, &services))
            })
            .collect();
        events.connect(&listeners);
        let dispatcher = Dispatcher::new(table, services);
        let inbound = InboundChannel {
            dispatcher,
            application_prefixes,
            separator: self.separator,
            routing,
            broker_channel: template.channel().clone(),
            sends_to_broker: self.sends_to_broker,
            unknown_destinations: self.unknown_destinations,
            selectors: self.selectors,
        };
        let services = EndpointServices {
            limits: self.limits,
            authenticator: self.authenticator,
            layers: self.channels.layers,
            phases: Phases {
                authorization,
                interceptors: Interceptors::new(self.channels.inbound),
            },
            inbound,
            sessions,
            users,
            connections,
            events,
            session_factories: Arc::new(self.application.session_factories),
            counters,
        };
        Ok(Messaging::new(
            services,
            self.endpoints,
            template,
            self.statistics_log,
        ))
    }
}

/// An application prefix ends with `/`, whatever the separator is (PX-1).
fn with_slash(prefix: &str) -> String {
    format!("{}/", prefix.strip_suffix('/').unwrap_or(prefix))
}
