import assert from 'node:assert/strict';

/** Checks that a response is a whole RFC 9457 problem; `pointers` are the fields that it must name, in any order. */
export function assertProblem(response, status, { code, pointers } = {}) {
  const shown = `${response.status} ${response.text}`;
  assert.equal(response.status, status, shown);
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/, shown);
  const problem = JSON.parse(response.text);
  for (const member of ['type', 'title', 'detail', 'instance', 'code', 'trace_id']) {
    assert.equal(typeof problem[member], 'string', `${member} in ${shown}`);
  }
  assert.equal(problem.status, status, shown);
  assert.match(problem.trace_id, /^[0-9a-f]{32}$/, shown);
  if (code) assert.equal(problem.code, code, shown);
  if (pointers) {
    assert.deepEqual(problem.errors?.map((fault) => fault.pointer).sort(), [...pointers].sort(), shown);
    for (const fault of problem.errors) assert.ok(fault.detail?.length > 0, shown);
  }
  return problem;
}
