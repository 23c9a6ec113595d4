// A request of each service that needs a token, and changes nothing.
const guarded = {
  auth: ['GET', '/me'], payments: ['GET', '/stripe/clients'], products: ['DELETE', '/products/0190a5d0-0000-7000-8000-000000000000'],
};

/** Where a token is asked for: every service of every process, each with a `name` and what it answers a token with. */
export const doors = (server) => server.processes.flatMap((one) => one.services.map((service) => ({
  name: `${service} at ${one.url}`,
  status: async (token) => (await one.api(...guarded[service], { token })).status,
})));
