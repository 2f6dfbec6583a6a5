/**
 * Whom sandboxes trust: the list of this host, and those its user names. Certificates only; a file that cannot be read adds
 * nothing and fails nothing.
 */
import { readFile } from 'node:fs/promises';
import * as tls from 'node:tls';
import type { Host } from '../../base/platform.ts';

/** lists of Linux systems, the first that is there counts: Debian, Fedora, openSUSE, Alpine */
const lists = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'];
const fileLimitBytes = 4 * 1024 * 1024;

/**
 * PEM certificates that the user names besides the usual ones, each once.
 * @param file the user's own list, as LASSO_CA_CERT or the settings name it
 */
export async function namedAuthorities({ environment }: Pick<Host, 'environment'>, file: string | undefined): Promise<readonly string[]> {
  const files = [file ?? '', environment['NODE_EXTRA_CA_CERTS'] ?? ''].filter((path) => path !== '');
  return [...new Set((await Promise.all(files.map(certificatesIn))).flat())];
}

/** PEM certificates this host trusts; Node's own where the host has no list. */
export async function usualAuthorities(platform: NodeJS.Platform): Promise<readonly string[]> {
  const found = platform === 'linux' ? await systemList() : storedCertificates();
  return found.length > 0 ? found : tls.rootCertificates;
}

async function systemList(): Promise<readonly string[]> {
  for (const path of lists) {
    const found = await certificatesIn(path);
    if (found.length > 0) return found;
  }
  return [];
}

/** The store of macOS or Windows; older versions of Node cannot read it. */
function storedCertificates(): readonly string[] {
  try {
    return tls.getCACertificates('system');
  } catch {
    return [];
  }
}

async function certificatesIn(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.length > fileLimitBytes) return [];
  return text.replaceAll('\r', '').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
