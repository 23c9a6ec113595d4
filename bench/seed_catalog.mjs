// A catalog of any size in a moment: names of several words in Portuguese, of which few are common and most are rare.
const known = `café azul de com para kit preto branco copo caneca xícara pão açúcar cafeteira garrafa térmica panela colher garfo
  faca prato tigela jarra bule filtro algodão camiseta calça sapato tênis bolsa relógio óculos chapéu meia luva cinto anel
  brinco pulseira colar mochila caderno lápis`.split(/\s+/);
const syllables = "ca co fe li mo ra tá pe não ção lhe gui ba ré ti vu zo mã nu só".split(" ");
const vocabulary = 20_000;

const folded = (word) => word.normalize("NFD").replace(/[\u0300-\u036f]/g, "");

/** The same numbers in each run (Lehmer's generator). */
function numbers() {
  let state = 12345;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function words() {
  const next = numbers();
  const all = new Set(known);
  while (all.size < vocabulary) {
    let word = "";
    for (let left = 2 + Math.floor(next() * 3); left > 0; --left) word += syllables[Math.floor(next() * syllables.length)];
    all.add(word);
  }
  return [...all];
}

/** An id of Lua for number `n`; what follows in it is free, so that there are as many places behind it as one likes. */
export const idOf = (n, rest = `"7000-8000-000000000000"`) => `string.format("0193%04x-%04x-", math.floor((${n}) / 65536), (${n}) % 65536) .. ${rest}`;
export const owners = 20;
const sqlId = (n) => `('0193' || lpad(to_hex(${n}), 8, '0') || '70008000000000000000')::uuid`;
/** SQL for PostgreSQL that makes `size` products, each with six words; the first word of the list is in one of five, and
 * `vuvuzela` in four of a million. Triggers would do the same row by row, which takes longer. */
export const seed = (size) => `
  CREATE TEMP TABLE words (n int PRIMARY KEY, word text, folded text);
  INSERT INTO words VALUES ${words().map((word, n) => `(${n},'${word}','${folded(word)}')`).join(",")};
  ANALYZE words;
  ALTER TABLE products.products DISABLE TRIGGER products_are_indexed;
  INSERT INTO products.products
    (id, owner_id, name, description, price, currency, stock, active, version, created_at, updated_at, search_text)
  SELECT ${sqlId("g")}, ${sqlId(`g % ${owners}`)},
    concat_ws(' ', a.word, b.word, c.word, g), concat_ws(' ', d.word, e.word), price, CASE WHEN g % 10 = 0 THEN 'USD' ELSE 'BRL' END,
    10, true, 1, now(), now(),
    concat_ws(' ', a.folded, b.folded, c.folded, g, d.folded, e.folded, CASE WHEN g % 250000 = 7 THEN 'vuvuzela' END)
  FROM (SELECT g, (random() * 1000000)::int AS price, ${["a", "b", "c", "d", "e"].map((name) => `(${vocabulary - 1} * power(random(), 3))::int AS ${name}`).join(", ")}
        FROM generate_series(1, ${size}) g) AS drawn
  JOIN words a ON a.n = drawn.a JOIN words b ON b.n = drawn.b JOIN words c ON c.n = drawn.c
  JOIN words d ON d.n = drawn.d JOIN words e ON e.n = drawn.e ORDER BY g;
  ALTER TABLE products.products ENABLE TRIGGER products_are_indexed;
  INSERT INTO products.search_words (word, product_id)
  SELECT DISTINCT word, id FROM products.products, unnest(string_to_array(search_text, ' ')) AS word ORDER BY 1, 2;
  VACUUM ANALYZE;
  CHECKPOINT;`;
