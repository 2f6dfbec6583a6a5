/**
 * Whom sandboxes and this helper trust besides the authorities every Node brings: those of the host, and those its user names.
 * Certificates only; where none can be read, nothing is added and nothing fails.
 */
import { readFile } from 'node:fs/promises';
import * as tls from 'node:tls';
import type { Host } from '../base/platform.ts';

/** lists of Linux systems, the first that is there counts: Debian, Fedora, openSUSE, Alpine */
const lists = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'];
const fileLimitBytes = 4 * 1024 * 1024;

/**
 * PEM certificates, each once, that are not among Node's own.
 * @param file the user's own list, as LASSO_CA_CERT or the settings name it
 */
export async function hostAuthorities(host: Pick<Host, 'platform' | 'environment'>, file: string | undefined): Promise<readonly string[]> {
  const named = [file, host.environment['NODE_EXTRA_CA_CERTS']].filter((path) => path !== undefined && path !== '');
  const [system, ...own] = await Promise.all([systemList(host.platform), ...named.map((path) => certificatesIn(path ?? ''))]);
  const usual = new Set(tls.rootCertificates.map(plain));
  return [...new Map([...system, ...own.flat()].map((certificate) => [plain(certificate), certificate]))]
    .filter(([key]) => !usual.has(key))
    .map(([, certificate]) => certificate);
}

/** The list programs inside trust. @param more PEM certificates besides the usual ones */
export const authorityList = (more: readonly string[]): string =>
  [...tls.rootCertificates, ...more].map((certificate) => `${certificate.trim()}\n`).join('');

async function systemList(platform: NodeJS.Platform): Promise<readonly string[]> {
  if (platform !== 'linux') return storedCertificates();
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
  return text.length > fileLimitBytes ? [] : (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []);
}

const plain = (certificate: string): string => certificate.replace(/\s+/g, '');
