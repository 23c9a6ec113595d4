/**
 * Stripe's OpenAPI description as a judge: whether requests name parameters that are documented, and whether answers have
 * the documented shape. It knows the words that the description uses, and no others of JSON Schema.
 */
export class StripeSpec {
  objects = 0;  // how many have been looked at
  #templates;
  #names;

  /** `examples` are of a later day: what they name is documented as well. */
  constructor(document, examples) {
    this.document = document;
    this.#names = new Set([...namesIn(examples), ...namesIn(document.components.schemas)]);
    this.#templates = Object.keys(document.paths).map((path) => ({
      path, literal: !path.includes('{'), pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    })).sort((a, b) => b.literal - a.literal);
  }

  /** What is documented of a method on a path; nothing where it is not. */
  operation(method, path) {
    const template = this.#templates.find(({ pattern }) => pattern.test(path))?.path;
    return template && this.document.paths[template][method.toLowerCase()];
  }

  /** What is wrong with an answer, and with every object in it. */
  faultsOfAnswer(method, path, status, body) {
    const { responses } = this.operation(method, path);
    const { schema } = (responses[status] ?? responses.default).content['application/json'];
    return [...this.#faults(body, schema, ''), ...this.#faultsOfObjects(body, '')];
  }

  /** What is wrong with a request: its parameters are text. */
  faultsOfRequest(method, path, form) {
    const operation = this.operation(method, path);
    if (!operation) return [`${method} ${path} is not documented`];
    if (method !== 'GET') {
      const schema = operation.requestBody?.content['application/x-www-form-urlencoded']?.schema ?? {};
      return this.#faults(nested(form), schema, '', text);
    }
    const known = Object.fromEntries(operation.parameters.filter((one) => one.in === 'query').map((one) => [one.name, one.schema]));
    return this.#faults(nested(form), { type: 'object', properties: known, additionalProperties: false }, '', text);
  }

  // An event's object, for one, is any object to its schema: each is held against the schema of its own name.
  #faultsOfObjects(value, at) {
    if (value === null || typeof value !== 'object') return [];
    const faults = Object.entries(value).flatMap(([name, member]) => this.#faultsOfObjects(member, `${at}/${name}`));
    const name = value.deleted === true ? `deleted_${value.object}` : value.object;
    const schema = Object.hasOwn(value, 'object') && this.document.components.schemas[name];
    if (!schema) return faults;
    ++this.objects;
    return [...faults, ...this.#faults(value, schema, at)];
  }

  #faults(value, schema, at, kinds = json) {
    if (schema.$ref) return this.#faults(value, this.document.components.schemas[schema.$ref.split('/').at(-1)], at, kinds);
    if (value === null) return schema.nullable ? [] : [`${at}: it is null`];
    if (schema.anyOf) {
      const all = schema.anyOf.map((each) => this.#faults(value, each, at, kinds));
      return all.find((faults) => faults.length === 0) ?? nearest(all);
    }
    if (schema.type && !kinds[schema.type](value)) return [`${at}: ${JSON.stringify(value)} is no ${schema.type}`];
    if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${JSON.stringify(value)} is none of ${schema.enum}`];
    if (schema.maxLength && value.length > schema.maxLength) return [`${at}: it is longer than ${schema.maxLength}`];
    if (schema.pattern && !new RegExp(schema.pattern).test(value)) return [`${at}: it is not like ${schema.pattern}`];
    if (schema.type === 'array') {
      return Object.values(value).flatMap((each, i) => this.#faults(each, schema.items, `${at}/${i}`, kinds));
    }
    return schema.type === 'object' || schema.properties ? this.#faultsOfMembers(value, schema, at, kinds) : [];
  }

  #faultsOfMembers(value, { properties, required = [], additionalProperties }, at, kinds) {
    const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}: ${name} is missing`);
    return missing.concat(...Object.entries(value).map(([name, member]) => {
      if (properties?.[name]) return this.#faults(member, properties[name], `${at}/${name}`, kinds);
      if (additionalProperties) return this.#faults(member, additionalProperties, `${at}/${name}`, kinds);
      // Answers may have members that are newer than the description; requests are of its time.
      const isKnown = kinds === json && additionalProperties !== false && (!properties || this.#names.has(name));
      return isKnown ? [] : [`${at}: there is no ${name}`];
    }));
  }
}

// The alternative that was meant is the one with the deepest fault, and of those the one with the fewest.
const depth = (faults) => Math.max(...faults.map((fault) => fault.split(':')[0].split('/').length));
const nearest = (all) => all.sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];

/** The names of all members, at any depth. */
function namesIn(value) {
  if (value === null || typeof value !== 'object') return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return own.concat(...Object.values(value).map(namesIn));
}

const isObject = (value) => typeof value === 'object' && !Array.isArray(value);

/** The types as JSON has them. */
const json = {
  string: (value) => typeof value === 'string', boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger, number: (value) => typeof value === 'number', array: Array.isArray, object: isObject,
};

/** The same as a form has them: everything is text, and an array has numbers for names, or none. */
const text = {
  string: (value) => typeof value === 'string', boolean: (value) => /^(true|false)$/.test(value),
  integer: (value) => /^-?\d+$/.test(value), number: (value) => /^-?\d+(\.\d+)?$/.test(value),
  array: (value) => typeof value === 'object' && Object.keys(value).every((name, i) => name === String(i) || name === ''),
  object: isObject,
};

/** `a[b]=c` as an object. */
function nested(form) {
  const root = {};
  for (const [name, value] of new URLSearchParams(form)) {
    const path = name.split(/\]?\[|\]$/).filter((part, i, all) => part !== '' || i < all.length - 1);
    let place = root;
    for (const part of path.slice(0, -1)) place = place[part] ??= {};
    place[path.at(-1)] = value;
  }
  return root;
}
