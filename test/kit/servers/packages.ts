/** Small package registries with one package each: one for npm, one as pip reads it (PEP 503). */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { storedZip } from '../zip.ts';
import type { Site } from './web.ts';

export const samplePackage = { name: 'small-package', version: '1.2.3', says: 'a package from afar' } as const;
const { name, version, says } = samplePackage;

/** @param host what tarballs are fetched from */
export async function npmSite(host: string): Promise<Site> {
  const files = {
    'package.json': JSON.stringify({ name, version, main: 'index.js' }),
    'index.js': `module.exports = ${JSON.stringify(says)};\n`,
  };
  const archive = pack();
  for (const [file, text] of Object.entries(files)) archive.entry({ name: `package/${file}`, mode: 0o644 }, text);
  archive.finalize();
  const tarball = gzipSync(await new Response(archive as unknown as ReadableStream).bytes());
  const dist = {
    tarball: `https://${host}/${name}/-/${name}-${version}.tgz`,
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
  };
  const about = { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, main: 'index.js', dist } } };
  return ({ url }, answer) => {
    if (url === `/${name}`) {
      answer.setHeader('content-type', 'application/json');
      answer.end(JSON.stringify(about));
    } else if (url?.endsWith('.tgz') === true) answer.end(tarball);
    else {
      answer.statusCode = 404;
      answer.end('{}');
    }
    return true;
  };
}

/** Serves it as a wheel, which pip only unpacks. */
export function pipSite(): Site {
  const folder = `small_package-${version}.dist-info`;
  const wheel = storedZip({
    'small_package.py': `says = ${JSON.stringify(says)}\n`,
    [`${folder}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${folder}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${folder}/RECORD`]: `small_package.py,,\n${folder}/METADATA,,\n${folder}/WHEEL,,\n${folder}/RECORD,,\n`,
  });
  const file = `small_package-${version}-py3-none-any.whl`;
  const sum = createHash('sha256').update(wheel).digest('hex');
  return ({ url }, answer) => {
    if (url === `/simple/${name}/`) {
      answer.setHeader('content-type', 'text/html');
      answer.end(`<!doctype html><a href="/files/${file}#sha256=${sum}">${file}</a>\n`);
    } else if (url === `/files/${file}`) answer.end(wheel);
    else {
      answer.statusCode = 404;
      answer.end();
    }
    return true;
  };
}
