/** Content codings (RFC 9110, 8.4.1) taken off an answer that is to be searched, piece by piece. */
import type { Duplex } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type Fields, listOf } from './fields.ts';

/** Streams that take the codings off, in this order; undefined for a coding nobody here knows. */
export function decodersOf(fields: Fields): readonly Duplex[] | undefined {
  const made = listOf(fields, 'content-encoding')
    .filter((coding) => coding !== 'identity')
    .toReversed()
    .map((coding) => decoder(coding));
  return made.every((one) => one !== undefined) ? made : undefined;
}

function decoder(coding: string): Duplex | undefined {
  const flush = constants.Z_SYNC_FLUSH;
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ flush });
    case 'deflate':
      return createInflate({ flush });
    case 'br':
      return createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return undefined;
  }
}
