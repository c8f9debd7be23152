// The transports of sockjs-client, by its own names, in the order in which it tries them.

export const transports = [
  { name: "auto", title: "Automatic", about: "The first below that works." },
  { name: "websocket", about: "A WebSocket with SockJS frames." },
  { name: "xhr-streaming", about: "One long response, and POSTs." },
  { name: "eventsource", about: "Server-sent events, and POSTs." },
  { name: "iframe-eventsource", about: "The same, in a frame." },
  { name: "htmlfile", about: "A page without end, in a frame." },
  { name: "xhr-polling", about: "Requests that wait for messages." },
  { name: "iframe-xhr-polling", about: "The same, in a frame." },
  { name: "jsonp-polling", about: "Only scripts and forms." },
];

/** What `new SockJS(url, null, options)` takes for a choice. */
export function options(name) {
  return name === "auto" ? {} : { transports: [name] };
}
