/** Public hosts are a user's choice, so they stand in profiles and nowhere else: no code, image, test or lock file names one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectFiles, tellFaults, textOf } from '../kit/sources.ts';

/** what may be named in a URL anywhere: reserved names, this machine, its link, names of XML vocabularies and of JSON Schema drafts */
const harmless =
  /^(localhost|169\.254\.[\d.]+|[\w.-]*\.?(example|test|invalid|localhost)|127\.[\d.]+|\[::1\]|0\.0\.0\.0|www\.w3\.org|json-schema\.org)$/i;
const url = /\b(?:https?|wss?|ftp|git|ssh):\/\/(?:[^\s/@'"`]*@)?([a-z0-9.-]+|\[[0-9a-f:]+\])/gi;
const labels = [
  'npmjs',
  'pypi',
  'pythonhosted',
  'github',
  'githubusercontent',
  'gitlab',
  'debian',
  'ubuntu',
  'nodejs',
  'golang',
  'crates',
  'ghcr',
];
const more = ['quay', 'gcr', 'anthropic', 'openai', 'googleapis', 'amazonaws', 'visualstudio', 'microsoft', 'rubygems', 'alpinelinux'];
const known = new RegExp(`(?<![\\w/@-])(?:[a-z0-9-]+\\.)*(?:${[...labels, ...more].join('|')})\\.(?:com|org|io|dev|net)\\b`, 'gi');

const unread = /^(profiles\/|LICENSE$)|(^|\/)package-lock\.json$|\.(png|ttf|ico|woff2?)$|\.md$/;

test('no file outside profiles/ names a public host', () => {
  const faults = projectFiles()
    .filter((file) => !unread.test(file))
    .flatMap((file) => {
      const text = textOf(file);
      const inUrls = [...text.matchAll(url)].map((match) => match[1] ?? '').filter((host) => host.includes('.') && !harmless.test(host));
      const bare = [...text.matchAll(known)].map((match) => match[0]);
      return [...new Set([...inUrls, ...bare])].map((host) => `${file}: ${host}`);
    });
  tellFaults(faults);
});

test('lock files carry no download addresses', () => {
  const locks = projectFiles().filter((file) => file.endsWith('package-lock.json'));
  assert.ok(locks.length > 0);
  assert.deepEqual(
    locks.filter((file) => /"resolved": "(https?|git)/.test(textOf(file))),
    [],
  );
});
