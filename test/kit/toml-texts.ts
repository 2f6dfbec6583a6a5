/** Generated TOML as people might write it: odd spaces, comments everywhere, every kind of value. Nearly all of it is valid. */
import fc from 'fast-check';

const space = fc.constantFrom('', ' ', '  ', '\t', '    ');
const word = fc.stringMatching(/^[a-z_-]{1,6}$/);
const comment = fc.tuple(space, fc.stringMatching(/^[ a-zé"'[\]{}=,#]{0,12}$/)).map(([before, text]) => `${before}#${text}`);
const maybeComment = fc.option(comment, { nil: '' });
const lineEnd = fc.tuple(space, maybeComment).map(([before, remark]) => `${before}${remark}\n`);

const scalar = fc.oneof(
  fc.constantFrom('true', 'false', '0', '-7', '1_000', '0xFF', '3.14', '-0.0', '1e3', 'inf', '9007199254740993'),
  fc.constantFrom('1979-05-27', '07:32:00', '1979-05-27T07:32:00Z', '1979-05-27 07:32:00.5'),
  fc.constantFrom('""', '"a#b"', '"q\\"]"', '"\\u00e9\\n"', "'lit\\eral'", "'#,]'", '"=[x]"'),
  fc.constantFrom('"""one\n  two # no comment\n"""', "'''\nraw ''x\\ '''", '"""a""""', '"""\\\n   joined"""'),
);

const values = fc.letrec<{ value: string; list: string; table: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, depthIdentifier: 'value' }, scalar, scalar, tie('list'), tie('table')),
  list: fc
    .tuple(
      fc.array(
        fc.tuple(
          tie('value'),
          fc.oneof(
            space,
            lineEnd,
            fc.tuple(lineEnd, space).map((both) => both.join('\n')),
          ),
        ),
        { maxLength: 5 },
      ),
      fc.oneof(space, lineEnd),
      fc.boolean(),
    )
    .map(([items, first, trailing]) => {
      const inner = items.map(([value, gap], index) => `${value}${index < items.length - 1 || trailing ? `,${gap}` : gap}`);
      return `[${first}${inner.join('')}]`;
    }),
  table: fc
    .uniqueArray(fc.tuple(word, tie('value'), space), { maxLength: 3, selector: ([key]) => key })
    .map((pairs) => `{${pairs.map(([key, value, gap]) => `${gap}${key}${gap}=${gap}${value}`).join(',')} }`),
}));

const key = fc.oneof(word, word, fc.constantFrom('"a b"', "'l.k'", '""'));
const pair = fc
  .tuple(space, key, space, values.value, lineEnd)
  .map(([a, name, b, value, end]) => ({ name, text: `${a}${name}${b}=${b}${value}${end}` }));
const blank = fc.oneof(lineEnd, fc.constant('\n'));
const body = fc
  .uniqueArray(fc.tuple(pair, blank, fc.boolean()), { maxLength: 4, selector: ([{ name }]) => name })
  .map((parts) => parts.map(([{ text }, gap, has]) => (has ? gap + text : text)).join(''));

const section = fc.tuple(word, fc.boolean(), space, lineEnd, body).map(([name, array, gap, end, inner]) => ({
  name,
  text: `${array ? `[[${gap}${name}.x${gap}]]` : `[${gap}${name}${gap}.${gap}x${gap}]`}${end}${inner}`,
}));

export const tomlText: fc.Arbitrary<string> = fc
  .tuple(body, fc.uniqueArray(section, { maxLength: 3, selector: ({ name }) => name }), fc.boolean(), fc.constantFrom('\n', '\r\n'))
  .map(([top, sections, cut, ending]) => {
    const text = top + sections.map((part) => part.text).join('');
    return (cut ? text.trimEnd() : text).replaceAll('\n', ending);
  });
