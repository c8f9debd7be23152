import { subscribe, unsubscribe } from 'node:diagnostics_channel';

const CHANNEL = 'http.client.request.start';

/** The paths of the requests that this process starts from now on, without their queries. */
export function watchRequests(t) {
  const paths = [];
  const listener = ({ request }) => paths.push(request.path.split('?')[0]);
  subscribe(CHANNEL, listener);
  t.after(() => unsubscribe(CHANNEL, listener));
  return paths;
}
