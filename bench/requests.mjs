// What the benches ask of a running Balcão.

export const json = (body, token) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
  body: JSON.stringify(body),
});

/** Makes the bench's user; gives a token of his. */
export async function login(url) {
  const user = { username: "bench", password: "a-password-for-the-bench" };
  await fetch(`${url}/register`, json(user));
  const response = await fetch(`${url}/login`, json(user));
  return (await response.json()).access_token;
}

/** A script for wrk that creates one product after the other. */
export const createProducts = (token) => `
  wrk.method = "POST"
  wrk.body = '{"name":"Product","price":100}'
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer ${token}"`;
