import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packageSources } from '../../../helper/images/package-sources.ts';

const debian = 'ID=debian\nVERSION_CODENAME=bookworm\n';
const stanza = ['Types: deb', 'URIs: http://packages.example/debian', 'Suites: bookworm bookworm-updates', 'Components: main'].join('\n');
const lines = ['deb http://packages.example/debian bookworm main', 'deb http://packages.example/debian bookworm-updates main'];

test('both formats of apt are read, and other people’s repositories stay out', () => {
  const other = 'Types: deb\nURIs: https://other.example\nSuites: nodistro\nComponents: main';
  assert.deepEqual(packageSources(debian, [`${stanza}\n\n${other}`, '', 'deb https://cloud.example cloud-sdk main'], '')?.lines, lines);
  const list =
    '# remark\ndeb [signed-by=/x] http://packages.example/debian bookworm main contrib\ndeb-src http://packages.example bookworm main';
  assert.deepEqual(packageSources(debian, [list], '')?.lines, ['deb http://packages.example/debian bookworm main contrib']);
});

test('a mirror replaces what the host uses', () => {
  const found = packageSources(debian, [stanza], 'http://mirror.example/debian');
  assert.deepEqual(found, { suite: 'bookworm', lines: ['deb http://mirror.example/debian bookworm main'] });
});

test('a host that is not like Debian has no packages to offer', () => {
  assert.equal(packageSources('ID=fedora\nVERSION_CODENAME=""\n', [], ''), undefined);
  assert.equal(packageSources(debian, [], ''), undefined);
});
