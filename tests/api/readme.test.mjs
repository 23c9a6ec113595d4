import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { binary } from './harness/process.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { patience } from './harness/wait.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file) => readFileSync(join(root, file), 'utf8');
const matches = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);

const english = read('README.md');
const portuguese = read('README.pt-BR.md');
const documents = [
  'README.md', 'README.pt-BR.md', 'CONTRIBUTING.md', 'docs/api.md', 'docs/architecture.md', 'docs/configuration.md', 'docs/import.md', 'docs/webhooks.md',
];
const commands = (text) => matches(text, /^```sh\n(.*?)^```$/gms);
const endpointTable = (text) => matches(text, /^\| `([A-Z]+ \/\S*)` \|/gm);

describe('the README', () => {
  const server = serverForSuite();

  test('has the same headings, commands, tables and links in both languages', () => {
    const levels = (text) => matches(text.replace(/^```.*?^```$/gms, ''), /^(#+) /gm);
    const rows = (text) => matches(text, /^\| (`[^|]*`) \|/gm);
    const links = (text) => matches(text, /\]\(([^)]+)\)/g).filter((link) => !link.startsWith('README'));
    assert.deepEqual(levels(portuguese), levels(english));
    assert.deepEqual(commands(portuguese), commands(english));
    assert.deepEqual(rows(portuguese), rows(english));
    assert.deepEqual(links(portuguese), links(english));
  });

  test('lists exactly the endpoints that exist', async () => {
    const { paths } = (await server.api('GET', '/openapi.json')).body;
    const existing = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    assert.deepEqual(endpointTable(english).sort(), existing.sort());
  });

  test('gives commands that work when pasted', async () => {
    const pasted = commands(english)
      .filter((block) => !/^\.\/(run|test)$/m.test(block))
      .join('\n')
      .replaceAll('http://127.0.0.1:8080', server.url)
      .replaceAll('build/release/balcao', binary);
    const script = `set -euo pipefail\ncurl() { command curl "$@" --write-out '\\n%{stderr}%{http_code}\\n'; }\n${pasted}`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], {
      cwd: server.home, env: { PATH: process.env.PATH, ...server.env }, timeout: patience,
    });
    assert.deepEqual(matches(stderr, /^(\d{3})$/gm), ['201', '200', '201', '200', '200', '201', '200', '201', '200', '201', '201', '204', '401'], stdout + stderr);
    assert.match(stdout, /^ey[\w-]+\.[\w-]+\.[\w-]+$/m, 'the token is shown');
    assert.match((await server.run('user', 'list')).stdout, /maria +admin/);
  });
});

describe('the documents', () => {
  test('link to files that are there', () => {
    for (const file of documents) {
      for (const link of matches(read(file), /\]\(([^)#]+)[^)]*\)/g).filter((target) => !/^https?:/.test(target))) {
        assert.ok(existsSync(join(root, dirname(file), link)), `${link} in ${file}`);
      }
    }
  });

  test('name exactly the settings that are read', () => {
    const source = read('src/app/config.cpp');
    const secrets = matches(source, /reader\.secrets?\("(\w+)"/g);
    const others = matches(source, /reader\.(?:text|integer|seconds|duration|choice)\("(\w+)"/g);
    assert.ok(secrets.length >= 2 && others.length >= 10, 'the settings are found in the source');

    const described = matches(read('docs/configuration.md'), /^\| `([A-Z_]+)` \|/gm);
    assert.deepEqual(described.sort(), [...secrets, ...others].sort());
    const example = matches(read('.env.example'), /^# ([A-Z_]+)=/gm);
    assert.deepEqual(example.sort(), [...secrets, ...secrets.map((name) => `${name}_FILE`), ...others].sort());
  });

  test('keep every line of .env.example commented out', () => {
    for (const line of read('.env.example').split('\n')) assert.match(line, /^(#.*)?$/);
  });
});
