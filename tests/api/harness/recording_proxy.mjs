import { GatewayProxy } from './gateway_proxy.mjs';

/** Passes requests on to the gateway and keeps what was said. */
export class RecordingProxy extends GatewayProxy {
  exchanges = [];
  after = async ({ method, path, query, form, status, body }) => {
    this.exchanges.push({ method, path, form: [query, form.toString()].filter(Boolean).join('&'), status, body });
  };
}
